// SPDX-License-Identifier: Apache-2.0
#include "manifests/render/folder.h"

#include <absl/strings/escaping.h>
#include <absl/strings/string_view.h>
#include <openssl/sha.h>

#include <algorithm>
#include <map>

#include "manifests/defaults/defaults.h"
#include "manifests/validate/validate.h"

namespace gantry::manifests {
namespace {

bool isManifest(const std::string& path) {
  return path.ends_with(".yaml") || path.ends_with(".yml") || path.ends_with(".json");
}

void append(std::vector<Diagnostic>& all, std::vector<Diagnostic> more) {
  std::ranges::move(more, std::back_inserter(all));
}

/// A copy with its namespace and defaults filled in. What is cluster-scoped has no namespace.
Resource complete(const Resource& resource, const std::string& defaultNamespace) {
  std::shared_ptr<google::protobuf::Message> message(resource.message().New());
  message->CopyFrom(resource.message());
  schema::ObjectMeta& metadata = *mutableMetadataOf(*message);
  if (!resource.kind().info->cluster_scoped() && metadata.namespace_().empty()) {
    metadata.set_namespace_(defaultNamespace);
  }
  applyDefaults(*message);
  return resource.with(std::move(message));
}

/// Orders by key; of a key that occurs again, the first stays and the other is an error.
std::vector<Resource> orderByKey(const std::vector<Resource>& resources,
                                 std::vector<Diagnostic>& diagnostics) {
  std::map<ObjectKey, const Resource*> byKey;
  for (const Resource& resource : resources) {
    const auto [first, fresh] = byKey.emplace(resource.key(), &resource);
    if (fresh) continue;
    diagnostics.push_back({.where = resource.location(),
                           .path = "metadata.name",
                           .message = resource.key().toString() + " is also defined at " +
                                      first->second->location().toString(),
                           .hint = "remove or rename one of them"});
  }
  std::vector<Resource> ordered;
  ordered.reserve(byKey.size());
  for (const auto& [key, resource] : byKey) ordered.push_back(*resource);
  return ordered;
}

/// Each object goes in with its kind and length, so that no two sets give the same bytes.
std::string hashOf(const std::vector<Resource>& resources) {
  std::string bytes;
  for (const Resource& resource : resources) {
    const std::string content = canonicalBytes(resource.message());
    bytes += resource.kind().info->api_version() + "/" + resource.kind().info->kind() + " " +
             std::to_string(content.size()) + "\n" + content;
  }
  unsigned char hash[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), hash);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(hash), sizeof hash));
}

}  // namespace

bool RenderedSet::ok() const {
  return !hasErrors(diagnostics);
}

RenderedSet renderFolder(const std::vector<SourceFile>& files, const std::string& defaultNamespace,
                         const DecodeLimits& limits) {
  std::vector<const SourceFile*> ordered;
  for (const SourceFile& file : files) {
    if (isManifest(file.path)) ordered.push_back(&file);
  }
  std::ranges::sort(ordered, {}, &SourceFile::path);

  RenderedSet result;
  std::vector<Resource> resources;
  for (const SourceFile* file : ordered) {
    Decoded decoded = decode(file->content, file->path, limits);
    append(result.diagnostics, std::move(decoded.diagnostics));
    for (const Resource& resource : decoded.resources) {
      resources.push_back(complete(resource, defaultNamespace));
      append(result.diagnostics, validate(resources.back()));
    }
  }
  result.resources = orderByKey(resources, result.diagnostics);
  append(result.diagnostics, validateSet(result.resources));
  result.hash = hashOf(result.resources);
  return result;
}

}  // namespace gantry::manifests
