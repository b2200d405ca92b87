// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include <algorithm>

#include "tests/runtime-agent/pods/agent_world.h"

using namespace gantry;
using namespace gantry::agent;
using namespace std::chrono_literals;

namespace {

schema::Probe everySecond() {
  schema::Probe probe;
  probe.mutable_http_get()->mutable_port()->set_number(80);
  probe.set_period_seconds(1);
  probe.set_failure_threshold(3);
  return probe;
}

/// Virtual seconds, since the world began, at which a container was started.
std::vector<qint64> startTimes(AgentWorld& world, base::Duration during) {
  std::vector<qint64> times;
  int known = world.count("start front/main 0");
  int attempt = known;
  for (base::Duration passed(0); passed < during; passed += 100ms) {
    world.executor.advance(100ms);
    if (world.count("start front/main " + std::to_string(attempt)) == 0) continue;
    times.push_back(world.executor.now().time_since_epoch().count() / 100);
    ++attempt;
  }
  return times;
}

}  // namespace

class TstAgent : public QObject {
  Q_OBJECT

 private slots:
  void runsWhatIsWanted();
  void doesNothingBeforeTheFirstLook();
  void removesNothingBeforeAControllerHasSpoken();
  void stopsGracefullyAndReportsGone();
  void stopsAPodWhoseImageIsStillPulled();
  void removesADeletedPodWithoutReportingIt();
  void restartOfTheAgentChangesNothing();
  void keepsReadinessThroughARestart();
  void adoptsWithoutACheckpoint();
  void backsOffARestartLoopExactly();
  void restartsAtOnceAfterTenCalmMinutes();
  void backsOffAFailingPull();
  void retriesAConfigErrorWhenTheSourceComes();
  void runsInitContainersInOrder();
  void failsWhereAnInitContainerFailsForGood();
  void endsAPodThatSucceeds();
  void readinessGatesOnly();
  void livenessRestarts();
  void unknownProbesCountNeitherWay();
  void startupProbeHoldsTheOthersBack();
  void replacesALostSandbox();
  void restartsWhatWasKilledFromOutside();
  void countsOnWhereAContainerWasRemovedFromOutside();
  void survivesARuntimeThatIsDown();
  void survivesLostAnswers_data();
  void survivesLostAnswers();
  void keepsTheLastDeadContainer();
  void refusesAnOldLeader();
  void asksForTheWholeSetWhenADiffIsMissing();
  void appliesServicesAgainWhenThatFailed();
  void runsHooks();
  void convergesFromAnySeed();
};

void TstAgent::runsWhatIsWanted() {
  AgentWorld world;
  world.runPods({podNamed("front"), podNamed("back")});
  QCOMPARE(world.runtime.runningCount(), 2);
  QCOMPARE(world.observed("front").status().phase(), std::string("Running"));
  QCOMPARE(world.condition("front", "Ready"), std::string("True"));
  QVERIFY(!world.observed("front").status().pod_ip().empty());
  QCOMPARE(world.observed("front").status().host_ip(), std::string("10.0.0.1"));
  QCOMPARE(world.main("front").restart_count(), 0);
  QVERIFY(world.hasEvent("Created: Created container main"));
  QVERIFY(world.hasEvent("Started: Started container main"));
  QVERIFY(!world.link->wentBackwards);
}

void TstAgent::doesNothingBeforeTheFirstLook() {
  AgentWorld world;
  world.want(podNamed("front"));
  world.runtime.down = true;
  world.start();
  world.executor.advance(5s);
  // The controller is to hear of a runtime that is down.
  QVERIFY(world.link->dialled());
  world.connect();
  QCOMPARE(world.link->hello->status().conditions(0).status(), std::string("False"));
  world.executor.advance(5s);
  QVERIFY(world.runtime.log.empty());
  world.runtime.down = false;
  world.executor.advance(5s);
  QCOMPARE(world.runtime.runningCount(), 1);
  QVERIFY(!world.link->sent.empty());
}

