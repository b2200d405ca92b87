// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "tests/controller/loops/delivery/delivery_gates.h"

using namespace gantry;
using namespace gantry::tests;

/// What is not deleted without a person, or never.
class TstDeliveryDeletions : public QObject {
  Q_OBJECT

 private slots:
  void manyDeletionsWaitForSomebody() {
    DeliveryWorld world;
    support::FakeGit::Edits files;
    support::FakeGit::Edits gone;
    for (int i = 0; i < 12; ++i) {
      const std::string name = absl::StrCat("service-", i);
      files["shop/" + name + ".yaml"] = serviceYaml(name);
      if (i > 0) gone["shop/" + name + ".yaml"] = std::nullopt;
    }
    files["shop/front.yaml"] = deploymentYaml("front", "front:v1");
    world.git.commit(kUrl, "main", files, "All");
    world.putApplication("shop", "shop", automatic(true, true));
    world.start();
    QCOMPARE(world.state().services.size(), 12u);
    gone["shop/front.yaml"] = deploymentYaml("front", "front:v2");
    world.git.commit(kUrl, "main", gone, "Remove most");
    world.poll();
    QCOMPARE(world.image(), "front:v2");
    QCOMPARE(world.state().services.size(), 12u);
    const auto plan = world.open();
    QCOMPARE(plan->changes_size(), 11);
    QCOMPARE(plan->approvals_required(), 1);
    const api::Gate* budget = gate(*plan, "deletion-budget");
    QVERIFY(budget != nullptr && !budget->open());
    QCOMPARE(budget->message(),
             "deletes 11 of 13 objects, more than the 10 that syncPolicy.deletionBudget allows");
    QVERIFY(world.approve(*plan, "ana").ok());
    QVERIFY(world.sync().ok());
    QCOMPARE(world.state().services.size(), 1u);
  }

  void aProtectedObjectIsNeverPruned() {
    DeliveryWorld world;
    world.git.commit(kUrl, "main",
                     {{"shop/front.yaml", deploymentYaml("front", "front:v1")},
                      {"shop/data.yaml",
                       "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: data\n  annotations:\n"
                       "    gantry.dev/prune: \"false\"\ndata: {a: b}\n"}},
                     "Both");
    world.putApplication("shop", "shop", automatic(true, true));
    world.start();
    world.git.commit(kUrl, "main", {{"shop/data.yaml", std::nullopt}}, "Remove");
    world.poll();
    QVERIFY(world.state().configMaps.find({"shop", "data"}) != nullptr);
    QVERIFY(world.open() == nullptr);
  }

  // One commit takes the Namespace in, the next takes it out again.
  void aNamespaceTakesNobodysObjectsAlongUnasked_data() {
    QTest::addColumn<QString>("owner");
    QTest::addColumn<bool>("goes");
    QTest::newRow("another Application's stay") << "gantry-system/other" << false;
    QTest::newRow("nobody's go once a person has agreed") << "" << true;
  }
  void aNamespaceTakesNobodysObjectsAlongUnasked() {
    QFETCH(QString, owner);
    QFETCH(bool, goes);
    DeliveryWorld world;
    world.put(configMap("prices", owner.toStdString()));
    world.putApplication("other", "other", manual());
    world.git.commit(kUrl, "main",
                     {{"shop/front.yaml", deploymentYaml("front", "front:v1")},
                      {"shop/tools.yaml", kTools},
                      {"shop/namespace.yaml", kNamespace}},
                     "Take the Namespace in");
    world.putApplication("shop", "shop", automatic(true, true));
    world.start();
    QVERIFY(world.state().namespaces.find({"", "shop"}) != nullptr);
    world.git.commit(kUrl, "main",
                     {{"shop/front.yaml", std::nullopt}, {"shop/namespace.yaml", std::nullopt}},
                     "Take it out");
    world.poll();
    QVERIFY(world.sync().ok() == goes);
    world.poll();
    QVERIFY(!isGoing(world));
    QVERIFY(world.state().configMaps.find({"shop", "prices"}) != nullptr);
    if (!goes) {
      QVERIFY2(world.condition("Apply").find("ConfigMap/shop/prices (of gantry-system/other)") !=
                   std::string::npos,
               world.condition("Apply").c_str());
      return;
    }
    QCOMPARE(world.open()->approvals_required(), 1);
    QVERIFY(world.approve(*world.open(), "ana").ok());
    world.pass(std::chrono::seconds(1));
    QVERIFY(isGoing(world));
    QVERIFY(world.state().configMaps.find({"shop", "prices"}) == nullptr);
  }

