// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include <initializer_list>

#include "controller/delivery/commits.h"
#include "tests/controller/loops/delivery/delivery_gates.h"

using namespace gantry;
using namespace gantry::tests;

/// Whose signatures count, of which commits, and who has brought a branch to where it is.
class TstDeliverySignatures : public QObject {
  Q_OBJECT

 private slots:
  void anUnsignedCommitGoesNoFurther() {
    DeliveryWorld world;
    const std::string first = begin(world, 0);
    // What is applied stays: it was good when it was applied.
    QCOMPARE(world.status().sync(), "Synced");
    push(world, "front:v2");
    world.poll();
    QCOMPARE(world.image(), "front:v1");
    QVERIFY(world.open() == nullptr);
    QVERIFY2(says(world, "it is not signed"), world.condition("Apply").c_str());
    QVERIFY(world.wasTold("SignatureRefused"));
    QVERIFY(!world.sync().ok());
    QCOMPARE(world.image(), "front:v1");

    world.git.forcePush(kUrl, "main", first);
    pushSigned(world, "front:v3", "eve");
    world.poll();
    QCOMPARE(world.image(), "front:v1");
    QVERIFY(says(world, "not trusted"));
    // A key that is trusted from now on makes it good.
    trust(world, {"ana", "eve"});
    world.pass(std::chrono::seconds(2));
    QCOMPARE(world.image(), "front:v3");
    QCOMPARE(world.status().applied().signed_by(), "eve");
    QCOMPARE(world.condition("Apply"), "");
    // A rollback writes a commit of its own, of content that was good; what comes after goes on.
    world.endRollouts();
    QVERIFY(world.rollback().ok());
    QCOMPARE(world.image(), "front:v1");
    QCOMPARE(world.status().sync(), "Synced");
    pushSigned(world, "front:v4", "ana");
    world.poll();
    QCOMPARE(world.image(), "front:v4");
  }

  void everyCommitOfThePlanMustBeSigned() {
    DeliveryWorld world;
    begin(world, 0);
    const std::string unsignedOne = push(world, "front:v2", "Mallory");
    pushSigned(world, "front:v3", "ana");
    world.poll();
    QCOMPARE(world.image(), "front:v1");
    QVERIFY2(says(world, unsignedOne.substr(0, 8)) && says(world, "by Mallory"),
             world.condition("Apply").c_str());
    world.git.sign(kUrl, unsignedOne, "ana");
    // What was said of a commit is not asked again; other keys are another question.
    trust(world, {"ana", "bo"});
    world.pass(std::chrono::seconds(2));
    QCOMPARE(world.image(), "front:v3");
  }

  void commitsElsewhereNeedNone() {
    DeliveryWorld world;
    begin(world, 0);
    world.git.commit(kUrl, "main", {{"other/readme.md", "hello"}}, "Say hello", "Mallory");
    pushSigned(world, "front:v2", "ana");
    world.poll();
    QCOMPARE(world.image(), "front:v2");
  }

  void whoSignedOneMayNotApprove() {
    DeliveryWorld world;
    begin(world, 1);
    pushSigned(world, "front:v2", "bo");
    for (int i = 0; i < 120; ++i) pushSigned(world, absl::StrCat("front:v2-", i), "ana");
    world.poll();
    const auto plan = world.open();
    QVERIFY2(plan != nullptr, world.condition("Apply").c_str());
    QCOMPARE(plan->commits_size(), int(delivery::kShownCommits));
    for (const schema::Revision& commit : plan->commits()) QCOMPARE(commit.signed_by(), "ana");
    QVERIFY(absl::IsPermissionDenied(world.approve(*plan, "ana").status()));
    // The oldest one, which is not shown.
    QVERIFY(absl::IsPermissionDenied(world.approve(*plan, "bo").status()));
    QVERIFY(world.approve(*plan, "cem").ok());
    QCOMPARE(world.image(), "front:v2-119");
  }

