// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "tests/controller/loops/delivery_world.h"

using namespace gantry;
using namespace gantry::tests;

namespace {

/// The manifest with what the waves go by; an empty hook is none.
std::string at(int wave, std::string yaml, const std::string& hook = "") {
  const std::string metadata = "\nmetadata:\n";
  std::string more = absl::StrCat("  annotations:\n    gantry.dev/sync-wave: \"", wave, "\"\n");
  if (!hook.empty()) absl::StrAppend(&more, "    gantry.dev/hook: ", hook, "\n");
  return yaml.insert(yaml.find(metadata) + metadata.size(), more);
}

std::string jobYaml(const std::string& name) {
  return absl::StrCat("apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: ", name,
                      "\nspec:\n  template:\n    spec:\n      restartPolicy: Never\n"
                      "      containers:\n        - name: a\n          image: a:1\n");
}

}  // namespace

/// Plans that are applied in waves, with Jobs in between.
class TstDeliveryWaves : public QObject {
  Q_OBJECT

 private:
  using Files = support::FakeGit::Edits;

  /// back in wave 0, front in wave 1, both of that version.
  static Files shop(const std::string& version) {
    return {{"shop/back.yaml", at(0, deploymentYaml("back", "back:" + version))},
            {"shop/front.yaml", at(1, deploymentYaml("front", "front:" + version))}};
  }
  static Files with(Files files, const std::string& name, const std::string& hook) {
    files[absl::StrCat("shop/", name, ".yaml")] = at(0, jobYaml(name), hook);
    return files;
  }
  static std::string push(DeliveryWorld& world, const Files& files) {
    return world.git.commit(kUrl, "main", files, "Change the shop");
  }
  /// v1 is applied and healthy, then `files` are pushed and seen.
  static void prepare(DeliveryWorld& world, const Files& files,
                      const schema::SyncPolicy& policy = automatic(true, true)) {
    push(world, shop("v1"));
    world.putApplication("shop", "shop", policy);
    world.start();
    settle(world);
    push(world, files);
    world.poll();
  }
  /// Lets everything that is asked for become approved, healthy and complete.
  static void settle(DeliveryWorld& world) {
    for (int i = 0; i < 6; ++i) {
      if (const auto plan = world.open()) QVERIFY(world.approve(*plan, "ana").ok());
      world.endRollouts();
    }
  }
  static model::Ptr<api::Plan> newest(const DeliveryWorld& world) {
    return delivery::plansOf(world.state(), {"gantry-system", "shop"}).front();
  }
  static std::string waves(const api::Plan& plan) {
    std::string text;
    for (const api::Wave& wave : plan.waves()) {
      absl::StrAppend(&text, text.empty() ? "" : ", ", wave.phase(), " ", wave.number(), " ",
                      wave.state());
    }
    return text;
  }
  static std::string jobs(const DeliveryWorld& world) {
    std::string text;
    for (const auto& [name, entry] : world.state().jobs.entries()) {
      if (entry.object->metadata().has_deletion_timestamp()) continue;
      absl::StrAppend(&text, text.empty() ? "" : " ", name.name);
    }
    return text;
  }
  /// What the Job loop would do.
  static void endJob(DeliveryWorld& world, const std::string& name, bool well = true) {
    const schema::Job* live = world.state().jobs.find({"shop", name});
    QVERIFY2(live != nullptr, name.c_str());
    schema::Job job = *live;
    schema::Condition& condition = *job.mutable_status()->add_conditions();
    condition.set_type(well ? "Complete" : "Failed");
    condition.set_status("True");
    condition.set_reason("BackoffLimitExceeded");
    condition.set_message("too often");
    world.put(std::move(job));
    world.executor.settle();
  }
  static bool says(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }

 private slots:
  void onePlanInOneWaveIsAppliedAtOnce() {
    DeliveryWorld world;
    push(world, {{"shop/back.yaml", at(3, deploymentYaml("back", "back:v1"))},
                 {"shop/front.yaml", at(3, deploymentYaml("front", "front:v1"))}});
    world.putApplication("shop", "shop", automatic());
    world.start();
    QCOMPARE(newest(world)->state(), api::APPLIED);
    QCOMPARE(newest(world)->waves_size(), 0);
    QCOMPARE(world.image("back"), "back:v1");
    QCOMPARE(world.image("front"), "front:v1");
  }

