// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "tests/controller/loops/delivery/delivery_gates.h"

using namespace gantry;
using namespace gantry::tests;

/// What an Application says of what it renders and keeps.
class TstDeliverySpec : public QObject {
  Q_OBJECT

 private slots:
  void aFolderIsAnApplication() {
    DeliveryWorld world;
    world.withRoot = true;
    world.git.commit(
        kUrl, "main",
        {{"apps/set.yaml",
          "apiVersion: gantry.dev/v1\nkind: ApplicationSet\nmetadata: {name: all}\nspec:\n"
          "  folders: ['environments/*']\n  template:\n    metadata: {name: 'shop-{{name}}'}\n"
          "    spec:\n      source: {repoURL: ., path: '{{path}}'}\n"
          "      destination: {namespace: '{{name}}'}\n      syncPolicy: {automated: {}}\n"},
         {"environments/dev/front.yaml", deploymentYaml("front", "front:v1")}},
        "One environment");
    world.start();
    world.pass(std::chrono::minutes(1));
    QVERIFY(world.state().applications.find({"gantry-system", "shop-dev"}) != nullptr);
    QVERIFY(world.state().deployments.find({"dev", "front"}) != nullptr);
    world.git.commit(kUrl, "main",
                     {{"environments/prod/front.yaml", deploymentYaml("front", "front:v2")}},
                     "Another one");
    world.pass(std::chrono::minutes(2));
    QVERIFY(world.state().deployments.find({"prod", "front"}) != nullptr);
    // A folder that is gone asks first.
    world.git.commit(kUrl, "main", {{"environments/dev/front.yaml", std::nullopt}}, "No dev");
    world.pass(std::chrono::minutes(1));
    QVERIFY(world.state().applications.find({"gantry-system", "shop-dev"}) != nullptr);
    const auto plan = world.open("root");
    QVERIFY(plan != nullptr);
    QCOMPARE(plan->approvals_required(), 1);
    QVERIFY(world.approve(*plan, "ana").ok());
    QVERIFY(world.sync("root").ok());
    QVERIFY(world.state().applications.find({"gantry-system", "shop-dev"}) == nullptr);
    QVERIFY(world.state().deployments.find({"dev", "front"}) != nullptr);
  }

  void ignoredFieldsStayAsTheyAre() {
    DeliveryWorld world;
    prepare(world, automatic(true, true));
    schema::Application shop = *world.state().applications.find({"gantry-system", "shop"});
    schema::IgnoredDifference& rule = *shop.mutable_spec()->add_ignore_differences();
    rule.set_kind("Deployment");
    rule.add_fields("spec.replicas");
    rule.add_fields("metadata.labels[team]");
    rule.add_fields("spec.template.spec.containers[web].image");
    world.put(shop);
    schema::Deployment live = *world.deployment("front");
    live.mutable_spec()->set_replicas(7);
    (*live.mutable_metadata()->mutable_labels())["team"] = "blue";
    (*live.mutable_metadata()->mutable_labels())["other"] = "red";
    world.put(live);
    push(world, "front:v2");
    world.poll();
    const schema::Deployment& front = *world.deployment("front");
    QCOMPARE(front.spec().replicas(), 7);
    QCOMPARE(world.image(), "front:v1");
    QCOMPARE(front.metadata().labels().at("team"), "blue");
    QVERIFY(!front.metadata().labels().contains("other"));
    QCOMPARE(world.status().sync(), "Synced");
    QVERIFY(world.open() == nullptr);
  }

  void variablesAreReplaced() {
    DeliveryWorld world;
    world.git.commit(kUrl, "main",
                     {{"shop/front.yaml", deploymentYaml("front", "front:${VERSION}")}},
                     "Variable");
    world.putApplication("shop", "shop", automatic(true, true));
    schema::Application shop = *world.state().applications.find({"gantry-system", "shop"});
    (*shop.mutable_spec()->mutable_variables())["VERSION"] = "v7";
    world.put(shop);
    world.start();
    QCOMPARE(world.image(), "front:v7");
  }
};

QTEST_GUILESS_MAIN(TstDeliverySpec)
#include "tst_delivery_spec.moc"
