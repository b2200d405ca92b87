// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include <random>

#include "manifests/resource.h"
#include "tests/controller/workloads/rollout_model.h"

using namespace gantry;
using namespace gantry::workloads;

namespace {

constexpr unsigned kSeeds = 120;

/// A Deployment that lives through chance: changes by people, pods that fail, ReplicaSets that act
/// late. After every decision the bounds are checked.
class ChanceRun {
 public:
  explicit ChanceRun(unsigned seed) : random_(seed), model_(pick(1, 12)) {
    const char* const bounds[] = {"0", "1", "25%", "50%", "100%"};
    model_.setBounds(bounds[pick(0, 4)], bounds[pick(0, 4)]);
    if (pick(0, 3) == 0) model_.deployment.mutable_spec()->set_min_ready_seconds(pick(1, 5));
    if (pick(0, 4) == 0) {
      model_.deployment.mutable_spec()->mutable_strategy()->set_type("Recreate");
    }
  }

  /// Empty, or what was wrong.
  std::string run() {
    for (int i = 0; i < 100 && error_.empty(); ++i) {
      disturb();
      step();
      model_.now += std::chrono::milliseconds(pick(0, 3000));
    }
    if (!error_.empty()) return error_;
    calm();
    return error_;
  }

 private:
  int pick(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  bool chance(int percent) { return pick(1, 100) <= percent; }

  model::Pod* anyPod() {
    if (model_.pods.empty()) return nullptr;
    return &std::next(model_.pods.begin(), pick(0, static_cast<int>(model_.pods.size()) - 1))
                ->second;
  }

  void disturb() {
    if (chance(6))
      model_.setImage("front:" + std::to_string(pick(1, 4)) + (chance(20) ? "broken" : ""));
    if (chance(4)) model_.setReplicas(pick(0, 12));
    if (chance(3)) model_.deployment.mutable_spec()->set_paused(!model_.deployment.spec().paused());
    for (int i = 0; i < 4; ++i) {
      model::Pod* pod = anyPod();
      if (pod == nullptr || !model::isActive(*pod)) continue;
      const bool isBroken = RolloutModel::imageOf(*pod).find("broken") != std::string::npos;
      if (chance(70)) {
        if (!model::isReady(*pod) && !isBroken) model_.setReady(*pod, true);
      } else if (chance(20)) {
        model_.setReady(*pod, false);
      } else if (chance(5)) {
        pod->phase = model::PodPhase::kFailed;
      }
    }
    if (chance(50)) model_.eraseGone();
  }

  void step() {
    checkDeterminism();
    const int occupiedBefore = occupied();
    const FencePosts posts = resolveFencePosts(model_.deployment.spec());
    const bool isRecreate = model_.deployment.spec().strategy().type() == "Recreate";
    const int replicas = model_.deployment.spec().replicas();
    const int most = replicas + (isRecreate ? 0 : posts.surge);
    const int least = isRecreate ? 0 : replicas - posts.unavailable;
    const bool isScaling = scaleIsSeen();

    const int availableBefore = availableThatStay();
    model_.stepDeployment();
    const int availableAfter = availableThatStay();
    if (!isScaling && availableAfter < std::min(least, availableBefore)) {
      fail("a decision leaves " + std::to_string(availableAfter) + " available, least is " +
           std::to_string(least));
    }
    // Where fewer replicas were asked for, what is there may be more until it is gone.
    const int bound = std::max(most, occupied());
    if (!isScaling && occupied() > std::max(most, occupiedBefore)) {
      fail("a decision makes room for " + std::to_string(occupied()) + " pods, most is " +
           std::to_string(most));
    }
    // Those that act late are drawn; what they do later must still be within the bounds.
    std::vector<std::string> names;
    for (const auto& [name, set] : model_.sets) names.push_back(name);
    for (const std::string& name : names) {
      if (!chance(70)) continue;
      model_.stepReplicaSet(name);
      if (model_.activePods() > bound) {
        fail(std::to_string(model_.activePods()) + " pods, most is " + std::to_string(bound));
      }
    }
  }

  // What is available once each ReplicaSet has told its surplus to go.
  int availableThatStay() const {
    int sum = 0;
    for (const auto& [name, set] : model_.sets) {
      int available = 0;
      for (const auto& pod : model_.podsOf(set)) {
        const base::Duration minReady(1000LL * model_.deployment.spec().min_ready_seconds());
        available += model::isAvailable(*pod, minReady, model_.now);
      }
      sum += std::min(available, set.spec().replicas());
    }
    return sum;
  }

  // Pods that there are or may be made at any moment, whichever ReplicaSet acts first.
  int occupied() const {
    int sum = 0;
    for (const auto& [name, set] : model_.sets) {
      const auto pods = model_.podsOf(set);
      const auto active =
          std::ranges::count_if(pods, [](const auto& pod) { return model::isActive(*pod); });
      sum += std::max(static_cast<int>(active), set.spec().replicas());
    }
    return sum;
  }

  bool scaleIsSeen() const {
    for (const auto& [name, set] : model_.sets) {
      const auto stamp = stampOf(set, kDesiredReplicas);
      const bool isInUse = set.spec().replicas() > 0;
      if (isInUse && stamp && *stamp != model_.deployment.spec().replicas()) return true;
    }
    return false;
  }

  void checkDeterminism() {
    const DeploymentPlan one = model_.plan();
    const DeploymentPlan two = model_.plan();
    const auto text = [](const DeploymentPlan& plan) {
      std::string all = manifests::canonicalBytes(plan.status);
      for (const DeploymentAction& action : plan.actions) {
        if (const auto* create = std::get_if<CreateReplicaSet>(&action)) {
          all += "create" + manifests::canonicalBytes(create->replicaSet) + create->reason;
        } else if (const auto* update = std::get_if<UpdateReplicaSet>(&action)) {
          all += "update" + manifests::canonicalBytes(update->replicaSet) + update->reason;
        } else {
          all += "delete" + std::get<DeleteReplicaSet>(action).name.name;
        }
      }
      return all;
    };
    if (text(one) != text(two)) fail("the same input gave two plans");
  }

  // No more trouble: it must come to rest with exactly the newest pods.
  void calm() {
    model_.deployment.mutable_spec()->set_paused(false);
    model_.setImage("front:9");
    // Each rest may be a wait for minReadySeconds, of at most 5 s.
    for (int i = 0; i < 40; ++i) {
      if (!model_.settle(60)) return fail("does not come to rest");
      model_.now += 6s;
    }
    const int replicas = model_.deployment.spec().replicas();
    if (model_.sizeOf("front:9") != replicas) fail("the newest ReplicaSet is not complete");
    if (model_.activePods() != replicas) fail("old pods are left");
    if (model_.reasonOf("Progressing") != "True NewReplicaSetAvailable") {
      fail("ends with Progressing " + model_.reasonOf("Progressing"));
    }
  }

  void fail(const std::string& what) {
    if (error_.empty()) error_ = what;
  }

  std::mt19937 random_;
  RolloutModel model_;
  std::string error_;
};

}  // namespace

/// What must hold whatever happens, over many seeds.
class TstRolloutProperties : public QObject {
  Q_OBJECT

 private slots:
  void boundsHoldAndItComesToRest();
};

void TstRolloutProperties::boundsHoldAndItComesToRest() {
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    const std::string error = ChanceRun(seed).run();
    QVERIFY2(error.empty(), qPrintable(QString("seed %1: %2").arg(seed).arg(error.c_str())));
  }
}

QTEST_GUILESS_MAIN(TstRolloutProperties)
#include "tst_rollout_properties.moc"