  void theNextWaveWaitsUntilTheOneBeforeIsHealthy() {
    DeliveryWorld world;
    prepare(world, shop("v2"));
    QCOMPARE(world.image("back"), "back:v2");
    QCOMPARE(world.image("front"), "front:v1");
    QCOMPARE(newest(world)->state(), api::APPLYING);
    QCOMPARE(waves(*newest(world)), "Sync 0 Progressing, Sync 1 Waiting");
    QCOMPARE(world.status().sync(), "OutOfSync");
    QVERIFY2(says(world.status().message(), "wave 0 waits for Deployment/shop/back"),
             world.status().message().c_str());
    QCOMPARE(world.status().pending_plan(), "");
    QCOMPARE(world.history().front()->outcome(), "Progressing");

    world.endRollouts();
    QCOMPARE(world.image("front"), "front:v2");
    QCOMPARE(waves(*newest(world)), "Sync 0 Done, Sync 1 Progressing");
    QCOMPARE(world.history().front()->outcome(), "Progressing");

    world.endRollouts();
    QCOMPARE(newest(world)->state(), api::APPLIED);
    QCOMPARE(world.status().sync(), "Synced");
    QCOMPARE(world.status().health(), "Healthy");
    QCOMPARE(world.history().front()->outcome(), "Healthy");
    QCOMPARE(world.history().size(), 2);
    QCOMPARE(world.status().inventory_size(), 2);
    QVERIFY(!world.status().applied().rendered_hash().empty());
  }

  void deletionsComeLastAndFromTheHighestWaveDown() {
    DeliveryWorld world;
    Files files = shop("v1");
    files["shop/low.yaml"] = at(-1, configYaml("low", "x"));
    files["shop/high.yaml"] = at(5, configYaml("high", "x"));
    push(world, files);
    world.putApplication("shop", "shop", automatic(true));
    world.start();
    settle(world);
    push(world, {{"shop/low.yaml", std::nullopt},
                 {"shop/high.yaml", std::nullopt},
                 {"shop/back.yaml", at(0, deploymentYaml("back", "back:v2"))}});
    world.poll();
    QCOMPARE(waves(*newest(world)), "Sync 0 Progressing, Prune 5 Waiting, Prune -1 Waiting");
    QCOMPARE(world.state().configMaps.size(), 2);
    world.endRollouts();
    QCOMPARE(newest(world)->state(), api::APPLIED);
    QCOMPARE(world.state().configMaps.size(), 0);
    QCOMPARE(world.status().inventory_size(), 2);
  }

  void whatIsDeletedIsGoneWhenItsPodsAre() {
    DeliveryWorld world;
    Files files = shop("v1");
    files["shop/low.yaml"] = at(-1, configYaml("low", "x"));
    push(world, files);
    world.putApplication("shop", "shop", automatic(true));
    world.start();
    settle(world);
    // The ReplicaSet goes before its pods do, and so is not there to be asked.
    model::Pod pod;
    pod.ns = "shop";
    pod.name = "front-abc12-x2k9v";
    pod.uid = "pod-1";
    pod.ownerKind = "ReplicaSet";
    pod.ownerName = "front-abc12";
    pod.ownerUid = "set-1";
    auto shape = std::make_shared<schema::PodTemplateSpec>();
    (*shape->mutable_metadata()->mutable_labels())["pod-template-hash"] = "abc12";
    pod.shape = shape;
    pod.status = std::make_shared<schema::PodStatus>();
    world.put(pod);
    pod.name = "front-two-abc12-x2k9v";
    pod.ownerName = "front-two-abc12";
    world.put(pod);
    push(world, {{"shop/low.yaml", std::nullopt}, {"shop/front.yaml", std::nullopt}});
    world.poll();
    QVERIFY(world.approve(*newest(world), "bo").ok());
    QCOMPARE(waves(*newest(world)), "Prune 1 Progressing, Prune -1 Waiting");
    QVERIFY2(says(newest(world)->message(), "Deployment/shop/front: 1 of its pods are still to go"),
             newest(world)->message().c_str());
    QCOMPARE(world.state().configMaps.size(), 1);
    world.erase<model::Pod>({"shop", "front-abc12-x2k9v"});
    world.executor.settle();
    QCOMPARE(newest(world)->state(), api::APPLIED);
    QCOMPARE(world.state().configMaps.size(), 0);
  }