void TstAgent::removesNothingBeforeAControllerHasSpoken() {
  AgentWorld world;
  world.runPods({podNamed("front")});
  world.kill();
  world.checkpoint.saved.reset();
  world.start();
  world.executor.advance(60s);
  QCOMPARE(world.runtime.runningCount(), 1);
  world.wanted.clear_pods();
  world.connect();
  world.executor.advance(60s);
  QCOMPARE(world.runtime.runningCount(), 0);
  QVERIFY(world.runtime.sandboxes().empty());
}

void TstAgent::stopsGracefullyAndReportsGone() {
  AgentWorld world;
  world.runtime.images["app:1"].stopsAfter.reset();
  world.runPods({podNamed("front")});
  world.want(podNamed("front"), true);
  world.sendWanted();
  world.executor.advance(29s);
  QCOMPARE(world.runtime.runningCount(), 1);
  QVERIFY(!world.observed("front").gone());
  world.executor.advance(5s);
  QCOMPARE(world.runtime.runningCount(), 0);
  QVERIFY(world.observed("front").gone());
  QCOMPARE(world.main("front").state().terminated().exit_code(), 137);
  QCOMPARE(world.observed("front").status().phase(), std::string("Failed"));
  QVERIFY(world.runtime.sandboxes().empty());
  QVERIFY(world.volumes.prepared.empty());
  QCOMPARE(world.discarded, std::vector<std::string>{"/logs/shop_front_uid-front"});
  QVERIFY(world.hasEvent("Killing: Stopping container main"));
  QCOMPARE(world.count("stop front/main 0"), 1);
}

void TstAgent::stopsAPodWhoseImageIsStillPulled() {
  AgentWorld world;
  world.runtime.images["app:1"] = {.present = false, .pullTakes = 10min};
  world.runPods({podNamed("front")});
  QCOMPARE(world.main("front").state().waiting().reason(), std::string("ContainerCreating"));
  world.want(podNamed("front"), true);
  world.sendWanted();
  world.executor.advance(3s);
  QVERIFY(world.observed("front").gone());
  world.executor.advance(10min);
  QVERIFY(world.runtime.containers().empty());
}

void TstAgent::removesADeletedPodWithoutReportingIt() {
  AgentWorld world;
  world.runPods({podNamed("front"), podNamed("back")});
  api::ControllerMessage message;
  message.set_fencing_token(7);
  message.mutable_diff()->set_sequence(2);
  message.mutable_diff()->add_deleted_pod_uids("uid-front");
  world.link->receive(message);
  world.executor.advance(5s);
  QCOMPARE(world.runtime.sandboxes().size(), std::size_t(1));
  QVERIFY(!world.observed("front").gone());
  QVERIFY(world.agent->findPod("uid-front") == nullptr);
  QVERIFY(world.agent->findPod("uid-back") != nullptr);
}

