// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "absl/strings/str_cat.h"
#include "controller/delivery/approval.h"
#include "controller/delivery/commits.h"
#include "controller/delivery/digest.h"
#include "controller/delivery/history.h"
#include "controller/delivery/plan_state.h"
#include "controller/delivery/quorum.h"
#include "controller/delivery/records.h"
#include "controller/delivery/rollback.h"
#include "tests/controller/delivery/sample.h"

using namespace gantry;
using namespace gantry::tests;

using EditPolicy = std::function<void(schema::ApprovalPolicy&, schema::Project&)>;
Q_DECLARE_METATYPE(EditPolicy)

/// Digest, approvals, records and the texts of a rollback.
class TstPlanRules : public QObject {
  Q_OBJECT

  static api::Plan samplePlan() {
    api::Plan plan;
    plan.set_name("shop-1");
    plan.set_namespace_("gantry-system");
    plan.set_application("shop");
    plan.mutable_revision()->set_commit("c0ffee");
    plan.mutable_revision()->set_rendered_hash("feed");
    api::PlannedChange& change = *plan.add_changes();
    change.set_action(api::UPDATE);
    change.set_kind("Deployment");
    change.set_namespace_("shop");
    change.set_name("front");
    change.set_before_hash("b");
    change.set_after_hash("a");
    plan.set_state(api::PENDING);
    plan.add_commits()->set_author("dan");
    plan.set_digest(delivery::planDigest(plan));
    return plan;
  }
  /// Two people must say yes.
  static schema::Application sampleApplication() {
    schema::Application application;
    application.mutable_spec()->mutable_sync_policy()->mutable_approval()->set_required(2);
    return application;
  }
  static void approve(api::Plan& plan, const std::string& by) {
    api::Approval& approval = *plan.add_approvals();
    approval.set_by(by);
    approval.set_commit(plan.revision().commit());
    approval.set_digest(plan.digest());
  }

 private slots:
  void digestCoversEverythingThatIsApplied() {
    using Edit = std::function<void(api::Plan&)>;
    const std::vector<Edit> edits = {
        [](api::Plan& p) { p.set_namespace_("other"); },
        [](api::Plan& p) { p.set_application("other"); },
        [](api::Plan& p) { p.mutable_revision()->set_commit("bad"); },
        [](api::Plan& p) { p.mutable_revision()->set_rendered_hash("bad"); },
        [](api::Plan& p) { p.mutable_changes(0)->set_action(api::DELETE); },
        [](api::Plan& p) { p.mutable_changes(0)->set_kind("Service"); },
        [](api::Plan& p) { p.mutable_changes(0)->set_namespace_("x"); },
        [](api::Plan& p) { p.mutable_changes(0)->set_name("x"); },
        [](api::Plan& p) { p.mutable_changes(0)->set_before_hash("x"); },
        [](api::Plan& p) { p.mutable_changes(0)->set_after_hash("x"); },
        [](api::Plan& p) { *p.add_changes() = p.changes(0); },
        [](api::Plan& p) { p.clear_changes(); },
        // Lengths keep parts from running into each other.
        [](api::Plan& p) {
          p.mutable_changes(0)->set_before_hash("ba");
          p.mutable_changes(0)->set_after_hash("");
        },
    };
    std::set<std::string> digests = {samplePlan().digest()};
    for (const Edit& edit : edits) {
      api::Plan plan = samplePlan();
      edit(plan);
      digests.insert(delivery::planDigest(plan));
    }
    QCOMPARE(digests.size(), edits.size() + 1);
    api::Plan shown = samplePlan();
    shown.set_message("other words");
    shown.mutable_changes(0)->set_after_yaml("anything");
    QCOMPARE(delivery::planDigest(shown), samplePlan().digest());
  }

  void approvalCountsOncePerPersonAndOnlyForThisPlan() {
    api::Plan plan = samplePlan();
    const delivery::Quorum quorum = delivery::quorumsOf(plan, sampleApplication()).front();
    const auto counted = [&] {
      return delivery::countedApprovals(plan, quorum, model::State(), {}).size();
    };
    const auto missing = [&] {
      return delivery::missingApprovals(plan, sampleApplication(), model::State(), {});
    };
    approve(plan, "ana");
    approve(plan, "ana");
    QCOMPARE(counted(), 1u);
    plan.add_approvals()->set_by("bo");
    QCOMPARE(counted(), 1u);
    QCOMPARE(missing(),
             "waits: 1 of 2 approvals; bo's approval no longer counts: it is of another commit or "
             "digest");
    approve(plan, "cy");
    QCOMPARE(missing(), "");
  }

