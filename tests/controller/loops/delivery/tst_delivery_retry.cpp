// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "tests/controller/loops/delivery/delivery_gates.h"

using namespace gantry;
using namespace gantry::tests;
using std::chrono::seconds;

namespace {

std::string jobYaml(const std::string& name, const std::string& hook) {
  return absl::StrCat("apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: ", name,
                      "\n  annotations:\n    gantry.dev/hook: ", hook,
                      "\nspec:\n  template:\n    spec:\n      restartPolicy: Never\n"
                      "      containers:\n        - name: a\n          image: a:1\n");
}

std::string inWave(int wave, std::string yaml) {
  const std::string metadata = "metadata:\n";
  return yaml.insert(yaml.find(metadata) + metadata.size(),
                     absl::StrCat("  annotations:\n    gantry.dev/sync-wave: \"", wave, "\"\n"));
}

schema::SyncPolicy retrying(int limit, int approvals = 0) {
  schema::SyncPolicy policy = automatic(true, true, approvals);
  policy.mutable_retry()->set_limit(limit);
  policy.mutable_retry()->set_backoff_seconds(10);
  policy.mutable_retry()->set_max_backoff_seconds(15);
  return policy;
}

}  // namespace

/// A plan that has failed is tried again by itself, where the policy says so.
class TstDeliveryRetry : public QObject {
  Q_OBJECT

 private:
  static bool says(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }
  /// Of the newest plan.
  static void endHook(DeliveryWorld& world, const std::string& hook, bool well) {
    const std::string plan = newest(world)->name();
    endJob(world, hook + plan.substr(plan.rfind('-')), well);
  }
  /// v1 runs under `policy`; v2 with such a hook is pushed, approved if need be, and begins.
  static void begin(DeliveryWorld& world, const schema::SyncPolicy& policy,
                    const std::string& hook) {
    prepare(world, policy);
    world.git.commit(kUrl, "main",
                     {{"shop/front.yaml", deploymentYaml("front", "front:v2")},
                      {"shop/hook.yaml", jobYaml("check", hook)}},
                     "Use v2");
    world.poll();
    if (const auto plan = world.open()) QVERIFY(world.approve(*plan, "ana").ok());
    if (hook == "PostSync") world.endRollouts();
    QCOMPARE(newest(world)->state(), api::APPLYING);
  }

 private slots:
  void aFlakyHookIsRunAgainUntilItGoesWell() {
    DeliveryWorld world;
    begin(world, retrying(2), "PreSync");
    endHook(world, "check", false);
    QVERIFY2(newest(world)->message().ends_with("; tried again in 10 s (attempt 2 of 3)"),
             newest(world)->message().c_str());
    QVERIFY(says(world.status().message(), "tried again in 10 s (attempt 2 of 3)"));
    const std::string first = newest(world)->name();
    world.pass(seconds(9));
    QCOMPARE(newest(world)->name(), first);
    world.pass(seconds(2));
    QVERIFY(newest(world)->name() != first);
    QCOMPARE(newest(world)->attempt(), 1);
    endHook(world, "check", false);
    // Twice as long, but no longer than the most.
    QVERIFY(newest(world)->message().ends_with("; tried again in 15 s (attempt 3 of 3)"));
    world.pass(seconds(16));
    QCOMPARE(newest(world)->attempt(), 2);
    endHook(world, "check", true);
    world.endRollouts();
    QCOMPARE(newest(world)->state(), api::APPLIED);
    QCOMPARE(world.image(), "front:v2");
    QCOMPARE(world.status().sync(), "Synced");
  }

  void itGivesUpAfterSoManyAttempts() {
    DeliveryWorld world;
    begin(world, retrying(1), "PreSync");
    endHook(world, "check", false);
    world.pass(seconds(11));
    endHook(world, "check", false);
    QVERIFY2(newest(world)->message().ends_with("; not tried again after 2 attempts"),
             newest(world)->message().c_str());
    const std::string last = newest(world)->name();
    world.pass(std::chrono::hours(1));
    QCOMPARE(newest(world)->name(), last);
    // A person begins to count anew.
    QVERIFY(world.sync().ok());
    QCOMPARE(newest(world)->attempt(), 0);
    QCOMPARE(newest(world)->state(), api::APPLYING);
  }