  void hooksRunBeforeAndAfter() {
    DeliveryWorld world;
    prepare(world, with(with(with(shop("v2"), "migrate", "PreSync"), "smoke", "PostSync"), "page",
                        "SyncFail"));
    const std::string number = newest(world)->name().substr(4);
    QCOMPARE(jobs(world), "migrate" + number);
    const schema::Job& job = *world.state().jobs.find({"shop", "migrate" + number});
    QVERIFY(!job.metadata().uid().empty());
    QCOMPARE(job.metadata().generation(), 1);
    QVERIFY(job.metadata().has_creation_timestamp());
    QCOMPARE(job.spec().ttl_seconds_after_finished(), 24 * 3600);
    QCOMPARE(world.image("back"), "back:v1");
    QCOMPARE(world.status().inventory_size(), 2);
    QCOMPARE(newest(world)->changes_size(), 5);
    QCOMPARE(newest(world)->changes(0).hook(), "PreSync");
    QCOMPARE(newest(world)->changes(4).hook(), "SyncFail");
    QVERIFY(newest(world)->effect().pods_created() >= 2);

    endJob(world, "migrate" + number);
    QCOMPARE(world.image("back"), "back:v2");
    world.endRollouts();
    world.endRollouts();
    QCOMPARE(world.image("front"), "front:v2");
    QCOMPARE(jobs(world), "migrate" + number + " smoke" + number);
    QCOMPARE(newest(world)->state(), api::APPLYING);
    endJob(world, "smoke" + number);
    QCOMPARE(newest(world)->state(), api::APPLIED);
    QCOMPARE(waves(*newest(world)), "PreSync 0 Done, Sync 0 Done, Sync 1 Done, PostSync 0 Done");
    QCOMPARE(world.status().inventory_size(), 2);
    QCOMPARE(world.status().health(), "Healthy");
  }

  void whatIsGoneIsMissedUntilItsWave() {
    DeliveryWorld world;
    Files files = shop("v1");
    files["shop/low.yaml"] = configYaml("low", "x");
    push(world, files);
    world.putApplication("shop", "shop", automatic(true));
    world.start();
    settle(world);
    QCOMPARE(world.status().health(), "Healthy");
    push(world, with(files, "migrate", "PreSync"));
    world.erase<schema::ConfigMap>({"shop", "low"});
    world.poll();
    QCOMPARE(waves(*newest(world)), "PreSync 0 Progressing, Sync 0 Waiting");
    QCOMPARE(world.status().health(), "Missing");
    endJob(world, "migrate" + newest(world)->name().substr(4));
    QCOMPARE(newest(world)->state(), api::APPLIED);
    QCOMPARE(world.status().health(), "Healthy");
  }

  void whatHasFailedBeforeAnythingChangedLeavesAllAsItWas() {
    DeliveryWorld world;
    prepare(world, with(shop("v2"), "migrate", "PreSync"));
    endJob(world, jobs(world), false);
    QCOMPARE(newest(world)->state(), api::FAILED);
    QVERIFY2(says(newest(world)->message(),
                  "PreSync 0 failed: Job/shop/migrate-2: BackoffLimitExceeded: too often (see "
                  "`gantry logs job/migrate-2 -n shop`); in: nothing; not in: wave 0, wave 1"),
             newest(world)->message().c_str());
    QCOMPARE(world.history().size(), 1);
    QCOMPARE(world.history().front()->outcome(), "Healthy");
    QCOMPARE(world.image("back"), "back:v1");

    // Not again by itself, but when somebody asks, with a Job of its own.
    world.poll();
    QCOMPARE(newest(world)->state(), api::FAILED);
    QCOMPARE(jobs(world), "migrate-2");
    QVERIFY(world.sync().ok());
    QCOMPARE(newest(world)->state(), api::APPLYING);
    QCOMPARE(jobs(world), "migrate-2 migrate-3");
  }

