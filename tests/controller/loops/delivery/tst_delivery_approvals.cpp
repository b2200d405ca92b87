// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "controller/delivery/commits.h"
#include "tests/controller/loops/delivery/delivery_gates.h"

using namespace gantry;
using namespace gantry::tests;

/// Who may approve, and what an approval is worth.
class TstDeliveryApprovals : public QObject {
  Q_OBJECT

 private slots:
  void anAuthorMayNotApprove_data() {
    QTest::addColumn<QString>("author");
    QTest::addColumn<QString>("approver");
    QTest::addColumn<bool>("refused");
    QTest::newRow("by name") << "Ana" << "ana" << true;
    QTest::newRow("somebody else") << "Ana" << "bo" << false;
    QTest::newRow("by the address that the Project lists") << "Zoe" << "bo" << true;
    QTest::newRow("not by a name that the Project gives to another") << "Zoe" << "zoe" << false;
  }
  void anAuthorMayNotApprove() {
    QFETCH(QString, author);
    QFETCH(QString, approver);
    QFETCH(bool, refused);
    DeliveryWorld world;
    schema::Project people = project();
    schema::Person& bo = *people.mutable_spec()->add_people();
    bo.set_name("bo");
    bo.add_emails("zoe@example.com");
    world.put(people);
    prepare(world, automatic(true, true, 1));
    push(world, "front:v2", author.toStdString());
    world.poll();
    const auto answer = world.approve(*world.open(), approver.toStdString());
    QCOMPARE(absl::IsPermissionDenied(answer.status()), refused);
    QCOMPARE(world.image(), refused ? "front:v1" : "front:v2");
  }

  // Else the author of one that is not the newest could.
  void nobodyApprovesWhileTheAuthorsCannotBeRead() {
    DeliveryWorld world;
    schema::SyncPolicy policy = automatic(true, true);
    policy.mutable_approval()->set_required(1);
    prepare(world, policy);
    world.git.losesLogs = true;
    push(world, "front:v2", "ana");
    push(world, "front:v3", "bo");
    world.poll();
    for (const char* person : {"ana", "cem"}) {
      QVERIFY(absl::IsFailedPrecondition(world.approve(*world.open(), person).status()));
    }
    world.git.losesLogs = false;
    world.poll();
    QVERIFY(absl::IsPermissionDenied(world.approve(*world.open(), "ana").status()));
    QVERIFY(world.approve(*world.open(), "cem").ok());
    QCOMPARE(world.image(), "front:v3");
  }

  // Else one would push under somebody else's commit and approve one's own.
  void nobodyWhoWroteOneOfTheCommitsMayApprove() {
    DeliveryWorld world;
    prepare(world, automatic(true, true, 1));
    push(world, "front:v2", "Ana");
    push(world, "front:v3", "Dan");
    world.poll();
    QCOMPARE(world.open()->commits_size(), 2);
    QVERIFY(absl::IsPermissionDenied(world.approve(*world.open(), "ana").status()));
    QVERIFY(absl::IsPermissionDenied(world.approve(*world.open(), "dan").status()));
    QVERIFY(world.approve(*world.open(), "bo").ok());
    QCOMPARE(world.image(), "front:v3");
  }

  // Of a long plan only the newest commits are shown; the authors of all of them count.
  void norWhoWroteOneThatIsNotShown() {
    DeliveryWorld world;
    prepare(world, automatic(true, true, 1));
    push(world, "front:v2", "Ana");
    for (int i = 0; i < 150; ++i) push(world, absl::StrCat("front:v2-", i), "Dan");
    world.poll();
    const auto plan = world.open();
    QCOMPARE(plan->commits_size(), int(delivery::kShownCommits));
    QCOMPARE(plan->older_commits(), 51);
    QCOMPARE(plan->older_authors_size(), 2);
    const absl::Status refused = world.approve(*plan, "ana").status();
    QVERIFY(absl::IsPermissionDenied(refused));
    QVERIFY(refused.message().find("wrote some of the 51 older commits") != std::string::npos);
    QVERIFY(world.approve(*plan, "bo").ok());
    QCOMPARE(world.image(), "front:v2-149");
  }

  void theirOwnApprovalCanBeAllowed() {
    DeliveryWorld world;
    schema::SyncPolicy policy = automatic(true, true, 1);
    policy.mutable_approval()->set_author_may_approve(true);
    prepare(world, policy);
    push(world, "front:v2", "Ana");
    world.poll();
    QVERIFY(world.approve(*world.open(), "ana").ok());
    QCOMPARE(world.image(), "front:v2");
  }

