// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "manifests/decode/decode.h"
#include "manifests/defaults/defaults.h"
#include "manifests/diff/diff.h"
#include "manifests/schema/apps.pb.h"

using namespace gantry::manifests;
namespace schema = gantry::schema;

class TstDefaults : public QObject {
  Q_OBJECT

 private slots:
  void fillsInWhatIsLeftOut_data() {
    QTest::addColumn<std::string>("given");
    QTest::addColumn<std::string>("path");
    QTest::addColumn<std::string>("expected");
    const auto row = [](const char* name, const char* given, const char* path,
                        const char* expected) {
      QTest::newRow(name) << std::string(given) << std::string(path) << std::string(expected);
    };
    const char* deployment = "apiVersion: apps/v1\nkind: Deployment\n";
    row("AT-DEP-01 replicas", deployment, "spec.replicas", "1");
    row("AT-DEP-01 strategy", deployment, "spec.strategy.type", "RollingUpdate");
    row("AT-DEP-01 maxUnavailable", deployment, "spec.strategy.rollingUpdate.maxUnavailable",
        "25%");
    row("AT-DEP-01 maxSurge", deployment, "spec.strategy.rollingUpdate.maxSurge", "25%");
    row("AT-DEP-01 minReadySeconds", deployment, "spec.minReadySeconds", "0");
    row("AT-DEP-01 revisionHistoryLimit", deployment, "spec.revisionHistoryLimit", "10");
    row("AT-DEP-01 progressDeadlineSeconds", deployment, "spec.progressDeadlineSeconds", "600");
    row("AT-DEP-01 paused", deployment, "spec.paused", "false");
    const char* job = "apiVersion: batch/v1\nkind: Job\n";
    row("AT-JOB-02 completions", job, "spec.completions", "1");
    row("AT-JOB-02 parallelism", job, "spec.parallelism", "1");
    row("AT-JOB-01 backoffLimit", job, "spec.backoffLimit", "6");
    row("AT-JOB-02 completionMode", job, "spec.completionMode", "NonIndexed");
    row("AT-JOB-03 suspend", job, "spec.suspend", "false");
    row("a Job's pods get their defaults", job, "spec.template.spec.dnsPolicy", "ClusterFirst");
    row("completions alone", "apiVersion: batch/v1\nkind: Job\nspec: {completions: 3}\n",
        "spec.parallelism", "1");
    const char* pod =
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: a\n    image: x:1\n"
        "    resources: {limits: {cpu: 1}}\n    readinessProbe: {httpGet: {port: 80}}\n"
        "    ports: [{containerPort: 80}]\n"
        "  volumes: [{name: v}, {name: s, secret: {secretName: s}}, {name: h, hostPath: {path: "
        "/}}]\n";
    row("AT-POD-01 restartPolicy", pod, "spec.restartPolicy", "Always");
    row("AT-POD-01 dnsPolicy", pod, "spec.dnsPolicy", "ClusterFirst");
    row("AT-POD-01 grace", pod, "spec.terminationGracePeriodSeconds", "30");
    row("AT-POD-01 service links", pod, "spec.enableServiceLinks", "true");
    row("AT-POD-01 scheduler", pod, "spec.schedulerName", "default-scheduler");
    row("AT-POD-01 requests are the limits", pod, "spec.containers[a].resources.requests[cpu]",
        "\"1\"");
    row("AT-POD-12 a tag", pod, "spec.containers[a].imagePullPolicy", "IfNotPresent");
    row("AT-POD-14 mode of a Secret", pod, "spec.volumes[s].secret.defaultMode", "420");
    row("AT-POD-14 a volume without source", pod, "spec.volumes[v].emptyDir", "{}");
    row("a volume with two sources, which is refused later",
        "apiVersion: v1\nkind: Pod\nspec:\n  volumes:\n"
        "  - {name: v, configMap: {name: a}, secret: {secretName: b}}\n",
        "spec.volumes[v].secret.defaultMode", "420");
    row("AT-POD-15 path", pod, "spec.containers[a].terminationMessagePath", "/dev/termination-log");
    row("AT-POD-15 policy", pod, "spec.containers[a].terminationMessagePolicy", "File");
    row("AT-PRB-01 period", pod, "spec.containers[a].readinessProbe.periodSeconds", "10");
    row("AT-PRB-01 timeout", pod, "spec.containers[a].readinessProbe.timeoutSeconds", "1");
    row("AT-PRB-01 successes", pod, "spec.containers[a].readinessProbe.successThreshold", "1");
    row("AT-PRB-01 failures", pod, "spec.containers[a].readinessProbe.failureThreshold", "3");
    row("AT-PRB-01 path", pod, "spec.containers[a].readinessProbe.httpGet.path", "/");
    row("protocol of a port", pod, "spec.containers[a].ports[80].protocol", "TCP");
    const char* service =
        "apiVersion: v1\nkind: Service\nspec: {type: NodePort, ports: [{port: 80}]}\n";
    row("AT-SVC-01 protocol", service, "spec.ports[80].protocol", "TCP");
    row("AT-SVC-01 targetPort", service, "spec.ports[80].targetPort", "80");
    row("AT-SVC-01 affinity", service, "spec.sessionAffinity", "None");
    row("AT-SVC-01 internal", service, "spec.internalTrafficPolicy", "Cluster");
    row("AT-SVC-01 external", service, "spec.externalTrafficPolicy", "Cluster");
    row("AT-SVC-01 type", "apiVersion: v1\nkind: Service\n", "spec.type", "ClusterIP");
    row("AT-POD-16 type of a Secret", "apiVersion: v1\nkind: Secret\n", "type", "Opaque");
    row("AT-NS-01 label", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n",
        "metadata.labels[kubernetes.io/metadata.name]", "shop");
    const char* budget = "apiVersion: policy/v1\nkind: PodDisruptionBudget\n";
    row("a budget that says no number", budget, "spec.minAvailable", "1");
    row("a budget's unhealthy pods", budget, "spec.unhealthyPodEvictionPolicy", "IfHealthyBudget");
    row("a budget that says how many may go",
        "apiVersion: policy/v1\nkind: PodDisruptionBudget\nspec: {maxUnavailable: 0}\n",
        "spec.minAvailable", "");
    row("the branch of an Application", "apiVersion: gantry.dev/v1\nkind: Application\n",
        "spec.source.targetRevision", "main");
    row("the namespace of an Application",
        "apiVersion: gantry.dev/v1\nkind: Application\nmetadata: {name: shop}\n",
        "spec.destination.namespace", "shop");
    row("how often to poll is left to the controller",
        "apiVersion: gantry.dev/v1\nkind: Application\nmetadata: {name: shop}\n",
        "spec.syncPolicy.pollIntervalSeconds", "");
  }