  void aRestartForgetsNothing() {
    DeliveryWorld world;
    begin(world, retrying(2), "PreSync");
    endHook(world, "check", false);
    world.crash();
    world.start();
    QCOMPARE(newest(world)->attempt(), 0);
    world.pass(seconds(11));
    QCOMPARE(newest(world)->attempt(), 1);
    QCOMPARE(newest(world)->state(), api::APPLYING);
  }

  void theApprovalsOfTheSamePlanStillCount() {
    DeliveryWorld world;
    begin(world, retrying(2, 1), "PreSync");
    const auto failed = newest(world);
    endHook(world, "check", false);
    world.pass(seconds(11));
    QCOMPARE(newest(world)->state(), api::APPLYING);
    QCOMPARE(newest(world)->digest(), failed->digest());
    QCOMPARE(newest(world)->approvals(0).by(), "ana");
    endHook(world, "check", true);
    QCOMPARE(world.image(), "front:v2");
  }

  void approvalsThatHaveRunOutDoNot() {
    DeliveryWorld world;
    schema::SyncPolicy policy = retrying(2, 1);
    policy.mutable_approval()->set_expires_after_seconds(5);
    begin(world, policy, "PreSync");
    endHook(world, "check", false);
    world.pass(seconds(11));
    QCOMPARE(newest(world)->state(), api::PENDING);
    QCOMPARE(newest(world)->attempt(), 1);
    QVERIFY(world.approve(*world.open(), "ana").ok());
    QCOMPARE(newest(world)->state(), api::APPLYING);
    QCOMPARE(newest(world)->attempt(), 1);
  }

  void whatIsLeftIsAnotherPlanAndIsAskedFor() {
    DeliveryWorld world;
    begin(world, retrying(2, 1), "PostSync");
    const auto failed = newest(world);
    endHook(world, "check", false);
    QCOMPARE(newest(world)->state(), api::FAILED);
    world.pass(seconds(11));
    QCOMPARE(newest(world)->state(), api::PENDING);
    QCOMPARE(newest(world)->attempt(), 1);
    QCOMPARE(newest(world)->approvals_size(), 0);
    QCOMPARE(newest(world)->replaces(), failed->name());
    QCOMPARE(newest(world)->changed_since_size(), 1);
    QCOMPARE(newest(world)->changed_since(0), "gone: Deployment/shop/front is no longer changed");
    QVERIFY(world.approve(*world.open(), "ana").ok());
    endHook(world, "check", true);
    QCOMPARE(newest(world)->state(), api::APPLIED);
    QCOMPARE(world.status().sync(), "Synced");
  }

  void whoStopsItEndsTheAttempts_data() {
    QTest::addColumn<QString>("how");
    QTest::addColumn<QString>("why");
    QTest::newRow("a hold") << "hold" << "; not tried again: held by bo";
    QTest::newRow("a suspension") << "suspend" << "; not tried again: suspended by bo";
  }
  void whoStopsItEndsTheAttempts() {
    QFETCH(QString, how);
    QFETCH(QString, why);
    DeliveryWorld world;
    begin(world, retrying(2), "PreSync");
    endHook(world, "check", false);
    const std::string name = newest(world)->name();
    if (how == "hold") {
      api::HoldRevisionRequest request;
      request.set_namespace_("gantry-system");
      request.set_application("shop");
      request.set_commit(newest(world)->revision().commit());
      request.set_reason("wrong");
      std::string hold;
      world.loop->holdRevision({"bo"}, request, [&](const auto& got) { hold = got->name(); });
      world.pass(seconds(1));
      QVERIFY(world.liftHold(hold).ok());
    } else {
      api::SuspendRequest request;
      request.set_namespace_("gantry-system");
      request.set_application("shop");
      request.set_reason("wait");
      request.set_ttl_seconds(1);
      QVERIFY(world.loop->suspend({"bo"}, request).ok());
    }
    world.pass(std::chrono::minutes(5));
    QCOMPARE(newest(world)->name(), name);
    QVERIFY2(newest(world)->message().ends_with(why.toStdString()),
             newest(world)->message().c_str());
    QVERIFY(!says(newest(world)->message(), "tried again in"));
  }

