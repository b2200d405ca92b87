// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "tests/manifests/kustomize/canonical.h"

using namespace gantry::manifests;
using namespace gantry::testing;

namespace {

const kustomize::Variables kVariables{
    {"ENV", "production"}, {"REPLICAS", "3"}, {"EMPTY", ""}, {"TRICK", "${ENV}"}};

std::string withData(const std::string& value) {
  return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  key: " + value + "\n";
}

kustomize::Rendered render(const std::string& objects, const kustomize::Variables& variables) {
  const kustomize::Files files{{"all.yaml", objects}};
  return kustomize::readPlain(files, variables);
}

}  // namespace

class TstVariables : public QObject {
  Q_OBJECT

 private slots:
  void substitutes_data() {
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* name, const char* value, const char* expected) {
      QTest::newRow(name) << value << expected;
    };
    row("a variable", "in ${ENV}!", "in production!");
    row("two of them", "${ENV}${REPLICAS}", "production3");
    row("one that is empty", "'<${EMPTY}>'", "<>");
    row("a default", "${OTHER:-a b}", "a b");
    row("an empty default", "'<${OTHER:-}>'", "<>");
    row("a default that is not needed", "${ENV:-x}", "production");
    row("an escaped one", "$${ENV}", "${ENV}");
    row("the shell's own", "$HOME $(POD) $$ $", "$HOME $(POD) $$ $");
    row("a value that looks like one", "${TRICK}", "${ENV}");
    row("a block of text", "|\n    a ${ENV}\n    b", "a production\nb\n");
  }

  void substitutes() {
    QFETCH(QString, value);
    QFETCH(QString, expected);
    const auto result = render(withData(value.toStdString()), kVariables);
    QCOMPARE(QString::fromStdString(texts(result.diagnostics)), QString());
    QCOMPARE(QString::fromStdString(std::string(result.objects.at(0).find("data")->textOf("key"))),
             expected);
  }

  void refuses_data() {
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("expected");
    QTest::newRow("one that is not defined")
        << "a ${REPLICA}"
        << "all.yaml:5:8: error: the variable REPLICA is not defined; did you mean \"REPLICAS\"?";
    QTest::newRow("one like no other")
        << "${SOMETHING}"
        << "all.yaml:5:8: error: the variable SOMETHING is not defined; define it, give a default "
           "as ${SOMETHING:-…}, or write $${ for a literal ${";
    QTest::newRow("one that is not closed")
        << "${ENV"
        << "all.yaml:5:8: error: a ${ that is not closed; add the }, or write $${ for a literal ${";
    QTest::newRow("what is no name")
        << "${a-b}"
        << "all.yaml:5:8: error: ${ is not followed by the name of a variable; write ${NAME} or "
           "${NAME:-default}, or $${ for a literal ${";
  }

  void refuses() {
    QFETCH(QString, value);
    QFETCH(QString, expected);
    const auto result = render(withData(value.toStdString()), kVariables);
    QCOMPARE(QString::fromStdString(texts(result.diagnostics)), expected);
    QVERIFY(result.objects.empty());
  }

  void makesNumbersWhereNothingIsQuoted() {
    const auto result = render("a: ${REPLICAS}\nb: '${REPLICAS}'\n${ENV}: c\n", kVariables);
    QCOMPARE(QString::fromStdString(canonical(result.objects.at(0), "")),
             QString("\n${ENV}: \"c\"\na: 3\nb: \"3\"\n"));
  }

  void isOffWithoutVariables() {
    const std::string objects = withData("${ENV} $${ENV}");
    const kustomize::Files files{{"kustomization.yaml", "resources: [all.yaml]\n"},
                                 {"all.yaml", objects}};
    const auto result = kustomize::render(files, "");
    QCOMPARE(QString::fromStdString(std::string(result.objects.at(0).find("data")->textOf("key"))),
             QString("${ENV} $${ENV}"));
  }

  void leavesAloneWhoAsksForIt() {
    const auto result = render(
        "apiVersion: v1\nkind: ConfigMap\n"
        "metadata: {name: a, annotations: {gantry.dev/substitute: disabled}}\n"
        "data: {key: '${UNKNOWN}'}\n",
        kVariables);
    QCOMPARE(QString::fromStdString(texts(result.diagnostics)), QString());
    QCOMPARE(QString::fromStdString(std::string(result.objects.at(0).find("data")->textOf("key"))),
             QString("${UNKNOWN}"));
  }

  /// A ConfigMap with another value has another name, and who refers to it follows.
  void changesTheNamesThatAreMadeOfContent() {
    const std::string pod =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"
        "spec: {volumes: [{name: v, configMap: {name: 'c-${ENV}'}}]}\n";
    const kustomize::Files files{
        {"kustomization.yaml",
         "resources: [pod.yaml]\nnamePrefix: x-\n"
         "configMapGenerator: [{name: 'c-${ENV}', literals: ['in=${ENV}']}]\n"},
        {"pod.yaml", pod}};
    std::string before;
    for (const char* environment : {"staging", "production"}) {
      const auto result = kustomize::render(files, "", {{"ENV", environment}});
      QCOMPARE(QString::fromStdString(texts(result.diagnostics)), QString());
      const std::string name(result.objects.at(0).find("metadata")->textOf("name"));
      QVERIFY(name.starts_with("x-c-" + std::string(environment) + "-"));
      QCOMPARE(name.size(), std::string("x-c--").size() + strlen(environment) + 10);
      QVERIFY(name.substr(name.size() - 10) != before);
      before = name.substr(name.size() - 10);
      const auto& volume = result.objects.at(1).find("spec")->find("volumes")->items.at(0);
      QCOMPARE(std::string(volume.find("configMap")->textOf("name")), name);
    }
  }
};

QTEST_GUILESS_MAIN(TstVariables)
#include "tst_variables.moc"
