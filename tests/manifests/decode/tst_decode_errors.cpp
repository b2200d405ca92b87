// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "manifests/decode/decode.h"

using namespace gantry::manifests;

namespace {

/// A Deployment with `line` at the place of `replicas`, in line 6.
std::string inSpec(const std::string& lines) {
  return "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n" + lines;
}

/// A Pod whose container has `lines`, from line 9 on.
std::string inContainer(const std::string& lines) {
  return "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n"
         "    image: a:1\n" +
         lines;
}

}  // namespace

class TstDecodeErrors : public QObject {
  Q_OBJECT

 private slots:
  void saysWhatIsWrong_data() {
    QTest::addColumn<std::string>("text");
    QTest::addColumn<std::string>("expected");
    const auto row = [](const char* name, const std::string& text, const char* expected) {
      QTest::newRow(name) << text << std::string(expected);
    };

    row("a field under a value that has no room for it",
        inSpec("  replicas: 3\n    template:\n      spec: 1\n"),
        "f:7:13: error: \"template\" is indented under \"replicas\", which already has a value on "
        "its "
        "line; move \"template\" and what belongs to it 2 spaces to the left, to stand beside "
        "\"replicas\"");
    row("a tab for indentation", "a:\n\tb: 1\n",
        "f:2:3: error: the line is indented by a tab; YAML takes only spaces; replace tabs by "
        "spaces");
    row("two colons in a line", "a: b: c\n",
        "f:1:5: error: a second colon in the value of \"a\"; put the value in quotes");
    row("an indentation that fits nothing", "a:\n    b: 1\n  c: 2\n",
        "f:3:3: error: the indentation of 2 spaces fits none of the lines above; align it with the "
        "fields that it belongs to");
    row("a quote that never ends", "a: \"x\nb: 2\n",
        "f:1:4: error: the quoted text that begins here never ends; close the quote");
    row("a list in brackets that never ends", "a: [1, 2\n",
        "f:1:8: error: a [ before this is not closed; add the ]");
    row("a line without a colon at the end", "a: 1\nb\n",
        "f:2:1: error: no colon after \"b\"; write it as `name: value`");
    row("a line without a colon in the middle", "a: 1\nb 2\nc: 3\n",
        "f:3:2: error: the line above \"c\" has no colon; write it as `name: value`");
    row("a list item among fields", "a: 1\n- b\n",
        "f:2:1: error: a list item among fields; indent it under the name that the list belongs "
        "to");
    row("an alias without anchor", "a: *b\n",
        "f:1:4: error: a value that begins with * repeats an anchor, and there is none of this "
        "name "
        "before; put the value in quotes if the * belongs to it");
    row("a character that begins no value", "a: @b\n",
        "f:1:4: error: a value cannot begin with @; put it in quotes");
    row("a Helm template", "image: {{ .Values.image }}\n",
        "f:1:9: error: a list or map cannot be the name of a field; this looks like a template; "
        "render it to plain YAML first");
    row("a key twice", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  name: b\n",
        "f:5:3: error: \"name\" is set twice; the first is in line 4; remove one of them");
    row("a key twice in JSON", "{\"apiVersion\": \"v1\",\n \"apiVersion\": \"v1\"}",
        "f:2:2: error: \"apiVersion\" is set twice; the first is in line 1; remove one of them");
    row("a control character", std::string("a: \x01\n"),
        "f:1:4: error: a control character, which YAML does not allow; remove it, or write it as "
        "an "
        "escape in double quotes");
    row("not UTF-8", "a: \xff\n", "f:1:4: error: the file is not UTF-8; save it as UTF-8");
    row("a tag", "a: !!binary aGk=\n",
        "f:1:4: error: the tag a value is not supported; write the value without a tag; the schema "
        "knows its type");

    row("not an object", "- a\n- b\n",
        "f:1:1: error: expected an object with apiVersion and kind, found a list");
    row("no kind", "apiVersion: v1\n",
        "f:1:1: error: kind is missing; add it, for example `kind: Deployment`");
    row("a kind that is nearly one", "apiVersion: apps/v1\nkind: Deploymnet\n",
        "f:2:7: error: kind: unknown kind \"Deploymnet\"; did you mean \"Deployment\"?");
    row("a kind of another version", "apiVersion: extensions/v1beta1\nkind: Deployment\n",
        "f:1:13: error: apiVersion: Deployment is not in \"extensions/v1beta1\"; write "
        "`apiVersion: "
        "apps/v1`");
    row("a kind that only the system makes", "apiVersion: v1\nkind: Node\n",
        "f:2:7: error: kind: a Node is made by the system only; remove it");

    row("text for a number", inSpec("  replicas: three\n"),
        "f:6:13: error: spec.replicas: expected a whole number, found \"three\"");
    row("a quoted number", inSpec("  replicas: \"3\"\n"),
        "f:6:13: error: spec.replicas: expected a whole number, found \"3\"; leave out the quotes");
    row("a fraction for a whole number", inSpec("  replicas: 1.5\n"),
        "f:6:13: error: spec.replicas: expected a whole number, found the number 1.5");
    row("a number with a leading zero", inSpec("  replicas: 010\n"),
        "f:6:13: error: spec.replicas: a number with a leading zero is octal to some and decimal "
        "to "
        "others; write it without, or as 0o10");
    row("a number beyond 32 bits", inSpec("  replicas: 3000000000\n"),
        "f:6:13: error: spec.replicas: the number 3000000000 does not fit in 32 bits");
    row("yes for true", inSpec("  paused: yes\n"),
        "f:6:11: error: spec.paused: expected true or false, found \"yes\"; write true");
    row("a number for text", inContainer("    env:\n    - name: PORT\n      value: 8080\n"),
        "f:11:14: error: spec.containers[0].env[0].value: expected text, found the number 8080; "
        "put "
        "it in quotes: \"8080\"");
    row("fields for a list", inContainer("    ports:\n      containerPort: 80\n"),
        "f:10:7: error: spec.containers[0].ports: expected a list, found fields; begin each item "
        "with `- `");
    row("not an amount", inContainer("    resources:\n      limits: {memory: 64 Megs}\n"),
        "f:10:24: error: spec.containers[0].resources.limits[memory]: expected an amount such as "
        "250m, 0.5 or 64Mi, found \"64 Megs\"");

    row("a field that is nearly one", inContainer("    imagee: b\n"),
        "f:9:5: error: spec.containers[0]: unknown field \"imagee\"; did you mean \"image\"?");
    row("the containers of a pod in the Deployment", inSpec("  containers: []\n"),
        "f:6:3: error: spec: unknown field \"containers\"; it belongs in spec.template.spec: move "
        "it "
        "there");
    row("the spec of a pod beside its template", inSpec("  spec:\n    containers: []\n"),
        "f:6:3: error: spec: unknown field \"spec\"; it belongs in spec.template: move it there");
    row("a field of the pod in its container", inContainer("    restartPolicyy: Always\n"),
        "f:9:5: error: spec.containers[0]: unknown field \"restartPolicyy\"; did you mean "
        "\"restartPolicy\"?");
    row("a field of the pod in a container", inContainer("    nodeSelector: {}\n"),
        "f:9:5: error: spec.containers[0]: unknown field \"nodeSelector\"; it belongs in spec: "
        "move "
        "it there");
    row("a field that nothing knows", inContainer("    frobnicate: 1\n"),
        "f:9:5: error: spec.containers[0]: unknown field \"frobnicate\"; remove it");
    row("YAML 1.1's merge key", inContainer("    <<: {tty: true}\n"),
        "f:9:5: error: spec.containers[0]: the merge key << is gone from YAML 1.2; write the "
        "fields "
        "out");
    row("a field that is refused", "apiVersion: v1\nkind: Pod\nspec:\n  nodeName: n1\n",
        "f:4:3: error: spec.nodeName: not supported; the scheduler chooses the node; name what it "
        "must have in nodeSelector");
    row("a sidecar",
        "apiVersion: v1\nkind: Pod\nspec:\n  initContainers:\n  - restartPolicy: Always\n",
        "f:5:5: error: spec.initContainers[0].restartPolicy: not supported; sidecars are not "
        "available yet; run it as one of containers, or leave it out");
    row("a field without effect", "apiVersion: v1\nkind: Pod\nspec:\n  priority: 7\n",
        "f:4:3: warning: spec.priority: has no effect; all pods have the same priority");
    row("not base64", "apiVersion: v1\nkind: ConfigMap\nbinaryData:\n  a: \"%%%\"\n",
        "f:4:6: error: binaryData[a]: not base64; encode it");
  }

