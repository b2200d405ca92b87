// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "tests/controller/loops/cluster.h"

using namespace gantry;
using std::chrono::seconds;
using tests::Cluster;

namespace {

struct OnePod {
  Cluster cluster{1};
  std::string uid;

  OnePod() {
    cluster.deploy("front", 1, "front:1");
    GANTRY_CHECK(cluster.runUntil([&] { return cluster.isComplete("front"); }));
    uid = pod().uid;
  }
  const model::Pod& pod() const { return *cluster.pods("front").at(0); }
  support::FakeAgents::Node& node() { return cluster.agents.node("node-1"); }
  support::FakeAgents::Running& running() { return node().pods.at(uid); }
  void say(const api::ObservedPod& observed, loops::SessionId session) {
    api::AgentMessage message;
    *message.mutable_pods()->add_pods() = observed;
    cluster.agents.inject(session, std::move(message));
    cluster.run(base::Duration(100));
  }
};

}  // namespace

class TstAgentSessions : public QObject {
  Q_OBJECT

 private slots:
  void everyMessageCarriesTheFencingToken() {
    loops::Controller::Options options;
    options.fencingToken = 42;
    Cluster cluster(1, 1, options);
    QCOMPARE(cluster.agents.fencingToken(), 42u);
  }

  void aSetSaysWhatTheClusterIsLike() {
    Cluster cluster(1);
    QCOMPARE(cluster.agents.node("node-1").wanted.sequence, 1u);
    api::ControllerMessage query;
    query.mutable_log_query()->set_id("q1");
    QVERIFY(cluster.controller->sendToNode("node-1", query).ok());
    QCOMPARE(cluster.controller->sendToNode("node-9", query).code(),
             absl::StatusCode::kUnavailable);
  }

  void oldAndRepeatedReportsAreIgnored() {
    OnePod at;
    QVERIFY(model::isReady(at.pod()));
    api::ObservedPod old = at.cluster.agents.observe(at.node(), at.running());
    old.mutable_status()->mutable_conditions(0)->set_status("False");
    const auto revision = at.cluster.state().revision;
    at.say(old, at.node().session);
    old.set_sequence(1);
    at.say(old, at.node().session);
    QVERIFY(model::isReady(at.pod()));
    QCOMPARE(at.cluster.state().revision, revision);
    old.set_sequence(++at.running().sequence);
    at.say(old, at.node().session);
    QVERIFY(!model::isReady(at.pod()));
  }

  void aPhaseNeverFalls() {
    OnePod at;
    api::ObservedPod report = at.cluster.agents.observe(at.node(), at.running());
    report.mutable_status()->set_phase("Pending");
    report.set_sequence(++at.running().sequence);
    at.say(report, at.node().session);
    QCOMPARE(at.pod().phase, model::PodPhase::kRunning);
    QCOMPARE(at.pod().status->phase(), "Running");
    QVERIFY(at.cluster.broken.empty());
  }

  void podsOfOtherNodesCannotBeReported() {
    OnePod at;
    at.cluster.agents.addNode("node-2");
    at.cluster.run(seconds(1));
    api::ObservedPod report = at.cluster.agents.observe(at.node(), at.running());
    report.mutable_status()->mutable_conditions(0)->set_status("False");
    report.set_sequence(100);
    at.say(report, at.cluster.agents.node("node-2").session);
    QVERIFY(model::isReady(at.pod()));
  }

  void aSecondSessionOfANodeEndsTheFirst() {
    OnePod at;
    const loops::SessionId first = at.node().session;
    at.cluster.agents.redial("node-1");
    at.cluster.run(seconds(1));
    const loops::SessionId second = at.node().session;
    QVERIFY(second != first);
    QVERIFY(second != 0);
    // What the first still says is not heard.
    api::ObservedPod report = at.cluster.agents.observe(at.node(), at.running());
    report.mutable_status()->mutable_conditions(0)->set_status("False");
    report.set_sequence(100);
    at.say(report, first);
    QVERIFY(model::isReady(at.pod()));
    QCOMPARE(at.cluster.agents.starts().at(at.uid), 1);
    QCOMPARE(at.cluster.agents.brokenDiffs(), 0);
  }

  void aPodThatTheControllerDoesNotKnowIsStopped() {
    OnePod at;
    support::FakeAgents::Running stray = at.running();
    stray.pod.mutable_metadata()->set_uid("stray");
    stray.pod.mutable_metadata()->set_name("stray");
    at.node().pods["stray"] = stray;
    at.cluster.agents.redial("node-1");
    QVERIFY(at.cluster.runUntil([&] { return !at.node().pods.contains("stray"); }));
    QVERIFY(at.node().pods.contains(at.uid));
  }

  void aPodThatTheAgentHasLostIsNotReadyUntilItRunsAgain() {
    OnePod at;
    at.node().pods.clear();
    at.cluster.agents.redial("node-1");
    at.cluster.run(base::Duration(20));
    QVERIFY(!model::isReady(at.pod()));
    QCOMPARE(model::findCondition(*at.pod().status, "Ready")->reason(), "NotRunning");
    QVERIFY(at.cluster.runUntil([&] { return model::isReady(at.pod()); }));
    QCOMPARE(at.pod().uid, at.uid);
  }

  void aStatusDoesNotEchoBackToItsAgent() {
    OnePod at;
    at.cluster.run(seconds(5));
    const auto before = at.node().wanted.sequence;
    api::ObservedPod report = at.cluster.agents.observe(at.node(), at.running());
    report.mutable_status()->set_message("something new");
    report.set_sequence(++at.running().sequence);
    at.say(report, at.node().session);
    at.cluster.run(seconds(5));
    QCOMPARE(at.pod().status->message(), "something new");
    QCOMPARE(at.node().wanted.sequence, before);
  }

  void whatAnAgentSawIsAnEvent() {
    OnePod at;
    api::ObservedPod report = at.cluster.agents.observe(at.node(), at.running());
    report.set_sequence(++at.running().sequence);
    api::AgentEvent& event = *report.add_events();
    event.set_warning(true);
    event.set_reason("Unhealthy");
    event.set_message("readiness probe: HTTP 503");
    at.say(report, at.node().session);
    at.cluster.run(seconds(1));
    QVERIFY(at.cluster.hasEvent("Unhealthy"));
  }

  void reportsOfOneTurnAreOneCommit() {
    Cluster cluster(1);
    cluster.deploy("front", 8, "front:1");
    QVERIFY(cluster.runUntil([&] { return cluster.isComplete("front"); }));
    cluster.run(seconds(5));
    auto& node = cluster.agents.node("node-1");
    api::AgentMessage message;
    for (auto& [uid, running] : node.pods) {
      ++running.sequence;
      api::ObservedPod& observed = *message.mutable_pods()->add_pods();
      observed = cluster.agents.observe(node, running);
      observed.mutable_status()->set_message("hot");
    }
    int commits = 0;
    cluster.ledger->observe([&](std::span<const model::Change> changes) {
      commits += changes[0].as<model::Pod>() != nullptr;
    });
    cluster.agents.inject(node.session, std::move(message));
    cluster.run(seconds(1));
    QCOMPARE(commits, 1);
  }
};

QTEST_GUILESS_MAIN(TstAgentSessions)
#include "tst_agent_sessions.moc"
