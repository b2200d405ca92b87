// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "controller/delivery/merge.h"
#include "tests/controller/loops/delivery/delivery_world.h"

using namespace gantry;
using namespace gantry::tests;

/// What the loop does with a repository over time: planning, approving, applying, healing.
class TstDeliveryLoop : public QObject {
  Q_OBJECT

 private slots:
  void automaticSyncAppliesTheFirstCommit() {
    DeliveryWorld world;
    const std::string commit = pushShop(world);
    world.putApplication("shop", "shop", automatic());
    world.start();

    QCOMPARE(world.image(), "front:v1");
    const schema::Deployment& front = *world.deployment("front");
    QVERIFY(!front.metadata().uid().empty());
    QCOMPARE(front.metadata().generation(), 1);
    QCOMPARE(delivery::ownerOf(front), "gantry-system/shop");
    QCOMPARE(world.status().sync(), "Synced");
    QCOMPARE(world.status().applied().commit(), commit);
    QCOMPARE(world.status().inventory_size(), 3);
    QCOMPARE(world.history().size(), 1);
    const api::HistoryEntry& entry = *world.history().front();
    QCOMPARE(entry.initiator(), "controller");
    QCOMPARE(entry.outcome(), "Progressing");
    const api::Plan& plan = *world.state().plans.find({"gantry-system", entry.plan()});
    QCOMPARE(plan.state(), api::APPLIED);
    QCOMPARE(plan.changes_size(), 3);
    QCOMPARE(plan.changes(0).kind(), "ConfigMap");
    QCOMPARE(plan.changes(2).kind(), "Deployment");

    world.endRollouts();
    QCOMPARE(world.status().health(), "Healthy");
    QCOMPARE(world.history().front()->outcome(), "Healthy");
    QVERIFY(world.history().front()->has_finished_at());
  }

  void rootBringsApplicationsAndTheyBringTheirObjects() {
    DeliveryWorld world;
    world.withRoot = true;
    pushShop(world);
    world.git.commit(
        kUrl, "main",
        {{"apps/shop.yaml",
          "apiVersion: gantry.dev/v1\nkind: Application\nmetadata:\n  name: shop\nspec:\n"
          "  source:\n    repoURL: .\n    path: shop\n  destination:\n    namespace: shop\n"
          "  syncPolicy:\n    automated: {}\n"}},
        "Follow the shop");
    world.start();
    QVERIFY(world.state().applications.find({"gantry-system", "shop"}) != nullptr);
    QCOMPARE(world.image(), "front:v1");
    QCOMPARE(world.status("root").sync(), "Synced");
  }

  void removedApplicationWaitsForAPersonAndLeavesItsObjects() {
    DeliveryWorld world;
    world.withRoot = true;
    pushShop(world);
    const std::string app =
        "apiVersion: gantry.dev/v1\nkind: Application\nmetadata:\n  name: shop\nspec:\n"
        "  source:\n    path: shop\n  destination:\n    namespace: shop\n"
        "  syncPolicy:\n    automated:\n      prune: true\n";
    world.git.commit(kUrl, "main",
                     {{"apps/shop.yaml", app}, {"apps/config.yaml", configYaml("note", "a")}},
                     "Follow the shop");
    world.start();
    world.git.commit(
        kUrl, "main",
        {{"apps/shop.yaml", std::nullopt}, {"apps/config.yaml", configYaml("note", "b")}},
        "Forget the shop");
    world.poll();
    QCOMPARE(world.state().configMaps.find({"gantry-system", "note"})->data().at("greeting"), "b");
    const auto plan = world.open("root");
    QVERIFY(plan != nullptr);
    QCOMPARE(plan->approvals_required(), 1);
    QCOMPARE(plan->changes_size(), 1);
    QVERIFY(plan->changes(0).reason().find("keep running") != std::string::npos);
    QVERIFY(world.state().applications.find({"gantry-system", "shop"}) != nullptr);

    QVERIFY(world.approve(*plan, "ana").ok());
    world.poll();
    QVERIFY(world.state().applications.find({"gantry-system", "shop"}) == nullptr);
    QCOMPARE(world.image(), "front:v1");
  }

