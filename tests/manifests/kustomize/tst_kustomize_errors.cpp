// SPDX-License-Identifier: Apache-2.0
// What cannot be rendered says where, what, and what to do.
#include <QTest>

#include <map>

#include "tests/manifests/kustomize/canonical.h"

using namespace gantry::manifests;
using namespace gantry::testing;

namespace {

using Texts = std::map<std::string, std::string>;

QString problems(const Texts& texts_, const std::string& folder) {
  kustomize::Files files;
  for (const auto& [path, text] : texts_) files[path] = text;
  const kustomize::Rendered result = kustomize::render(files, folder);
  if (hasErrors(result.diagnostics) && !result.objects.empty()) return "objects despite errors";
  return QString::fromStdString(texts(result.diagnostics));
}

const std::string kObjects =
    "apiVersion: apps/v1\n"
    "kind: Deployment\n"
    "metadata: {name: web}\n"
    "spec:\n"
    "  template:\n"
    "    spec:\n"
    "      containers: [{name: web, image: a}]\n"
    "---\n"
    "apiVersion: v1\n"
    "kind: ConfigMap\n"
    "metadata: {name: settings}\n"
    "data: {a: b}\n";

}  // namespace

Q_DECLARE_METATYPE(Texts)

class TstKustomizeErrors : public QObject {
  Q_OBJECT