  void fillsInWhatIsLeftOut() {
    QFETCH(std::string, given);
    QFETCH(std::string, path);
    QFETCH(std::string, expected);
    const Decoded decoded = decode(given, "f");
    QCOMPARE(decoded.resources.size(), 1u);
    const google::protobuf::Message& before = decoded.resources[0].message();
    std::unique_ptr<google::protobuf::Message> after(before.New());
    after->CopyFrom(before);
    applyDefaults(*after);
    std::string found;
    for (const FieldChange& change : diff(&before, after.get())) {
      if (change.path == path) found = change.after.value_or("");
    }
    QCOMPARE(found, expected);

    const std::string once = canonicalBytes(*after);
    applyDefaults(*after);
    QVERIFY2(canonicalBytes(*after) == once, "defaults are not idempotent");
  }

  void choosesThePullPolicyByTheTag_data() {
    QTest::addColumn<std::string>("image");
    QTest::addColumn<std::string>("policy");
    QTest::newRow("no tag") << std::string("nginx") << std::string("Always");
    QTest::newRow("latest") << std::string("nginx:latest") << std::string("Always");
    QTest::newRow("a tag") << std::string("nginx:1.17") << std::string("IfNotPresent");
    QTest::newRow("a port and no tag") << std::string("host:5000/nginx") << std::string("Always");
    QTest::newRow("a port and a tag")
        << std::string("host:5000/nginx:1") << std::string("IfNotPresent");
    QTest::newRow("a digest") << std::string("nginx@sha256:0") << std::string("IfNotPresent");
  }

  void choosesThePullPolicyByTheTag() {
    QFETCH(std::string, image);
    QFETCH(std::string, policy);
    schema::Pod pod;
    pod.mutable_spec()->add_containers()->set_image(image);
    applyDefaults(pod);
    QCOMPARE(pod.spec().containers(0).image_pull_policy(), policy);
  }

  void leavesWhatIsGiven() {
    schema::Deployment deployment;
    deployment.mutable_spec()->set_replicas(0);
    deployment.mutable_spec()->mutable_strategy()->set_type("Recreate");
    schema::Container& container =
        *deployment.mutable_spec()->mutable_template_()->mutable_spec()->add_containers();
    (*container.mutable_resources()->mutable_limits())["cpu"].set_text("1");
    applyDefaults(deployment);
    QCOMPARE(deployment.spec().replicas(), 0);
    QVERIFY(!deployment.spec().strategy().has_rolling_update());
    // AT-POD-01: requests are filled in for pods, not for templates.
    QVERIFY(deployment.spec().template_().spec().containers(0).resources().requests().empty());
  }
};

QTEST_GUILESS_MAIN(TstDefaults)
#include "tst_defaults.moc"
