// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "tests/controller/loops/delivery_gates.h"

using namespace gantry;
using namespace gantry::tests;

/// What a Project allows, and whose signatures it trusts.
class TstDeliveryProjects : public QObject {
  Q_OBJECT

 private slots:
  void aProjectLimitsWhatIsTouched_data() {
    QTest::addColumn<QString>("repository");
    QTest::addColumn<QString>("ns");
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("problem");
    QTest::newRow("all is allowed") << "/srv/*" << "sh*" << "Deployment" << "";
    QTest::newRow("another repository") << "/other/*" << "" << "" << "the repository /srv/shop.git";
    QTest::newRow("another namespace") << "" << "other" << "" << "the namespace shop";
    QTest::newRow("another kind") << "" << "" << "ConfigMap" << "the kind Deployment";
  }
  void aProjectLimitsWhatIsTouched() {
    QFETCH(QString, repository);
    QFETCH(QString, ns);
    QFETCH(QString, kind);
    QFETCH(QString, problem);
    DeliveryWorld world;
    prepare(world, automatic(true, true));
    schema::Project limits = project();
    if (!repository.isEmpty()) limits.mutable_spec()->add_repositories(repository.toStdString());
    if (!ns.isEmpty()) limits.mutable_spec()->add_namespaces(ns.toStdString());
    if (!kind.isEmpty()) limits.mutable_spec()->add_kinds(kind.toStdString());
    world.put(limits);
    push(world, "front:v2");
    world.poll();
    const std::string said = world.condition("Apply");
    QVERIFY2(said.find(problem.toStdString()) != std::string::npos, said.c_str());
    QCOMPARE(world.image(), problem.isEmpty() ? "front:v2" : "front:v1");
  }

  void aMissingProjectIsNoFreedom() {
    DeliveryWorld world;
    prepare(world, automatic(true, true));
    schema::Application shop = *world.state().applications.find({"gantry-system", "shop"});
    shop.mutable_spec()->set_project("payments");
    world.put(shop);
    push(world, "front:v2");
    world.poll();
    QCOMPARE(world.image(), "front:v1");
    QVERIFY(world.condition("Apply").find("there is no Project payments") != std::string::npos);
  }

  void anUnsignedCommitGoesNoFurther() {
    DeliveryWorld world;
    prepare(world, automatic(true, true));
    const auto trust = [&](const char* key) {
      schema::Project trusting = project();
      schema::TrustedKey& trusted = *trusting.mutable_spec()->add_trusted_keys();
      trusted.set_name(key);
      trusted.set_ssh(absl::StrCat("ssh-ed25519 ", key));
      world.put(trusting);
    };
    trust("ana");
    schema::Application shop = *world.state().applications.find({"gantry-system", "shop"});
    shop.mutable_spec()->mutable_source()->set_require_signature(true);
    shop.mutable_metadata()->set_generation(shop.metadata().generation() + 1);
    world.put(shop);
    world.pass(std::chrono::seconds(1));
    // What is applied stays: it was good when it was applied.
    QCOMPARE(world.status().sync(), "Synced");
    push(world, "front:v2");
    world.poll();
    QCOMPARE(world.image(), "front:v1");
    QVERIFY(world.open() == nullptr);
    QVERIFY2(world.condition("Apply").find("it is not signed") != std::string::npos,
             world.condition("Apply").c_str());
    QVERIFY(world.wasTold("SignatureRefused"));
    QVERIFY(!world.sync().ok());
    QCOMPARE(world.image(), "front:v1");

    world.git.sign(kUrl, push(world, "front:v3"), "eve");
    world.poll();
    QCOMPARE(world.image(), "front:v1");
    QVERIFY(world.condition("Apply").find("not trusted") != std::string::npos);
    // A key that is trusted from now on makes it good.
    trust("eve");
    world.pass(std::chrono::seconds(2));
    QCOMPARE(world.image(), "front:v3");
    QCOMPARE(world.status().applied().signed_by(), "eve");
    QCOMPARE(world.condition("Apply"), "");
    // A rollback writes a commit of its own, of content that was good.
    world.endRollouts();
    QVERIFY(world.rollback().ok());
    QCOMPARE(world.image(), "front:v1");
    QCOMPARE(world.status().sync(), "Synced");
  }
};

QTEST_GUILESS_MAIN(TstDeliveryProjects)
#include "tst_delivery_projects.moc"
