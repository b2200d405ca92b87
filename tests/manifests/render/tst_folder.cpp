// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include <algorithm>
#include <random>

#include "manifests/render/folder.h"

using namespace gantry::manifests;

namespace {

std::string configMap(const std::string& name, const std::string& rest = "") {
  return "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " + name + "\n" + rest;
}

std::string service(const std::string& name) {
  return "apiVersion: v1\nkind: Service\nmetadata: {name: " + name +
         "}\nspec:\n  type: NodePort\n"
         "  selector: {app: web}\n  ports: [{port: 80, nodePort: 30080}]\n";
}

const std::string kDeployment =
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n"
    "  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n"
    "    spec:\n      containers:\n      - name: web\n        image: a:1\n        envFrom:\n"
    "        - configMapRef: {name: settings}\n";

std::string texts(const RenderedSet& set) {
  std::string all;
  for (const Diagnostic& diagnostic : set.diagnostics) {
    all += (all.empty() ? "" : "\n") + diagnostic.toString();
  }
  return all;
}

}  // namespace

class TstFolder : public QObject {
  Q_OBJECT

 private slots:
  void readsManifestsAtAnyDepthAndNothingElse() {
    const RenderedSet set = renderFolder({{"b/c.yml", configMap("b")},
                                          {"a.yaml", configMap("a")},
                                          {"README.md", "# not: [yaml"},
                                          {"d.json",
                                           "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\","
                                           "\"metadata\":{\"name\":\"n\"}}"}},
                                         "shop");
    QCOMPARE(texts(set), std::string());
    QVERIFY(set.ok());
    std::string keys;
    for (const Resource& resource : set.resources) keys += resource.key().toString() + " ";
    QCOMPARE(keys, std::string("ConfigMap/shop/a ConfigMap/shop/b Namespace/n "));
  }

  void givesTheSameHashInAnyOrder() {
    std::vector<SourceFile> files;
    for (int i = 0; i < 20; ++i) {
      const std::string name = "c" + std::to_string(i);
      files.push_back({name + ".yaml", configMap(name, "data: {a: b, c: d, e: f}\n")});
    }
    const RenderedSet first = renderFolder(files, "shop");
    QCOMPARE(first.hash.size(), 64u);
    for (unsigned seed = 0; seed < 50; ++seed) {
      std::ranges::shuffle(files, std::mt19937(seed));
      QCOMPARE(renderFolder(files, "shop").hash, first.hash);
    }
    files[0].content += "  # a comment\n";
    QCOMPARE(renderFolder(files, "shop").hash, first.hash);
    files[0].content = configMap("c0", "data: {a: b, c: d, e: g}\n");
    QVERIFY(renderFolder(files, "shop").hash != first.hash);
    QVERIFY(renderFolder({}, "shop").hash != first.hash);
  }

  void namesBothPlacesOfAKeyThatOccursTwice() {
    const RenderedSet set =
        renderFolder({{"a.yaml", configMap("x")}, {"b.yaml", "---\n" + configMap("x")}}, "shop");
    QVERIFY(!set.ok());
    QCOMPARE(texts(set), std::string("b.yaml:2:1: error: metadata.name: ConfigMap/shop/x is also "
                                     "defined at a.yaml:1:1; remove or rename one of them"));
  }

  void rendersAKustomization() {
    const std::vector<SourceFile> files = {
        {"base/kustomization.yaml",
         "resources: [web.yaml]\nconfigMapGenerator:\n"
         "- {name: settings, literals: [a=b]}\n"},
        {"base/web.yaml", kDeployment},
        {"over/kustomization.yaml", "resources: [../base]\nnamePrefix: p-\n"}};
    const RenderedSet set = render(files, {.folder = "over", .defaultNamespace = "shop"});
    QCOMPARE(texts(set), std::string());
    QCOMPARE(set.resources.size(), 2u);
    QCOMPARE(set.resources[1].key().toString(), std::string("Deployment/shop/p-web"));
    QCOMPARE(set.resources[1].location().toString(), std::string("base/web.yaml:1:1"));
    QVERIFY(set.folders == std::set<std::string>{"base"});

    const RenderedSet without = render({files.back()}, {.folder = "over"});
    QVERIFY(!without.ok());
    QVERIFY(without.folders == std::set<std::string>{"base"});
  }