  void commitElsewhereCostsNoReadAndNoPlan() {
    DeliveryWorld world;
    pushShop(world);
    world.putApplication("shop", "shop", automatic());
    world.start();
    const int reads = world.git.reads();
    world.git.commit(kUrl, "main", {{"docs/readme.md", "hello"}}, "Write the docs");
    const int fetches = world.git.fetches();
    world.poll();
    QVERIFY(world.git.fetches() > fetches);
    QCOMPARE(world.git.reads(), reads);
    QCOMPARE(world.history().size(), 1);
  }

  void planWaitsForItsApprovals() {
    DeliveryWorld world;
    pushShop(world);
    world.putApplication("shop", "shop", automatic(false, false, 2));
    world.start();
    const auto plan = world.open();
    QVERIFY(plan != nullptr);
    QCOMPARE(plan->state(), api::PENDING);
    QCOMPARE(world.status().pending_plan(), plan->name());
    QCOMPARE(world.image(), "");

    QVERIFY(absl::IsFailedPrecondition(world.approve(*plan, "ana", "0123").status()));
    QVERIFY(absl::IsFailedPrecondition(world.approve(*plan, "ana", "", "4567").status()));
    const auto first = world.approve(*plan, "ana");
    QCOMPARE(first->message(), "waits: 1 of 2 approvals");
    QVERIFY(absl::IsFailedPrecondition(world.approve(*plan, "ana").status()));
    QCOMPARE(world.image(), "");
    const auto second = world.approve(*plan, "bo");
    QCOMPARE(second->state(), api::APPLIED);
    QCOMPARE(world.image(), "front:v1");
    QCOMPARE(world.history().front()->approvals_size(), 2);
    QCOMPARE(world.history().front()->digest(), plan->digest());
    QVERIFY(absl::IsFailedPrecondition(world.approve(*plan, "cy").status()));
  }

  void pushInBetweenVoidsAnApproval() {
    DeliveryWorld world;
    pushShop(world);
    world.putApplication("shop", "shop", automatic(false, false, 2));
    world.start();
    const auto old = world.open();
    QVERIFY(world.approve(*old, "ana").ok());
    pushImage(world, "front:v2");
    world.poll();
    QVERIFY(absl::IsFailedPrecondition(world.approve(*old, "bo").status()));
    QCOMPARE(world.state().plans.find(model::nameOf(*old))->state(), api::SUPERSEDED);
    const auto fresh = world.open();
    QVERIFY(fresh->digest() != old->digest());
    QCOMPARE(fresh->approvals_size(), 0);
    QCOMPARE(world.image(), "");
  }

  void changeOfWhatRunsVoidsAnApproval() {
    DeliveryWorld world;
    pushShop(world);
    world.putApplication("shop", "shop", automatic(false, false, 1));
    world.start();
    QVERIFY(world.approve(*world.open(), "ana").ok());
    pushImage(world, "front:v2");
    world.poll();
    const auto old = world.open();
    schema::Deployment drifted = *world.deployment("front");
    drifted.mutable_spec()->set_replicas(7);
    world.put(drifted);
    QVERIFY(absl::IsFailedPrecondition(world.approve(*old, "bo").status()));
    QCOMPARE(world.image(), "front:v1");
    QVERIFY(world.open()->digest() != old->digest());
  }

  void rejectedRevisionStaysOutUntilSomebodyAsksForIt() {
    DeliveryWorld world;
    pushShop(world);
    world.putApplication("shop", "shop", automatic(false, false, 1));
    world.start();
    const auto plan = world.open();
    QVERIFY(absl::IsInvalidArgument(world.reject(*plan, "bo", "").status()));
    QCOMPARE(world.reject(*plan, "bo", "not on a Friday")->state(), api::REJECTED);
    world.poll();
    QVERIFY(world.open() == nullptr);
    QVERIFY(world.status().message().find("not on a Friday") != std::string::npos);

    QVERIFY(world.sync().ok());
    const auto again = world.open();
    QVERIFY(again != nullptr && again->name() != plan->name());
    QCOMPARE(again->initiator(), "ana");
    QVERIFY(world.approve(*again, "bo").ok());
    QCOMPARE(world.image(), "front:v1");
  }

