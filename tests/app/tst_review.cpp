// SPDX-License-Identifier: Apache-2.0
// Who has said yes to a plan, who is missing, and who would be refused.
#include <QTest>
#include <functional>

#include "app/client/review.h"

using namespace gantry;
using client::quorumOf;

namespace {

const base::Timestamp kNow = base::fromUnixMs(1'790'000'000'000);

void approve(api::Plan& plan, const std::string& by, const std::string& role = {}) {
  api::Approval& approval = *plan.add_approvals();
  approval.set_by(by);
  approval.set_commit("c1");
  approval.set_digest("d1");
  if (!role.empty()) approval.add_roles(role);
}

api::Plan samplePlan() {
  api::Plan plan;
  plan.set_state(api::PENDING);
  plan.mutable_revision()->set_commit("c1");
  plan.set_digest("d1");
  plan.set_approvals_required(2);
  schema::Revision& commit = *plan.add_commits();
  commit.set_commit("8f2c1a9d40");
  commit.set_author("Ana Vidal");
  commit.set_author_email("ana@example.com");
  return plan;
}

schema::Project sampleProject() {
  schema::Project project;
  project.mutable_metadata()->set_name("shop");
  schema::ProjectRole& role = *project.mutable_spec()->add_roles();
  role.set_name("sre");
  role.add_permissions("approve");
  role.add_members("bo");
  role.add_members("cy");
  schema::Person& person = *project.mutable_spec()->add_people();
  person.set_name("cy");
  person.add_emails("ANA@example.com");
  return project;
}

}  // namespace

class TstReview : public QObject {
  Q_OBJECT

 private slots:
  void onlyApprovalsOfThisPlanCount_data() {
    using Change = std::function<void(api::Plan&)>;
    QTest::addColumn<Change>("change");
    QTest::addColumn<int>("given");
    QTest::addColumn<bool>("reached");
    const auto row = [](const char* name, int given, bool reached, const Change& change) {
      QTest::newRow(name) << change << given << reached;
    };
    row("none", 0, false, [](api::Plan&) {});
    row("two people", 2, true, [](api::Plan& p) {
      approve(p, "bo");
      approve(p, "cy");
    });
    row("the same person twice", 1, false, [](api::Plan& p) {
      approve(p, "bo");
      approve(p, "bo");
    });
    row("another digest", 0, false, [](api::Plan& p) {
      approve(p, "bo");
      p.set_digest("d2");
    });
    row("another commit", 0, false, [](api::Plan& p) {
      approve(p, "bo");
      p.mutable_revision()->set_commit("c2");
    });
    row("one that has run out", 0, false, [](api::Plan& p) {
      approve(p, "bo");
      p.mutable_approvals(0)->mutable_expires_at()->set_unix_ms(base::toUnixMs(kNow));
    });
    row("two, but none of the role", 2, false, [](api::Plan& p) {
      p.mutable_policy()->add_roles("security");
      approve(p, "bo", "sre");
      approve(p, "cy");
    });
    row("a role and no number", 0, false, [](api::Plan& p) {
      p.set_approvals_required(0);
      p.mutable_policy()->add_roles("security");
    });
  }
  void onlyApprovalsOfThisPlanCount() {
    QFETCH(std::function<void(api::Plan&)>, change);
    QFETCH(int, given);
    QFETCH(bool, reached);
    api::Plan plan = samplePlan();
    change(plan);
    QCOMPARE(quorumOf(plan, kNow).given(), given);
    QCOMPARE(quorumOf(plan, kNow).isReached(), reached);
  }

  void aRefusalIsSaidBeforeItIsAskedFor_data() {
    QTest::addColumn<QString>("identity");
    QTest::addColumn<bool>("withProject");
    QTest::addColumn<bool>("authorMay");
    QTest::addColumn<QString>("why");
    QTest::newRow("somebody else") << "bo" << false << false << "";
    QTest::newRow("the author by address") << "ana" << false << false << "you wrote commit 8f2c1a9";
    QTest::newRow("the author may") << "ana" << false << true << "";
    QTest::newRow("the author by the Project's list")
        << "cy" << true << false << "you wrote commit 8f2c1a9";
    QTest::newRow("one whose address is another's") << "ana" << true << false << "lets only bo, cy";
    QTest::newRow("a member") << "bo" << true << false << "";
    QTest::newRow("no member") << "eve" << true << false << "lets only bo, cy approve";
  }
  void aRefusalIsSaidBeforeItIsAskedFor() {
    QFETCH(QString, identity);
    QFETCH(bool, withProject);
    QFETCH(bool, authorMay);
    QFETCH(QString, why);
    api::Plan plan = samplePlan();
    plan.mutable_policy()->set_author_may_approve(authorMay);
    const schema::Project project = sampleProject();
    const QString said = QString::fromStdString(client::whyNotApprove(
        plan, identity.toStdString(), withProject ? &project : nullptr, kNow));
    QVERIFY2(why.isEmpty() ? said.isEmpty() : said.contains(why), qPrintable(said));
  }

  void nobodyApprovesTwice() {
    api::Plan plan = samplePlan();
    approve(plan, "bo");
    QCOMPARE(client::whyNotApprove(plan, "bo", nullptr, kNow),
             std::string("you have approved this plan already"));
    approve(plan, "cy");
    QCOMPARE(client::whyNotApprove(plan, "eve", nullptr, kNow),
             std::string("the plan needs no more approvals"));
  }

