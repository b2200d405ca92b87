// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "tests/controller/loops/delivery/delivery_gates.h"

using namespace gantry;
using namespace gantry::tests;

/// What a Project allows.
class TstDeliveryProjects : public QObject {
  Q_OBJECT

  /// One called "inner" of that Project.
  static QString application(const char* project) {
    return QString(
               "apiVersion: gantry.dev/v1\nkind: Application\n"
               "metadata: {name: inner, namespace: gantry-system}\nspec:\n  project: \"%1\"\n"
               "  source: {repoURL: ., path: inner}\n")
        .arg(project);
  }

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

  void onlyTheRootHoldsWhatIsOfOtherProjects_data() {
    QTest::addColumn<QString>("manifest");
    QTest::addColumn<QString>("problem");
    QTest::newRow("an Application of the same Project") << application("tools") << "";
    QTest::newRow("of another one")
        << application("shop")
        << "Application/gantry-system/inner: is of Project shop, but gantry-system/shop, which "
           "holds it, is of Project tools; write spec.project: tools, or move it to the folder of "
           "gantry-system/root";
    QTest::newRow("of the default one") << application("") << "is of Project default";
    QTest::newRow("a Project")
        << "apiVersion: gantry.dev/v1\nkind: Project\nmetadata: {name: tools, namespace: "
           "gantry-system}\n"
        << "only gantry-system/root may hold Projects; move it to its folder";
  }
  void onlyTheRootHoldsWhatIsOfOtherProjects() {
    QFETCH(QString, manifest);
    QFETCH(QString, problem);
    DeliveryWorld world;
    for (const char* name : {"tools", "shop"}) {
      schema::Project any = project();
      any.mutable_metadata()->set_name(name);
      world.put(any);
    }
    prepare(world, automatic(true, true));
    schema::Application holder = *world.state().applications.find({"gantry-system", "shop"});
    holder.mutable_spec()->set_project("tools");
    world.put(holder);
    world.git.commit(kUrl, "main", {{"shop/inner.yaml", manifest.toStdString()}}, "Reach out");
    world.poll();
    const std::string said = world.condition("Apply");
    QVERIFY2(
        problem.isEmpty() == said.empty() && said.find(problem.toStdString()) != std::string::npos,
        said.c_str());
    QCOMPARE(world.state().applications.find({"gantry-system", "inner"}) != nullptr,
             problem.isEmpty());
  }

  void theRootHoldsApplicationsOfAnyProject() {
    DeliveryWorld world;
    world.withRoot = true;
    world.git.commit(kUrl, "main",
                     {{"apps/inner.yaml", application("shop").toStdString()},
                      {"apps/project.yaml",
                       "apiVersion: gantry.dev/v1\nkind: Project\nmetadata: {name: shop}\n"}},
                     "Both");
    world.start();
    QVERIFY(world.state().applications.find({"gantry-system", "inner"}) != nullptr);
    QVERIFY(world.state().projects.find({"gantry-system", "shop"}) != nullptr);
  }

  void theWayBackIsInsideTheProjectToo() {
    DeliveryWorld world;
    prepare(world, automatic(true, true));
    world.git.commit(
        kUrl, "main",
        {{"shop/config.yaml", configYaml("greeting", "hello")}, {"shop/front.yaml", std::nullopt}},
        "A ConfigMap instead");
    world.poll();
    QCOMPARE(world.status().sync(), "Synced");
    schema::Project limits = project();
    limits.mutable_spec()->add_kinds("ConfigMap");
    world.put(limits);
    world.executor.settle();
    const auto preview = world.preview();
    QVERIFY(absl::IsFailedPrecondition(preview.status()));
    QVERIFY2(
        preview.status().message().find("does not allow the kind Deployment") != std::string::npos,
        std::string(preview.status().message()).c_str());
  }

  void aRollbackThatIsOnItsWayWhenTheProjectChangesIsGivenUp() {
    DeliveryWorld world;
    prepare(world, automatic(true, true));
    push(world, "front:v2");
    world.poll();
    world.endRollouts();
    const auto preview = world.preview();
    QVERIFY(preview.ok());
    // It is recorded, and cannot be carried out yet.
    world.store.setFault(absl::UnavailableError("the disk is full"), 1);
    const auto answer = world.askRollback(preview->plan().digest());
    world.pass(std::chrono::milliseconds(100));
    world.store.setFault(absl::OkStatus());
    schema::Project limits = project();
    limits.mutable_spec()->add_kinds("ConfigMap");
    world.put(limits);
    world.poll();
    QVERIFY(world.wasTold("RollbackGivenUp: the rollback to shop-1 is given up: "));
    QCOMPARE(world.image(), "front:v2");
  }

  void driftIsNotPutBackOutsideTheProject() {
    DeliveryWorld world;
    prepare(world, automatic(true, true));
    // What is newer waits for somebody, so that what is applied is what would be put back.
    schema::Project limits = project();
    limits.mutable_spec()->add_namespaces("elsewhere");
    world.put(limits);
    world.executor.settle();
    schema::Deployment drifted = *world.deployment("front");
    drifted.mutable_spec()->set_replicas(7);
    world.put(drifted);
    world.poll();
    QCOMPARE(world.deployment("front")->spec().replicas(), 7);
    QVERIFY2(
        world.condition("Apply").find("does not allow the namespace shop") != std::string::npos,
        world.condition("Apply").c_str());
    limits.mutable_spec()->add_namespaces("shop");
    world.put(limits);
    world.poll();
    QCOMPARE(world.deployment("front")->spec().replicas(), 2);
    QCOMPARE(world.condition("Apply"), "");
  }
};

QTEST_GUILESS_MAIN(TstDeliveryProjects)
#include "tst_delivery_projects.moc"
