// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "controller/nodes/readiness.h"
#include "controller/nodes/registration.h"

using namespace gantry;
using nodes::Contact;
using nodes::Readiness;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr base::Duration kLease = seconds(10);
const base::Timestamp kNow = base::fromUnixMs(1'000'000'000);

schema::NodeStatus statusWith(const char* ready) {
  schema::NodeStatus status;
  if (*ready == '\0') return status;
  schema::Condition& condition = *status.add_conditions();
  condition.set_type("Ready");
  condition.set_status(ready);
  condition.set_reason("FromBefore");
  condition.mutable_last_transition_time()->set_unix_ms(5);
  return status;
}

schema::Node nodeWith(const char* ready) {
  schema::Node node;
  node.mutable_metadata()->set_name("node-1");
  *node.mutable_status() = statusWith(ready);
  return node;
}

}  // namespace

Q_DECLARE_METATYPE(gantry::nodes::Readiness)

class TstReadiness : public QObject {
  Q_OBJECT

 private slots:
  void aNodeIsWhatItsAgentSaysWhileItIsHeard_data() {
    QTest::addColumn<bool>("heard");
    QTest::addColumn<QString>("says");
    QTest::addColumn<int>("silentSeconds");
    QTest::addColumn<Readiness>("expected");
    QTest::newRow("heard, says nothing of it") << true << "" << 0 << Readiness::kReady;
    QTest::newRow("heard, says True") << true << "True" << 9 << Readiness::kReady;
    QTest::newRow("heard, says False") << true << "False" << 0 << Readiness::kNotReady;
    QTest::newRow("silent for the lease") << true << "True" << 10 << Readiness::kLost;
    QTest::newRow("not heard since the start") << false << "" << 9 << Readiness::kUnheard;
    QTest::newRow("not heard for the lease") << false << "" << 10 << Readiness::kLost;
  }
  void aNodeIsWhatItsAgentSaysWhileItIsHeard() {
    QFETCH(bool, heard);
    QFETCH(QString, says);
    QFETCH(int, silentSeconds);
    QFETCH(Readiness, expected);
    Contact contact{seconds(silentSeconds), kNow, std::nullopt};
    if (heard) contact.report = statusWith(says.toStdString().c_str());
    QCOMPARE(nodes::readinessOf(contact, kLease), expected);
  }

  void aLostNodeSaysSinceWhen() {
    const schema::Node node = nodeWith("True");
    const Contact contact{kLease, kNow - kLease, statusWith("True")};
    schema::Node after = node;
    *after.mutable_status() = nodes::statusFor(node, contact, kLease, kNow);
    QVERIFY(!nodes::isReady(after));
    const schema::Condition& ready = *nodes::readyCondition(after);
    QCOMPARE(ready.status(), "Unknown");
    QCOMPARE(ready.reason(), "AgentSilent");
    QVERIFY2(ready.message().find("1970-01-12") != std::string::npos, ready.message().c_str());
    QCOMPARE(ready.last_transition_time().unix_ms(), base::toUnixMs(kNow));
    QCOMPARE(after.status().last_heartbeat().unix_ms(), base::toUnixMs(kNow - kLease));
  }

  void aStartOfTheControllerChangesNothing_data() {
    QTest::addColumn<QString>("before");
    for (const char* before : {"True", "False", "Unknown"}) QTest::newRow(before) << before;
  }
  void aStartOfTheControllerChangesNothing() {
    QFETCH(QString, before);
    const schema::Node node = nodeWith(before.toStdString().c_str());
    const Contact contact{seconds(1), kNow, std::nullopt};
    QCOMPARE(nodes::statusFor(node, contact, kLease, kNow).SerializeAsString(),
             node.status().SerializeAsString());
  }

  void aTransitionTimeMovesWithTheStatusOnly() {
    const Contact contact{seconds(0), kNow, statusWith("")};
    schema::Node node = nodeWith("True");
    *node.mutable_status() = nodes::statusFor(node, contact, kLease, kNow);
    QCOMPARE(nodes::readyCondition(node)->last_transition_time().unix_ms(), 5);
    node = nodeWith("Unknown");
    *node.mutable_status() = nodes::statusFor(node, contact, kLease, kNow);
    QCOMPARE(nodes::readyCondition(node)->last_transition_time().unix_ms(), base::toUnixMs(kNow));
  }

  void theHeartbeatAloneIsWrittenEveryFiveMinutes() {
    schema::Node node = nodeWith("");
    Contact contact{seconds(0), kNow, statusWith("")};
    *node.mutable_status() = nodes::statusFor(node, contact, kLease, kNow);
    QCOMPARE(node.status().last_heartbeat().unix_ms(), base::toUnixMs(kNow));
    contact.silentSince = kNow + minutes(4);
    QCOMPARE(nodes::statusFor(node, contact, kLease, kNow).SerializeAsString(),
             node.status().SerializeAsString());
    contact.silentSince = kNow + minutes(5);
    QCOMPARE(nodes::statusFor(node, contact, kLease, kNow).last_heartbeat().unix_ms(),
             base::toUnixMs(kNow + minutes(5)));
  }

  void aKnownNodeKeepsWhatPeopleDecided() {
    schema::Node known = nodeWith("True");
    known.mutable_metadata()->set_uid("first");
    known.mutable_spec()->set_pod_cidr("10.244.3.0/24");
    known.mutable_spec()->set_unschedulable(true);
    (*known.mutable_metadata()->mutable_labels())["zone"] = "a";
    api::Hello hello;
    (*hello.mutable_labels())["kubernetes.io/os"] = "linux";
    (*hello.mutable_labels())["kubernetes.io/hostname"] = "somebody-else";
    const schema::Node node =
        nodes::registerNode(&known, "node-1", hello, "second", "10.244.9.0/24", kNow);
    QCOMPARE(node.metadata().uid(), "first");
    QCOMPARE(node.spec().pod_cidr(), "10.244.3.0/24");
    QVERIFY(node.spec().unschedulable());
    QCOMPARE(node.metadata().labels().at("zone"), "a");
    QCOMPARE(node.metadata().labels().at("kubernetes.io/os"), "linux");
    QCOMPARE(node.metadata().labels().at("kubernetes.io/hostname"), "node-1");
    const schema::Node fresh =
        nodes::registerNode(nullptr, "node-2", hello, "second", "10.244.9.0/24", kNow);
    QCOMPARE(fresh.metadata().uid(), "second");
    QCOMPARE(fresh.spec().pod_cidr(), "10.244.9.0/24");
  }
};

QTEST_GUILESS_MAIN(TstReadiness)
#include "tst_readiness.moc"
