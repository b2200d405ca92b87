// SPDX-License-Identifier: Apache-2.0
// What the desktop says of a plan.
#include <QTest>
#include <functional>

#include "app/models/plan_words.h"

using namespace gantry;

namespace {

constexpr qint64 kNow = 1'790'000'000'000;

api::Plan samplePlan() {
  api::Plan plan;
  plan.set_state(api::PENDING);
  plan.mutable_revision()->set_commit("9b1e77c3fa");
  plan.mutable_revision()->set_subject("Front 2.1.0");
  plan.mutable_finished_at()->set_unix_ms(kNow - 5 * 60'000);
  plan.set_initiator("controller");
  return plan;
}

using Change = std::function<void(api::Plan&)>;

}  // namespace

class TstPlanWords : public QObject {
  Q_OBJECT

 private slots:
  void theStateSaysWhatIsWaitedFor_data() {
    QTest::addColumn<Change>("change");
    QTest::addColumn<QString>("text");
    const auto row = [](const char* name, const char* text, const Change& change) {
      QTest::newRow(name) << change << QString(text);
    };
    row("nothing", "Waits", [](api::Plan&) {});
    row("a role", "Waits: one of security",
        [](api::Plan& p) { p.mutable_policy()->add_roles("security"); });
    row("a window", "Waits: window", [](api::Plan& p) { p.add_gates()->set_kind("window"); });
    row("a window, once approved", "Approved, waits: window", [](api::Plan& p) {
      p.set_state(api::APPROVED);
      p.add_gates()->set_kind("window");
    });
    row("more approvals, between two waves", "Applying, waits: 0 of 1 approvals", [](api::Plan& p) {
      p.set_state(api::APPLYING);
      p.set_approvals_required(1);
    });
    row("an end", "Superseded", [](api::Plan& p) {
      p.set_state(api::SUPERSEDED);
      p.set_approvals_required(1);
    });
  }
  void theStateSaysWhatIsWaitedFor() {
    QFETCH(Change, change);
    QFETCH(QString, text);
    api::Plan plan = samplePlan();
    change(plan);
    QCOMPARE(models::planStateText(plan, kNow), text);
  }

  void theEndIsSaidWithWhoAndWhy_data() {
    QTest::addColumn<Change>("change");
    QTest::addColumn<QString>("text");
    const auto row = [](const char* name, const char* text, const Change& change) {
      QTest::newRow(name) << change << QString::fromUtf8(text);
    };
    row("it waits", "", [](api::Plan&) {});
    row("it waits, and somebody asked for it", "Asked for by ana: hotfix", [](api::Plan& p) {
      p.set_initiator("ana");
      p.set_reason("hotfix");
    });
    row("it waits after a failure", "Attempt 2", [](api::Plan& p) { p.set_attempt(1); });
    row("rejected", "✖ Rejected by bo 5m ago: not on Friday", [](api::Plan& p) {
      p.set_state(api::REJECTED);
      p.set_rejected_by("bo");
      p.set_rejected_reason("not on Friday");
    });
    row("failed", "✖ Failed 5m ago: wave 1 failed", [](api::Plan& p) {
      p.set_state(api::FAILED);
      p.set_message("wave 1 failed");
    });
    row("failed, and tried again", "✖ Failed 5m ago: no place, tried again in 20s (attempt 2)",
        [](api::Plan& p) {
          p.set_state(api::FAILED);
          p.set_message("no place");
          p.mutable_retry_at()->set_unix_ms(kNow + 20'000);
        });
    row("applied", "✔ Applied 5m ago, asked for by ana", [](api::Plan& p) {
      p.set_state(api::APPLIED);
      p.set_initiator("ana");
    });
  }
  void theEndIsSaidWithWhoAndWhy() {
    QFETCH(Change, change);
    QFETCH(QString, text);
    api::Plan plan = samplePlan();
    change(plan);
    QCOMPARE(models::outcomeText(plan, kNow), text);
  }

  void changesAndTheirEffectAreSummedUp() {
    api::Plan plan = samplePlan();
    QCOMPARE(models::changeSummary(plan), QString("–"));
    QCOMPARE(models::effectText(plan), QString("changes nothing"));
    for (const api::ChangeAction action : {api::UPDATE, api::UPDATE, api::CREATE}) {
      plan.add_changes()->set_action(action);
    }
    QCOMPARE(models::changeTone(plan), models::Tone::kNeutral);
    plan.add_changes()->set_action(api::DELETE);
    plan.add_changes()->set_hook("PreSync");
    plan.mutable_effect()->set_pods_restarted(1);
    plan.mutable_effect()->set_pods_created(2);
    plan.mutable_effect()->add_placements();
    QCOMPARE(models::changeSummary(plan), QString::fromUtf8("~2 +1 −1 ▷1"));
    QCOMPARE(models::changeTone(plan), models::Tone::kBad);
    QCOMPARE(models::effectText(plan).split("   ·   "),
             QStringList({"2 changed", "1 created", "✖ 1 deleted", "1 hook run", "1 pod restarts",
                          "2 pods created", "▲ 1 pod fits nowhere"}));
  }

  void driftNamesWhatItDiffersFrom() {
    api::Plan plan = samplePlan();
    QCOMPARE(models::planTitle(plan), QString("9b1e77c \"Front 2.1.0\""));
    plan.set_cause("sync");
    QCOMPARE(models::planCause(plan), std::string("sync"));
    plan.set_repair(true);
    plan.add_changes();
    plan.add_changes();
    QCOMPARE(models::planTitle(plan), QString("Drift: 2 objects differ from Git at 9b1e77c"));
    QCOMPARE(models::planCause(plan), std::string("drift"));
  }

  void aNamespaceIsNamedOnRequest() {
    api::PlannedChange change;
    change.set_action(api::DELETE);
    change.set_kind("ConfigMap");
    change.set_namespace_("shop");
    change.set_name("flags");
    QCOMPARE(models::changeLabel(change, false), QString("✖ ConfigMap flags"));
    QCOMPARE(models::changeLabel(change, true), QString("✖ ConfigMap shop/flags"));
    api::Plan plan;
    *plan.add_changes() = change;
    plan.add_changes()->set_kind("Namespace");
    QVERIFY(!models::isOfSeveralNamespaces(plan));
    plan.add_changes()->set_namespace_("back");
    QVERIFY(models::isOfSeveralNamespaces(plan));
  }
};

QTEST_GUILESS_MAIN(TstPlanWords)
#include "tst_plan_words.moc"