  // The same judgement whoever asks: the gate, the call, what is shown.
  void aStricterPolicyVoidsAnApproval_data() {
    QTest::addColumn<EditPolicy>("edit");
    QTest::addColumn<QString>("missing");
    QTest::addColumn<QString>("voidBecause");
    const auto row = [](const char* name, const char* missing, const char* why,
                        const EditPolicy& edit) { QTest::newRow(name) << edit << missing << why; };
    row("as it was", "", "", [](auto&, auto&) {});
    row("one more", "waits: 1 of 2 approvals", "", [](auto& p, auto&) { p.set_required(2); });
    row("a role", "waits: 1 of 1 approvals, and for one of a member of security", "",
        [](auto& p, auto&) { p.add_roles("security"); });
    row("a role that ana had", "", "", [](auto& p, auto&) { p.add_roles("sre"); });
    row("a role that ana has lost",
        "waits: 1 of 1 approvals, and for one of a member of sre; ana is no longer a member of sre",
        "", [](auto& p, auto& project) {
          p.add_roles("sre");
          project.mutable_spec()->mutable_roles(0)->clear_members();
        });
    row("no longer one who approves",
        "waits: 0 of 1 approvals; ana's approval no longer counts: ana may not approve in Project "
        "default; only admins of the cluster may",
        "ana may not approve in Project default; only admins of the cluster may",
        [](auto&, auto& project) { project.mutable_spec()->mutable_roles(1)->clear_members(); });
    row("a comment",
        "waits: 0 of 1 approvals; ana's approval no longer counts: an approval needs a comment "
        "here",
        "an approval needs a comment here", [](auto& p, auto&) { p.set_comment_required(true); });
    row("a shorter time",
        "waits: 0 of 1 approvals; ana's approval no longer counts: it has run out at "
        "1970-01-01T00:01:00Z",
        "it has run out at 1970-01-01T00:01:00Z",
        [](auto& p, auto&) { p.set_expires_after_seconds(60); });
    row("a longer time than the approval was given for", "", "",
        [](auto& p, auto&) { p.set_expires_after_seconds(7'200); });
    row("not the author",
        "waits: 0 of 1 approvals; ana's approval no longer counts: ana wrote commit c0ffee of this "
        "plan; somebody else must approve it (approval.authorMayApprove)",
        "ana wrote commit c0ffee of this plan; somebody else must approve it "
        "(approval.authorMayApprove)",
        [](auto& p, auto&) { p.set_author_may_approve(false); });
  }
  void aStricterPolicyVoidsAnApproval() {
    QFETCH(EditPolicy, edit);
    QFETCH(QString, missing);
    QFETCH(QString, voidBecause);
    Sample sample;
    schema::Project project;
    project.mutable_metadata()->set_namespace_("gantry-system");
    project.mutable_metadata()->set_name("default");
    for (const char* name : {"sre", "approvers"}) {
      schema::ProjectRole& role = *project.mutable_spec()->add_roles();
      role.set_name(name);
      role.add_members("ana");
    }
    project.mutable_spec()->mutable_roles(1)->add_permissions("approve");
    sample.put(project);
    schema::ApprovalPolicy& policy =
        *sample.application.mutable_spec()->mutable_sync_policy()->mutable_approval();
    policy.set_required(1);
    policy.set_author_may_approve(true);
    api::Plan plan = samplePlan();
    plan.mutable_commits(0)->set_author("Ana");
    plan.mutable_commits(0)->set_commit("c0ffee");
    *plan.add_approvals() =
        delivery::makeApproval(plan, sample.application, {"ana"}, "", sample.state(), {});
    QCOMPARE(plan.approvals(0).roles_size(), 2);

    edit(policy, project);
    sample.put(project);
    const base::Timestamp later = base::fromUnixMs(600'000);
    QCOMPARE(delivery::missingApprovals(plan, sample.application, sample.state(), later),
             missing.toStdString());
    delivery::describeApprovals(plan, sample.application, sample.state(), later);
    QCOMPARE(plan.approvals(0).void_because(), voidBecause.toStdString());
    const absl::Status again =
        delivery::mayApprove(plan, sample.application, {"ana"}, "", sample.state(), later);
    // Only what has run out can be given anew; for the rest the same reason is said.
    QCOMPARE(again.ok(), voidBecause.startsWith("it has run out"));
    if (!again.ok() && !voidBecause.isEmpty()) QCOMPARE(again.message(), voidBecause.toStdString());
  }

  // Whose policy it is, that says who counts; and nobody is asked in vain.
  void whatLoosensAnotherPolicyNeedsThatOnesApprovals() {
    Sample sample;
    schema::Project shop;
    shop.mutable_metadata()->set_namespace_("gantry-system");
    shop.mutable_metadata()->set_name("shop");
    schema::ProjectRole& role = *shop.mutable_spec()->add_roles();
    role.set_name("sre");
    role.add_permissions("approve");
    role.add_members("eve");
    sample.put(shop);
    api::Plan plan = samplePlan();
    api::LoosenedPolicy& loosened = *plan.add_loosens();
    loosened.add_applications("gantry-system/production");
    loosened.set_project("shop");
    loosened.add_fields("spec.project");
    loosened.mutable_policy()->add_roles("sre");
    const auto mayApprove = [&](const char* who) {
      return delivery::mayApprove(plan, sample.application, {who}, "", sample.state(), {});
    };
    QCOMPARE(delivery::missingApprovals(plan, sample.application, sample.state(), {}),
             "waits: 0 of 1 approvals, and for one of a member of sre, since it loosens "
             "spec.project of gantry-system/production");
    QVERIFY(absl::IsPermissionDenied(mayApprove("ana")));
    QVERIFY(mayApprove("eve").ok());
    *plan.add_approvals() =
        delivery::makeApproval(plan, sample.application, {"eve"}, "", sample.state(), {});
    QCOMPARE(plan.approvals(0).roles(0), "shop/sre");
    QCOMPARE(delivery::missingApprovals(plan, sample.application, sample.state(), {}), "");
    delivery::describeApprovals(plan, sample.application, sample.state(), {});
    QCOMPARE(plan.approvals_required(), 1);
    QCOMPARE(plan.policy().roles(0), "shop/sre");
  }

  void approvalIsRefused_data() {
    QTest::addColumn<int>("state");
    QTest::addColumn<QString>("by");
    QTest::addColumn<QString>("commit");
    QTest::addColumn<bool>("rightDigest");
    QTest::addColumn<bool>("ok");
    QTest::newRow("the plan as it was shown")
        << int(api::PENDING) << "bo" << "c0ffee" << true << true;
    QTest::newRow("one whose approvals ran out between two waves")
        << int(api::APPLYING) << "bo" << "c0ffee" << true << true;
    QTest::newRow("the same person again")
        << int(api::PENDING) << "ana" << "c0ffee" << true << false;
    QTest::newRow("another commit") << int(api::PENDING) << "bo" << "dead" << true << false;
    QTest::newRow("another digest") << int(api::PENDING) << "bo" << "c0ffee" << false << false;
    QTest::newRow("no commit at all") << int(api::PENDING) << "bo" << "" << true << false;
    for (const api::PlanState ended : {api::APPLIED, api::REJECTED, api::SUPERSEDED, api::FAILED}) {
      QTest::newRow(("a plan that is " + api::PlanState_Name(ended)).c_str())
          << int(ended) << "bo" << "c0ffee" << true << false;
    }
  }
  void approvalIsRefused() {
    QFETCH(int, state);
    QFETCH(QString, by);
    QFETCH(QString, commit);
    QFETCH(bool, rightDigest);
    QFETCH(bool, ok);
    api::Plan plan = samplePlan();
    approve(plan, "ana");
    plan.set_state(static_cast<api::PlanState>(state));
    absl::Status status =
        delivery::mayDecide(plan, commit.toStdString(), rightDigest ? plan.digest() : "other");
    if (status.ok()) {
      status = delivery::mayApprove(plan, sampleApplication(), {by.toStdString()}, "",
                                    model::State(), base::Timestamp());
    }
    QCOMPARE(status.ok(), ok);
    if (!ok) QVERIFY(absl::IsFailedPrecondition(status));
  }

  // Between a fetch and the list of its commits, one would approve one's own.
  void nobodyApprovesWhileTheAuthorsAreNotKnown() {
    api::Plan plan = samplePlan();
    plan.clear_commits();
    schema::Application application = sampleApplication();
    const auto mayApprove = [&] {
      return delivery::mayApprove(plan, application, {"bo"}, "", model::State(), base::Timestamp());
    };
    QVERIFY(absl::IsFailedPrecondition(mayApprove()));
    application.mutable_spec()->mutable_sync_policy()->mutable_approval()->set_author_may_approve(
        true);
    QVERIFY(mayApprove().ok());
  }

  // The author of a commit is what its writer says; the key is whose it is.
  void whoSignedACommitMayNotApproveIt() {
    api::Plan plan = samplePlan();
    plan.mutable_commits(0)->set_signed_by("Bo");
    const auto mayApprove = [&](const std::string& by) {
      return delivery::mayApprove(plan, sampleApplication(), {by}, "", model::State(),
                                  base::Timestamp());
    };
    QVERIFY(absl::IsPermissionDenied(mayApprove("bo")));
    QVERIFY(mayApprove("cem").ok());
  }

  void ofLongPlansTheNewestCommitsAndAllAuthorsAreKept() {
    std::vector<schema::Revision> all(delivery::kMostCommits);
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i].set_commit(std::to_string(i));
      all[i].set_author(i % 2 == 0 ? "Ana" : "Bo");
    }
    const delivery::Commits commits = delivery::commitsOf(all);
    QCOMPARE(commits.newest.size(), delivery::kShownCommits);
    QCOMPARE(commits.newest.back().commit(), "99");
    QCOMPARE(commits.older, 9'900);
    QCOMPARE(commits.olderAuthors.size(), std::size_t{2});
    // Of more, some are not known, and so nobody may approve.
    all.emplace_back();
    QVERIFY(delivery::commitsOf(all).newest.empty());
  }

  // A signature with another's name written into the commit is still one's own.
  void whoSignedAnOlderCommitCountsAsWell() {
    std::vector<schema::Revision> all(delivery::kShownCommits + 2);
    for (schema::Revision& commit : all) commit.set_author("Ana");
    all.front().set_signed_by("dan");
    all.back().set_signed_by("eve");
    const delivery::Commits commits = delivery::commitsOf(all);
    QCOMPARE(commits.older, 2);
    QCOMPARE(commits.olderAuthors.size(), std::size_t(2));
    QCOMPARE(commits.olderAuthors[1].name(), "eve");
    QCOMPARE(commits.olderAuthors[1].email(), "");
  }

  void whatIsTakenAwayIsNamed_data() {
    QTest::addColumn<int>("count");
    QTest::addColumn<QString>("text");
    QTest::newRow("nothing") << 0 << "";
    QTest::newRow("one") << 1 << "takes away 0aaaaaaa \"Use v0\" by Ana";
    QTest::newRow("many") << 5
                          << "takes away 0aaaaaaa \"Use v0\" by Ana, 1aaaaaaa \"Use v1\" by Ana, "
                             "2aaaaaaa \"Use v2\" by Ana and 2 more";
  }
  void whatIsTakenAwayIsNamed() {
    QFETCH(int, count);
    QFETCH(QString, text);
    std::vector<schema::Revision> left;
    for (int i = 0; i < count; ++i) {
      schema::Revision& commit = left.emplace_back();
      commit.set_commit(absl::StrCat(i, std::string(39, 'a')));
      commit.set_subject(absl::StrCat("Use v", i));
      commit.set_author("Ana");
    }
    QCOMPARE(delivery::describeTakenAway(left), text.toStdString());
  }

  void deletionOfAnApplicationAlwaysNeedsSomebody() {
    schema::Application application;
    api::PlannedChange change;
    change.set_action(api::DELETE);
    change.set_kind("Deployment");
    for (const char* kind : {"Deployment", "Application"}) {
      application.mutable_status()->add_inventory()->set_kind(kind);
    }
    QCOMPARE(delivery::approvalsRequired(application, {change}), 0);
    change.set_kind("Application");
    QCOMPARE(delivery::approvalsRequired(application, {change}), 1);
    application.mutable_spec()->mutable_sync_policy()->mutable_approval()->set_required(3);
    QCOMPARE(delivery::approvalsRequired(application, {change}), 3);
  }

  void namesRiseAndApplicationsDoNotMix() {
    Sample sample;
    const model::Name shop{"gantry-system", "shop"};
    QCOMPARE(delivery::nextPlanName(sample.state(), shop), "shop-1");
    const auto add = [&](const std::string& application, const std::string& name) {
      api::Plan plan = samplePlan();
      plan.set_application(application);
      plan.set_name(name);
      sample.put(plan);
    };
    add("shop", "shop-9");
    add("shop", "shop-10");
    add("shop-blue", "shop-blue-77");
    QCOMPARE(delivery::nextPlanName(sample.state(), shop), "shop-11");
    QCOMPARE(delivery::plansOf(sample.state(), shop).size(), 2);
    QCOMPARE(delivery::plansOf(sample.state(), shop).front()->name(), "shop-10");
  }

  void holdIsFoundByCommitAndByContent() {
    Sample sample;
    api::Hold hold;
    hold.set_name("shop-4");
    hold.set_namespace_("gantry-system");
    hold.set_application("shop");
    hold.set_commit("bad");
    hold.set_tree_hash("tree");
    sample.put(hold);
    const model::Name shop{"gantry-system", "shop"};
    schema::Revision revision;
    revision.set_commit("good");
    QVERIFY(delivery::findHold(sample.state(), shop, revision) == nullptr);
    revision.set_tree_hash("tree");
    QVERIFY(delivery::findHold(sample.state(), shop, revision) != nullptr);
    revision.set_tree_hash("other");
    revision.set_commit("bad");
    QVERIFY(delivery::findHold(sample.state(), shop, revision) != nullptr);
    QVERIFY(delivery::findHold(sample.state(), {"gantry-system", "other"}, revision) == nullptr);
  }

  void revertMessageNamesEveryCommit() {
    gitsync::Commit newest;
    newest.id = "222";
    newest.subject = "Raise the pool";
    gitsync::Commit older;
    older.id = "111";
    api::HistoryEntry target;
    target.set_name("shop-3");
    target.set_application("shop");
    target.mutable_revision()->set_commit("000");
    QCOMPARE(
        delivery::revertMessage({newest, older}, target, "bo", "503"),
        "Revert \"Raise the pool\" and 1 more\n\nThis reverts commit 222.\nThis reverts commit "
        "111.\n\nRolls shop back to 000 (shop-3).\nReason: 503\nAsked for by: bo\n");
  }

  void outcomeOfARollout_data() {
    QTest::addColumn<QString>("outcome");
    QTest::addColumn<QString>("health");
    QTest::addColumn<QString>("then");
    QTest::newRow("ends well") << "Progressing" << "Healthy" << "Healthy";
    QTest::newRow("misses its deadline") << "Progressing" << "Degraded" << "Degraded";
    QTest::newRow("still runs") << "Progressing" << "Progressing" << "Progressing";
    QTest::newRow("ends well after its deadline") << "Degraded" << "Healthy" << "Healthy";
    QTest::newRow("breaks later") << "Healthy" << "Degraded" << "Healthy";
    QTest::newRow("was overtaken") << "Superseded" << "Healthy" << "Superseded";
  }
  void outcomeOfARollout() {
    QFETCH(QString, outcome);
    QFETCH(QString, health);
    QFETCH(QString, then);
    api::HistoryEntry entry;
    entry.set_outcome(outcome.toStdString());
    const auto next =
        delivery::followRollout(entry, health.toStdString(), base::fromUnixMs(5'000), true);
    QCOMPARE(next.has_value(), outcome != then);
    if (next) {
      QCOMPARE(next->outcome(), then.toStdString());
      QCOMPARE(next->finished_at().unix_ms(), 5'000);
    }
  }

  void forHowLongItWasHealthy_data() {
    QTest::addColumn<bool>("wasWatched");
    QTest::addColumn<qint64>("healthyFor");
    QTest::newRow("until now") << true << qint64{4'000};
    QTest::newRow("until nobody knows when") << false << qint64{300};
  }
  void forHowLongItWasHealthy() {
    QFETCH(bool, wasWatched);
    QFETCH(qint64, healthyFor);
    api::HistoryEntry entry;
    entry.set_outcome("Healthy");
    entry.set_healthy_for_ms(300);
    entry.mutable_healthy_at()->set_unix_ms(1'000);
    const auto next =
        delivery::followRollout(entry, "Progressing", base::fromUnixMs(5'000), wasWatched);
    QVERIFY(next.has_value());
    QVERIFY(!next->has_healthy_at());
    QCOMPARE(next->healthy_for_ms(), healthyFor);
  }
};

QTEST_GUILESS_MAIN(TstPlanRules)
#include "tst_plan_rules.moc"
