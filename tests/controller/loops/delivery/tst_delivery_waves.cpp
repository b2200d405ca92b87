// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "tests/controller/loops/delivery/waves_world.h"

using namespace gantry;
using namespace gantry::tests;

/// Plans that are applied in waves, with Jobs in between: their order, and what fails.
class TstDeliveryWaves : public QObject {
  Q_OBJECT

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
};

QTEST_GUILESS_MAIN(TstDeliveryWaves)
#include "tst_delivery_waves.moc"