  /// Whatever is wrong with what was rendered is wrong in some line of some file.
  void saysWhichFileIsWrong() {
    const std::vector<SourceFile> files = {
        {"kustomization.yaml",
         "resources: [web.yaml]\npatches:\n- path: patch.yaml\n- patch: |\n"
         "    kind: Deployment\n    apiVersion: apps/v1\n    metadata: {name: web}\n"
         "    spec:\n      minReadySeconds: -1\n"},
        {"patch.yaml",
         "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n"
         "  replicas: many\n  template:\n    spec:\n      containers:\n      - name: web\n"
         "        imagee: a\n"},
        {"web.yaml", kDeployment}};
    QCOMPARE(QString::fromStdString(texts(render(files, {.defaultNamespace = "shop"}))),
             QString("patch.yaml:10:9: error: spec.template.spec.containers[0]: unknown "
                     "field \"imagee\"; did you mean \"image\"?\n"
                     "patch.yaml:5:13: error: spec.replicas: expected a whole number, found "
                     "\"many\""));
    std::vector<SourceFile> mended = files;
    mended[1].content = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n";
    const std::string problems = texts(render(mended, {.defaultNamespace = "shop"}));
    QVERIFY2(problems.starts_with("kustomization.yaml:9:7: error: spec.minReadySeconds: "),
             problems.c_str());
  }

  void substitutesVariablesInAPlainFolder() {
    const std::vector<SourceFile> files = {{"notes.txt", "${UNKNOWN}"},
                                           {"a.yaml", configMap("a", "data: {in: \"${ENV}\"}\n")}};
    const RenderedSet one = render(files, {.variables = {{"ENV", "staging"}}});
    const RenderedSet other = render(files, {.variables = {{"ENV", "production"}}});
    QCOMPARE(texts(one), std::string());
    QVERIFY(one.hash != other.hash);
    QVERIFY(one.hash != render(files, {}).hash);
    QCOMPARE(texts(render(files, {.variables = {{"EMV", "x"}}})),
             std::string("a.yaml:5:12: error: the variable ENV is not defined; did you mean "
                         "\"EMV\"?"));
  }

  void refusesAKustomizationBelowAPlainFolder() {
    const std::vector<SourceFile> files = {{"a.yaml", configMap("a")},
                                           {"over/kustomization.yaml", "resources: []\n"}};
    const std::string expected =
        "over/kustomization.yaml:1:1: error: a kustomization in a folder that has none itself; "
        "render the folder that it is in, or move it out of this one";
    QCOMPARE(texts(render(files, {})), expected);
    QCOMPARE(texts(render(files, {.variables = {{"A", "b"}}})), expected);
  }

  void looksAtTheWholeSet_data() {
    QTest::addColumn<std::string>("text");
    QTest::addColumn<std::string>("expected");
    QTest::newRow("a Service that selects nothing")
        << service("web")
        << std::string(
               "f.yaml:6:3: warning: spec.selector: it selects no pod of this set; compare it with "
               "the labels of the pods");
    QTest::newRow("a ConfigMap that nobody defines")
        << kDeployment
        << std::string(
               "f.yaml:13:11: warning: spec.template.spec.containers[0].envFrom[0]: the "
               "ConfigMap \"settings\" is not in this set; the pods wait until it is there");
    QTest::newRow("one nodePort for two Services")
        << kDeployment + "---\n" + configMap("settings") + "---\n" + service("a") + "---\n" +
               service("b")
        << std::string(
               "f.yaml:34:22: error: spec.ports[0].nodePort: 30080/TCP is also used by "
               "Service/shop/a; choose another, or leave it out to be given one");
    QTest::newRow("all is there") << kDeployment + "---\n" + configMap("settings") + "---\n" +
                                         service("a")
                                  << std::string();
  }

  void looksAtTheWholeSet() {
    QFETCH(std::string, text);
    QFETCH(std::string, expected);
    QCOMPARE(texts(renderFolder({{"f.yaml", text}}, "shop")), expected);
  }
};

QTEST_GUILESS_MAIN(TstFolder)
#include "tst_folder.moc"