  void aPollCostsNoSignatures() {
    DeliveryWorld world;
    begin(world, 1);
    for (int i = 0; i < 5; ++i) pushSigned(world, absl::StrCat("front:v2-", i), "ana");
    world.poll();
    const int before = world.git.verified();
    for (int i = 0; i < 5; ++i) world.poll();
    QCOMPARE(world.git.verified(), before);
    pushSigned(world, "front:v3", "ana");
    world.poll();
    QCOMPARE(world.git.verified(), before + 1);
    QCOMPARE(world.open()->commits_size(), 6);
  }

  void whatCannotBeAskedIsAskedAgain() {
    DeliveryWorld world;
    begin(world, 0);
    world.git.verifyFault = absl::UnavailableError("gantry-git was killed");
    pushSigned(world, "front:v2", "ana");
    world.poll();
    QCOMPARE(world.image(), "front:v1");
    QVERIFY2(says(world, "have not been checked yet: gantry-git was killed"),
             world.condition("Apply").c_str());
    QVERIFY(!world.wasTold("SignatureRefused"));
    world.git.verifyFault = absl::OkStatus();
    world.poll();
    QCOMPARE(world.image(), "front:v2");
  }

  // Git's own log names the old commit, which is signed; who made the merge is who goes back.
  void aMergeThatGoesBackMustBeSigned_data() {
    QTest::addColumn<bool>("isSigned");
    QTest::newRow("and is not") << false;
    QTest::newRow("and is") << true;
  }
  void aMergeThatGoesBackMustBeSigned() {
    QFETCH(bool, isSigned);
    DeliveryWorld world;
    const std::string old = begin(world, 1);
    const std::string good = pushSigned(world, "front:v2", "ana");
    world.poll();
    QVERIFY(world.approve(*world.open(), "cem").ok());
    QCOMPARE(world.image(), "front:v2");
    const std::string merge =
        world.git.merge(kUrl, "main", old, old, "Merge the old state", "Mallory");
    if (isSigned) world.git.sign(kUrl, merge, "bo");
    world.poll();
    if (!isSigned) {
      QVERIFY(world.open() == nullptr);
      QVERIFY2(says(world, merge.substr(0, 8)) && says(world, "by Mallory"),
               world.condition("Apply").c_str());
      return;
    }
    const auto plan = world.open();
    QVERIFY2(plan != nullptr, world.condition("Apply").c_str());
    QCOMPARE(plan->revision().commit(), old);
    for (const char* author : {"mallory", "bo"}) {
      QVERIFY2(absl::IsPermissionDenied(world.approve(*plan, author).status()), author);
    }
    QVERIFY2(plan->message().find("takes away " + good.substr(0, 7)) != std::string::npos,
             plan->message().c_str());
    QVERIFY(world.approve(*plan, "cem").ok());
    QCOMPARE(world.image(), "front:v1");
  }

  void anOrdinaryMergeNeedsNone() {
    DeliveryWorld world;
    const std::string base = begin(world, 0);
    world.git.commit(kUrl, "main", {{"other/readme.md", "hello"}}, "Say hello");
    world.git.forcePush(kUrl, "topic", base);
    const std::string topic = world.git.commit(
        kUrl, "topic", {{"shop/front.yaml", deploymentYaml("front", "front:v2")}}, "Use v2");
    world.git.sign(kUrl, topic, "ana");
    world.git.merge(kUrl, "main", topic, topic, "Merge topic", "Mallory");
    world.poll();
    QCOMPARE(world.image(), "front:v2");
  }

  void aBranchThatWasMovedBackSaysNotByWhom() {
    DeliveryWorld world;
    const std::string old = begin(world, 0);
    const std::string good = pushSigned(world, "front:v2", "ana");
    world.poll();
    QCOMPARE(world.image(), "front:v2");
    world.git.forcePush(kUrl, "main", old);
    world.poll();
    QCOMPARE(world.image(), "front:v2");
    QVERIFY2(says(world, "main was moved back to") && says(world, good.substr(0, 7)),
             world.condition("Apply").c_str());
    // Something elsewhere on top of it is no word about it.
    world.git.sign(kUrl, world.git.commit(kUrl, "main", {{"other/a", "b"}}, "Elsewhere"), "ana");
    world.poll();
    QCOMPARE(world.image(), "front:v2");
    pushSigned(world, "front:v3", "ana");
    world.poll();
    QCOMPARE(world.image(), "front:v3");
    QVERIFY(world.wasTold("GoesBack"));
  }