  void saysWhatIsWrong() {
    QFETCH(std::string, text);
    QFETCH(std::string, expected);
    const Decoded decoded = decode(text, "f");
    QCOMPARE(decoded.diagnostics.size(), 1u);
    QCOMPARE(decoded.diagnostics.front().toString(), expected);
    const bool warning = expected.find("warning:") != std::string::npos;
    QCOMPARE(decoded.resources.size(), warning ? 1u : 0u);
  }

  void neverShowsASecret_data() {
    QTest::addColumn<std::string>("text");
    const std::string head = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n";
    QTest::newRow("a number under stringData") << head + "stringData:\n  pin: 4711471147\n";
    QTest::newRow("what is not base64") << head + "data:\n  pin: 4711471147x!\n";
    QTest::newRow("a list") << head + "stringData:\n  pin: [4711471147]\n";
    QTest::newRow("a value with a colon") << head + "stringData:\n  pin: 4711471147: 4711471147\n";
    QTest::newRow("a field under a value") << head + "stringData:\n  pin: 4711471147\n    x: 1\n";
    QTest::newRow("an open quote") << head + "stringData:\n  pin: \"4711471147\n";
    QTest::newRow("a key twice") << head +
                                        "stringData:\n  a: \"4711471147\"\n  a: \"4711471147\"\n";
  }

  void neverShowsASecret() {
    QFETCH(std::string, text);
    const Decoded decoded = decode(text, "f");
    QVERIFY(hasErrors(decoded.diagnostics));
    for (const Diagnostic& diagnostic : decoded.diagnostics) {
      QVERIFY2(diagnostic.toString().find("4711471147") == std::string::npos,
               diagnostic.toString().c_str());
    }
  }

  void keepsTheGoodDocumentsOfAFile() {
    const std::string good = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";
    const Decoded decoded = decode(good + "---\nkind: Nothing\n---\n" + good, "f");
    QCOMPARE(decoded.resources.size(), 2u);
    QCOMPARE(decoded.diagnostics.size(), 1u);
    QCOMPARE(decoded.resources[1].location().toString(), std::string("f:8:1"));
  }
};

QTEST_GUILESS_MAIN(TstDecodeErrors)
#include "tst_decode_errors.moc"
