// SPDX-License-Identifier: Apache-2.0
#include "manifests/render/folder.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <deque>
#include <map>

#include "base/ids.h"
#include "manifests/defaults/defaults.h"
#include "manifests/diff/mask.h"
#include "manifests/kustomize/render.h"
#include "manifests/render/application_set.h"
#include "manifests/schema/gantry.pb.h"
#include "manifests/sops/decrypt.h"
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

/// Each object goes in with its kind and as many digits as any other, so that no two sets give the
/// same bytes.
std::string hashOf(const std::vector<Resource>& resources) {
  std::string bytes;
  for (const Resource& resource : resources) {
    bytes += resource.kind().info->api_version() + "/" + resource.kind().info->kind() + " " +
             contentDigest(resource.message()) + "\n";
  }
  return base::sha256Hex(bytes);
}

/// What is decoded on its way to a set.
class SetMaker {
 public:
  /// `files` are all that is known of the repository.
  SetMaker(const std::string& defaultNamespace, const std::vector<SourceFile>& files)
      : defaultNamespace_(defaultNamespace) {
    for (const SourceFile& file : files) paths_.push_back(file.path);
  }

  void say(std::vector<Diagnostic> diagnostics) {
    append(result_.diagnostics, std::move(diagnostics));
  }

  void add(Decoded decoded) {
    say(std::move(decoded.diagnostics));
    for (const Resource& resource : decoded.resources) {
      const Resource completed = complete(resource, defaultNamespace_);
      say(validate(completed));
      if (completed.as<schema::ApplicationSet>() == nullptr) {
        resources_.push_back(completed);
      } else {
        addApplications(completed);
      }
    }
  }

  RenderedSet finish() {
    result_.resources = orderByKey(resources_, result_.diagnostics);
    say(validateSet(result_.resources));
    result_.hash = hashOf(result_.resources);
    return std::move(result_);
  }

 private:
  void addApplications(const Resource& applicationSet) {
    Expanded expanded = expand(applicationSet, paths_);
    say(std::move(expanded.diagnostics));
    result_.folders.merge(expanded.folders);
    for (const Resource& application : expanded.applications) {
      resources_.push_back(complete(application, defaultNamespace_));
      say(validate(resources_.back()));
    }
  }

  const std::string& defaultNamespace_;
  std::vector<std::string> paths_;
  RenderedSet result_;
  std::vector<Resource> resources_;
};

bool isKustomization(const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  return name == "kustomization.yaml" || name == "kustomization.yml" || name == "Kustomization";
}

Diagnostic refuseKustomization(const std::string& path) {
  return {.where = {path, 1, 1},
          .message = "a kustomization in a folder that has none itself",
          .hint = "render the folder that it is in, or move it out of this one"};
}

/// Decodes a file, decrypted if it is one of SOPS.
Decoded decodeFile(const SourceFile& file, const sops::Identities* keys,
                   const DecodeLimits& limits) {
  sops::Decrypted decrypted = sops::decryptFile(file.content, file.path, keys, limits);
  if (!decrypted.encrypted) return decode(file.content, file.path, limits);
  if (hasErrors(decrypted.diagnostics)) return {{}, std::move(decrypted.diagnostics)};
  if (decrypted.notForManifests) {
    OPENSSL_cleanse(decrypted.text.data(), decrypted.text.size());
    return {{}, {*std::move(decrypted.notForManifests)}};
  }
  Decoded decoded = decode(decrypted.text, file.path, limits);
  OPENSSL_cleanse(decrypted.text.data(), decrypted.text.size());
  return decoded;
}

Decoded decodeRendered(const kustomize::Rendered& rendered, const std::string& file) {
  std::deque<YamlNode> storage;
  std::vector<const YamlNode*> documents;
  for (const kustomize::Node& object : rendered.objects) {
    documents.push_back(kustomize::toYaml(object, storage));
  }
  return decodeTrees(documents, file);
}

}  // namespace

bool RenderedSet::ok() const {
  return !hasErrors(diagnostics);
}

RenderedSet renderFolder(const std::vector<SourceFile>& files, const std::string& defaultNamespace,
                         const DecodeLimits& limits, const sops::Identities* keys) {
  std::vector<const SourceFile*> ordered;
  for (const SourceFile& file : files) ordered.push_back(&file);
  std::ranges::sort(ordered, {}, &SourceFile::path);
  SetMaker set(defaultNamespace, files);
  for (const SourceFile* file : ordered) {
    if (isKustomization(file->path)) {
      set.say({refuseKustomization(file->path)});
    } else if (isManifest(file->path)) {
      set.add(decodeFile(*file, keys, limits));
    }
  }
  return set.finish();
}

RenderedSet render(const std::vector<SourceFile>& files, const RenderOptions& options) {
  kustomize::Files all;
  for (const SourceFile& file : files) all[file.path] = file.content;
  const bool kustomized = kustomize::isKustomized(all, options.folder);
  SetMaker set(options.defaultNamespace, files);
  if (!kustomized) {
    const std::string inside = options.folder.empty() ? "" : options.folder + "/";
    std::erase_if(all, [&](const auto& file) { return !file.first.starts_with(inside); });
    std::erase_if(all, [&](const auto& file) {
      const bool refused = isKustomization(file.first);
      if (refused) set.say({refuseKustomization(file.first)});
      return refused || !isManifest(file.first);
    });
  }
  const kustomize::Limits kustomizeLimits{.file = options.limits};
  const auto open = [&](const std::string& path,
                        std::string_view content) -> std::optional<kustomize::Opened> {
    sops::Decrypted file = sops::decryptFile(content, path, options.keys.get(), options.limits);
    if (!file.encrypted) return std::nullopt;
    return kustomize::Opened{std::move(file.text), std::move(file.diagnostics),
                             std::move(file.notForManifests), std::move(file.hashKey)};
  };
  if (!kustomized && options.variables.empty()) {
    for (const auto& [path, content] : all) {
      set.add(decodeFile({path, std::string(content)}, options.keys.get(), options.limits));
    }
    return set.finish();
  }
  kustomize::Rendered rendered =
      kustomized ? kustomize::render(all, options.folder, options.variables, kustomizeLimits, open)
                 : kustomize::readPlain(all, options.variables, kustomizeLimits, open);
  set.say(std::move(rendered.diagnostics));
  set.add(decodeRendered(rendered, options.folder));
  RenderedSet result = set.finish();
  result.folders.merge(rendered.folders);
  return result;
}

}  // namespace gantry::manifests