  void anApprovalExpires() {
    DeliveryWorld world;
    schema::SyncPolicy policy = automatic(true, true, 2);
    policy.mutable_approval()->set_expires_after_seconds(600);
    prepare(world, policy);
    push(world, "front:v2");
    world.poll();
    QVERIFY(world.approve(*world.open(), "ana").ok());
    QCOMPARE(world.open()->message(), "waits: 1 of 2 approvals");
    world.pass(std::chrono::seconds(601));
    QVERIFY2(world.open()->message().starts_with(
                 "waits: 0 of 2 approvals; ana's approval no longer counts: it has run out at "),
             world.open()->message().c_str());
    QVERIFY(world.approve(*world.open(), "bo").ok());
    QCOMPARE(world.image(), "front:v1");
    QVERIFY(world.approve(*world.open(), "ana").ok());
    QCOMPARE(world.image(), "front:v2");
  }

  // A commit that changes only what is ignored needs no plan. What it says then was seen by nobody,
  // and is not "put back" without asking.
  void whatNoPlanHasShownIsNotPutBackUnasked() {
    DeliveryWorld world;
    prepare(world, automatic(true, true, 1));
    schema::Application shop = *world.state().applications.find({"gantry-system", "shop"});
    schema::IgnoredDifference& rule = *shop.mutable_spec()->add_ignore_differences();
    rule.set_kind("Deployment");
    rule.add_fields("spec.template.spec.containers[web].image");
    world.put(shop);
    push(world, "front:wrong");
    world.poll();
    QCOMPARE(world.status().sync(), "Synced");
    QCOMPARE(world.image(), "front:v1");
    world.erase<schema::Deployment>({"shop", "front"});
    world.poll();
    QCOMPARE(world.image(), "");
    const auto plan = world.open();
    QVERIFY(plan != nullptr);
    QVERIFY(!plan->repair());
    QCOMPARE(plan->approvals_required(), 1);
    QVERIFY(plan->changes(0).reason().empty());
    // What was let through is put back at once.
    QVERIFY(world.approve(*plan, "bo").ok());
    QVERIFY(world.sync().ok());
    QCOMPARE(world.image(), "front:wrong");
    world.erase<schema::Deployment>({"shop", "front"});
    world.poll();
    QCOMPARE(world.image(), "front:wrong");
  }

  void aRoleHasToBeAmongThem() {
    DeliveryWorld world;
    world.put(
        project({role("sre", {"approve"}, {"ana", "bo"}), role("security", {"approve"}, {"eve"})}));
    schema::SyncPolicy policy = automatic(true, true, 2);
    policy.mutable_approval()->add_roles("security");
    policy.mutable_approval()->set_comment_required(true);
    prepare(world, policy);
    push(world, "front:v2");
    world.poll();
    QVERIFY(world.approve(*world.open(), "ana").ok());
    QVERIFY(world.approve(*world.open(), "bo").ok());
    QCOMPARE(world.open()->message(),
             "waits: 2 of 2 approvals, and for one of a member of security");
    QVERIFY(absl::IsPermissionDenied(world.approve(*world.open(), "cy").status()));
    api::ApprovePlanRequest silent;
    silent.set_namespace_("gantry-system");
    silent.set_plan(world.open()->name());
    silent.set_commit(world.open()->revision().commit());
    silent.set_digest(world.open()->digest());
    QVERIFY(absl::IsInvalidArgument(world.loop->approve({"eve"}, silent).status()));
    QVERIFY(world.approve(*world.open(), "eve").ok());
    QCOMPARE(world.image(), "front:v2");
  }

  void aChangeVoidsApprovalsAndSaysWhatChanged() {
    DeliveryWorld world;
    prepare(world, automatic(true, true, 2));
    push(world, "front:v2");
    world.poll();
    const std::string first = world.open()->name();
    QVERIFY(world.approve(*world.open(), "ana").ok());
    world.git.commit(kUrl, "main", {{"shop/service.yaml", serviceYaml("front")}}, "Add a Service");
    world.poll();
    const auto plan = world.open();
    QCOMPARE(plan->approvals_size(), 0);
    QCOMPARE(plan->replaces(), first);
    QCOMPARE(plan->changed_since_size(), 2);
    QVERIFY(plan->changed_since(0).find("Add a Service") != std::string::npos);
    QCOMPARE(plan->changed_since(1), "new: Service/shop/front is created");
    // It is the plan that was approved last that counts, also after another one in between.
    push(world, "front:v3");
    world.poll();
    QCOMPARE(world.open()->replaces(), first);
    QCOMPARE(world.open()->changed_since_size(), 3);
  }