  void aWaveThatFailsSaysWhatIsIn() {
    DeliveryWorld world;
    prepare(world, with(shop("v2"), "page", "SyncFail"));
    world.endRollouts();
    world.endRollouts(false);
    QCOMPARE(jobs(world), "page-2");
    QCOMPARE(newest(world)->state(), api::APPLYING);
    endJob(world, "page-2");
    QCOMPARE(newest(world)->state(), api::FAILED);
    QCOMPARE(waves(*newest(world)), "Sync 0 Done, Sync 1 Failed, SyncFail 0 Done");
    QVERIFY(says(newest(world)->message(), "wave 1 failed: Deployment/shop/front"));
    QVERIFY(says(newest(world)->message(), "in: wave 0, wave 1; not in: nothing"));
    QCOMPARE(world.status().sync(), "OutOfSync");
    QVERIFY(says(world.status().message(), newest(world)->message()));
    QCOMPARE(world.history().front()->outcome(), "Degraded");
    QVERIFY(world.wasTold("SyncFailed"));

    // It neither becomes healthy by itself, nor is it put back or tried again.
    world.endRollouts();
    world.poll();
    QCOMPARE(world.history().front()->outcome(), "Degraded");
    QCOMPARE(newest(world)->state(), api::FAILED);

    push(world, shop("v3"));
    world.poll();
    settle(world);
    QCOMPARE(world.image("front"), "front:v3");
    QCOMPARE(newest(world)->state(), api::APPLIED);
  }

  void whoAsksAgainRunsTheHooksThatAreLeft_data() {
    QTest::addColumn<bool>("isHook");
    QTest::newRow("a PostSync hook has failed") << true;
    QTest::newRow("a wave has failed, and become healthy") << false;
  }
  void whoAsksAgainRunsTheHooksThatAreLeft() {
    QFETCH(bool, isHook);
    DeliveryWorld world;
    prepare(world, isHook ? with(shop("v2"), "smoke", "PostSync") : shop("v2"));
    world.endRollouts();
    world.endRollouts(isHook);
    if (isHook) endJob(world, "smoke-2", false);
    QCOMPARE(newest(world)->state(), api::FAILED);
    world.endRollouts();
    QVERIFY(world.sync().ok());
    if (isHook) {
      QCOMPARE(newest(world)->state(), api::APPLYING);
      QCOMPARE(newest(world)->changes_size(), 1);
      endJob(world, "smoke-3");
      QCOMPARE(newest(world)->state(), api::APPLIED);
    }
    world.poll();
    QCOMPARE(world.status().sync(), "Synced");
    QCOMPARE(world.status().health(), "Healthy");
    QCOMPARE(world.history().size(), 2);
    QCOMPARE(world.history().front()->outcome(), "Healthy");
  }

  void aRestartGoesOnWhereItWas() {
    DeliveryWorld world;
    prepare(world, with(shop("v2"), "migrate", "PreSync"));
    for (const bool afterHook : {false, true}) {
      world.crash();
      world.start();
      QCOMPARE(jobs(world), "migrate-2");
      if (!afterHook) endJob(world, "migrate-2");
    }
    QCOMPARE(waves(*newest(world)), "PreSync 0 Done, Sync 0 Progressing, Sync 1 Waiting");
    QCOMPARE(world.image("front"), "front:v1");
    world.endRollouts();
    world.crash();
    world.start();
    world.endRollouts();
    QCOMPARE(newest(world)->state(), api::APPLIED);
    QCOMPARE(world.history().size(), 2);
  }

