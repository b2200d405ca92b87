// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "manifests/render/folder.h"

using namespace gantry;
using manifests::RenderedSet;

/// Applications that are made of folders.
class TstApplicationSet : public QObject {
  Q_OBJECT

 private:
  static RenderedSet render(const std::string& folders,
                            std::initializer_list<const char*> environments,
                            const std::string& name = "shop-{{name}}") {
    std::vector<manifests::SourceFile> files = {
        {"apps/set.yaml",
         "apiVersion: gantry.dev/v1\nkind: ApplicationSet\nmetadata: {name: shop}\nspec:\n"
         "  folders: " +
             folders +
             "\n"
             "  exclude: ['*/old']\n"
             "  template:\n"
             "    metadata: {name: '" +
             name +
             "', labels: {tier: '{{1}}'}}\n"
             "    spec:\n"
             "      environment: '{{name}}'\n"
             "      source: {repoURL: ., path: '{{path}}'}\n"
             "      destination: {namespace: 'shop-{{name}}'}\n"
             "      variables: {REGION: '{{name}}-1'}\n"}};
    for (const char* path : environments) files.push_back({path, "not even read\n"});
    return manifests::render(files, {.folder = "apps", .defaultNamespace = "gantry-system"});
  }
  static std::string problems(const RenderedSet& set) {
    std::string all;
    for (const manifests::Diagnostic& diagnostic : set.diagnostics) all += diagnostic.toString();
    return all;
  }

 private slots:
  void makesOneAFolder() {
    const RenderedSet set =
        render("['environments/*']",
               {"environments/dev/kustomization.yaml", "environments/production/deep/a.yaml",
                "environments/old/a.yaml", "environments/readme.yaml"});
    QVERIFY2(set.ok(), problems(set).c_str());
    QCOMPARE(set.resources.size(), 2u);
    const auto& made = *set.resources[1].as<schema::Application>();
    QCOMPARE(made.metadata().name(), "shop-production");
    QCOMPARE(made.metadata().namespace_(), "gantry-system");
    QCOMPARE(made.metadata().annotations().at("gantry.dev/application-set"), "shop");
    QCOMPARE(made.metadata().labels().at("tier"), "production");
    QCOMPARE(made.spec().source().path(), "environments/production");
    QCOMPARE(made.spec().source().target_revision(), "main");
    QCOMPARE(made.spec().environment(), "production");
    QCOMPARE(made.spec().destination().namespace_(), "shop-production");
    QCOMPARE(made.spec().variables().at("REGION"), "production-1");
    QCOMPARE(set.folders, std::set<std::string>{"environments"});
  }

  void severalStarsAreNumbered() {
    const RenderedSet set =
        render("['teams/*/envs/*']", {"teams/pay/envs/dev/a.yaml", "teams/shop/envs/dev/a.yaml"},
               "{{1}}-{{2}}");
    QVERIFY2(set.ok(), problems(set).c_str());
    QCOMPARE(set.resources.size(), 2u);
    QCOMPARE(set.resources[0].metadata().name(), "pay-dev");
    QCOMPARE(set.resources[1].metadata().name(), "shop-dev");
  }

  void saysWhatIsWrong_data() {
    QTest::addColumn<QString>("folders");
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("problem");
    QTest::newRow("no folder fits") << "['environment/*']" << "shop-{{name}}"
                                    << "spec.folders: no folder of the repository is named so";
    QTest::newRow("all have one name") << "['environments/*']" << "shop"
                                       << "gives every Application the same name";
    QTest::newRow("a name that cannot be") << "['environments/*']" << "{{path}}"
                                           << "metadata.name";
    QTest::newRow("the same folder for two names")
        << "['environments/*']" << "shop-{{2}}" << "metadata.name";
    QTest::newRow("no pattern") << "[]" << "shop-{{name}}" << "names no folder";
    QTest::newRow("outside") << "['../*']" << "shop-{{name}}" << "inside the repository";
  }
  void saysWhatIsWrong() {
    QFETCH(QString, folders);
    QFETCH(QString, name);
    QFETCH(QString, problem);
    const RenderedSet set =
        render(folders.toStdString(), {"environments/dev/a.yaml"}, name.toStdString());
    QVERIFY(!set.ok());
    QVERIFY2(problems(set).find(problem.toStdString()) != std::string::npos, problems(set).c_str());
    QVERIFY(problems(set).find("apps/set.yaml:") != std::string::npos);
  }
};

QTEST_GUILESS_MAIN(TstApplicationSet)
#include "tst_application_set.moc"
