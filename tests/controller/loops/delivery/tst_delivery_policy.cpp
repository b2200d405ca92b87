// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "tests/controller/loops/delivery/delivery_gates.h"

using namespace gantry;
using namespace gantry::tests;

namespace {

/// The Application "shop" as Git holds it; `more` are lines of its spec.
std::string shopYaml(const std::string& approval, const std::string& more = "") {
  return absl::StrCat(
      "apiVersion: gantry.dev/v1\nkind: Application\nmetadata:\n  name: shop\nspec:\n"
      "  source:\n    repoURL: .\n    path: shop\n  destination:\n    namespace: shop\n",
      more, "  syncPolicy:\n    automated: {prune: true, selfHeal: true}\n    approval: ", approval,
      "\n");
}

}  // namespace

/// Approvals are judged by the policy in force when a plan is applied, and a policy can be loosened
/// only as it says itself.
class TstDeliveryPolicy : public QObject {
  Q_OBJECT

 private:
  /// "shop" of the root's folder runs v1, and two people have to approve what comes after.
  static void prepareRoot(DeliveryWorld& world, const std::string& more = "") {
    world.withRoot = true;
    world.git.commit(kUrl, "main",
                     {{"apps/shop.yaml", shopYaml("{required: 0}", more)},
                      {"shop/front.yaml", deploymentYaml("front", "front:v1")}},
                     "Add the shop", "Dan");
    world.start();
    world.endRollouts();
    QCOMPARE(world.image(), "front:v1");
    world.git.commit(kUrl, "main", {{"apps/shop.yaml", shopYaml("{required: 2}", more)}},
                     "Two approvals", "Dan");
    world.poll();
    QCOMPARE(required(world), 2);
  }
  static int required(const DeliveryWorld& world) {
    const auto* shop = world.state().applications.find({"gantry-system", "shop"});
    return shop->spec().sync_policy().approval().required();
  }
  static void putMembers(DeliveryWorld& world, std::initializer_list<const char*> members) {
    world.put(project({role("sre", {"approve", "override", "sync"}, members)}));
    world.executor.settle();
  }

 private slots:
  // The way round for who may push but not approve: to push the policy with the change.
  void aPolicyIsLoosenedOnlyByThoseWhomItAsks() {
    DeliveryWorld world;
    prepareRoot(world);
    world.git.commit(kUrl, "main",
                     {{"apps/shop.yaml", shopYaml("{required: 0, authorMayApprove: true}")},
                      {"shop/front.yaml", deploymentYaml("front", "front:v2")}},
                     "Tidy up", "Mallory");
    world.poll();
    world.poll();
    QCOMPARE(required(world), 2);
    QCOMPARE(world.image(), "front:v1");
    QCOMPARE(world.open("root")->approvals_required(), 2);
    QVERIFY2(world.open("root")->message().find("since it loosens spec.syncPolicy.approval.") !=
                 std::string::npos,
             world.open("root")->message().c_str());
    // Nor by asking, nor after a restart.
    QVERIFY(world.sync("root", "mallory").ok());
    QVERIFY(world.sync("shop", "mallory").ok());
    world.crash();
    world.start();
    QCOMPARE(required(world), 2);
    QCOMPARE(world.image(), "front:v1");
    QVERIFY(absl::IsPermissionDenied(world.approve(*world.open("root"), "mallory").status()));
    QVERIFY(world.approve(*world.open("root"), "bo").ok());
    QCOMPARE(required(world), 2);
    QVERIFY(world.approve(*world.open("root"), "cy").ok());
    QCOMPARE(required(world), 0);
    world.poll();
    QCOMPARE(world.image(), "front:v2");
  }

  void aStricterPolicyNeedsNobody() {
    DeliveryWorld world;
    prepareRoot(world);
    world.git.commit(kUrl, "main",
                     {{"apps/shop.yaml", shopYaml("{required: 3, commentRequired: true}")}},
                     "Three approvals", "Dan");
    world.poll();
    QCOMPARE(required(world), 3);
  }

  // Going back in the root's history would bring back the policy of that time.
  void noRollbackLoosensAPolicy() {
    DeliveryWorld world;
    prepareRoot(world);
    const auto preview = world.preview("", "root");
    QVERIFY(absl::IsFailedPrecondition(preview.status()));
    QVERIFY2(
        preview.status().message().find("going back loosens spec.syncPolicy.approval.required of "
                                        "gantry-system/shop") != std::string::npos,
        std::string(preview.status().message()).c_str());
  }

  // The manifests are those that were approved, but what they say is not.
  void otherVariablesAreNoDriftToHeal() {
    DeliveryWorld world;
    push(world, "front:${VERSION}");
    world.putApplication("shop", "shop", automatic(true, true));
    const auto setVersion = [&](const char* version, int approvals) {
      schema::Application shop = *world.state().applications.find({"gantry-system", "shop"});
      (*shop.mutable_spec()->mutable_variables())["VERSION"] = version;
      shop.mutable_spec()->mutable_sync_policy()->mutable_approval()->set_required(approvals);
      shop.mutable_metadata()->set_generation(shop.metadata().generation() + 1);
      world.put(shop);
    };
    setVersion("v1", 0);
    world.start();
    world.endRollouts();
    QCOMPARE(world.image(), "front:v1");
    setVersion("v2", 1);
    world.poll();
    world.poll();
    QCOMPARE(world.image(), "front:v1");
    QVERIFY(world.open() != nullptr);
    QVERIFY(world.approve(*world.open(), "bo").ok());
    QCOMPARE(world.image(), "front:v2");
  }

  void whoMayNoLongerApproveHasNotApproved() {
    DeliveryWorld world;
    putMembers(world, {"ana", "bo"});
    schema::SyncPolicy policy = automatic(true, true, 1);
    *policy.add_windows() = window("allow", "0 22 * * *", "2h");
    world.pass(std::chrono::hours(1));
    prepare(world, policy);
    push(world, "front:v2");
    world.poll();
    QVERIFY(world.approve(*world.open(), "ana").ok());
    QCOMPARE(world.open()->state(), api::APPROVED);
    putMembers(world, {"bo"});
    const char* const why = "ana may not approve in Project default; bo may";
    QCOMPARE(world.open()->approvals(0).void_because(), why);
    QCOMPARE(gate(*world.open(), "approval")->message(),
             absl::StrCat("waits: 0 of 1 approvals; ana's approval no longer counts: ", why));
    // Also when the window opens, and after a restart.
    world.crash();
    world.start();
    world.pass(std::chrono::hours(24));
    QCOMPARE(world.image(), "front:v1");
    QVERIFY(world.approve(*world.open(), "bo").ok());
    world.pass(std::chrono::hours(24));
    QCOMPARE(world.image(), "front:v2");
  }

  void whoMayNoLongerOverrideHasNotOverridden() {
    DeliveryWorld world;
    putMembers(world, {"ana", "bo"});
    schema::SyncPolicy policy = automatic(true, true, 1);
    *policy.add_windows() = window("deny", "* * * * *", "2h");
    prepare(world, policy);
    push(world, "front:v2");
    world.poll();
    QVERIFY(override(world, world.open()->digest(), "urgent").ok());
    QVERIFY(gate(*world.open(), "window")->open());
    putMembers(world, {"bo"});
    QVERIFY(!gate(*world.open(), "window")->open());
    QVERIFY(world.approve(*world.open(), "bo").ok());
    QCOMPARE(world.image(), "front:v1");
  }
};

QTEST_GUILESS_MAIN(TstDeliveryPolicy)
#include "tst_delivery_policy.moc"
