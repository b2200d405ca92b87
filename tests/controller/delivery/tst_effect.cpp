// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "controller/delivery/effect.h"
#include "tests/controller/delivery/sample.h"

using namespace gantry;
using namespace gantry::tests;

/// What a plan says that it does to pods.
class TstEffect : public QObject {
  Q_OBJECT

  static std::string yaml(const std::string& image, int replicas, const std::string& extra = "") {
    return "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: front\nspec:\n  replicas: " +
           std::to_string(replicas) + "\n" + extra +
           "  selector:\n    matchLabels:\n      app: front\n  template:\n    metadata:\n"
           "      labels:\n        app: front\n    spec:\n      containers:\n        - name: web\n"
           "          image: " +
           image +
           "\n          resources:\n            requests:\n              cpu: 500m\n"
           "              memory: 100Mi\n";
  }
  static void addNode(Sample& sample, const std::string& name, const std::string& cpu) {
    schema::Node node;
    node.mutable_metadata()->set_name(name);
    auto& allocatable = *node.mutable_status()->mutable_allocatable();
    allocatable["cpu"].set_text(cpu);
    allocatable["memory"].set_text("8Gi");
    allocatable["pods"].set_text("100");
    schema::Condition& ready = *node.mutable_status()->add_conditions();
    ready.set_type("Ready");
    ready.set_status("True");
    sample.put(node);
  }
  /// The ReplicaSet and pods that the Deployment's controller would have made on `node`.
  static void runPods(Sample& sample, int count, const std::string& node) {
    const schema::Deployment& deployment = *sample.state().deployments.find({"shop", "front"});
    schema::ReplicaSet set;
    set.mutable_metadata()->set_namespace_("shop");
    set.mutable_metadata()->set_name("front-1");
    set.mutable_metadata()->set_uid("set-1");
    schema::OwnerReference& owner = *set.mutable_metadata()->add_owner_references();
    owner.set_kind("Deployment");
    owner.set_name("front");
    owner.set_uid(deployment.metadata().uid());
    owner.set_controller(true);
    sample.put(set);
    for (int i = 0; i < count; ++i) {
      model::Pod pod;
      pod.ns = "shop";
      pod.name = "front-1-" + std::to_string(i);
      pod.uid = pod.name;
      pod.ownerKind = "ReplicaSet";
      pod.ownerName = "front-1";
      pod.ownerUid = "set-1";
      pod.shape = std::make_shared<schema::PodTemplateSpec>(deployment.spec().template_());
      pod.nodeName = node;
      auto status = std::make_shared<schema::PodStatus>();
      schema::Condition& ready = *status->add_conditions();
      ready.set_type("Ready");
      ready.set_status("True");
      pod.status = status;
      sample.put(pod);
    }
  }
  static api::PlanEffect effect(const Sample& sample, const std::string& text) {
    const manifests::RenderedSet set = rendered(text);
    const auto planned = delivery::planChanges(sample.application, set, sample.state());
    return delivery::effectOf(planned.changes, set, sample.state());
  }

