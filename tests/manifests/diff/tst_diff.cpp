// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "manifests/decode/decode.h"
#include "manifests/diff/diff.h"

using namespace gantry::manifests;

namespace {

Resource only(const std::string& text) {
  const Decoded decoded = decode(text, "f");
  for (const Diagnostic& diagnostic : decoded.diagnostics)
    qWarning("%s", diagnostic.toString().c_str());
  return decoded.resources.at(0);
}

std::string pod(const std::string& container) {
  return "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n" + container;
}

std::string texts(const std::vector<FieldChange>& changes) {
  std::string all;
  for (const FieldChange& change : changes) {
    all += (all.empty() ? "" : "\n") + change.path + ": " + change.before.value_or("-") + " → " +
           change.after.value_or("-") + (change.risk ? " !" : "");
  }
  return all;
}

}  // namespace

class TstDiff : public QObject {
  Q_OBJECT

 private slots:
  void init() { setMaskKey(""); }

  // Else a weak secret could be guessed from a hash that is in everybody's clone.
  void aHashOfASecretNeedsTheKey() {
    gantry::schema::Secret secret;
    (*secret.mutable_data())["password"] = "hunter2";
    gantry::schema::ConfigMap map;
    (*map.mutable_data())["text"] = "hunter2";
    setMaskKey("one");
    const std::string ofSecret = contentDigest(secret);
    const std::string ofMap = contentDigest(map);
    QCOMPARE(ofSecret.size(), 64u);
    QCOMPARE(contentDigest(secret), ofSecret);
    setMaskKey("other");
    QVERIFY(contentDigest(secret) != ofSecret);
    QCOMPARE(contentDigest(map), ofMap);
    (*map.mutable_data())["text"] = "other";
    QVERIFY(contentDigest(map) != ofMap);
  }

  void namesTheFieldsThatDiffer_data() {
    QTest::addColumn<std::string>("before");
    QTest::addColumn<std::string>("after");
    QTest::addColumn<std::string>("expected");
    const auto row = [](const char* name, const std::string& before, const std::string& after,
                        const char* expected) {
      QTest::newRow(name) << before << after << std::string(expected);
    };
    row("an image", pod("  - {name: web, image: a:1}\n"), pod("  - {name: web, image: a:2}\n"),
        "spec.containers[web].image: \"a:1\" → \"a:2\" !");
    row("amounts written differently", pod("  - {name: a, resources: {limits: {cpu: 1000m}}}\n"),
        pod("  - {name: a, resources: {limits: {cpu: 1}}}\n"), "");
    row("another amount", pod("  - {name: a, resources: {limits: {cpu: 1000m}}}\n"),
        pod("  - {name: a, resources: {limits: {cpu: 2}}}\n"),
        "spec.containers[a].resources.limits[cpu]: 1000m → \"2\" !");
    row("an element before another", pod("  - {name: a}\n"), pod("  - {name: b}\n  - {name: a}\n"),
        "spec.containers[b]: - → {name: b}");
    row("an element gone", pod("  - {name: a}\n  - {name: b, tty: true}\n"), pod("  - {name: a}\n"),
        "spec.containers[b]: {name: b, tty: true} → -");
    row("only the order", pod("  - {name: a}\n  - {name: b}\n"),
        pod("  - {name: b}\n  - {name: a}\n"), "spec.containers: [a, b] → [b, a]");
    row("a variable", pod("  - {name: a, env: [{name: X, value: x}, {name: Y, value: y}]}\n"),
        pod("  - {name: a, env: [{name: X, value: x}, {name: Y, value: z}]}\n"),
        "spec.containers[a].env[Y].value: \"y\" → z");
    row("a command", pod("  - {name: a, command: [sh, -c]}\n"),
        pod("  - {name: a, command: [sh]}\n"), "spec.containers[a].command: [sh, \"-c\"] → [sh]");
    row("a list without merge key", pod("  - {name: a, envFrom: [{prefix: x}]}\n"),
        pod("  - {name: a, envFrom: [{prefix: x}, {prefix: two}]}\n"),
        "spec.containers[a].envFrom[1]: - → {prefix: two}");
    row("a port in front of another", pod("  - {name: a, ports: [{containerPort: 1}]}\n"),
        pod("  - {name: a, ports: [{containerPort: 2}, {containerPort: 1}]}\n"),
        "spec.containers[a].ports[2]: - → {containerPort: 2}");
    row("a list that is not modelled", pod("  - {name: a}\n  imagePullSecrets: [{name: x}]\n"),
        pod("  - {name: a}\n  imagePullSecrets: [{name: y}]\n"),
        "spec.imagePullSecrets[0]: {\"name\":\"x\"} → {\"name\":\"y\"}");
    row("a field that is only there", pod("  - {name: a}\n"),
        pod("  - {name: a}\n  volumes: [{name: v, emptyDir: {}}]\n"),
        "spec.volumes[v]: - → {name: v, emptyDir: {}}");
    row("an empty source instead of another",
        pod("  - {name: a}\n  volumes: [{name: v, emptyDir: {}}]\n"),
        pod("  - {name: a}\n  volumes: [{name: v, hostPath: {path: /x}}]\n"),
        "spec.volumes[v].emptyDir: {} → -\nspec.volumes[v].hostPath.path: - → /x");
    row("a merge key that is not unique",
        "apiVersion: v1\nkind: Service\nspec: {ports: [{port: 53}, {port: 53, protocol: UDP}]}\n",
        "apiVersion: v1\nkind: Service\nspec: {ports: [{port: 53}, {port: 53, protocol: SCTP}]}\n",
        "spec.ports[1].protocol: UDP → SCTP");
    row("a label", "apiVersion: v1\nkind: ConfigMap\nmetadata: {labels: {a: b, c: d}}\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {labels: {c: e, f: g}}\n",
        "metadata.labels[a]: b → -\nmetadata.labels[c]: d → e\nmetadata.labels[f]: - → g");
    row("secrets, without a key",
        "apiVersion: v1\nkind: Secret\nstringData: {a: hunter2, b: same}\n",
        "apiVersion: v1\nkind: Secret\nstringData: {a: hunter3, b: same, c: hunter4}\n",
        "data[a]: (secret) → (secret) !\ndata[c]: - → (secret) !");
  }

