// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "manifests/decode/decode.h"
#include "manifests/diff/diff.h"
#include "manifests/schema/apps.pb.h"
#include "manifests/schema/core.pb.h"

using namespace gantry::manifests;
namespace schema = gantry::schema;

namespace {

Resource only(const std::string& text) {
  const Decoded decoded = decode(text, "f");
  for (const Diagnostic& diagnostic : decoded.diagnostics)
    qWarning("%s", diagnostic.toString().c_str());
  if (decoded.resources.size() != 1) qFatal("not one resource");
  return decoded.resources.front();
}

}  // namespace

class TstDecode : public QObject {
  Q_OBJECT

 private slots:
  void readsEveryTypeOfField() {
    const Resource resource = only(R"(
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {"1": "2", true: "x"}}
spec:
  terminationGracePeriodSeconds: 0x10
  hostNetwork: True
  containers:
  - name: web
    command: [sh, -c, 'echo "a"']
    resources: {limits: {cpu: 0.5, memory: 64Mi}}
    livenessProbe: {httpGet: {port: http}, tcpSocket: {port: 80}}
    env:
    - {name: A, value: no}
    - {name: B, value: ~}
  volumes:
  - {name: a, emptyDir: {}}
  - {name: b, configMap: {name: c, defaultMode: 0644, items: [{key: k, path: p, mode: 0o400}]}}
)");
    const schema::Pod& pod = *resource.as<schema::Pod>();
    QCOMPARE(pod.spec().termination_grace_period_seconds(), 16);
    QVERIFY(pod.spec().host_network());
    QCOMPARE(pod.metadata().labels().at("true"), std::string("x"));
    const schema::Container& container = pod.spec().containers(0);
    QCOMPARE(container.command(2), std::string("echo \"a\""));
    QCOMPARE(container.resources().limits().at("cpu").text(), std::string("0.5"));
    QCOMPARE(container.liveness_probe().http_get().port().text(), std::string("http"));
    QCOMPARE(container.liveness_probe().tcp_socket().port().number(), 80);
    QCOMPARE(container.env(0).value(), std::string("no"));
    QVERIFY(container.env(1).value().empty());
    QVERIFY(pod.spec().volumes(0).has_empty_dir());
    QCOMPARE(pod.spec().volumes(1).config_map().default_mode(), 0644);
    QCOMPARE(pod.spec().volumes(1).config_map().items(0).mode(), 0400);
  }

  void readsEveryEscape() {
    const Resource resource = only(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n"
        "  a: \"\\0\\a\\b\\t\\n\\v\\f\\r\\e\\ \\/\\\\\\\"\"\n"
        "  b: \"\xC3\xA9\\N\\_\\N\xC2\xA0\"\n"
        "  c: \"\\L\\P\\x85\\xe9\\u20ac\\U0001F6A2\"\n");
    const auto& data = resource.as<schema::ConfigMap>()->data();
    QCOMPARE(data.at("a"), std::string("\0\a\b\t\n\v\f\r\x1B /\\\"", 13));
    QCOMPARE(data.at("b"), std::string("\xC3\xA9\xC2\x85\xC2\xA0\xC2\x85\xC2\xA0"));
    QCOMPARE(data.at("c"), std::string("\xE2\x80\xA8\xE2\x80\xA9\xC2\x85\xC3\xA9\xE2\x82\xAC"
                                       "\xF0\x9F\x9A\xA2"));
  }

  void readsJsonAndListsAndManyDocuments() {
    const Decoded decoded = decode(
        "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[\n"
        "\t{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\\u00e9\\/"
        "\"}},\n"
        "\t{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"b\"}}]}\n"
        "---\n# nothing\n---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: c\n",
        "f");
    QVERIFY(decoded.diagnostics.empty());
    QCOMPARE(decoded.resources.size(), 3u);
    QCOMPARE(decoded.resources[0].metadata().name(), std::string("aé/"));
    QCOMPARE(decoded.resources[2].key().toString(), std::string("Namespace/c"));
  }

  void mergesStringDataOverData() {
    const Resource resource = only(
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {a: aGkK, b: b2xk}\n"
        "stringData: {b: new}\n");
    const schema::Secret& secret = *resource.as<schema::Secret>();
    QCOMPARE(secret.data().at("a"), std::string("hi\n"));
    QCOMPARE(secret.data().at("b"), std::string("new"));
    QVERIFY(secret.string_data().empty());
  }

  void dropsWhatTheSystemWrites() {
    const Resource resource = only(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  uid: u\n"
        "  creationTimestamp: null\n  managedFields: [{manager: x}]\nstatus: {anything: [1]}\n"
        "spec: {template: {metadata: {creationTimestamp: null}}}\n");
    QVERIFY(resource.metadata().uid().empty());
    QVERIFY(!resource.as<schema::Deployment>()->has_status());
  }

  void dropsTheCopyThatKubectlMakes() {
    const Decoded decoded = decode(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n  annotations:\n"
        "    kubectl.kubernetes.io/last-applied-configuration: '{\"data\": \"c2VjcmV0\"}'\n",
        "f");
    QCOMPARE(decoded.diagnostics.size(), 1u);
    QVERIFY(!hasErrors(decoded.diagnostics));
    QVERIFY(decoded.resources.at(0).metadata().annotations().empty());
  }

  void acceptsInSilenceWhatAsksForNothing() {
    const Decoded decoded = decode(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  hostPID: false\n"
        "  schedulerName: default-scheduler\n  imagePullSecrets: []\n  os: {name: linux}\n"
        "  dnsPolicy: ClusterFirst\n  affinity: null\n",
        "f");
    QVERIFY(decoded.diagnostics.empty());
    QCOMPARE(decoded.resources.size(), 1u);
  }

  void keepsWhatHasNoEffect() {
    const Decoded decoded = decode(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n"
        "  topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, a: [true, 0x1]}]\n",
        "f");
    QCOMPARE(decoded.diagnostics.size(), 1u);
    QCOMPARE(
        decoded.resources.at(0).as<schema::Pod>()->spec().topology_spread_constraints(0).json(),
        std::string("{\"maxSkew\":1,\"topologyKey\":\"zone\",\"a\":[true,\"0x1\"]}"));
  }

  void repeatsWhatAnAnchorNames() {
    const Resource resource =
        only("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: &n web, labels: {app: *n}}\n");
    QCOMPARE(resource.metadata().labels().at("app"), std::string("web"));
  }

  void knowsWhereEachFieldStands() {
    const Resource resource = only(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\nspec:\n  containers:\n  - name: a\n"
        "    image: x\n");
    QCOMPARE(resource.locate("spec.containers[0].image").toString(), std::string("f:8:5"));
    QCOMPARE(resource.locate("spec.containers[0].ports[3].name").toString(), std::string("f:7:5"));
    QCOMPARE(resource.locate("metadata.labels[app]").toString(), std::string("f:3:1"));
    QCOMPARE(resource.locate("").toString(), std::string("f:1:1"));
  }
};

QTEST_GUILESS_MAIN(TstDecode)
#include "tst_decode.moc"