  void aNewerRevisionAndARejectionEndThem() {
    DeliveryWorld world;
    begin(world, retrying(5, 1), "PreSync");
    endHook(world, "check", false);
    push(world, "front:v3");
    world.poll();
    QCOMPARE(newest(world)->attempt(), 0);
    QCOMPARE(newest(world)->state(), api::PENDING);
    QVERIFY(world.reject(*world.open(), "bo", "no").ok());
    const std::string name = newest(world)->name();
    world.pass(std::chrono::minutes(5));
    QCOMPARE(newest(world)->name(), name);
    QCOMPARE(newest(world)->state(), api::REJECTED);
  }

  // Else the next wave would begin over one that has failed.
  void whatIsInHasToBeHealthyFirst() {
    DeliveryWorld world;
    push(world, "front:v1");
    world.putApplication("shop", "shop", retrying(3));
    world.start();
    world.endRollouts();
    world.git.commit(kUrl, "main",
                     {{"shop/front.yaml", deploymentYaml("front", "front:v2")},
                      {"shop/late.yaml", inWave(1, configYaml("late", "hello"))}},
                     "Use v2");
    world.poll();
    world.endRollouts(false);
    QCOMPARE(newest(world)->state(), api::FAILED);
    world.pass(std::chrono::minutes(2));
    QCOMPARE(newest(world)->state(), api::FAILED);
    QVERIFY(world.state().configMaps.find({"shop", "late"}) == nullptr);
    QVERIFY2(says(world.status().message(),
                  "first what is in has to be healthy: Deployment/shop/front is Degraded"),
             world.status().message().c_str());
    world.endRollouts();
    world.pass(seconds(11));
    QVERIFY(world.state().configMaps.find({"shop", "late"}) != nullptr);
    QCOMPARE(world.status().sync(), "Synced");
  }

  void itIsGoneBackFromOnceNothingIsTriedAnyMore() {
    DeliveryWorld world;
    schema::SyncPolicy policy = retrying(1);
    policy.mutable_automatic_rollback()->set_watch_seconds(600);
    begin(world, policy, "PostSync");
    endHook(world, "check", false);
    world.pass(seconds(5));
    QCOMPARE(world.image(), "front:v2");
    world.pass(seconds(6));
    QCOMPARE(newest(world)->attempt(), 1);
    endHook(world, "check", false);
    world.pass(seconds(2));
    QCOMPARE(world.image(), "front:v1");
    QCOMPARE(world.history().front()->cause(), "rollback");
  }

  void whatNeverGetsHealthyIsGoneBackFromInTheEnd() {
    DeliveryWorld world;
    schema::SyncPolicy policy = retrying(5);
    policy.mutable_automatic_rollback()->set_watch_seconds(600);
    begin(world, policy, "PostSync");
    endHook(world, "check", false);
    world.erase<schema::Deployment>({"shop", "front"});
    world.pass(std::chrono::minutes(9));
    QCOMPARE(world.history().front()->cause(), "sync");
    world.pass(std::chrono::minutes(2));
    QCOMPARE(world.history().front()->cause(), "rollback");
    QCOMPARE(world.image(), "front:v1");
  }

  void whatIsDegradedIsGoneBackFromAtOnce() {
    DeliveryWorld world;
    schema::SyncPolicy policy = retrying(5);
    policy.mutable_automatic_rollback()->set_watch_seconds(600);
    begin(world, policy, "PostSync");
    world.endRollouts(false);
    endHook(world, "check", false);
    world.pass(seconds(2));
    QCOMPARE(world.image(), "front:v1");
  }
};

QTEST_GUILESS_MAIN(TstDeliveryRetry)
#include "tst_delivery_retry.moc"
