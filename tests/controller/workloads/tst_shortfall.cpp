// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "controller/model/ledger.h"
#include "controller/store/memory_store.h"
#include "controller/workloads/shortfall.h"

using namespace gantry;
using std::chrono::seconds;

namespace {

const base::Timestamp kNow = base::fromUnixMs(1'800'000'000'000);

/// The rollout was complete 1,000 s ago; all nodes are older, if nothing else is said.
class World {
 public:
  World() : ledger_(*model::Ledger::open(store_)) {
    addNode("well", "True", seconds(5'000));
    addNode("lost", "Unknown", seconds(5));
    addNode("back", "True", seconds(50));
    addNode("drained", "True", seconds(5'000));
  }

  schema::Deployment deployment(int replicas, const std::string& strategy) const {
    schema::Deployment deployment;
    deployment.mutable_spec()->set_replicas(replicas);
    deployment.mutable_spec()->mutable_strategy()->set_type(strategy);
    deployment.mutable_status()->set_available_replicas(available_);
    schema::Condition& progressing = *deployment.mutable_status()->add_conditions();
    progressing.set_type("Progressing");
    progressing.set_reason("NewReplicaSetAvailable");
    progressing.mutable_last_update_time()->set_unix_ms(base::toUnixMs(kNow - seconds(1'000)));
    return deployment;
  }

  /// A letter a pod: what the rows of the table mean by it.
  void addPod(char what) {
    switch (what) {
      case 'R':
        return add("well", seconds(2'000), seconds(1'990), true);
      case 'u':
        return add("well", seconds(2'000), seconds(29), false);
      case 'U':
        return add("well", seconds(2'000), seconds(30), false);
      case 'C':
        return add("well", seconds(2'000), seconds(1), false, "CrashLoopBackOff");
      case 'I':
        return add("well", seconds(1), seconds(1), false, "ImagePullBackOff");
      case 'e':
        return add("well", seconds(1), seconds(1), false, "ErrImagePull");
      case 'N':
        return add("lost", seconds(2'000), seconds(90), false, "CrashLoopBackOff");
      case 'D':
        return add("drained", seconds(2'000), seconds(90), false);
      case 'B':
        return add("back", seconds(2'000), seconds(40), false);
      case 'P':
        return add("", seconds(700), seconds(700), false);
      case 'G':
        return add("gone", seconds(2'000), seconds(700), false);
      case 'y':
        return add("well", seconds(599), seconds(590), false);
      case 'Y':
        return add("well", seconds(600), seconds(590), false);
      case 'T':
        add("well", seconds(2'000), seconds(90), false);
        pods_.back().deletedAt = kNow;
        return;
      default:
        GANTRY_CHECK(false);
    }
  }

  workloads::Shortfall judge(const schema::Deployment& deployment, base::Timestamp now = kNow) {
    std::vector<model::Ptr<model::Pod>> pods;
    for (const model::Pod& pod : pods_) pods.push_back(std::make_shared<const model::Pod>(pod));
    return workloads::shortfallOf(deployment, pods, ledger_->state(), now);
  }

 private:
  void addNode(const std::string& name, const std::string& ready, base::Duration since) {
    schema::Node node;
    node.mutable_metadata()->set_name(name);
    if (name == "drained") node.mutable_spec()->mutable_drain()->set_by("ana");
    schema::Condition& condition = *node.mutable_status()->add_conditions();
    condition.set_type("Ready");
    condition.set_status(ready);
    condition.mutable_last_transition_time()->set_unix_ms(base::toUnixMs(kNow - since));
    model::Transaction transaction(ledger_->state());
    transaction.put(std::move(node));
    GANTRY_CHECK(ledger_->commit(std::move(transaction)).ok());
  }

  void add(const std::string& node, base::Duration age, base::Duration since, bool ready,
           const std::string& waiting = "") {
    model::Pod pod;
    pod.ns = "shop";
    pod.name = absl::StrCat("front-", pods_.size());
    pod.nodeName = node;
    pod.createdAt = kNow - age;
    pod.phase = model::PodPhase::kRunning;
    auto status = std::make_shared<schema::PodStatus>();
    schema::Condition& condition = *status->add_conditions();
    condition.set_type("Ready");
    condition.set_status(ready ? "True" : "False");
    condition.mutable_last_transition_time()->set_unix_ms(base::toUnixMs(kNow - since));
    if (!waiting.empty()) {
      schema::ContainerStatus& container = *status->add_container_statuses();
      container.set_name("web");
      container.set_restart_count(1);
      container.mutable_state()->mutable_waiting()->set_reason(waiting);
    }
    pod.status = std::move(status);
    available_ += ready ? 1 : 0;
    pods_.push_back(std::move(pod));
  }

  store::MemoryStore store_;
  std::unique_ptr<model::Ledger> ledger_;
  std::vector<model::Pod> pods_;
  int available_ = 0;
};

}  // namespace

/// What lacks pods after its rollout: whose fault that is, and from when on.
class TstShortfall : public QObject {
  Q_OBJECT

 private slots:
  void judges_data() {
    QTest::addColumn<QString>("pods");
    QTest::addColumn<QString>("strategy");
    QTest::addColumn<bool>("isFault");
    // Seconds from now; -1: by time alone nothing changes.
    QTest::addColumn<int>("changesIn");
    const auto row = [](const char* what, const char* pods, bool isFault, int changesIn = -1,
                        const char* strategy = "RollingUpdate") {
      QTest::newRow(what) << pods << strategy << isFault << changesIn;
    };
    row("all are there", "RRR", false);
    row("one is not ready, and was a moment ago", "RRu", false, 1);
    row("one has not been ready for 30 s", "RRU", true);
    row("one crashes again and again", "RC", true);
    row("its image cannot be had", "RI", true);
    row("a pull has failed", "Re", false, 599);
    row("its node is lost, whatever it did before", "RN", false);
    row("its node is drained", "RD", false);
    row("its node is gone", "RG", false);
    row("its node was away a moment ago", "RB", false, 550);
    row("it has no node", "RP", false);
    row("it replaces another and still starts", "Ry", false, 1);
    row("it replaces another and does not start", "RY", true);
    row("it is told to go", "RT", false);
    row("so many may be missing in a rollout", "RRRC", false);
    row("so many must not", "RRCU", true);
    row("one of them is its node's", "RRCN", false);
    row("one of them has a moment left", "RRCu", false, 1);
    row("of Recreate none may", "RRRC", true, -1, "Recreate");
    row("of one it is all", "U", true);
  }
  void judges() {
    QFETCH(QString, pods);
    QFETCH(QString, strategy);
    QFETCH(int, changesIn);
    World world;
    for (const char what : pods.toStdString()) world.addPod(what);
    const auto deployment = world.deployment(static_cast<int>(pods.size()), strategy.toStdString());
    const workloads::Shortfall found = world.judge(deployment);
    QTEST(found.isFault, "isFault");
    const base::Duration left = found.changesAt ? *found.changesAt - kNow : seconds(-1);
    QCOMPARE(static_cast<int>(left.count() / 1000), changesIn);
    if (found.changesAt) QVERIFY(world.judge(deployment, *found.changesAt).isFault);
  }

  void saysWhichPodItIs() {
    World world;
    for (const char what : {'R', 'u', 'C'}) world.addPod(what);
    const workloads::Shortfall found = world.judge(world.deployment(3, "RollingUpdate"));
    QCOMPARE(found.message, "1 of 3 replicas are available: front-2: web: CrashLoopBackOff");
  }

  void oneOfWhichAllMayBeMissingMustNotBeMissing() {
    World world;
    world.addPod('C');
    schema::Deployment deployment = world.deployment(1, "RollingUpdate");
    deployment.mutable_spec()
        ->mutable_strategy()
        ->mutable_rolling_update()
        ->mutable_max_unavailable()
        ->set_text("100%");
    QVERIFY(world.judge(deployment).isFault);
  }

  void aRolloutThatIsNotCompleteSaysItself() {
    World world;
    world.addPod('C');
    schema::Deployment deployment = world.deployment(1, "RollingUpdate");
    deployment.mutable_status()->mutable_conditions(0)->set_reason("ReplicaSetUpdated");
    QVERIFY(!world.judge(deployment).isFault);
  }
};

QTEST_GUILESS_MAIN(TstShortfall)
#include "tst_shortfall.moc"
