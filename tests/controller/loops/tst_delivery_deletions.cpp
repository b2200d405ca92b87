// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "tests/controller/loops/delivery_gates.h"

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
};

QTEST_GUILESS_MAIN(TstDeliveryDeletions)
#include "tst_delivery_deletions.moc"
