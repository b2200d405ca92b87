// SPDX-License-Identifier: Apache-2.0
#include "controller/workloads/revisions.h"

#include <algorithm>
#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "manifests/resource.h"

namespace gantry::workloads {
namespace {

using Annotations = std::map<std::string, std::string>;

constexpr int kDefaultHistoryLimit = 10;
// As long as Kubernetes lets the list of old revision numbers grow.
constexpr std::size_t kMaxHistoryLength = 2000;

std::string templateBytes(schema::PodTemplateSpec shape) {
  shape.mutable_metadata()->mutable_labels()->erase(kTemplateHashLabel);
  return manifests::canonicalBytes(shape);
}

std::string templateHash(const schema::PodTemplateSpec& shape, int collisions) {
  std::string bytes = templateBytes(shape);
  if (collisions > 0) absl::StrAppend(&bytes, "#", collisions);
  return base::shortHash(bytes);
}

// Annotations of the Deployment that are about the Deployment itself.
bool staysOnDeployment(const std::string& annotation) {
  return absl::StartsWith(annotation, "deployment.kubernetes.io/") ||
         absl::StartsWith(annotation, "gantry.dev/") ||
         annotation == "kubectl.kubernetes.io/last-applied-configuration";
}

std::int64_t highestOldRevision(const RolloutView& view) {
  std::int64_t highest = 0;
  for (const SetView& set : view.sets) {
    if (!view.isNewest(set)) highest = std::max(highest, revisionOf(set.object()));
  }
  return highest;
}

void setRevision(const RolloutView& view, const SetView& newest, Annotations& annotations) {
  const std::int64_t current = revisionOf(newest.object());
  const std::int64_t next = newestRevision(view);
  if (current == next) return;
  annotations[kRevision] = absl::StrCat(next);
  if (current == 0) return;
  const auto history = annotations.find(kRevisionHistory);
  const std::string longer = history == annotations.end()
                                 ? absl::StrCat(current)
                                 : absl::StrCat(history->second, ",", current);
  if (longer.size() <= kMaxHistoryLength) annotations[kRevisionHistory] = longer;
}

schema::ReplicaSet makeReplicaSet(const RolloutView& view, const std::string& hash) {
  const schema::Deployment& deployment = view.in.deployment;
  schema::ReplicaSet set;
  schema::ReplicaSetSpec& spec = *set.mutable_spec();
  spec.set_replicas(0);
  spec.set_min_ready_seconds(deployment.spec().min_ready_seconds());
  *spec.mutable_selector() = deployment.spec().selector();
  (*spec.mutable_selector()->mutable_match_labels())[kTemplateHashLabel] = hash;
  *spec.mutable_template_() = deployment.spec().template_();
  (*spec.mutable_template_()->mutable_metadata()->mutable_labels())[kTemplateHashLabel] = hash;

  schema::ObjectMeta& metadata = *set.mutable_metadata();
  metadata.set_name(absl::StrCat(deployment.metadata().name(), "-", hash));
  metadata.set_namespace_(deployment.metadata().namespace_());
  metadata.set_generation(1);
  metadata.mutable_creation_timestamp()->set_unix_ms(base::toUnixMs(view.in.now));
  *metadata.mutable_labels() = spec.template_().metadata().labels();
  schema::OwnerReference& owner = *metadata.add_owner_references();
  owner.set_api_version("apps/v1");
  owner.set_kind("Deployment");
  owner.set_name(deployment.metadata().name());
  owner.set_uid(deployment.metadata().uid());
  owner.set_controller(true);
  owner.set_block_owner_deletion(true);
  return set;
}

}  // namespace

std::int64_t revisionOf(const schema::ReplicaSet& set) {
  const auto found = set.metadata().annotations().find(kRevision);
  std::int64_t revision = 0;
  if (found == set.metadata().annotations().end() || !absl::SimpleAtoi(found->second, &revision)) {
    return 0;
  }
  return revision;
}

std::optional<int> stampOf(const schema::ReplicaSet& set, const char* annotation) {
  const auto found = set.metadata().annotations().find(annotation);
  int number = 0;
  if (found == set.metadata().annotations().end() || !absl::SimpleAtoi(found->second, &number)) {
    return std::nullopt;
  }
  return number;
}

std::optional<std::size_t> findNewest(const RolloutView& view) {
  const std::string wanted = templateBytes(view.in.deployment.spec().template_());
  for (std::size_t i = 0; i < view.sets.size(); ++i) {
    if (templateBytes(view.sets[i].object().spec().template_()) == wanted) return i;
  }
  return std::nullopt;
}

void addNewest(RolloutView& view, schema::DeploymentStatus& status) {
  SetView added;
  for (;;) {
    const std::string hash =
        templateHash(view.in.deployment.spec().template_(), status.collision_count());
    added.made = makeReplicaSet(view, hash);
    const bool isTaken = std::ranges::any_of(
        view.sets, [&](const SetView& set) { return set.name() == added.made.metadata().name(); });
    if (!isTaken) break;
    status.set_collision_count(status.collision_count() + 1);
  }
  view.newestIndex = view.sets.size();
  view.sets.push_back(std::move(added));
}

bool isFoundAgain(const RolloutView& view) {
  const SetView* newest = view.newest();
  return newest != nullptr && newest->seen && revisionOf(*newest->seen) <= highestOldRevision(view);
}

std::int64_t newestRevision(const RolloutView& view) {
  if (view.newest() == nullptr) return 0;
  const std::int64_t current = revisionOf(view.newest()->object());
  const std::int64_t old = highestOldRevision(view);
  if (current > old) return current;
  // The status remembers numbers of ReplicaSets that are gone.
  return std::max(old, view.in.deployment.status().revision()) + 1;
}

std::map<std::string, std::string> annotationsFor(const RolloutView& view, const SetView& set) {
  const auto& now = set.object().metadata().annotations();
  Annotations annotations(now.begin(), now.end());
  if (view.isNewest(set)) {
    for (const auto& [key, value] : view.in.deployment.metadata().annotations()) {
      if (!staysOnDeployment(key)) annotations[key] = value;
    }
    setRevision(view, set, annotations);
  }
  if (view.isNewest(set) || set.size > 0 || set.sizeSeen() > 0) {
    annotations[kDesiredReplicas] = absl::StrCat(view.desired);
    annotations[kMaxReplicas] = absl::StrCat(view.maxTotal());
  }
  return annotations;
}

void forgetOldRevisions(RolloutView& view) {
  const schema::DeploymentSpec& spec = view.in.deployment.spec();
  const int limit =
      spec.has_revision_history_limit() ? spec.revision_history_limit() : kDefaultHistoryLimit;
  if (limit == std::numeric_limits<std::int32_t>::max()) return;
  std::vector<SetView*> old;
  for (SetView& set : view.sets) {
    if (!view.isNewest(set)) old.push_back(&set);
  }
  std::ranges::stable_sort(old, {}, [](const SetView* set) { return revisionOf(set->object()); });
  const int surplus = static_cast<int>(old.size()) - limit;
  for (int i = 0; i < surplus; ++i) {
    // What still has pods waits: its pods would be without an owner.
    old[i]->isDeleted = old[i]->size == 0 && old[i]->sizeSeen() == 0 && old[i]->pods == 0;
  }
}

}  // namespace gantry::workloads
