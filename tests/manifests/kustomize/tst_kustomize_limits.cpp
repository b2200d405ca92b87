// SPDX-License-Identifier: Apache-2.0
// Files of strangers cannot make rendering take all memory, recurse without end, or throw.
#include <QTest>

#include <deque>
#include <random>

#include "tests/manifests/kustomize/canonical.h"

using namespace gantry::manifests;
using namespace gantry::testing;

namespace {

QString problems(const kustomize::Files& files, const kustomize::Limits& limits = {}) {
  return QString::fromStdString(texts(kustomize::render(files, "", {}, limits).diagnostics));
}

}  // namespace

class TstKustomizeLimits : public QObject {
  Q_OBJECT

 private slots:
  void stopsAtBasesInsideEachOther() {
    std::deque<std::string> texts;
    kustomize::Files files;
    files["kustomization.yaml"] = "resources: [d0]\n";
    std::string folder;
    for (int i = 0; i < 40; ++i) {
      folder = "d" + std::to_string(i);
      files[folder + "/kustomization.yaml"] =
          texts.emplace_back("resources: [../d" + std::to_string(i + 1) + "]\n");
    }
    QVERIFY(
        problems(files).endsWith("more than 32 kustomizations inside each other; flatten them"));
  }

  void stopsAtABaseThatIsSharedTooOften() {
    std::deque<std::string> texts;
    kustomize::Files files;
    files["kustomization.yaml"] = "resources: [d0]\n";
    for (int i = 0; i < 25; ++i) {
      const std::string next = std::to_string(i + 1);
      for (const char* side : {"a", "b"}) {
        files["d" + std::to_string(i) + side + "/kustomization.yaml"] = texts.emplace_back(
            "namePrefix: " + std::string(side) + "-\nresources: [../d" + next + "]\n");
      }
      files["d" + std::to_string(i) + "/kustomization.yaml"] = texts.emplace_back(
          "resources: [../d" + std::to_string(i) + "a, ../d" + std::to_string(i) + "b]\n");
    }
    kustomize::Limits limits;
    limits.maxDepth = 100;
    QVERIFY(problems(files, limits).contains("more than 1000 kustomizations are read"));
  }

  void stopsAtTooManyObjects() {
    std::string many;
    for (int i = 0; i < 20; ++i) {
      many +=
          "---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: c" + std::to_string(i) + "}}\n";
    }
    const kustomize::Files files{{"kustomization.yaml", "resources: [all.yaml]\n"},
                                 {"all.yaml", many}};
    kustomize::Limits limits;
    QCOMPARE(problems(files, limits), QString());
    limits.maxObjects = 19;
    QVERIFY(problems(files, limits).contains("all.yaml:40:1: error: more than 19 objects"));
  }

  void stopsAtAPatchThatDoublesAnObject() {
    std::string patch = "- op: add\n  path: /data/x0\n  value: {a: b, c: d}\n";
    for (int i = 0; i < 40; ++i) {
      patch += "- {op: copy, from: /data, path: /data/x" + std::to_string(i + 1) + "}\n";
    }
    const kustomize::Files files{
        {"kustomization.yaml",
         "resources: [all.yaml]\npatches: [{target: {kind: ConfigMap}, path: patch.yaml}]\n"},
        {"all.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: b}\n"},
        {"patch.yaml", patch}};
    QVERIFY(problems(files).contains("comes to more than 1500000 values"));
  }

  void stopsAtAPatchThatNestsAnObject() {
    std::string patch;
    std::string path = "/data";
    for (int i = 0; i < 500; ++i) {
      path += "/a";
      patch += "- {op: add, path: " + path + ", value: {}}\n";
    }
    const kustomize::Files files{
        {"kustomization.yaml",
         "resources: [all.yaml]\npatches: [{target: {kind: ConfigMap}, path: patch.yaml}]\n"},
        {"all.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {}\n"},
        {"patch.yaml", patch}};
    QVERIFY(problems(files).contains("nested too deep"));
  }

  void stopsAtAReplacementThatDoublesAText() {
    std::string list;
    for (int i = 0; i < 60; ++i) {
      list +=
          "- source: {kind: ConfigMap, fieldPath: data.a}\n"
          "  targets: [{select: {kind: ConfigMap}, fieldPaths: [data.a], options: {delimiter: x, "
          "index: -1}}]\n";
    }
    const kustomize::Files files{
        {"kustomization.yaml", "resources: [all.yaml]\nreplacements: [{path: list.yaml}]\n"},
        {"all.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: bb}\n"},
        {"list.yaml", list}};
    QVERIFY(problems(files).contains("the text becomes longer than a file may be"));
  }

  /// Whatever a file says, there is an answer: bytes are changed, and lines moved, at random.
  void answersToAnything() {
    const std::string kustomization =
        "resources: [all.yaml, base]\ncomponents: [comp]\nnamePrefix: p-\nnamespace: n\n"
        "configMapGenerator: [{name: g, literals: [a=b], envs: [e.env]}]\n"
        "labels: [{pairs: {a: b}, includeSelectors: true}]\n"
        "images: [{name: a, newTag: b}]\nreplicas: [{name: web, count: 2}]\n"
        "patches:\n- patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n"
        "    metadata: {name: web}\n    spec: {template: {spec: {containers: [{name: web, "
        "$patch: delete}]}}}\n"
        "- target: {kind: ConfigMap, name: g.*}\n  patch: '[{op: add, path: /data/x, value: 1}]'\n"
        "replacements:\n- source: {kind: ConfigMap, name: g, fieldPath: data.a}\n"
        "  targets: [{select: {kind: Deployment}, fieldPaths: ['spec.a.[b=c].d'], options: "
        "{create: true}}]\n";
    const std::string objects =
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n"
        "    spec: {containers: [{name: web, image: a}, {name: b, envFrom: [{configMapRef: {name: "
        "g}}]}]}\n";
    const std::string component =
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnameSuffix: -c\n";
    for (unsigned seed = 0; seed < 3'000; ++seed) {
      std::mt19937 random(seed);
      std::string texts[] = {kustomization, objects, component, "a=b\n"};
      for (int changes = 0; changes < 3; ++changes) {
        std::string& text = texts[random() % std::size(texts)];
        const std::size_t at = random() % text.size();
        switch (random() % 3) {
          case 0:
            text[at] = "{}[]:,-'\"\n |$\\/*&#\xC3~"[random() % 22];
            break;
          case 1:
            text.erase(at, random() % 9);
            break;
          default:
            text.insert(at, text.substr(random() % text.size(), random() % 40));
        }
        if (text.empty()) text = " ";
      }
      const kustomize::Files files{{"kustomization.yaml", texts[0]},
                                   {"all.yaml", texts[1]},
                                   {"base/kustomization.yaml", "namePrefix: b\n"},
                                   {"comp/kustomization.yaml", texts[2]},
                                   {"e.env", texts[3]}};
      const auto result = kustomize::render(files, "", {{"X", "1"}});
      QVERIFY(!hasErrors(result.diagnostics) || result.objects.empty());
    }
  }
};

QTEST_GUILESS_MAIN(TstKustomizeLimits)
#include "tst_kustomize_limits.moc"
