// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "tests/controller/loops/delivery/delivery_world.h"

using namespace gantry;
using namespace gantry::tests;

/// An Application whose path is an overlay: its bases, elsewhere in the repository, are part of it.
class TstDeliveryKustomize : public QObject {
  Q_OBJECT

 private:
  static void prepare(DeliveryWorld& world) {
    world.git.commit(kUrl, "main",
                     {{"overlays/production/kustomization.yaml",
                       "resources: [../../base]\nconfigMapGenerator:\n"
                       "- {name: notes, files: [notes.txt]}\n"},
                      {"overlays/production/notes.txt", "anything"},
                      {"overlays/staging/kustomization.yaml", "resources: [../../base]\n"},
                      {"base/kustomization.yaml", "resources: [front.yaml, ../parts]\n"},
                      {"base/front.yaml", deploymentYaml("front", "front:v1")},
                      {"parts/kustomization.yaml", "resources: [service.yaml]\n"},
                      {"parts/service.yaml", serviceYaml("front")}},
                     "Use front:v1");
    world.putApplication("shop", "overlays/production", automatic(true, true));
    world.start();
    QCOMPARE(world.condition("Render"), std::string());
    QCOMPARE(world.image(), "front:v1");
    QCOMPARE(world.status().sync(), "Synced");
    QVERIFY(world.state().services.find({"shop", "front"}) != nullptr);
  }
  static std::string push(DeliveryWorld& world, const std::string& image) {
    return world.git.commit(kUrl, "main", {{"base/front.yaml", deploymentYaml("front", image)}},
                            "Use " + image);
  }

 private slots:
  void aChangeOfABaseIsARevision() {
    DeliveryWorld world;
    prepare(world);
    const std::string second = push(world, "front:v2");
    world.poll();
    QCOMPARE(world.image(), "front:v2");
    QCOMPARE(world.status().observed().commit(), second);
    QCOMPARE(world.status().applied().commit(), second);
  }

  void aChangeOfAnotherOverlayIsNone() {
    DeliveryWorld world;
    prepare(world);
    const std::string before = world.status().observed().commit();
    const int reads = world.git.reads();
    world.git.commit(kUrl, "main", {{"overlays/staging/kustomization.yaml", "namePrefix: x-\n"}},
                     "Elsewhere");
    world.poll();
    QCOMPARE(world.status().observed().commit(), before);
    QCOMPARE(world.git.reads(), reads);
    QVERIFY(world.open() == nullptr);
  }

  void aBaseThatIsAddedIsFollowed() {
    DeliveryWorld world;
    prepare(world);
    world.git.commit(
        kUrl, "main",
        {{"overlays/production/kustomization.yaml", "resources: [../../base, ../../more]\n"},
         {"more/kustomization.yaml", "resources: [config.yaml]\n"},
         {"more/config.yaml", configYaml("greeting", "one")}},
        "Add a base");
    world.poll();
    const std::string third = world.git.commit(
        kUrl, "main", {{"more/config.yaml", configYaml("greeting", "two")}}, "Two");
    world.poll();
    QCOMPARE(world.status().applied().commit(), third);
    QCOMPARE(world.state().configMaps.find({"shop", "greeting"})->data().at("greeting"), "two");
  }

  void aBaseThatIsWrongIsNamed() {
    DeliveryWorld world;
    prepare(world);
    world.git.commit(kUrl, "main", {{"base/front.yaml", "kind: [\n"}}, "Break it");
    world.poll();
    const std::string wrong = world.condition("Render");
    QVERIFY2(wrong.starts_with("base/front.yaml:"), wrong.c_str());
    QCOMPARE(world.image(), "front:v1");
    push(world, "front:v3");
    world.poll();
    QCOMPARE(world.condition("Render"), std::string());
    QCOMPARE(world.image(), "front:v3");
  }

  void aBaseThatIsNotThereIsNamed() {
    DeliveryWorld world;
    prepare(world);
    world.git.commit(
        kUrl, "main",
        {{"parts/kustomization.yaml", std::nullopt}, {"parts/service.yaml", std::nullopt}},
        "Lose a base");
    world.poll();
    const std::string wrong = world.condition("Render");
    QVERIFY2(
        wrong.starts_with("base/kustomization.yaml:1:25: error: resources: there is no file or "
                          "folder \"../parts\""),
        wrong.c_str());
    QVERIFY(world.state().services.find({"shop", "front"}) != nullptr);
  }

  void aRollbackRestoresTheBases() {
    DeliveryWorld world;
    prepare(world);
    push(world, "front:v2");
    world.git.commit(kUrl, "main", {{"overlays/staging/kustomization.yaml", "namePrefix: x-\n"}},
                     "Elsewhere");
    world.poll();
    QCOMPARE(world.image(), "front:v2");
    const auto preview = world.preview();
    QVERIFY2(preview.ok(), std::string(preview.status().message()).c_str());
    QCOMPARE(preview->reverted_size(), 1);
    QCOMPARE(preview->reverted(0).subject(), "Use front:v2");
    const auto answer = world.rollback();
    QVERIFY2(answer.ok(), std::string(answer.status().message()).c_str());
    world.poll();
    QCOMPARE(world.image(), "front:v1");
    QVERIFY(!world.status().has_rollback());
    QCOMPARE(world.status().sync(), "Synced");
    const auto& files = world.git.filesOf(kUrl, world.git.head(kUrl, "main"));
    QCOMPARE(files.at("base/front.yaml"), deploymentYaml("front", "front:v1"));
    QCOMPARE(files.at("overlays/staging/kustomization.yaml"), "namePrefix: x-\n");
  }

  void aRollbackToOtherBasesIsRefused() {
    DeliveryWorld world;
    prepare(world);
    world.git.commit(kUrl, "main",
                     {{"overlays/production/kustomization.yaml", "resources: [../../parts]\n"}},
                     "Another base");
    world.poll();
    // Both objects of before go: more than the deletion budget.
    QVERIFY(world.approve(*world.open(), "ana").ok());
    const auto preview = world.preview();
    QVERIFY(!preview.ok());
    const std::string why(preview.status().message());
    QVERIFY2(why.find("other bases") != std::string::npos, why.c_str());
  }

  void theBasesAreFoundAgainWithoutGit() {
    DeliveryWorld world;
    prepare(world);
    push(world, "front:v2");
    world.poll();
    world.crash();
    world.git.setUnreachable(kUrl, true);
    world.start();
    const auto preview = world.preview();
    QVERIFY2(preview.ok(), std::string(preview.status().message()).c_str());
    QCOMPARE(preview->plan().changes_size(), 1);
  }
};

QTEST_GUILESS_MAIN(TstDeliveryKustomize)
#include "tst_delivery_kustomize.moc"
