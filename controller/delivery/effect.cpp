// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/effect.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "controller/delivery/merge.h"
#include "controller/delivery/objects.h"
#include "controller/scheduler/scheduler.h"
#include "controller/workloads/deployment.h"
#include "controller/workloads/disruption.h"
#include "controller/workloads/job.h"

namespace gantry::delivery {
namespace {

using manifests::ObjectKey;

scheduler::ClusterView viewOf(const model::State& state) {
  scheduler::ClusterView view;
  for (const auto& [name, entry] : state.nodes.entries()) view.putNode(*entry.object);
  for (const auto& [name, entry] : state.pods.entries()) {
    const model::Pod& pod = *entry.object;
    if (pod.nodeName.empty() || pod.phase >= model::PodPhase::kSucceeded) continue;
    view.addPod(pod.uid, pod.nodeName, scheduler::requestsOf(pod.shape->spec()), pod.ownerUid);
  }
  return view;
}

/// The pods of a Deployment, ReplicaSet or Job, or a bare Pod, as they are or are wanted.
struct Workload {
  schema::PodTemplateSpec shape;
  int replicas = 0;
  /// Whether a new template replaces the pods; only a Deployment's does, unless it is paused.
  bool rolls = false;
  /// How many pods may be missing while they are replaced.
  int unavailable = 0;
  std::string uid;
};

std::optional<Workload> workloadOf(const google::protobuf::Message* object) {
  if (object == nullptr) return std::nullopt;
  Workload result;
  result.uid = manifests::metadataOf(*object).uid();
  if (const auto* deployment = dynamic_cast<const schema::Deployment*>(object)) {
    const schema::DeploymentSpec& spec = deployment->spec();
    result.shape = spec.template_();
    result.replicas = spec.replicas();
    result.rolls = !spec.paused();
    result.unavailable = spec.strategy().type() == "Recreate"
                             ? spec.replicas()
                             : workloads::resolveFencePosts(spec).unavailable;
  } else if (const auto* set = dynamic_cast<const schema::ReplicaSet*>(object)) {
    result.shape = set->spec().template_();
    result.replicas = set->spec().replicas();
  } else if (const auto* job = dynamic_cast<const schema::Job*>(object)) {
    result.shape = job->spec().template_();
    result.replicas = workloads::mostPodsOf(*job);
  } else if (const auto* pod = dynamic_cast<const schema::Pod*>(object)) {
    *result.shape.mutable_metadata()->mutable_labels() = pod->metadata().labels();
    *result.shape.mutable_spec() = pod->spec();
    result.shape.mutable_spec()->clear_node_name();
    result.replicas = 1;
  } else {
    return std::nullopt;
  }
  return result;
}

bool isPausedByPerson(const google::protobuf::Message* live) {
  const auto* deployment = dynamic_cast<const schema::Deployment*>(live);
  return deployment != nullptr && !deployment->status().paused_by().empty();
}

std::vector<model::Ptr<model::Pod>> podsOf(const model::State& state, const std::string& uid) {
  std::vector<model::Ptr<model::Pod>> pods = state.podsOwnedBy(uid);
  for (const model::Ptr<schema::ReplicaSet>& set : state.replicaSetsOwnedBy(uid)) {
    std::ranges::copy(state.podsOwnedBy(set->metadata().uid()), std::back_inserter(pods));
  }
  std::erase_if(pods, [](const auto& pod) { return !model::isActive(*pod); });
  return pods;
}

class Estimate {
 public:
  explicit Estimate(const model::State& state) : state_(state), view_(viewOf(state)) {}

  void add(const ObjectKey& key, const std::optional<Workload>& before,
           const std::optional<Workload>& after) {
    const auto count = [](const auto& side) { return side ? side->replicas : 0; };
    addRequests(before, -1);
    addRequests(after, 1);
    const bool restarts =
        before && after && after->rolls &&
        manifests::canonicalBytes(before->shape) != manifests::canonicalBytes(after->shape);
    const int grown = std::max(0, count(after) - count(before));
    const int shrunk = std::max(0, count(before) - count(after));
    const int kept = std::min(count(before), count(after));
    effect_.set_pods_created(effect_.pods_created() + grown);
    effect_.set_pods_deleted(effect_.pods_deleted() + shrunk);
    if (restarts) effect_.set_pods_restarted(effect_.pods_restarted() + kept);
    const int missing = restarts ? std::min(after->unavailable, kept) : 0;
    if (shrunk > 0 || missing > 0) {
      taken_.push_back({key.ns, before->shape.metadata().labels(), podsOf(state_, before->uid),
                        count(before), count(after), count(after) - missing});
    }
    replay(key, before, after, restarts);
  }

  /// `budgets` as they are once the plan is applied.
  api::PlanEffect finish(const std::vector<const schema::PodDisruptionBudget*>& budgets) {
    for (const schema::PodDisruptionBudget* budget : budgets) addBudget(*budget);
    return std::move(effect_);
  }

 private:
  /// Pods of one workload that go, for good or while they are replaced.
  struct Taken {
    std::string ns;
    manifests::Labels labels;
    std::vector<model::Ptr<model::Pod>> pods;
    int before = 0;
    int after = 0;
    /// How many stay at least, on the way too.
    int lowest = 0;
  };