  void whatIsMissingIsNamed_data() {
    using Change = std::function<void(api::Plan&)>;
    QTest::addColumn<Change>("change");
    QTest::addColumn<QString>("text");
    const auto row = [](const char* name, const char* text, const Change& change) {
      QTest::newRow(name) << change << QString(text);
    };
    const auto loosen = [](api::Plan& plan, const std::string& project, bool open) {
      plan.add_loosens()->set_project(project);
      api::Gate& gate = *plan.add_gates();
      gate.set_kind("approval");
      gate.set_open(open);
    };
    row("people", "1 of 2 approvals", [](api::Plan& p) { approve(p, "bo"); });
    row("nothing", "", [](api::Plan& p) {
      approve(p, "bo");
      approve(p, "cy");
    });
    row("a role only", "one of security", [](api::Plan& p) {
      p.mutable_policy()->add_roles("security");
      approve(p, "bo");
    });
    row("a role and people", "0 of 2 approvals, one of security",
        [](api::Plan& p) { p.mutable_policy()->add_roles("security"); });
    row("another Project", "approvals of shop", [loosen](api::Plan& p) {
      p.set_approvals_required(0);
      p.add_gates()->set_kind("approval");
      p.mutable_gates(0)->set_open(true);
      loosen(p, "billing", true);
      loosen(p, "shop", false);
    });
    row("a role of another Project", "one of shop/sre", [loosen](api::Plan& p) {
      p.set_approvals_required(0);
      p.mutable_policy()->add_roles("shop/sre");
      loosen(p, "shop", false);
    });
    row("what only the controller knows", "approvals", [](api::Plan& p) {
      p.set_approvals_required(0);
      p.add_gates()->set_kind("approval");
    });
  }
  void whatIsMissingIsNamed() {
    QFETCH(std::function<void(api::Plan&)>, change);
    QFETCH(QString, text);
    api::Plan plan = samplePlan();
    change(plan);
    const client::Quorum quorum = quorumOf(plan, kNow);
    QCOMPARE(QString::fromStdString(client::missingText(quorum)), text);
    QCOMPARE(quorum.isReached(), text.isEmpty());
  }

  void aPersonIsNeededForWhatOnlyAPersonCanDo_data() {
    using Change = std::function<void(api::Plan&)>;
    QTest::addColumn<Change>("change");
    QTest::addColumn<bool>("needed");
    const auto row = [](const char* name, bool needed, const Change& change) {
      QTest::newRow(name) << change << needed;
    };
    row("approvals are missing", true, [](api::Plan&) {});
    row("it has enough of them", false, [](api::Plan& p) {
      approve(p, "bo");
      approve(p, "cy");
    });
    row("one ran out between two waves", true, [](api::Plan& p) {
      approve(p, "bo");
      approve(p, "cy");
      p.mutable_approvals(0)->mutable_expires_at()->set_unix_ms(1);
      p.set_state(api::APPLYING);
    });
    row("it waits for a window", false, [](api::Plan& p) {
      p.set_approvals_required(0);
      p.add_gates()->set_kind("window");
    });
    row("it waits for a sync", true, [](api::Plan& p) {
      p.set_approvals_required(0);
      p.add_gates()->set_kind("sync");
    });
    row("it has ended", false, [](api::Plan& p) { p.set_state(api::SUPERSEDED); });
  }
  void aPersonIsNeededForWhatOnlyAPersonCanDo() {
    QFETCH(std::function<void(api::Plan&)>, change);
    QFETCH(bool, needed);
    api::Plan plan = samplePlan();
    change(plan);
    QCOMPARE(client::needsPerson(plan, kNow), needed);
  }

  void whatIsBeingAppliedIsNotRejected() {
    api::Plan plan = samplePlan();
    QCOMPARE(client::whyNotReject(plan), std::string());
    plan.set_state(api::APPROVED);
    QCOMPARE(client::whyNotReject(plan), std::string());
    plan.set_state(api::APPLYING);
    QCOMPARE(client::whyNotReject(plan),
             std::string("the plan is being applied; roll back instead"));
    plan.set_state(api::APPLIED);
    QCOMPARE(client::whyNotReject(plan), std::string("the plan has ended"));
  }

  void aRepairIsOfWhatIsApplied() {
    api::Plan plan = samplePlan();
    QVERIFY(!client::isRepair(plan));
    plan.mutable_revision()->set_rendered_hash("r1");
    QVERIFY(!client::isRepair(plan));
    plan.mutable_base()->set_rendered_hash("r1");
    QVERIFY(client::isRepair(plan));
    plan.mutable_base()->set_rendered_hash("r2");
    QVERIFY(!client::isRepair(plan));
    plan.set_repair(true);
    QVERIFY(client::isRepair(plan));
  }

  void onlyClosedGatesOfOpenPlansAreOverridden() {
    api::Plan plan = samplePlan();
    QVERIFY(!client::mayBeOverridden(plan));
    api::Gate& gate = *plan.add_gates();
    gate.set_may_be_overridden(true);
    QVERIFY(client::mayBeOverridden(plan));
    plan.set_state(api::APPLIED);
    QVERIFY(!client::mayBeOverridden(plan));
    plan.set_state(api::APPROVED);
    gate.set_open(true);
    QVERIFY(!client::mayBeOverridden(plan));
  }

  void thePolicyIsSaidInAFewWords() {
    schema::ApprovalPolicy policy;
    QCOMPARE(client::policyText(policy), std::string("not its authors"));
    policy.set_author_may_approve(true);
    QCOMPARE(client::policyText(policy), std::string());
    policy.add_roles("sre");
    policy.add_roles("security");
    policy.set_comment_required(true);
    policy.set_expires_after_seconds(8 * 3600);
    QCOMPARE(client::policyText(policy),
             std::string("one of sre, one of security; with a comment; good for 8h"));
  }
};

QTEST_GUILESS_MAIN(TstReview)
#include "tst_review.moc"