  void aNewerRevisionOvertakesAStuckOne() {
    DeliveryWorld world;
    prepare(world, with(shop("v2"), "migrate", "PreSync"));
    const std::string stuck = newest(world)->name();
    Files repaired = shop("v3");
    repaired["shop/migrate.yaml"] = std::nullopt;
    push(world, repaired);
    world.poll();
    const api::Plan& plan = *world.state().plans.find({"gantry-system", stuck});
    QCOMPARE(plan.state(), api::SUPERSEDED);
    QVERIFY(says(plan.message(), "overtaken"));
    QCOMPARE(jobs(world), "");
    QCOMPARE(world.image("back"), "back:v3");
    settle(world);
    QCOMPARE(world.image("front"), "front:v3");
    QCOMPARE(world.history().size(), 2);
  }

  void oneThatWaitsForApprovalDoesNotStopTheOneThatIsApplied() {
    DeliveryWorld world;
    prepare(world, shop("v2"), automatic(true, true, 1));
    QVERIFY(world.approve(*world.open(), "ana").ok());
    const std::string running = newest(world)->name();
    QCOMPARE(newest(world)->state(), api::APPLYING);
    push(world, shop("v3"));
    world.poll();
    QVERIFY(world.open() != nullptr);
    QCOMPARE(world.status().pending_plan(), world.open()->name());
    const std::string waiting = world.open()->name();
    const std::string digest = world.open()->digest();
    QVERIFY(says(world.open()->changes(0).before_yaml(), "back:v2"));
    QVERIFY(world.approve(*world.open(), "ana").ok());
    QVERIFY2(says(world.open()->message(), "waits until plan " + running),
             world.open()->message().c_str());
    // Its approval is for what it does once the waves are in: they do not void it.
    world.endRollouts();
    QCOMPARE(world.image("front"), "front:v2");
    QCOMPARE(world.state().plans.find({"gantry-system", running})->state(), api::APPLYING);
    QCOMPARE(world.open()->name(), waiting);
    QCOMPARE(world.open()->digest(), digest);
    world.crash();
    world.start();
    QCOMPARE(world.open()->digest(), digest);
    world.endRollouts();
    QCOMPARE(world.state().plans.find({"gantry-system", running})->state(), api::APPLIED);
    QCOMPARE(world.image("back"), "back:v3");
    QCOMPARE(newest(world)->name(), waiting);
    QCOMPARE(newest(world)->digest(), digest);
    settle(world);
    QCOMPARE(world.image("front"), "front:v3");
  }

  // Else a Job that never ends would keep out what repairs it.
  void oneThatWaitsBehindAStuckOrHeldOneIsPlannedOverWhatIsThere_data() {
    QTest::addColumn<bool>("isHeld");
    QTest::newRow("held") << true;
    QTest::newRow("stuck") << false;
  }
  void oneThatWaitsBehindAStuckOrHeldOneIsPlannedOverWhatIsThere() {
    QFETCH(bool, isHeld);
    DeliveryWorld world;
    prepare(world, with(shop("v2"), "migrate", "PreSync"), automatic(true, true, 1));
    QVERIFY(world.approve(*world.open(), "ana").ok());
    const std::string stuck = newest(world)->name();
    Files repaired = shop("v3");
    repaired["shop/migrate.yaml"] = std::nullopt;
    push(world, repaired);
    world.poll();
    QVERIFY(says(world.open()->changes(0).before_yaml(), "back:v2"));
    if (isHeld) {
      api::Hold hold;
      hold.set_name("shop-9");
      hold.set_namespace_("gantry-system");
      hold.set_application("shop");
      const api::Plan& running = *world.state().plans.find({"gantry-system", stuck});
      hold.set_commit(running.revision().commit());
      hold.set_reason("hangs");
      world.put(hold);
      world.executor.settle();
    } else {
      world.pass(std::chrono::minutes(3));
    }
    QVERIFY(says(world.open()->changes(0).before_yaml(), "back:v1"));
    QVERIFY(world.approve(*world.open(), "ana").ok());
    QCOMPARE(world.state().plans.find({"gantry-system", stuck})->state(), api::SUPERSEDED);
    QCOMPARE(world.image("back"), "back:v3");
  }

