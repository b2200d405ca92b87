// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/checkers/rendering.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "manifests/render/folder.h"
#include "tests/sim/shop.h"

namespace gantry::sim {
namespace {

using google::protobuf::Message;

constexpr char kOwner[] = "gantry.dev/application";
constexpr char kWave[] = "gantry.dev/sync-wave";
constexpr char kHook[] = "gantry.dev/hook";
/// What a Job that is a hook gets where its manifest names none; the simulator's name others.
constexpr int kStandardTtlSeconds = 24 * 3600;

std::string annotation(const Message& object, const char* key) {
  const auto& annotations = manifests::metadataOf(object).annotations();
  const auto found = annotations.find(key);
  return found == annotations.end() ? "" : found->second;
}

}  // namespace

const Message* fromGit(const model::AnyObject& object) {
  return std::visit(
      []<class T>(const std::shared_ptr<const T>& held) -> const Message* {
        if constexpr (std::is_same_v<T, schema::Namespace> ||
                      std::is_same_v<T, schema::ConfigMap> || std::is_same_v<T, schema::Secret> ||
                      std::is_same_v<T, schema::Service> || std::is_same_v<T, schema::Deployment> ||
                      std::is_same_v<T, schema::Job> ||
                      std::is_same_v<T, schema::PodDisruptionBudget> ||
                      std::is_same_v<T, schema::Application> ||
                      std::is_same_v<T, schema::Project>) {
          return held.get();
        } else {
          return nullptr;
        }
      },
      object);
}

std::string ownerOf(const Message& object) {
  return annotation(object, kOwner);
}

std::string contentOf(const Message& object) {
  std::unique_ptr<Message> content(object.New());
  content->CopyFrom(object);
  manifests::dropSystemFields(*content);
  manifests::mutableMetadataOf(*content)->mutable_annotations()->erase(kOwner);
  if (auto* service = dynamic_cast<schema::Service*>(content.get())) {
    service->mutable_spec()->clear_cluster_ip();
  }
  return manifests::canonicalBytes(*content);
}

std::string withoutReplicas(const Message& object) {
  const auto* deployment = dynamic_cast<const schema::Deployment*>(&object);
  if (deployment == nullptr) return contentOf(object);
  schema::Deployment rest = *deployment;
  rest.mutable_spec()->clear_replicas();
  return contentOf(rest);
}

bool isGoing(const Message* object) {
  return object == nullptr || manifests::metadataOf(*object).has_deletion_timestamp();
}

int waveOf(const Message& object) {
  int wave = 0;
  const std::string text = annotation(object, kWave);
  GANTRY_CHECK(text.empty() || absl::SimpleAtoi(text, &wave));
  return wave;
}

std::string hookOf(const Message& object) {
  return annotation(object, kHook);
}

std::string hookJobOf(const std::string& plan, const std::string& hook) {
  return absl::StrCat(hook, plan.substr(plan.rfind('-')));
}

schema::Job hookOfRun(const schema::Job& job, const std::string& hook) {
  schema::Job written = job;
  written.mutable_metadata()->set_name(hook);
  if (written.spec().ttl_seconds_after_finished() == kStandardTtlSeconds) {
    written.mutable_spec()->clear_ttl_seconds_after_finished();
  }
  return written;
}

const DesiredSet& Rendering::at(const schema::Application& application, const std::string& commit) {
  const std::string& path = application.spec().source().path();
  const auto [entry, isNew] = rendered_.try_emplace({path, commit});
  if (!isNew) return entry->second;
  std::vector<manifests::SourceFile> files;
  for (const auto& [file, text] : git_.filesOf(kUrl, commit)) {
    if (file.starts_with(path + "/")) files.push_back({file, text});
  }
  const manifests::RenderedSet set =
      manifests::renderFolder(files, application.spec().destination().namespace_());
  for (const manifests::Resource& resource : set.resources) {
    const Message& object = resource.message();
    entry->second[resource.key()] = {contentOf(object), withoutReplicas(object), waveOf(object),
                                     hookOf(object)};
  }
  return entry->second;
}

}  // namespace gantry::sim