 private slots:
  void saysWhatIsWrong_data() {
    QTest::addColumn<QString>("kustomization");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* name, const char* kustomization, const char* expected) {
      QTest::newRow(name) << kustomization << expected;
    };
    row("an unknown field", "resources: [all.yaml]\nnamePrefx: a-\n",
        "app/kustomization.yaml:2:1: error: namePrefx: unknown field \"namePrefx\"; did you mean "
        "\"namePrefix\"?");
    row("a field of a patch that is not known",
        "resources: [all.yaml]\npatches:\n- {patch: 'a: b', targets: {kind: X}}\n",
        "app/kustomization.yaml:3:19: error: patches[0].targets: unknown field \"targets\"; did "
        "you mean \"target\"?");
    row("a number where text belongs", "images:\n- {name: a, newTag: 1.5}\n",
        "app/kustomization.yaml:2:21: error: images[0].newTag: expected text, found a number; put "
        "it in quotes");
    row("text where a list belongs", "resources: all.yaml\n",
        "app/kustomization.yaml:1:12: error: resources: expected a list, found text; begin each "
        "item with `- `");
    row("another kind", "kind: Kustomisation\n",
        "app/kustomization.yaml:1:7: error: kind: a kustomization is not of kind "
        "\"Kustomisation\"; write Kustomization, Component, or leave it out");
    row("not YAML", "resources:\n\t- all.yaml\n",
        "app/kustomization.yaml:2:2: error: the line is indented by a tab; YAML takes only spaces; "
        "replace tabs by spaces");
    row("no fields", "- all.yaml\n",
        "app/kustomization.yaml:1:1: error: expected the fields of one kustomization; write it "
        "like `resources: [deployment.yaml]`");
    row("a file that is not there", "resources:\n- all.yaml\n- missing.yaml\n",
        "app/kustomization.yaml:3:3: error: resources: there is no file or folder "
        "\"missing.yaml\"; check the path");
    row("a folder without a kustomization", "resources: [plain]\n",
        "app/kustomization.yaml:1:13: error: there is no kustomization.yaml in the folder "
        "\"plain\"; name its files one by one, or add one that does");
    row("a remote base", "resources: ['https://github.com/org/repo//base?ref=v1']\n",
        "app/kustomization.yaml:1:13: error: resources: "
        "\"https://github.com/org/repo//base?ref=v1\" is not in the repository; copy the file into "
        "the repository: nothing is read from elsewhere");
    row("a remote component", "components: [github.com/org/repo]\n",
        "app/kustomization.yaml:1:14: error: components: \"github.com/org/repo\" is not in the "
        "repository; copy the file into the repository: nothing is read from elsewhere");
    row("a path out of the repository", "resources: [../../etc/passwd]\n",
        "app/kustomization.yaml:1:13: error: resources: \"../../etc/passwd\" is outside of the "
        "repository; write a path relative to this file, inside the repository");
    row("an absolute path", "configMapGenerator:\n- {name: a, files: [/etc/passwd]}\n",
        "app/kustomization.yaml:2:21: error: configMapGenerator[0].files: \"/etc/passwd\" is "
        "outside of the repository; write a path relative to this file, inside the repository");
    row("a file above its kustomization", "resources: [../above.yaml]\n",
        "app/kustomization.yaml:1:13: error: resources: \"../above.yaml\" is outside of the folder "
        "of its kustomization; move it there, or refer to a folder with a kustomization of its "
        "own");
    row("a cycle", "resources: [../circle]\n",
        "circle/kustomization.yaml:1:13: error: resources: \"../app\" leads back to a "
        "kustomization that is being read; a base cannot refer to what is made of it");
    row("itself", "resources: [.]\n",
        "app/kustomization.yaml:1:13: error: resources: \".\" leads back to a kustomization that "
        "is being read; a base cannot refer to what is made of it");
    row("the folder around it", "resources: [..]\n",
        "app/kustomization.yaml:1:13: error: resources: \"..\" leads back to a kustomization that "
        "is being read; a base cannot refer to what is made of it");
    row("a base that is a component", "resources: [component]\n",
        "app/kustomization.yaml:1:13: error: \"component\" is a Component; name it under "
        "components");
    row("a component that is none", "components: [../other]\n",
        "app/kustomization.yaml:1:14: error: \"../other\" is not a Component; write `kind: "
        "Component` in it, or name it under resources");
    row("an object twice", "resources: [all.yaml, twice.yaml]\n",
        "app/twice.yaml:1:1: error: metadata.name: ConfigMap settings is also defined at "
        "app/all.yaml:9:1; remove or rename one of them");
    row("an object without a name", "resources: [nameless.yaml]\n",
        "app/nameless.yaml:1:1: error: metadata.name: it is missing; add `metadata: {name: …}`");
    row("an object without a kind", "resources: [kindless.yaml]\n",
        "app/kindless.yaml:1:1: error: kind is missing; add it, for example `kind: Deployment`");
    row("two objects that a namespace makes one", "resources: [namespaces.yaml]\nnamespace: n\n",
        "app/kustomization.yaml:1:1: error: two objects become ConfigMap n/same, those at "
        "app/namespaces.yaml:1:1 and app/namespaces.yaml:3:1; remove or rename one of them");
  }

  void saysWhatIsWrong() {
    QFETCH(QString, kustomization);
    QFETCH(QString, expected);
    QCOMPARE(problems({{"app/kustomization.yaml", kustomization.toStdString()},
                       {"app/all.yaml", kObjects},
                       {"above.yaml", kObjects},
                       {"app/plain/a.yaml", kObjects},
                       {"app/component/kustomization.yaml", "kind: Component\n"},
                       {"other/kustomization.yaml", "namePrefix: a\n"},
                       {"circle/kustomization.yaml", "resources: [../app]\n"},
                       {"kustomization.yaml", "resources: [app]\n"},
                       {"app/twice.yaml",
                        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n"},
                       {"app/nameless.yaml", "apiVersion: v1\nkind: ConfigMap\n"},
                       {"app/kindless.yaml", "apiVersion: v1\n"},
                       {"app/namespaces.yaml",
                        "{apiVersion: v1, kind: ConfigMap, metadata: {name: same, namespace: a}}\n"
                        "---\n"
                        "{apiVersion: v1, kind: ConfigMap, metadata: {name: same, namespace: "
                        "b}}\n"}},
                      "app"),
             expected);
  }

  void refusesWhatItCannotDo_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* field, const char* value, const char* why) {
      QTest::newRow(field)
          << QString("%1: %2\n").arg(field, value)
          << QString("kustomization.yaml:1:1: error: %1: not supported; %2").arg(field, why);
    };
    const char* programs = "rendering runs no programs and needs nothing but the repository";
    const char* plugins = "plugins are programs; use patches, replacements or components";
    row("vars", "[{name: A}]", "Kustomize has given them up; use replacements");
    row("helmCharts", "[{name: a}]", programs);
    row("helmGlobals", "{chartHome: a}", programs);
    row("helmChartInflationGenerator", "[{chartName: a}]", programs);
    row("generators", "[a.yaml]", plugins);
    row("transformers", "[a.yaml]", plugins);
    row("validators", "[a.yaml]", plugins);
    row("configurations", "[a.yaml]", "where names, labels and images stand is built in");
    row("crds", "[a.yaml]", "Gantry has no kinds but its own");
    row("openapi", "{path: a.json}", "Gantry's schema says how lists are merged");
    row("inventory", "{type: ConfigMap}", "an Application keeps its inventory");
    QTest::newRow("buildMetadata has no effect")
        << "buildMetadata: [originAnnotations]\n"
        << "kustomization.yaml:1:1: warning: buildMetadata: has no effect; the plan says where an "
           "object comes from";
    QTest::newRow("what is empty asks for nothing") << "vars: []\ncrds:\nopenapi: {}\n"
                                                    << "";
  }

  void refusesWhatItCannotDo() {
    QFETCH(QString, text);
    QFETCH(QString, expected);
    QCOMPARE(problems({{"kustomization.yaml", text.toStdString()}}, ""), expected);
  }

  void saysWhatIsWrongWithAPatch_data() {
    QTest::addColumn<QString>("patches");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* name, const char* patches, const char* expected) {
      QTest::newRow(name) << patches << expected;
    };
    row("nothing to patch",
        "- patch: |\n    apiVersion: v1\n    kind: Service\n    metadata: {name: web}\n",
        "kustomization.yaml:4:5: error: patches[0]: there is no Service web (v1) to be patched; "
        "compare its apiVersion, kind, name and namespace with the resources");
    row("neither text nor file", "- target: {kind: Deployment}\n",
        "kustomization.yaml:3:3: error: patches[0]: neither path nor patch is set; write the patch "
        "itself under patch, or the name of its file under path");
    row("no target and no name", "- patch: 'spec: {replicas: 1}'\n",
        "kustomization.yaml:3:10: error: patches[0]: neither a target nor the object that it names "
        "says what it changes; add apiVersion, kind and metadata.name to it, or a target beside "
        "it");
    row("a value of another shape, in a block",
        "- patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: web}\n"
        "    spec:\n      template:\n        spec: text\n",
        "kustomization.yaml:9:15: error: spec.template.spec: the patch has text where "
        "all.yaml:7:7 has fields; write the value as it is there");
    row("a value of another shape, in a file", "- path: shape.yaml\n",
        "shape.yaml:4:7: error: data: the patch has a list where all.yaml:12:7 has fields; write "
        "the value as it is there");
    row("a container without a name",
        "- target: {kind: Deployment}\n  patch: |\n    metadata: {name: any}\n    spec:\n"
        "      template: {spec: {containers: [{image: b}]}}\n",
        "kustomization.yaml:7:38: error: spec.template.spec.containers[0]: it has no name; "
        "elements of this list are told apart by name");
    row("an unknown directive",
        "- target: {kind: Deployment}\n  patch: |\n    spec: {$patch: remove}\n",
        "kustomization.yaml:5:20: error: spec.$patch: unknown directive \"remove\"; write merge, "
        "replace or delete");
    row("a directive that is not supported",
        "- target: {kind: Deployment}\n  patch: |\n    spec: {$retainKeys: [a]}\n",
        "kustomization.yaml:5:12: error: spec.$retainKeys: not supported; use $patch: replace to "
        "set a list or map as a whole");
    row("broken YAML in a block", "- patch: |\n    a: b\n     c: d\n",
        "kustomization.yaml:5:7: error: \"c\" is indented under \"a\", which already has a value "
        "on its line; move \"c\" and what belongs to it 1 space to the left, to stand beside "
        "\"a\"");
    row("a pattern that is none", "- target: {name: 'a('}\n  patch: '[]'\n",
        "kustomization.yaml:3:18: error: patches[0].target.name: not a regular expression: "
        "missing ): a(; write the name itself, or an expression that matches all of it");
    row("a label selector that is none", "- target: {labelSelector: 'a in b'}\n  patch: '[]'\n",
        "kustomization.yaml:3:27: error: patches[0].target.labelSelector: not a label selector: "
        "\"a in b\"; write it like `app=web,tier in (front, back),!canary`");
    row("a JSON patch without a target", "- patch: '[{op: remove, path: /spec}]'\n",
        "kustomization.yaml:3:10: error: patches[0]: a JSON patch needs a target; add `target: "
        "{kind: …, name: …}`");
    row("a path that is not there",
        "- target: {kind: Deployment}\n  patch: |\n    - op: replace\n"
        "      path: /spec/replicas\n      value: 1\n",
        "kustomization.yaml:5:7: error: /spec/replicas: the object has no such field; check the "
        "path; op: add makes a field, not those around it");
    row("an index that is not there",
        "- target: {kind: Deployment}\n  patch: |\n"
        "    - {op: remove, path: /spec/template/spec/containers/1}\n",
        "kustomization.yaml:5:7: error: /spec/template/spec/containers/1: the object has no such "
        "field; check the path; op: add makes a field, not those around it");
    row("an operation that is none",
        "- target: {kind: Deployment}\n  patch: |\n    - {op: set, path: /spec}\n",
        "kustomization.yaml:5:12: error: op: it is missing or not known; write add, remove, "
        "replace, move, copy or test");
    row("a test that fails",
        "- target: {kind: ConfigMap}\n  patch: |\n    - {op: test, path: /data/a, value: c}\n",
        "kustomization.yaml:5:7: error: /data/a: the test fails: the value is another; it is "
        "written at all.yaml:12:11");
    row("a name that is taken away",
        "- target: {kind: ConfigMap}\n  patch: |\n    - {op: remove, path: /metadata/name}\n",
        "kustomization.yaml:4:10: error: patches[0]: it leaves an object without its name or kind; "
        "use $patch: delete in a strategic merge patch to remove an object");
  }

  void saysWhatIsWrongWithAPatch() {
    QFETCH(QString, patches);
    QFETCH(QString, expected);
    QCOMPARE(
        problems(
            {{"kustomization.yaml", "resources: [all.yaml]\npatches:\n" + patches.toStdString()},
             {"all.yaml", kObjects},
             {"shape.yaml",
              "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: [a]\n"}},
            ""),
        expected);
  }

  void saysWhatIsWrongWithTheRest_data() {
    QTest::addColumn<QString>("fields");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* name, const char* fields, const char* expected) {
      QTest::newRow(name) << fields << expected;
    };
    row("replicas of nobody", "replicas: [{name: wbe, count: 1}]\n",
        "kustomization.yaml:2:19: error: replicas[0].name: no object with replicas is called "
        "\"wbe\"; name a Deployment, ReplicaSet or StatefulSet of the resources");
    row("a literal without a value", "secretGenerator: [{name: a, literals: [hunter2]}]\n",
        "kustomization.yaml:2:40: error: secretGenerator[0].literals: not of the form key=value; "
        "write it like LEVEL=info");
    row("a key twice", "configMapGenerator: [{name: a, literals: [k=1, k=2]}]\n",
        "kustomization.yaml:2:48: error: configMapGenerator[0].literals: the key \"k\" is set "
        "twice; remove one of them");
    row("a key that cannot be", "configMapGenerator: [{name: a, envs: [app.env]}]\n",
        "app.env:2:1: error: configMapGenerator[0].envs: \"a b\" cannot be a key; keys are "
        "letters, digits, '-', '_' and '.'");
    row("a generator that finds its name taken", "configMapGenerator: [{name: settings}]\n",
        "kustomization.yaml:2:22: error: configMapGenerator[0].name: ConfigMap settings is also "
        "defined at all.yaml:9:1; add `behavior: merge` or `behavior: replace`, or rename it");
    row("nothing to merge with", "configMapGenerator: [{name: a, behavior: merge}]\n",
        "kustomization.yaml:2:22: error: configMapGenerator[0].behavior: there is no ConfigMap a "
        "to be merged or replaced; compare its name and namespace with the resources, or remove "
        "behavior");
    row("a behavior that is none", "configMapGenerator: [{name: a, behavior: mrege}]\n",
        "kustomization.yaml:2:42: error: configMapGenerator[0].behavior: unknown behavior "
        "\"mrege\"; write create, replace or merge");
    row("an order that is none", "sortOptions: {order: alphabetic}\n",
        "kustomization.yaml:2:14: error: sortOptions.order: unknown order \"alphabetic\"; write "
        "legacy or fifo");
    row("a source that selects nothing",
        "replacements: [{source: {kind: Service}, targets: [{select: {kind: ConfigMap}}]}]\n",
        "kustomization.yaml:2:25: error: replacements[0].source: it selects no object; compare it "
        "with the resources");
    row("a source that selects two",
        "replacements: [{source: {}, targets: [{select: {kind: ConfigMap}}]}]\n",
        "kustomization.yaml:2:25: error: replacements[0].source: it selects several objects, among "
        "them Deployment web and ConfigMap settings; add kind, name or namespace");
    row("a source without the field",
        "replacements: [{source: {kind: ConfigMap, fieldPath: data.b}, targets: [{select: {kind: "
        "Deployment}}]}]\n",
        "kustomization.yaml:2:54: error: replacements[0].source.fieldPath: ConfigMap settings has "
        "no field \"data.b\"; compare it with all.yaml:9:1");
    row("a target without the field",
        "replacements: [{source: {kind: ConfigMap}, targets: [{select: {kind: Deployment}, "
        "fieldPaths: [spec.replicas]}]}]\n",
        "kustomization.yaml:2:96: error: replacements[0].targets[0].fieldPaths: Deployment web has "
        "no field \"spec.replicas\"; compare it with all.yaml:1:1, or add `options: {create: "
        "true}`");
    row("a target that selects nothing is told",
        "replacements: [{source: {kind: ConfigMap}, targets: [{select: {kind: Pod}}]}]\n",
        "kustomization.yaml:2:63: warning: replacements[0].targets[0].select: it selects no "
        "object; compare it with the resources");
  }

  void saysWhatIsWrongWithTheRest() {
    QFETCH(QString, fields);
    QFETCH(QString, expected);
    QCOMPARE(problems({{"kustomization.yaml", "resources: [all.yaml]\n" + fields.toStdString()},
                       {"all.yaml", kObjects},
                       {"app.env", "ok=1\na b=c\n"}},
                      ""),
             expected);
  }

  void namesTheFoldersThatItIsMadeOf() {
    kustomize::Files files;
    files["overlays/production/kustomization.yaml"] =
        "resources: [../../base]\ncomponents: [../../extra/a]\n";
    files["overlays/production/x.yaml"] = "";
    const auto result = kustomize::render(files, "overlays/production");
    QVERIFY(result.folders == std::set<std::string>{"base"});
    QVERIFY(hasErrors(result.diagnostics));
  }

  void saysThatThereAreTwoKustomizations() {
    QCOMPARE(problems({{"a/kustomization.yaml", ""}, {"a/Kustomization", ""}}, "a"),
             QString("error: both a/kustomization.yaml and a/Kustomization are there; remove one "
                     "of them"));
  }
};

QTEST_GUILESS_MAIN(TstKustomizeErrors)
#include "tst_kustomize_errors.moc"