  void namesTheFieldsThatDiffer() {
    QFETCH(std::string, before);
    QFETCH(std::string, after);
    QFETCH(std::string, expected);
    const Resource a = only(before);
    const Resource b = only(after);
    QCOMPARE(texts(diff(&a.message(), &b.message())), expected);
    QVERIFY(diff(&a.message(), &a.message()).empty());
    QCOMPARE(diff(&b.message(), &a.message()).empty(), expected.empty());
  }

  void showsThatASecretChangedButNotTheSecret() {
    const Resource a = only("apiVersion: v1\nkind: Secret\nstringData: {a: hunter2}\n");
    const Resource b = only("apiVersion: v1\nkind: Secret\nstringData: {a: hunter3}\n");
    setMaskKey("key of this installation");
    const std::string change = texts(diff(&a.message(), &b.message()));
    const std::string yaml = toYaml(a.message());
    QVERIFY(yaml != toYaml(b.message()));
    for (const std::string& text : {change, yaml, toJson(a.message())}) {
      QVERIFY(text.find("(secret ") != std::string::npos);
      QVERIFY(text.find("hunter") == std::string::npos);
      QVERIFY(text.find("aHVudGVy") == std::string::npos);
    }
    setMaskKey("key of another");
    QVERIFY(toYaml(a.message()) != yaml);
  }

  void printsAMaskedCopyLikeTheOriginal() {
    const Resource a = only("apiVersion: v1\nkind: Secret\nstringData: {a: hunter2}\n");
    setMaskKey("key");
    const auto copy = masked(a.message());
    const std::string yaml = toYaml(a.message());
    setMaskKey("");
    QCOMPARE(toYaml(*copy), yaml);
    QVERIFY(copy->SerializeAsString().find("hunter") == std::string::npos);
  }

  void listsTheFieldsOfWhatIsNewOrGone() {
    const Resource a = only("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: y}\n");
    QCOMPARE(texts(diff(nullptr, &a.message())),
             std::string("metadata.name: - → a\ndata[x]: - → \"y\" !"));
    QCOMPARE(texts(diff(&a.message(), nullptr)),
             std::string("metadata.name: a → -\ndata[x]: \"y\" → - !"));
    QVERIFY(diff(nullptr, nullptr).empty());
  }
};

QTEST_GUILESS_MAIN(TstDiff)
#include "tst_diff.moc"