  void manualApplicationWaitsForSync() {
    DeliveryWorld world;
    pushShop(world);
    world.putApplication("shop", "shop", manual());
    world.start();
    QCOMPARE(world.open()->message(), "waits for `gantry sync`");
    QCOMPARE(world.image(), "");
    const auto answer = world.sync();
    QVERIFY2(answer.ok(), std::string(answer.status().message()).c_str());
    QCOMPARE(world.image(), "front:v1");
    QCOMPARE(world.history().front()->initiator(), "ana");
    QCOMPARE(world.history().front()->reason(), "asked");
    QCOMPARE(world.sync()->message(), "nothing to change");
  }

  void syncThatNeedsApprovalsIsAppliedWhenTheyAreThere() {
    DeliveryWorld world;
    pushShop(world);
    world.putApplication("shop", "shop", manual(1));
    world.start();
    const auto answer = world.sync();
    QCOMPARE(answer->message(), "waits: 0 of 1 approvals");
    QCOMPARE(world.image(), "");
    QVERIFY(world.approve(*world.open(), "bo").ok());
    QCOMPARE(world.image(), "front:v1");
  }

  void approvedPlanOfAManualApplicationStillWaitsForSync() {
    DeliveryWorld world;
    pushShop(world);
    world.putApplication("shop", "shop", manual(1));
    world.start();
    QCOMPARE(world.approve(*world.open(), "bo")->state(), api::APPROVED);
    QCOMPARE(world.image(), "");
    QVERIFY(world.sync().ok());
    QCOMPARE(world.image(), "front:v1");
  }

  void stricterPolicyAsksAgainForAnApprovedPlan() {
    DeliveryWorld world;
    pushShop(world);
    world.putApplication("shop", "shop", manual(1));
    world.start();
    QCOMPARE(world.approve(*world.open(), "bo")->state(), api::APPROVED);
    world.putApplication("shop", "shop", manual(2));
    world.executor.settle();
    QVERIFY(world.sync().ok());
    QCOMPARE(world.image(), "");
    QVERIFY(absl::IsFailedPrecondition(world.approve(*world.open(), "bo").status()));
    QCOMPARE(world.approve(*world.open(), "cy")->state(), api::APPLIED);
    QCOMPARE(world.image(), "front:v1");
  }

  void approvalThatWasAcknowledgedIsAppliedAfterACrash() {
    DeliveryWorld world;
    pushShop(world);
    world.putApplication("shop", "shop", automatic(false, false, 1));
    world.start();
    const auto plan = world.open();
    world.loop.reset();
    // What the ledger holds when the crash comes between the approval and the apply.
    api::Plan approved = *plan;
    api::Approval& approval = *approved.add_approvals();
    approval.set_by("ana");
    approval.set_commit(plan->revision().commit());
    approval.set_digest(plan->digest());
    approved.set_state(api::APPROVED);
    world.put(approved);
    world.crash();
    world.start();
    QCOMPARE(world.image(), "front:v1");
    QCOMPARE(world.history().front()->approvals(0).by(), "ana");
    QCOMPARE(world.state().plans.find(model::nameOf(*plan))->state(), api::APPLIED);
  }

  void whatIsApprovedIsAppliedAfterARestartWithoutGit() {
    DeliveryWorld world;
    pushShop(world);
    world.putApplication("shop", "shop", automatic(false, false, 2));
    world.start();
    const auto plan = world.open();
    QVERIFY(world.approve(*plan, "ana").ok());
    world.crash();
    world.git.setUnreachable(kUrl, true);
    world.start();
    QCOMPARE(world.open()->digest(), plan->digest());
    QVERIFY(world.approve(*plan, "bo").ok());
    QCOMPARE(world.image(), "front:v1");
  }