  void whatWasApprovedIsRememberedWhateverCameInBetween_data() {
    QTest::addColumn<QString>("between");
    QTest::newRow("a broken commit") << "broken";
    QTest::newRow("a commit that is held") << "held";
    QTest::newRow("one that was rejected") << "rejected";
  }
  void whatWasApprovedIsRememberedWhateverCameInBetween() {
    QFETCH(QString, between);
    DeliveryWorld world;
    prepare(world, automatic(true, true, 2));
    push(world, "front:v2");
    world.poll();
    const std::string first = world.open()->name();
    QVERIFY(world.approve(*world.open(), "ana").ok());
    if (between == "broken") {
      world.git.commit(kUrl, "main", {{"shop/front.yaml", "kind: Nonsense\n"}}, "Break it");
      world.poll();
    } else if (between == "held") {
      api::HoldRevisionRequest request;
      request.set_namespace_("gantry-system");
      request.set_application("shop");
      request.set_commit(world.open()->revision().commit());
      request.set_reason("wrong");
      world.loop->holdRevision({"bo"}, request, [](const auto&) {});
      world.pass(std::chrono::seconds(1));
    } else {
      QVERIFY(world.reject(*world.open(), "bo", "wrong").ok());
    }
    QVERIFY(world.open() == nullptr);
    push(world, "front:v3");
    world.poll();
    const auto plan = world.open();
    QCOMPARE(plan->replaces(), first);
    QCOMPARE(plan->changed_since_size(), 2);
    QCOMPARE(QString::fromStdString(plan->changed_since(1)),
             "differs: Deployment/shop/front: spec.template.spec.containers[web].image is "
             "\"front:v3\", it was \"front:v2\"");
    // Once something else is applied it is past.
    QVERIFY(world.approve(*plan, "ana").ok());
    QVERIFY(world.approve(*world.open(), "bo").ok());
    push(world, "front:v4");
    world.poll();
    QCOMPARE(world.open()->replaces(), "");
  }

  void anApprovedPlanWaitsAgainWhenAnApprovalNoLongerCounts() {
    DeliveryWorld world;
    schema::SyncPolicy policy = manual(1);
    policy.mutable_approval()->set_expires_after_seconds(600);
    prepare(world, policy);
    push(world, "front:v2");
    world.poll();
    QCOMPARE(world.approve(*world.open(), "ana")->state(), api::APPROVED);
    world.pass(std::chrono::seconds(590));
    QCOMPARE(world.open()->state(), api::APPROVED);
    world.pass(std::chrono::seconds(11));
    QCOMPARE(world.open()->state(), api::PENDING);
    QVERIFY2(world.open()->message().starts_with(
                 "waits: 0 of 1 approvals; ana's approval no longer counts"),
             world.open()->message().c_str());
    QCOMPARE(world.approve(*world.open(), "bo")->state(), api::APPROVED);
    // The policy says by itself who counts.
    policy.mutable_approval()->set_required(2);
    world.putApplication("shop", "shop", policy);
    world.executor.settle();
    QCOMPARE(world.open()->state(), api::PENDING);
    policy.mutable_approval()->set_required(1);
    world.putApplication("shop", "shop", policy);
    world.executor.settle();
    QCOMPARE(world.open()->state(), api::APPROVED);
  }

  void theEffectOfAPlanThatWaitsIsKeptUpToDate() {
    DeliveryWorld world;
    prepare(world, automatic(true, true, 1));
    push(world, "front:v2");
    world.poll();
    const std::string name = world.open()->name();
    QVERIFY(world.open()->effect().placements_size() > 0);
    QCOMPARE(world.open()->effect().placements(0).node(), "");
    schema::Node node;
    node.mutable_metadata()->set_name("node-1");
    for (auto* resources : {node.mutable_status()->mutable_capacity(),
                            node.mutable_status()->mutable_allocatable()}) {
      (*resources)["cpu"].set_text("4");
      (*resources)["memory"].set_text("8Gi");
      (*resources)["pods"].set_text("110");
    }
    schema::Condition& ready = *node.mutable_status()->add_conditions();
    ready.set_type("Ready");
    ready.set_status("True");
    world.put(node);
    world.pass(std::chrono::minutes(3));
    QCOMPARE(world.open()->name(), name);
    QCOMPARE(world.open()->effect().placements(0).node(), "node-1");
    // What stays as it is is not written.
    const auto plan = world.open();
    world.pass(std::chrono::minutes(20));
    QVERIFY(world.open() == plan);
  }
};

QTEST_GUILESS_MAIN(TstDeliveryApprovals)
#include "tst_delivery_approvals.moc"