  void aStricterPolicyStopsTheNextWave() {
    DeliveryWorld world;
    prepare(world, shop("v2"), automatic(true, true, 1));
    QVERIFY(world.approve(*world.open(), "ana").ok());
    QCOMPARE(world.image("back"), "back:v2");
    world.putApplication("shop", "shop", automatic(true, true, 2));
    world.endRollouts();
    QCOMPARE(world.image("front"), "front:v1");
    QCOMPARE(newest(world)->message(), "wave 1 does not begin: waits: 1 of 2 approvals");
    QVERIFY(world.approve(*newest(world), "cy").ok());
    QCOMPARE(world.image("front"), "front:v2");
  }

  void aProjectThatNoLongerAllowsItStopsTheNextWave() {
    DeliveryWorld world;
    prepare(world, shop("v2"));
    schema::Project limits;
    limits.mutable_metadata()->set_namespace_("gantry-system");
    limits.mutable_metadata()->set_name("default");
    limits.mutable_spec()->add_kinds("ConfigMap");
    world.put(limits);
    world.endRollouts();
    QCOMPARE(world.image("front"), "front:v1");
    QVERIFY2(says(newest(world)->message(), "wave 1 does not begin: ") &&
                 says(newest(world)->message(), "does not allow the kind Deployment"),
             newest(world)->message().c_str());
    limits.mutable_spec()->add_kinds("Deployment");
    world.put(limits);
    world.executor.settle();
    QCOMPARE(world.image("front"), "front:v2");
  }

  void aPlanThatIsAppliedCanNeitherBeApprovedNorRejected() {
    DeliveryWorld world;
    prepare(world, shop("v2"), automatic(true, true, 1));
    QVERIFY(world.approve(*world.open(), "ana").ok());
    QVERIFY(absl::IsFailedPrecondition(world.approve(*newest(world), "cy").status()));
    QVERIFY(absl::IsFailedPrecondition(world.reject(*newest(world), "cy", "no").status()));
  }

  void nothingBeginsWhileItIsSuspendedOrHeld_data() {
    QTest::addColumn<bool>("isHeld");
    QTest::newRow("held") << true;
    QTest::newRow("suspended") << false;
  }
  void nothingBeginsWhileItIsSuspendedOrHeld() {
    QFETCH(bool, isHeld);
    DeliveryWorld world;
    prepare(world, shop("v2"));
    std::string hold;
    if (isHeld) {
      api::HoldRevisionRequest request;
      request.set_namespace_("gantry-system");
      request.set_application("shop");
      request.set_commit(newest(world)->revision().commit());
      request.set_reason("wait");
      world.loop->holdRevision({"cy"}, request,
                               [&](const absl::StatusOr<api::Hold>& got) { hold = got->name(); });
    } else {
      api::SuspendRequest request;
      request.set_namespace_("gantry-system");
      request.set_application("shop");
      request.set_reason("wait");
      QVERIFY(world.loop->suspend({"cy"}, request).ok());
    }
    world.endRollouts();
    QCOMPARE(world.image("front"), "front:v1");
    QCOMPARE(waves(*newest(world)), "Sync 0 Done, Sync 1 Waiting");
    QVERIFY2(says(world.status().message(), "wave 1 does not begin"),
             world.status().message().c_str());
    if (isHeld) {
      QVERIFY(world.liftHold(hold).ok());
    } else {
      api::ResumeRequest request;
      request.set_namespace_("gantry-system");
      request.set_application("shop");
      QVERIFY(world.loop->resume({"cy"}, request).ok());
    }
    world.executor.settle();
    QCOMPARE(world.image("front"), "front:v2");
  }