  void whatAnApplicationHasAppliedGoesWithItOnceThatIsApproved() {
    DeliveryWorld world;
    startWithAll(world);
    QCOMPARE(world.image(), "front:v1");
    world.git.commit(
        kUrl, "main",
        {{"apps/shop.yaml", std::nullopt}, {"apps/note.yaml", configYaml("note", "b")}},
        "Remove the shop");
    world.poll();
    world.poll();
    QCOMPARE(world.state().configMaps.find({"gantry-system", "note"})->data().at("greeting"), "b");
    QCOMPARE(world.image(), "front:v1");
    const auto plan = world.open("root");
    QVERIFY(plan != nullptr);
    QCOMPARE(plan->changes_size(), 2);
    QCOMPARE(plan->effect().pods_deleted(), 2);
    QCOMPARE(plan->approvals_required(), 1);
    QVERIFY(world.approve(*plan, "ana").ok());
    world.poll();
    QVERIFY(world.state().applications.find({"gantry-system", "shop"}) == nullptr);
    QVERIFY(world.deployment("front") == nullptr);
  }

  // Its own loop no longer looks after them: what deletes them does.
  void aWaveOfAnApplicationsObjectsEndsWithTheirLastPod() {
    DeliveryWorld world;
    startWithAll(world);
    model::Pod pod;
    pod.ns = "shop";
    pod.name = "front-1";
    pod.uid = "uid-front-1";
    pod.ownerKind = "Deployment";
    pod.ownerName = "front";
    pod.ownerUid = world.deployment("front")->metadata().uid();
    pod.nodeName = "node-1";
    pod.shape = std::make_shared<schema::PodTemplateSpec>();
    pod.status = std::make_shared<schema::PodStatus>();
    world.put(pod);
    world.git.commit(kUrl, "main",
                     {{"apps/shop.yaml", std::nullopt},
                      {"apps/note.yaml", configYaml("note", "b")},
                      {"apps/late.yaml", inWave(configYaml("late", "c"), 1)}},
                     "Remove the shop");
    QVERIFY(world.sync("root").ok());
    QVERIFY(world.open("root") != nullptr);
    QVERIFY(world.approve(*world.open("root"), "ana").ok());
    world.executor.settle();
    QVERIFY(world.deployment("front") == nullptr);
    const std::string name = world.history("root").front()->plan();
    const auto state = [&] { return world.state().plans.find({"gantry-system", name})->state(); };
    QCOMPARE(state(), api::APPLYING);
    world.erase<model::Pod>({"shop", "front-1"});
    world.executor.settle();
    QCOMPARE(state(), api::APPLIED);
  }

 private:
  static std::string shopThatGoesWithAll() {
    return "apiVersion: gantry.dev/v1\nkind: Application\nmetadata:\n  name: shop\nspec:\n"
           "  deletionPolicy: delete\n  source:\n    path: shop\n"
           "  syncPolicy: {automated: {prune: true, selfHeal: true}}\n";
  }
  /// The root holds that Application and a note; the shop's front runs.
  static void startWithAll(DeliveryWorld& world) {
    world.withRoot = true;
    world.git.commit(kUrl, "main",
                     {{"apps/shop.yaml", shopThatGoesWithAll()},
                      {"apps/note.yaml", configYaml("note", "a")},
                      {"shop/front.yaml", deploymentYaml("front", "front:v1")}},
                     "Add the shop");
    world.start();
  }
  static std::string inWave(std::string yaml, int wave) {
    const std::string metadata = "metadata:\n";
    return yaml.insert(yaml.find(metadata) + metadata.size(),
                       absl::StrCat("  annotations: {gantry.dev/sync-wave: \"", wave, "\"}\n"));
  }
  static constexpr char kNamespace[] = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n";
  static constexpr char kTools[] =
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: tools, namespace: tools}\n"
      "data: {a: b}\n";

  static schema::ConfigMap configMap(const std::string& name, const std::string& owner) {
    schema::ConfigMap map;
    map.mutable_metadata()->set_namespace_("shop");
    map.mutable_metadata()->set_name(name);
    auto& annotations = *map.mutable_metadata()->mutable_annotations();
    if (!owner.empty()) annotations["gantry.dev/application"] = owner;
    return map;
  }
  static bool isGoing(const DeliveryWorld& world) {
    const schema::Namespace* ns = world.state().namespaces.find({"", "shop"});
    return ns == nullptr || ns->metadata().has_deletion_timestamp();
  }
};

QTEST_GUILESS_MAIN(TstDeliveryDeletions)
#include "tst_delivery_deletions.moc"