void TstAgent::restartOfTheAgentChangesNothing() {
  AgentWorld world;
  world.runPods({podNamed("front"), podNamed("back")});
  const std::vector<SeenContainer> before = world.runtime.containers();
  const std::size_t operations = world.runtime.log.size();
  const std::uint64_t sequence = world.observed("front").sequence();
  for (int i = 0; i < 100; ++i) {
    world.kill();
    world.executor.advance(base::Duration(world.executor.random() % 300));
    world.start();
    QCOMPARE(world.agent->findPod("uid-front")->status().phase(), std::string("Running"));
    world.connect();
    QCOMPARE(world.condition("front", "Ready"), std::string("True"));
    world.executor.advance(base::Duration(world.executor.random() % 3'000));
    QCOMPARE(world.condition("front", "Ready"), std::string("True"));
  }
  QVERIFY(world.runtime.containers() == before);
  QCOMPARE(world.runtime.log.size(), operations);
  QVERIFY(world.observed("front").sequence() > sequence);
}

void TstAgent::keepsReadinessThroughARestart() {
  AgentWorld world;
  schema::Pod pod = podNamed("front");
  *pod.mutable_spec()->mutable_containers(0)->mutable_readiness_probe() = everySecond();
  pod.mutable_spec()->mutable_containers(0)->mutable_readiness_probe()->set_initial_delay_seconds(
      3);
  world.runPods({pod});
  QCOMPARE(world.condition("front", "Ready"), std::string("True"));
  world.kill();
  world.prober.takes = 10min;
  world.start();
  world.connect();
  world.executor.advance(30s);
  for (const schema::PodStatus& status : world.link->statuses["uid-front"]) {
    QVERIFY(status.container_statuses(0).ready());
  }
}

void TstAgent::adoptsWithoutACheckpoint() {
  AgentWorld world;
  world.runPods({podNamed("front")});
  const std::vector<SeenContainer> before = world.runtime.containers();
  world.kill();
  world.checkpoint.saved.reset();
  world.start();
  world.connect();
  world.executor.advance(60s);
  QVERIFY(world.runtime.containers() == before);
  QCOMPARE(world.observed("front").status().phase(), std::string("Running"));
}

void TstAgent::backsOffARestartLoopExactly() {
  AgentWorld world;
  world.runtime.images["app:1"] = {.exitsAfter = 0ms, .exitCode = 3};
  world.want(podNamed("front"));
  world.start();
  world.connect();
  const std::vector<qint64> times = startTimes(world, 1'500s);
  const std::vector<int> expected = {0, 10, 20, 40, 80, 160, 300, 300, 300};
  QVERIFY(times.size() > expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    // Tenths of seconds; making and starting takes some.
    const qint64 waited = times[i + 1] - times[i];
    QVERIFY2(waited >= expected[i] * 10 && waited <= expected[i] * 10 + 3,
             qPrintable(QString("restart %1 waited %2").arg(i).arg(waited)));
  }
  QCOMPARE(world.main("front").state().waiting().reason(), std::string("CrashLoopBackOff"));
  QCOMPARE(world.main("front").last_state().terminated().exit_code(), 3);
  QVERIFY(world.main("front").restart_count() >= 8);
  QVERIFY(world.hasEvent("BackOff: Back-off restarting failed container main"));
  QCOMPARE(world.observed("front").status().phase(), std::string("Running"));
}

void TstAgent::restartsAtOnceAfterTenCalmMinutes() {
  AgentWorld world;
  world.runPods({podNamed("front")});
  for (int i = 0; i < 3; ++i) {
    QVERIFY(world.runtime.crash("uid-front", "main", 1));
    world.executor.advance(60s);
    QCOMPARE(world.runtime.runningCount(), 1);
  }
  world.executor.advance(10min);
  QVERIFY(world.runtime.crash("uid-front", "main", 1));
  world.executor.advance(1s);
  QCOMPARE(world.runtime.runningCount(), 1);
  QCOMPARE(world.main("front").restart_count(), 4);
}

void TstAgent::backsOffAFailingPull() {
  AgentWorld world;
  world.runtime.images["app:1"] = {
      .present = false, .pullTakes = 0ms, .pullError = absl::NotFoundError("manifest unknown")};
  world.want(podNamed("front"));
  world.start();
  world.connect();
  world.executor.advance(500ms);
  QCOMPARE(world.main("front").state().waiting().reason(), std::string("ErrImagePull"));
  QVERIFY(QString::fromStdString(world.main("front").state().waiting().message())
              .contains("manifest unknown"));
  world.executor.advance(2s);
  QCOMPARE(world.main("front").state().waiting().reason(), std::string("ImagePullBackOff"));
  QCOMPARE(world.observed("front").status().phase(), std::string("Pending"));
  // At 0, 10, 30, 70, 150, 310, 610 s.
  world.executor.advance(618s);
  QCOMPARE(world.count("pull app:1"), 7);
  world.runtime.images["app:1"].pullError = absl::OkStatus();
  world.executor.advance(300s);
  QCOMPARE(world.runtime.runningCount(), 1);
  QCOMPARE(world.main("front").restart_count(), 0);
}

void TstAgent::retriesAConfigErrorWhenTheSourceComes() {
  AgentWorld world;
  schema::Pod pod = podNamed("front");
  schema::EnvVar* variable = pod.mutable_spec()->mutable_containers(0)->add_env();
  variable->set_name("COLOUR");
  variable->mutable_value_from()->mutable_config_map_key_ref()->set_name("paint");
  variable->mutable_value_from()->mutable_config_map_key_ref()->set_key("colour");
  world.runPods({pod});
  QCOMPARE(world.main("front").state().waiting().reason(),
           std::string("CreateContainerConfigError"));
  QCOMPARE(world.main("front").state().waiting().message(),
           std::string("ConfigMap \"paint\" not found"));
  world.executor.advance(400s);
  api::ControllerMessage message;
  message.set_fencing_token(7);
  message.mutable_diff()->set_sequence(2);
  schema::ConfigMap* paint = message.mutable_diff()->add_put_config_maps();
  paint->mutable_metadata()->set_namespace_("shop");
  paint->mutable_metadata()->set_name("paint");
  (*paint->mutable_data())["colour"] = "red";
  world.link->receive(message);
  world.executor.advance(1s);
  QCOMPARE(world.runtime.runningCount(), 1);
  const auto& env = world.runtime.specOf(world.runtime.find("uid-front", "main")->id).env;
  QCOMPARE(env.back().second, std::string("red"));
}

void TstAgent::runsInitContainersInOrder() {
  AgentWorld world;
  schema::Pod pod = podNamed("front");
  for (const char* name : {"first", "second"}) {
    schema::Container* init = pod.mutable_spec()->add_init_containers();
    init->set_name(name);
    init->set_image("init:1");
  }
  world.runtime.images["init:1"] = {.exitsAfter = 2s};
  world.want(pod);
  world.start();
  world.connect();
  world.executor.advance(1s);
  QCOMPARE(world.main("front").state().waiting().reason(), std::string("PodInitializing"));
  QCOMPARE(world.observed("front").status().phase(), std::string("Pending"));
  QCOMPARE(world.count("start front/second 0"), 0);
  world.executor.advance(10s);
  const auto at = [&](const std::string& line) {
    return std::find(world.runtime.log.begin(), world.runtime.log.end(), line);
  };
  QVERIFY(at("start front/first 0") < at("create front/second 0"));
  QVERIFY(at("start front/second 0") < at("create front/main 0"));
  QVERIFY(at("start front/main 0") != world.runtime.log.end());
  QVERIFY(world.observed("front").status().init_container_statuses(1).ready());
}

void TstAgent::failsWhereAnInitContainerFailsForGood() {
  AgentWorld world;
  schema::Pod pod = podNamed("front");
  pod.mutable_spec()->set_restart_policy("Never");
  schema::Container* init = pod.mutable_spec()->add_init_containers();
  init->set_name("first");
  init->set_image("init:1");
  world.runtime.images["init:1"] = {.exitsAfter = 1s, .exitCode = 1};
  world.runPods({pod});
  QCOMPARE(world.observed("front").status().phase(), std::string("Failed"));
  QCOMPARE(world.count("create front/main 0"), 0);
  QVERIFY(!world.runtime.sandboxes().front().ready);
}

void TstAgent::endsAPodThatSucceeds() {
  AgentWorld world;
  schema::Pod pod = podNamed("job");
  pod.mutable_spec()->set_restart_policy("OnFailure");
  world.runtime.images["app:1"] = {.exitsAfter = 1s, .exitCode = 1};
  world.want(pod);
  world.start();
  world.connect();
  world.executor.advance(1'500ms);
  QCOMPARE(world.observed("job").status().phase(), std::string("Running"));
  world.runtime.images["app:1"].exitCode = 0;
  world.executor.advance(60s);
  QCOMPARE(world.observed("job").status().phase(), std::string("Succeeded"));
  QCOMPARE(world.main("job").state().terminated().reason(), std::string("Completed"));
  const std::size_t operations = world.runtime.log.size();
  world.kill();
  world.start();
  world.connect();
  world.executor.advance(60s);
  // A restarted agent gives the network back once more, and runs nothing.
  QVERIFY(world.runtime.log.size() <= operations + 1);
  QCOMPARE(world.observed("job").status().phase(), std::string("Succeeded"));
}

void TstAgent::readinessGatesOnly() {
  AgentWorld world;
  schema::Pod pod = podNamed("front");
  *pod.mutable_spec()->mutable_containers(0)->mutable_readiness_probe() = everySecond();
  world.runPods({pod});
  QCOMPARE(world.condition("front", "Ready"), std::string("True"));
  world.prober.otherwise = {ProbeOutcome::kFailure, "HTTP 503"};
  world.executor.advance(5s);
  QCOMPARE(world.condition("front", "Ready"), std::string("False"));
  QVERIFY(world.hasEvent("Unhealthy: Readiness probe failed: HTTP 503"));
  world.executor.advance(600s);
  QCOMPARE(world.main("front").restart_count(), 0);
  world.prober.otherwise = {ProbeOutcome::kSuccess, ""};
  world.executor.advance(5s);
  QCOMPARE(world.condition("front", "Ready"), std::string("True"));
}

void TstAgent::livenessRestarts() {
  AgentWorld world;
  schema::Pod pod = podNamed("front");
  *pod.mutable_spec()->mutable_containers(0)->mutable_liveness_probe() = everySecond();
  world.runPods({pod, podNamed("back")});
  const std::string sick = world.runtime.find("uid-front", "main")->id;
  world.prober.results[sick] = {ProbeOutcome::kFailure, "connection refused"};
  world.executor.advance(10s);
  QVERIFY(world.hasEvent("Killing: Container main failed liveness probe, will be restarted"));
  QCOMPARE(world.main("front").restart_count(), 1);
  QVERIFY(world.runtime.find("uid-front", "main")->id != sick);
  QCOMPARE(world.main("back").restart_count(), 0);
  world.executor.advance(60s);
  QCOMPARE(world.main("front").restart_count(), 1);
}

void TstAgent::unknownProbesCountNeitherWay() {
  AgentWorld world;
  schema::Pod pod = podNamed("front");
  *pod.mutable_spec()->mutable_containers(0)->mutable_liveness_probe() = everySecond();
  *pod.mutable_spec()->mutable_containers(0)->mutable_readiness_probe() = everySecond();
  world.runPods({pod});
  world.prober.otherwise = {ProbeOutcome::kUnknown, "the runtime does not answer"};
  world.executor.advance(120s);
  QCOMPARE(world.main("front").restart_count(), 0);
  QCOMPARE(world.condition("front", "Ready"), std::string("True"));
}

void TstAgent::startupProbeHoldsTheOthersBack() {
  AgentWorld world;
  schema::Pod pod = podNamed("front");
  *pod.mutable_spec()->mutable_containers(0)->mutable_startup_probe() = everySecond();
  pod.mutable_spec()->mutable_containers(0)->mutable_startup_probe()->set_failure_threshold(20);
  *pod.mutable_spec()->mutable_containers(0)->mutable_liveness_probe() = everySecond();
  world.prober.otherwise = {ProbeOutcome::kFailure, "HTTP 500"};
  world.runPods({pod});
  world.executor.advance(10s);
  QCOMPARE(world.main("front").restart_count(), 0);
  QCOMPARE(world.condition("front", "Ready"), std::string("False"));
  world.executor.advance(10s);
  QCOMPARE(world.main("front").restart_count(), 1);
  QVERIFY(world.hasEvent("failed startup probe"));
}

void TstAgent::replacesALostSandbox() {
  AgentWorld world;
  world.runPods({podNamed("front"), podNamed("back")});
  const std::string before = world.observed("front").status().pod_ip();
  world.runtime.loseSandbox("uid-front");
  world.executor.advance(5s);
  QCOMPARE(world.runtime.runningCount(), 2);
  QCOMPARE(world.main("front").restart_count(), 1);
  QVERIFY(world.observed("front").status().pod_ip() != before);
  QCOMPARE(world.main("back").restart_count(), 0);
  QCOMPARE(world.observed("front").status().phase(), std::string("Running"));
}

void TstAgent::restartsWhatWasKilledFromOutside() {
  AgentWorld world;
  world.runPods({podNamed("front"), podNamed("back")});
  const SeenContainer back = *world.runtime.find("uid-back", "main");
  QVERIFY(world.runtime.crash("uid-front", "main", 137));
  world.executor.advance(1s);
  QCOMPARE(world.runtime.runningCount(), 2);
  QCOMPARE(world.main("front").restart_count(), 1);
  QCOMPARE(world.main("front").last_state().terminated().exit_code(), 137);
  QVERIFY(*world.runtime.find("uid-back", "main") == back);
}

void TstAgent::countsOnWhereAContainerWasRemovedFromOutside() {
  AgentWorld world;
  world.runPods({podNamed("front")});
  world.runtime.removeFromOutside("uid-front", "main");
  world.executor.advance(5s);
  QCOMPARE(world.runtime.runningCount(), 1);
  QCOMPARE(world.main("front").restart_count(), 1);
}

void TstAgent::survivesARuntimeThatIsDown() {
  AgentWorld world;
  world.runPods({podNamed("front")});
  const std::vector<SeenContainer> before = world.runtime.containers();
  world.runtime.down = true;
  world.want(podNamed("back"));
  world.sendWanted();
  world.executor.advance(120s);
  QCOMPARE(world.condition("front", "Ready"), std::string("True"));
  QCOMPARE(world.link->sent.back().has_heartbeat(), true);
  world.runtime.down = false;
  world.executor.advance(90s);
  QCOMPARE(world.runtime.runningCount(), 2);
  QVERIFY(world.runtime.containers().front() == before.front());
}

void TstAgent::survivesLostAnswers_data() {
  QTest::addColumn<int>("lost");
  QTest::newRow("of the sandbox") << 1;
  QTest::newRow("of sandbox and container") << 2;
  QTest::newRow("of everything") << 3;
}

void TstAgent::survivesLostAnswers() {
  QFETCH(int, lost);
  AgentWorld world;
  world.runtime.loseAnswers = lost;
  world.runPods({podNamed("front")});
  world.executor.advance(60s);
  QCOMPARE(world.runtime.sandboxes().size(), std::size_t(1));
  QCOMPARE(world.runtime.containers().size(), std::size_t(1));
  QCOMPARE(world.runtime.runningCount(), 1);
  QCOMPARE(world.main("front").restart_count(), 0);
}

void TstAgent::keepsTheLastDeadContainer() {
  AgentWorld world;
  world.runPods({podNamed("front")});
  for (int i = 0; i < 5; ++i) {
    QVERIFY(world.runtime.crash("uid-front", "main", 1));
    world.executor.advance(400s);
  }
  QCOMPARE(world.runtime.containers().size(), std::size_t(2));
  QCOMPARE(world.main("front").restart_count(), 5);
  QCOMPARE(world.discarded.size(), std::size_t(4));
  QCOMPARE(world.discarded.front(), std::string("/logs/shop_front_uid-front/main/0.log"));
}

void TstAgent::refusesAnOldLeader() {
  AgentWorld world;
  world.runPods({podNamed("front")});
  api::ControllerMessage message;
  message.set_fencing_token(6);
  message.mutable_wanted()->set_sequence(1);
  world.link->receive(message);
  world.executor.advance(60s);
  QCOMPARE(world.runtime.runningCount(), 1);
  // A restarted agent remembers whom it followed.
  world.kill();
  world.start();
  world.link->connect();
  world.link->receive(message);
  world.executor.advance(60s);
  QCOMPARE(world.runtime.runningCount(), 1);
}

void TstAgent::asksForTheWholeSetWhenADiffIsMissing() {
  AgentWorld world;
  world.runPods({podNamed("front")});
  api::ControllerMessage message;
  message.set_fencing_token(7);
  message.mutable_diff()->set_sequence(3);
  message.mutable_diff()->add_deleted_pod_uids("uid-front");
  world.link->receive(message);
  world.executor.advance(60s);
  QCOMPARE(world.link->restarts, 1);
  QCOMPARE(world.runtime.runningCount(), 1);
}

void TstAgent::appliesServicesAgainWhenThatFailed() {
  AgentWorld world;
  world.proxy.failNext = 2;
  world.wanted.add_services()->set_name("front");
  world.runPods({});
  QCOMPARE(world.proxy.applied, 1);
  QCOMPARE(world.proxy.services.size(), std::size_t(1));
}

void TstAgent::runsHooks() {
  AgentWorld world;
  schema::Pod pod = podNamed("front");
  schema::Lifecycle* lifecycle = pod.mutable_spec()->mutable_containers(0)->mutable_lifecycle();
  lifecycle->mutable_post_start()->mutable_exec()->add_command("warm-up");
  lifecycle->mutable_pre_stop()->mutable_exec()->add_command("drain");
  world.runPods({pod});
  QCOMPARE(world.prober.requests.at(0).probe.exec().command(0), std::string("warm-up"));
  world.prober.takes = 28s;
  world.want(pod, true);
  world.sendWanted();
  world.executor.advance(27s);
  QCOMPARE(world.prober.requests.at(1).probe.exec().command(0), std::string("drain"));
  QCOMPARE(world.runtime.runningCount(), 1);
  world.executor.advance(3s);
  QVERIFY(world.observed("front").gone());
}

/// Whatever happens for a while, in the end what is wanted runs, once, and nothing else.
void TstAgent::convergesFromAnySeed() {
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    AgentWorld world(seed);
    std::vector<schema::Pod> pods;
    for (int i = 0; i < 6; ++i) pods.push_back(podNamed("p" + std::to_string(i)));
    world.runPods(pods);
    const auto pick = [&] { return "uid-p" + std::to_string(world.executor.random() % 6); };
    for (int step = 0; step < 60; ++step) {
      switch (world.executor.random() % 9) {
        case 0:
          world.runtime.crash(pick(), "main", 1);
          break;
        case 1:
          world.runtime.loseSandbox(pick());
          break;
        case 2:
          world.runtime.removeFromOutside(pick(), "main");
          break;
        case 3:
          world.runtime.loseAnswers = 1 + world.executor.random() % 3;
          break;
        case 4:
          world.runtime.down = !world.runtime.down;
          break;
        case 5:
          world.runtime.failNext["create"] = 1;
          break;
        case 6:
          world.runtime.failNext["runSandbox"] = 1;
          break;
        case 7:
          world.runtime.failNext["start"] = 1;
          break;
        default:
          world.kill();
          world.start();
          if (world.link->dialled()) world.connect();
      }
      world.executor.advance(base::Duration(world.executor.random() % 4'000));
    }
    world.runtime.down = false;
    world.runtime.loseAnswers = 0;
    world.runtime.failNext.clear();
    world.executor.advance(6min);
    const QByteArray which = "seed " + QByteArray::number(qulonglong(seed));
    QVERIFY2(world.runtime.runningCount() == 6, which);
    QVERIFY2(!world.link->wentBackwards, which);
    for (const schema::Pod& each : pods) {
      const std::string& uid = each.metadata().uid();
      QVERIFY2(world.agent->findPod(uid)->status().phase() == "Running", which);
      QVERIFY2(world.agent->findPod(uid)->status().container_statuses(0).ready(), which);
    }
    const auto ready =
        std::count_if(world.runtime.sandboxes().begin(), world.runtime.sandboxes().end(),
                      [](const auto& sandbox) { return sandbox.ready; });
    QVERIFY2(ready == 6, which);
  }
}

QTEST_GUILESS_MAIN(TstAgent)
#include "tst_agent.moc"