  // A rolling update does not ask budgets, in Kubernetes neither; so people should know.
  void addBudget(const schema::PodDisruptionBudget& budget) {
    const schema::PodDisruptionBudgetStatus now = workloads::disruptionStatus(budget, state_);
    int expected = now.expected_pods();
    int lowest = now.current_healthy();
    bool concerned = false;
    for (const Taken& taken : taken_) {
      if (!workloads::selects(budget, taken.ns, taken.labels)) continue;
      concerned = true;
      const auto isReady = [](const model::Ptr<model::Pod>& pod) { return model::isReady(*pod); };
      const int ready = static_cast<int>(std::ranges::count_if(taken.pods, isReady));
      lowest -= std::max(0, ready - taken.lowest);
      if (!taken.pods.empty()) expected += taken.after - taken.before;
    }
    if (!concerned) return;
    const int needed = workloads::desiredHealthy(budget.spec(), expected);
    api::DisruptionBudgetEffect& effect = *effect_.add_disruption_budgets();
    effect.set_budget(absl::StrCat(budget.metadata().namespace_(), "/", budget.metadata().name()));
    effect.set_in_the_way(lowest < needed);
    effect.set_explanation(absl::StrCat("keeps ", needed, " of ", expected,
                                        expected == 1 ? " pod" : " pods", "; at the lowest ",
                                        lowest, lowest == 1 ? " is Ready" : " are Ready"));
  }

  void addRequests(const std::optional<Workload>& workload, int sign) {
    if (!workload) return;
    const scheduler::Resources each = scheduler::requestsOf(workload->shape.spec());
    const std::int64_t factor = std::int64_t{sign} * workload->replicas;
    effect_.set_cpu_millis_delta(effect_.cpu_millis_delta() + factor * each.cpuMillis);
    effect_.set_memory_bytes_delta(effect_.memory_bytes_delta() + factor * each.memoryBytes);
  }

  // The order of a rolling update: first what may be missing goes, then every new pod that has
  // found a place lets an old one go.
  void replay(const ObjectKey& key, const std::optional<Workload>& before,
              const std::optional<Workload>& after, bool restarts) {
    std::vector<model::Ptr<model::Pod>> old;
    if (before) old = podsOf(state_, before->uid);
    const auto letGo = [&](int pods) {
      for (; pods > 0 && !old.empty(); --pods) {
        view_.removePod(old.back()->uid);
        old.pop_back();
      }
    };
    const int wanted = after ? after->replicas : 0;
    if (!restarts) {
      const std::string group = old.empty() ? key.toString() : old.front()->ownerUid;
      const int have = before ? before->replicas : 0;
      letGo(static_cast<int>(old.size()) - std::min<int>(wanted, static_cast<int>(old.size())));
      for (int i = have; i < wanted; ++i) placeOne(key, *after, group);
      return;
    }
    letGo(static_cast<int>(old.size()) - (wanted - after->unavailable));
    for (int i = 0; i < wanted; ++i) {
      if (placeOne(key, *after, key.toString())) letGo(1);
    }
  }

  bool placeOne(const ObjectKey& key, const Workload& workload, const std::string& group) {
    const scheduler::Placement placement = scheduler::place(view_, workload.shape.spec(), group);
    api::PlannedPod& pod = *effect_.add_placements();
    pod.set_owner(key.toString());
    pod.set_node(placement.node);
    pod.set_explanation(placement.explanation);
    if (placement.node.empty()) return false;
    view_.addPod(absl::StrCat("planned-", effect_.placements_size()), placement.node,
                 scheduler::requestsOf(workload.shape.spec()), group);
    return true;
  }

  const model::State& state_;
  scheduler::ClusterView view_;
  api::PlanEffect effect_;
  std::vector<Taken> taken_;
};

/// Those that there are once the changes are made, by name.
class BudgetsAfter {
 public:
  explicit BudgetsAfter(const model::State& state) {
    for (const auto& [name, entry] : state.disruptionBudgets.entries()) {
      byName_[name] = entry.object;
    }
  }
  void change(const api::PlannedChange& change, const manifests::Resource* wanted) {
    if (change.kind() != model::kindName<schema::PodDisruptionBudget>()) return;
    const model::Name name{change.namespace_(), change.name()};
    byName_.erase(name);
    if (change.action() == api::DELETE) return;
    byName_[name] = std::make_shared<const schema::PodDisruptionBudget>(
        *wanted->as<schema::PodDisruptionBudget>());
  }
  std::vector<const schema::PodDisruptionBudget*> all() const {
    std::vector<const schema::PodDisruptionBudget*> budgets;
    for (const auto& [name, budget] : byName_) budgets.push_back(budget.get());
    return budgets;
  }

 private:
  std::map<model::Name, model::Ptr<schema::PodDisruptionBudget>> byName_;
};

}  // namespace

api::PlanEffect effectOf(const std::vector<api::PlannedChange>& changes,
                         const manifests::RenderedSet& desired, const model::State& state) {
  std::map<ObjectKey, const manifests::Resource*> wanted;
  for (const manifests::Resource& resource : desired.resources) wanted[resource.key()] = &resource;
  Estimate estimate(state);
  BudgetsAfter budgets(state);
  for (const api::PlannedChange& change : changes) {
    const ObjectKey key{change.kind(), change.namespace_(), change.name()};
    budgets.change(change, change.action() == api::DELETE ? nullptr : wanted.at(key));
    const std::shared_ptr<const Message> live = findObject(state, key);
    const std::optional<Workload> before = workloadOf(live.get());
    std::optional<Workload> after;
    if (change.action() != api::DELETE) {
      // What a Job has done already it does not do again.
      after = workloadOf(merge(wanted.at(key)->message(), "", live.get()).get());
    }
    if (after && isPausedByPerson(live.get())) after->rolls = false;
    if (before || after) estimate.add(key, before, after);
  }
  return estimate.finish(budgets.all());
}

}  // namespace gantry::delivery