  void whatWasNotWrittenIsTriedAgain() {
    DeliveryWorld world;
    pushShop(world);
    world.putApplication("shop", "shop", automatic(false, false, 1));
    world.start();
    const auto plan = world.open();
    world.store.setFault(absl::ResourceExhaustedError("disk full"));
    QVERIFY(!world.approve(*plan, "ana").ok());
    world.store.setFault(absl::OkStatus());
    world.poll();
    QCOMPARE(world.image(), "");
    QVERIFY(world.approve(*plan, "ana").ok());
    QCOMPARE(world.image(), "front:v1");
    pushImage(world, "front:v2");
    world.store.setFault(absl::UnavailableError("disk gone"));
    world.poll();
    world.store.setFault(absl::OkStatus());
    world.pass(std::chrono::minutes(3));
    QVERIFY(world.open() != nullptr);
  }

  void unreachableGitIsShownAndChangesNothing() {
    DeliveryWorld world;
    pushShop(world);
    world.putApplication("shop", "shop", automatic(true, true));
    world.start();
    world.git.setUnreachable(kUrl, true);
    world.poll();
    QVERIFY(world.condition("Source").find("connection refused") != std::string::npos);
    QVERIFY(world.wasTold("SourceFailed"));
    QCOMPARE(world.image(), "front:v1");
    QVERIFY(absl::IsUnavailable(world.sync().status()));
    const int fetches = world.git.fetches();
    world.pass(std::chrono::minutes(10));
    QVERIFY(world.git.fetches() - fetches < 30);
    pushImage(world, "front:v2");
    world.git.setUnreachable(kUrl, false);
    world.pass(std::chrono::minutes(3));
    QCOMPARE(world.condition("Source"), "");
    QCOMPARE(world.image(), "front:v2");
  }

  void wrongManifestsAreShownWithTheirPlaceAndChangeNothing() {
    DeliveryWorld world;
    pushShop(world);
    world.putApplication("shop", "shop", automatic(true));
    world.start();
    world.git.commit(kUrl, "main",
                     {{"shop/front.yaml",
                       "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n"
                       "  name: front\nspec:\n  replicsa: 3\n"}},
                     "Mistype");
    world.poll();
    QVERIFY2(world.condition("Render").starts_with("shop/front.yaml:6:"),
             world.condition("Render").c_str());
    QCOMPARE(world.image(), "front:v1");
    QVERIFY(absl::IsInvalidArgument(world.sync().status()));
    pushImage(world, "front:v2");
    world.poll();
    QCOMPARE(world.condition("Render"), "");
    QCOMPARE(world.image(), "front:v2");
  }

  void emptyOrMissingFolderDeletesNothing_data() {
    QTest::addColumn<bool>("keepAFile");
    QTest::newRow("a folder that holds no manifests") << true;
    QTest::newRow("a folder that is gone") << false;
  }
  void emptyOrMissingFolderDeletesNothing() {
    QFETCH(bool, keepAFile);
    DeliveryWorld world;
    pushShop(world);
    world.putApplication("shop", "shop", automatic(true, true));
    world.start();
    support::FakeGit::Edits edits = {{"shop/front.yaml", std::nullopt},
                                     {"shop/service.yaml", std::nullopt},
                                     {"shop/config.yaml", std::nullopt}};
    if (keepAFile) edits["shop/readme.md"] = "moved";
    world.git.commit(kUrl, "main", edits, "Move the shop");
    world.poll();
    QCOMPARE(world.image(), "front:v1");
    QVERIFY(world.condition(keepAFile ? "Apply" : "Source").find("nothing is deleted") !=
            std::string::npos);
    QVERIFY(absl::IsFailedPrecondition(world.sync().status()));
    QCOMPARE(world.image(), "front:v1");
  }