 private slots:
  void newDeploymentIsPlacedAndCounted() {
    Sample sample;
    addNode(sample, "a", "4");
    addNode(sample, "b", "4");
    const api::PlanEffect result = effect(sample, yaml("front:v1", 4));
    QCOMPARE(result.pods_created(), 4);
    QCOMPARE(result.pods_restarted(), 0);
    QCOMPARE(result.cpu_millis_delta(), 2'000);
    QCOMPARE(result.memory_bytes_delta(), 4LL * 100 * 1024 * 1024);
    int onA = 0;
    for (const api::PlannedPod& pod : result.placements()) onA += pod.node() == "a";
    QCOMPARE(onA, 2);
  }

  void aJobHasItsPodsOnceAndNotWhatItHasDone() {
    const auto yamlOf = [](int parallelism) {
      return "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: migrate\nspec:\n"
             "  completions: 5\n  parallelism: " +
             std::to_string(parallelism) +
             "\n  template:\n    spec:\n      restartPolicy: Never\n      containers:\n"
             "        - name: a\n          image: a:1\n          resources:\n"
             "            requests:\n              cpu: 500m\n";
    };
    Sample sample;
    addNode(sample, "a", "4");
    const api::PlanEffect made = effect(sample, yamlOf(2));
    QCOMPARE(made.pods_created(), 2);
    QCOMPARE(made.cpu_millis_delta(), 1'000);
    QCOMPARE(made.placements_size(), 2);
    sample.apply(rendered(yamlOf(2)));
    QCOMPARE(effect(sample, yamlOf(3)).pods_created(), 1);
    schema::Job job = *sample.state().jobs.find({"shop", "migrate"});
    schema::Condition& complete = *job.mutable_status()->add_conditions();
    complete.set_type("Complete");
    complete.set_status("True");
    sample.put(job);
    const api::PlanEffect finished = effect(sample, yamlOf(3));
    QCOMPARE(finished.pods_created(), 0);
    QCOMPARE(finished.cpu_millis_delta(), 0);
    QCOMPARE(finished.placements_size(), 0);
  }

  void whatDoesNotFitSaysWhy() {
    Sample sample;
    addNode(sample, "a", "1");
    const api::PlanEffect result = effect(sample, yaml("front:v1", 3));
    QCOMPARE(result.placements_size(), 3);
    QCOMPARE(result.placements(2).node(), "");
    QVERIFY(result.placements(2).explanation().find("too little CPU") != std::string::npos);
  }

  void newImageRestartsAndMakesRoomAsItGoes() {
    Sample sample;
    // Room for the three that run and one more: a rolling update gets through.
    addNode(sample, "a", "2");
    sample.apply(rendered(yaml("front:v1", 3)));
    runPods(sample, 3, "a");
    const api::PlanEffect result = effect(sample, yaml("front:v2", 3));
    QCOMPARE(result.pods_restarted(), 3);
    QCOMPARE(result.pods_created(), 0);
    QCOMPARE(result.cpu_millis_delta(), 0);
    QCOMPARE(result.placements_size(), 3);
    for (const api::PlannedPod& pod : result.placements()) QCOMPARE(pod.node(), "a");
  }

  void newImageThatFindsNoRoomForItsFirstPodIsSaid() {
    Sample sample;
    addNode(sample, "a", "1500m");
    sample.apply(rendered(yaml("front:v1", 3)));
    runPods(sample, 3, "a");
    // 25 % of three, rounded down: no pod may be missing, so none makes room.
    const api::PlanEffect result = effect(sample, yaml("front:v2", 3));
    QCOMPARE(result.placements(0).node(), "");
    const api::PlanEffect recreate =
        effect(sample, yaml("front:v2", 3, "  strategy:\n    type: Recreate\n"));
    QCOMPARE(recreate.placements(2).node(), "a");
  }

  void scalingRestartsNothing() {
    Sample sample;
    addNode(sample, "a", "8");
    sample.apply(rendered(yaml("front:v1", 3)));
    runPods(sample, 3, "a");
    const api::PlanEffect up = effect(sample, yaml("front:v1", 5));
    QCOMPARE(up.pods_created(), 2);
    QCOMPARE(up.pods_restarted(), 0);
    QCOMPARE(up.placements_size(), 2);
    const api::PlanEffect down = effect(sample, yaml("front:v1", 1));
    QCOMPARE(down.pods_deleted(), 2);
    QCOMPARE(down.cpu_millis_delta(), -1'000);
    QCOMPARE(down.placements_size(), 0);
  }

  // A rolling update does not ask disruption budgets, so the plan says what it does to them.
  void namesTheDisruptionBudgetsWhosePodsGo_data() {
    QTest::addColumn<QString>("image");
    QTest::addColumn<int>("replicas");
    QTest::addColumn<QString>("strategy");
    QTest::addColumn<QString>("explanation");
    QTest::addColumn<bool>("inTheWay");
    const QString recreate = "  strategy:\n    type: Recreate\n";
    const QString oneMissing =
        "  strategy:\n    rollingUpdate:\n      maxSurge: 0\n      maxUnavailable: 1\n";
    QTest::newRow("all are replaced first") << "front:v2" << 4 << "" << "" << false;
    QTest::newRow("one is missing, as it may")
        << "front:v2" << 4 << oneMissing << "keeps 3 of 4 pods; at the lowest 3 are Ready" << false;
    QTest::newRow("none is there for a while")
        << "front:v2" << 4 << recreate << "keeps 3 of 4 pods; at the lowest 0 are Ready" << true;
    QTest::newRow("scaled below it") << "front:v1" << 1 << ""
                                     << "keeps 3 of 1 pod; at the lowest 1 is Ready" << true;
  }
  void namesTheDisruptionBudgetsWhosePodsGo() {
    QFETCH(QString, image);
    QFETCH(int, replicas);
    QFETCH(QString, strategy);
    QFETCH(QString, explanation);
    Sample sample;
    addNode(sample, "a", "8");
    const QString before = "  strategy:\n    rollingUpdate:\n      maxUnavailable: 0\n";
    sample.apply(rendered(yaml("front:v1", 4, before.toStdString())));
    runPods(sample, 4, "a");
    schema::PodDisruptionBudget budget;
    budget.mutable_metadata()->set_namespace_("shop");
    budget.mutable_metadata()->set_name("front");
    budget.mutable_spec()->mutable_min_available()->set_number(3);
    (*budget.mutable_spec()->mutable_selector()->mutable_match_labels())["app"] = "front";
    sample.put(budget);
    const std::string extra = strategy.isEmpty() ? before.toStdString() : strategy.toStdString();
    const api::PlanEffect result = effect(sample, yaml(image.toStdString(), replicas, extra));
    QCOMPARE(result.disruption_budgets_size(), explanation.isEmpty() ? 0 : 1);
    if (explanation.isEmpty()) return;
    QCOMPARE(result.disruption_budgets(0).budget(), "shop/front");
    QCOMPARE(QString::fromStdString(result.disruption_budgets(0).explanation()), explanation);
    QTEST(result.disruption_budgets(0).in_the_way(), "inTheWay");
  }

  void pausedDeploymentRestartsNothing() {
    Sample sample;
    addNode(sample, "a", "8");
    sample.apply(rendered(yaml("front:v1", 3)));
    schema::Deployment paused = *sample.state().deployments.find({"shop", "front"});
    paused.mutable_status()->set_paused_by("ana");
    sample.put(paused);
    QCOMPARE(effect(sample, yaml("front:v2", 3)).pods_restarted(), 0);
  }
};

QTEST_GUILESS_MAIN(TstEffect)
#include "tst_effect.moc"
