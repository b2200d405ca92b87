// SPDX-License-Identifier: Apache-2.0
#include "controller/workloads/rollout_view.h"

#include <algorithm>
#include <limits>
#include <map>

#include "controller/workloads/revisions.h"

namespace gantry::workloads {
namespace {

constexpr int kDefaultDeadlineSeconds = 600;

void countPods(RolloutView& view) {
  std::map<std::string_view, SetView*> byUid;
  for (SetView& set : view.sets) byUid[set.object().metadata().uid()] = &set;
  for (const auto& pod : view.in.pods) {
    const auto owner = byUid.find(pod->ownerUid);
    if (owner == byUid.end()) continue;
    SetView& set = *owner->second;
    ++set.pods;
    set.running += pod->phase < model::PodPhase::kSucceeded;
    set.active += model::isActive(*pod);
    set.leaving += model::isActive(*pod) && pod->leaving;
    set.ready += model::isReady(*pod);
    set.available += model::isAvailable(*pod, view.minReady, view.in.now);
  }
}

}  // namespace

int SetView::sizeSeen() const {
  if (!seen) return 0;
  return seen->spec().has_replicas() ? seen->spec().replicas() : 1;
}

void SetView::resize(int to, std::string why) {
  if (to == size) return;
  size = to;
  reason = std::move(why);
}

std::optional<base::Duration> deadlineOf(const schema::DeploymentSpec& spec) {
  if (!spec.has_progress_deadline_seconds()) return base::Duration(kDefaultDeadlineSeconds * 1000);
  // Kubernetes' way to say "no deadline".
  if (spec.progress_deadline_seconds() == std::numeric_limits<std::int32_t>::max()) return {};
  return base::Duration(1000LL * spec.progress_deadline_seconds());
}

RolloutView observe(const DeploymentInputs& inputs) {
  const schema::DeploymentSpec& spec = inputs.deployment.spec();
  RolloutView view{.in = inputs};
  view.desired = spec.has_replicas() ? spec.replicas() : 1;
  view.isRecreate = spec.strategy().type() == "Recreate";
  if (!view.isRecreate) {
    const FencePosts posts = resolveFencePosts(spec);
    view.surge = posts.surge;
    view.unavailable = std::min(posts.unavailable, view.desired);
  }
  view.minReady = base::Duration(1000LL * spec.min_ready_seconds());
  view.deadline = deadlineOf(spec);
  view.isPaused = spec.paused() || !inputs.deployment.status().paused_by().empty();

  for (const auto& set : inputs.replicaSets) {
    SetView seen{.seen = set};
    seen.size = seen.sizeSeen();
    view.sets.push_back(std::move(seen));
  }
  std::ranges::sort(view.sets, {}, [](const SetView& set) {
    const schema::ObjectMeta& metadata = set.object().metadata();
    return std::pair(metadata.creation_timestamp().unix_ms(), metadata.name());
  });
  view.newestIndex = findNewest(view);
  countPods(view);
  return view;
}

}  // namespace gantry::workloads