  // Who may change the Application says so; nothing was pushed.
  void anApplicationMayFollowAnOlderCommit() {
    DeliveryWorld world;
    const std::string old = begin(world, 0);
    pushSigned(world, "front:v2", "ana");
    world.poll();
    QCOMPARE(world.image(), "front:v2");
    schema::Application shop = *world.state().applications.find({"gantry-system", "shop"});
    shop.mutable_spec()->mutable_source()->set_target_revision(old);
    shop.mutable_metadata()->set_generation(shop.metadata().generation() + 1);
    world.put(shop);
    world.poll();
    QCOMPARE(world.image(), "front:v1");
  }

  // Signatures or not: who goes back is an author of that.
  void theAuthorOfAMergeThatGoesBackMayNotApproveIt() {
    DeliveryWorld world;
    prepare(world, automatic(true, true, 1));
    const std::string old = world.status().applied().commit();
    push(world, "front:v2", "Ana");
    world.poll();
    QVERIFY(world.approve(*world.open(), "cem").ok());
    world.git.merge(kUrl, "main", old, old, "Merge the old state", "Mallory");
    world.poll();
    const auto plan = world.open();
    QCOMPARE(plan->revision().commit(), old);
    QCOMPARE(plan->commits_size(), 2);
    QVERIFY(absl::IsPermissionDenied(world.approve(*plan, "mallory").status()));
    QVERIFY(absl::IsPermissionDenied(world.approve(*plan, "dan").status()));
    QVERIFY2(plan->message().ends_with("by Ana"), plan->message().c_str());
    QVERIFY(world.approve(*plan, "cem").ok());
    QCOMPARE(world.image(), "front:v1");
  }

  // What was read before a restart is in the clone, and so is who signed it.
  void aRestartWithoutGitKeepsWhatWasApproved() {
    DeliveryWorld world;
    begin(world, 2);
    pushSigned(world, "front:v2", "ana");
    world.poll();
    QVERIFY(world.approve(*world.open(), "bo").ok());
    const std::string plan = world.open()->name();
    world.crash();
    world.git.setUnreachable(kUrl, true);
    world.start();
    world.poll();
    QVERIFY(world.open() != nullptr);
    QCOMPARE(world.open()->name(), plan);
    QVERIFY(world.approve(*world.open(), "cem").ok());
    QCOMPARE(world.image(), "front:v2");
  }

 private:
  static void trust(DeliveryWorld& world, std::initializer_list<const char*> keys) {
    schema::Project trusting = project();
    for (const char* key : keys) {
      schema::TrustedKey& trusted = *trusting.mutable_spec()->add_trusted_keys();
      trusted.set_name(key);
      trusted.set_ssh(absl::StrCat("ssh-ed25519 ", key));
    }
    world.put(trusting);
  }

  /// v1, signed by ana, is applied to an Application that asks for signatures and so many
  /// approvals; its commit.
  static std::string begin(DeliveryWorld& world, int approvals) {
    prepare(world, automatic(true, true, approvals));
    std::string first = world.status().applied().commit();
    world.git.sign(kUrl, first, "ana");
    if (approvals == 0) {
      trust(world, {"ana"});
    } else {
      trust(world, {"ana", "bo"});
    }
    schema::Application shop = *world.state().applications.find({"gantry-system", "shop"});
    shop.mutable_spec()->mutable_source()->set_require_signature(true);
    shop.mutable_metadata()->set_generation(shop.metadata().generation() + 1);
    world.put(shop);
    world.pass(std::chrono::seconds(1));
    return first;
  }

  static std::string pushSigned(DeliveryWorld& world, const std::string& image,
                                const std::string& key) {
    std::string commit = push(world, image);
    world.git.sign(kUrl, commit, key);
    return commit;
  }

  static bool says(const DeliveryWorld& world, const std::string& text) {
    return world.condition("Apply").find(text) != std::string::npos;
  }
};

QTEST_GUILESS_MAIN(TstDeliverySignatures)
#include "tst_delivery_signatures.moc"
