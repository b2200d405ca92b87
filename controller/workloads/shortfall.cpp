// SPDX-License-Identifier: Apache-2.0
#include "controller/workloads/shortfall.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "controller/workloads/deployment.h"
#include "controller/workloads/rollout_view.h"

namespace gantry::workloads {
namespace {

/// A container that waits for one of these does not start by waiting longer. A pull that has failed
/// once is ErrImagePull, and not among them.
constexpr std::array<std::string_view, 4> kHopeless = {
    "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "CreateContainerConfigError"};

/// When its newest rollout was complete; nothing if it is not.
std::optional<base::Timestamp> completeSince(const schema::DeploymentStatus& status) {
  const auto progressing =
      std::ranges::find(status.conditions(), "Progressing", &schema::Condition::type);
  if (progressing == status.conditions().end() ||
      progressing->reason() != "NewReplicaSetAvailable") {
    return std::nullopt;
  }
  return base::fromUnixMs(progressing->last_update_time().unix_ms());
}

bool isHopeless(const schema::ContainerStatus& container) {
  const std::string& reason = container.state().waiting().reason();
  // What has crashed once may have been an accident.
  if (reason == "CrashLoopBackOff") return container.restart_count() > 0;
  return std::ranges::find(kHopeless, reason) != kHopeless.end();
}

bool isHopeless(const schema::PodStatus& status) {
  return std::ranges::any_of(status.init_container_statuses(),
                             [](const auto& each) { return isHopeless(each); }) ||
         std::ranges::any_of(status.container_statuses(),
                             [](const auto& each) { return isHopeless(each); });
}

/// Since when a node can run its pods; nothing if it cannot, or is being emptied.
std::optional<base::Timestamp> usableSince(const schema::Node* node) {
  if (node == nullptr || node->spec().has_drain()) return std::nullopt;
  const auto& conditions = node->status().conditions();
  const auto ready = std::ranges::find(conditions, "Ready", &schema::Condition::type);
  if (ready == conditions.end() || ready->status() != "True") return std::nullopt;
  return base::fromUnixMs(ready->last_transition_time().unix_ms());
}

class Judge {
 public:
  Judge(const schema::Deployment& deployment, const model::State& state, base::Timestamp complete)
      : state_(state), complete_(complete), deadline_(deadlineOf(deployment.spec())) {}

  /// From when on a pod is bad; nothing if waiting does not make it so.
  std::optional<base::Timestamp> badAt(const model::Pod& pod) const {
    if (!model::isActive(pod) || pod.leaving || model::isReady(pod)) return std::nullopt;
    const auto usable = usableSince(state_.nodes.find({"", pod.nodeName}));
    if (!usable) return std::nullopt;
    if (isHopeless(*pod.status)) return base::Timestamp{};
    const schema::Condition* ready = model::findCondition(*pod.status, "Ready");
    const base::Timestamp unreadySince =
        ready == nullptr ? pod.createdAt
                         : base::fromUnixMs(ready->last_transition_time().unix_ms());
    // All that were there when the rollout was complete were Ready then.
    const base::Timestamp begun = std::max(pod.createdAt, *usable);
    if (begun <= complete_) return unreadySince + kUnreadyCounts;
    if (!deadline_) return std::nullopt;
    return std::max(unreadySince + kUnreadyCounts, begun + *deadline_);
  }

 private:
  const model::State& state_;
  const base::Timestamp complete_;
  const std::optional<base::Duration> deadline_;
};

/// How many pods may be bad.
int toleratedOf(const schema::DeploymentSpec& spec, int desired) {
  const bool isRecreate = spec.strategy().type() == "Recreate";
  const int unavailable = isRecreate ? 0 : resolveFencePosts(spec).unavailable;
  return std::min(unavailable, std::max(0, desired - 1));
}

}  // namespace

Shortfall shortfallOf(const schema::Deployment& deployment,
                      const std::vector<model::Ptr<model::Pod>>& pods, const model::State& state,
                      base::Timestamp now) {
  const auto complete = completeSince(deployment.status());
  if (!complete) return {};
  const int desired = deployment.spec().has_replicas() ? deployment.spec().replicas() : 1;
  const int tolerated = toleratedOf(deployment.spec(), desired);
  const int available = deployment.status().available_replicas();
  if (available >= desired - tolerated) return {};
  const Judge judge(deployment, state, *complete);
  std::vector<std::pair<base::Timestamp, const model::Pod*>> bad;
  for (const model::Ptr<model::Pod>& pod : pods) {
    if (const auto at = judge.badAt(*pod)) bad.emplace_back(*at, pod.get());
  }
  if (static_cast<int>(bad.size()) <= tolerated) return {};
  std::ranges::sort(bad, {}, [](const auto& each) {
    return std::pair(each.first, std::string_view(each.second->name));
  });
  Shortfall result;
  const base::Timestamp tooMany = bad[static_cast<std::size_t>(tolerated)].first;
  if (tooMany > now) {
    result.changesAt = tooMany;
    return result;
  }
  result.isFault = true;
  const model::Pod& first = *bad.front().second;
  const std::string why = failureOf(*first.status);
  result.message = absl::StrCat(available, " of ", desired, " replicas are available: ", first.name,
                                why.empty() ? " is not ready" : ": ", why);
  return result;
}

}  // namespace gantry::workloads