  void driftInBetweenAsksForANewPlan() {
    DeliveryWorld world;
    prepare(world, shop("v2"), automatic(true, true, 1));
    QVERIFY(world.approve(*world.open(), "ana").ok());
    const std::string running = newest(world)->name();
    schema::Deployment front = *world.deployment("front");
    front.mutable_spec()->set_replicas(7);
    front.mutable_metadata()->set_generation(front.metadata().generation() + 1);
    world.put(front);
    world.endRollouts();
    const api::Plan& plan = *world.state().plans.find({"gantry-system", running});
    QCOMPARE(plan.state(), api::SUPERSEDED);
    QVERIFY2(says(plan.message(),
                  "Deployment/shop/front was changed meanwhile; in: wave 0; not "
                  "in: wave 1"),
             plan.message().c_str());
    QCOMPARE(world.deployment("front")->spec().replicas(), 7);
    // What is left needs a yes of its own.
    QVERIFY(world.open() != nullptr);
    QCOMPARE(world.open()->changes_size(), 1);
    QCOMPARE(world.open()->approvals_required(), 1);
    QVERIFY(world.approve(*world.open(), "ana").ok());
    QCOMPARE(world.image("front"), "front:v2");
    settle(world);
    QCOMPARE(world.status().sync(), "Synced");
    QCOMPARE(world.history().front()->outcome(), "Healthy");
  }

  // What was approved is written, or nothing.
  void aFieldThatIsIgnoredByNowAsksForANewPlan() {
    DeliveryWorld world;
    prepare(world, shop("v2"), automatic(true, true, 1));
    QVERIFY(world.approve(*world.open(), "ana").ok());
    const std::string running = newest(world)->name();
    schema::Application application = *world.state().applications.find({"gantry-system", "shop"});
    schema::IgnoredDifference& rule = *application.mutable_spec()->add_ignore_differences();
    rule.set_kind("Deployment");
    rule.set_name("front");
    rule.add_fields("spec.template.spec.containers[web].image");
    world.put(application);
    world.endRollouts();
    const api::Plan& plan = *world.state().plans.find({"gantry-system", running});
    QCOMPARE(plan.state(), api::SUPERSEDED);
    QVERIFY2(says(plan.message(),
                  "Deployment/shop/front would become something else than was planned; in: wave 0"),
             plan.message().c_str());
    QCOMPARE(world.image("front"), "front:v1");
  }

  void aRollbackInBetweenGoesBackAtOnce() {
    DeliveryWorld world;
    prepare(world, shop("v2"));
    const std::string running = newest(world)->name();
    QCOMPARE(world.image("back"), "back:v2");
    const auto answer = world.rollback();
    QVERIFY2(answer.ok(), std::string(answer.status().message()).c_str());
    QCOMPARE(world.image("back"), "back:v1");
    QCOMPARE(world.image("front"), "front:v1");
    QCOMPARE(world.state().plans.find({"gantry-system", running})->state(), api::SUPERSEDED);
    QCOMPARE(newest(world)->state(), api::APPLIED);
    world.endRollouts();
    world.poll();
    QCOMPARE(world.status().sync(), "Synced");
    QCOMPARE(world.image("back"), "back:v1");
  }

  void aFailureIsRolledBackIfThePolicySaysSo_data() {
    QTest::addColumn<bool>("hook");
    QTest::newRow("of a wave") << false;
    QTest::newRow("of a PostSync hook") << true;
  }
  void aFailureIsRolledBackIfThePolicySaysSo() {
    QFETCH(bool, hook);
    DeliveryWorld world;
    schema::SyncPolicy policy = automatic(true, true);
    policy.mutable_automatic_rollback()->set_watch_seconds(600);
    prepare(world, hook ? with(shop("v2"), "smoke", "PostSync") : shop("v2"), policy);
    if (hook) {
      world.endRollouts();
      world.endRollouts();
      endJob(world, "smoke-2", false);
    } else {
      world.endRollouts(false);
    }
    world.pass(std::chrono::seconds(2));
    QCOMPARE(world.image("back"), "back:v1");
    QCOMPARE(world.image("front"), "front:v1");
    QCOMPARE(world.history().front()->cause(), "rollback");
    QVERIFY(says(world.history().front()->reason(), "failed"));
  }
};

QTEST_GUILESS_MAIN(TstDeliveryWaves)
#include "tst_delivery_waves.moc"