  void removedObjectIsDeletedOnlyWherePruneSaysSo() {
    DeliveryWorld world;
    pushShop(world);
    world.putApplication("shop", "shop", automatic(false));
    world.start();
    schema::ConfigMap stranger;
    stranger.mutable_metadata()->set_namespace_("shop");
    stranger.mutable_metadata()->set_name("stranger");
    world.put(stranger);
    world.git.commit(kUrl, "main",
                     {{"shop/config.yaml", std::nullopt},
                      {"shop/front.yaml", deploymentYaml("front", "front:v2")}},
                     "Drop the greeting");
    world.poll();
    QCOMPARE(world.image(), "front:v2");
    QVERIFY(world.state().configMaps.find({"shop", "greeting"}) != nullptr);
    QCOMPARE(world.status().sync(), "OutOfSync");
    QCOMPARE(world.open()->changes(0).action(), api::DELETE);

    QVERIFY(world.sync().ok());
    QVERIFY(world.state().configMaps.find({"shop", "greeting"}) == nullptr);
    QVERIFY(world.state().configMaps.find({"shop", "stranger"}) != nullptr);
    QCOMPARE(world.status().inventory_size(), 2);

    world.putApplication("shop", "shop", automatic(true));
    world.git.commit(kUrl, "main", {{"shop/service.yaml", std::nullopt}}, "Drop the Service");
    world.poll();
    QVERIFY(world.state().services.find({"shop", "front"}) == nullptr);
    QVERIFY(world.state().configMaps.find({"shop", "stranger"}) != nullptr);
  }

  void objectOfAnotherApplicationIsNotTaken() {
    DeliveryWorld world;
    pushShop(world);
    world.git.commit(kUrl, "main", {{"other/front.yaml", deploymentYaml("front", "evil:v1")}},
                     "Take");
    world.putApplication("shop", "shop", automatic());
    world.start();
    world.putApplication("thief", "other", automatic());
    world.poll();
    QCOMPARE(world.image(), "front:v1");
    QVERIFY2(world.condition("Apply", "thief").find("belongs to Application gantry-system/shop") !=
                 std::string::npos,
             world.condition("Apply", "thief").c_str());
  }

  void forcedPushIsANewRevisionAndIsTold() {
    DeliveryWorld world;
    const std::string first = pushShop(world);
    world.putApplication("shop", "shop", automatic());
    world.start();
    pushImage(world, "front:v2");
    world.poll();
    QCOMPARE(world.image(), "front:v2");
    world.git.forcePush(kUrl, "main", first);
    pushImage(world, "front:v3");
    world.poll();
    QCOMPARE(world.image(), "front:v3");
    QVERIFY(world.wasTold("HistoryRewritten"));
  }

  void failedRolloutIsRecordedAndMayStillEndWell() {
    DeliveryWorld world;
    pushShop(world);
    world.putApplication("shop", "shop", automatic());
    world.start();
    world.endRollouts(false);
    QCOMPARE(world.status().health(), "Degraded");
    QCOMPARE(world.history().front()->outcome(), "Degraded");
    world.endRollouts(true);
    QCOMPARE(world.history().front()->outcome(), "Healthy");
    pushImage(world, "front:v2");
    world.poll();
    QCOMPARE(world.history().front()->outcome(), "Progressing");
    pushImage(world, "front:v3");
    world.poll();
    QCOMPARE(world.history()[1]->outcome(), "Superseded");
    QCOMPARE(world.history()[2]->outcome(), "Healthy");
  }

  void sameSeedGivesTheSameRun() {
    const auto run = [](std::uint64_t seed) {
      DeliveryWorld world(seed);
      world.git.setDelay(base::Duration(1), base::Duration(900));
      pushShop(world);
      world.putApplication("shop", "shop", automatic(true, true));
      world.start();
      pushImage(world, "front:v2");
      world.pass(std::chrono::minutes(3));
      return manifests::canonicalBytes(*world.state().applications.find({"gantry-system", "shop"}));
    };
    for (std::uint64_t seed = 1; seed <= 5; ++seed) QCOMPARE(run(seed), run(seed));
  }
};

QTEST_GUILESS_MAIN(TstDeliveryLoop)
#include "tst_delivery_loop.moc"
