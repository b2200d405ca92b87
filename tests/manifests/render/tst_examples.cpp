// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "manifests/render/folder.h"
#include "manifests/schema/gantry.pb.h"

using namespace gantry::manifests;
namespace schema = gantry::schema;
namespace fs = std::filesystem;

namespace {

const fs::path kSource = GANTRY_SOURCE_DIR;

std::string read(const fs::path& path) {
  std::ifstream file(path);
  if (!file) qFatal("cannot read %s", path.c_str());
  return std::string(std::istreambuf_iterator<char>(file), {});
}

/// `folder` of the repository that an example is: what is above "overlays", or the folder itself.
RenderedSet render(const fs::path& folder) {
  const bool overlay = folder.parent_path().filename() == "overlays";
  const fs::path root = overlay ? folder.parent_path().parent_path() : folder;
  std::vector<SourceFile> files;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.is_regular_file()) {
      files.push_back({fs::relative(entry.path(), root).string(), read(entry.path())});
    }
  }
  return render(files, {.folder = overlay ? fs::relative(folder, root).string() : "",
                        .defaultNamespace = "default"});
}

std::string texts(const std::vector<Diagnostic>& diagnostics) {
  std::string all;
  for (const Diagnostic& diagnostic : diagnostics) {
    all += (all.empty() ? "" : "\n") + diagnostic.toString();
  }
  return all;
}

/// Lines from `first` on, `count` of them, with two spaces less.
std::string dedent(const std::string& text, int first, int count) {
  std::istringstream lines(text);
  std::string result;
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    const bool moved = number >= first && number < first + count && line.starts_with("  ");
    result += (moved ? line.substr(2) : line) + "\n";
  }
  return result;
}

std::string problemsOf(const std::string& text) {
  return texts(renderFolder({{"web.yaml", text}}, "default").diagnostics);
}

}  // namespace

class TstExamples : public QObject {
  Q_OBJECT

 private slots:
  void rendersWithoutAWord_data() {
    QTest::addColumn<QString>("folder");
    QTest::addColumn<int>("objects");
    QTest::newRow("the shop's staging") << "manifests/examples/shop/staging" << 6;
    QTest::newRow("the shop's production") << "manifests/examples/shop/production" << 6;
    QTest::newRow("an overlay for staging") << "manifests/examples/kustomize/overlays/staging" << 4;
    QTest::newRow("an overlay for production")
        << "manifests/examples/kustomize/overlays/production" << 5;
    QTest::newRow("a Job") << "manifests/examples/job" << 2;
    QTest::newRow("the shop's Applications") << "manifests/examples/shop/applications" << 2;
  }

  void rendersWithoutAWord() {
    QFETCH(QString, folder);
    QFETCH(int, objects);
    const RenderedSet set = render(kSource / folder.toStdString());
    QCOMPARE(texts(set.diagnostics), std::string());
    QCOMPARE(static_cast<int>(set.resources.size()), objects);
  }

  void productionNeedsAnApproval() {
    const RenderedSet set = render(kSource / "manifests/examples/shop/applications");
    for (const Resource& resource : set.resources) {
      const auto& spec = resource.as<schema::Application>()->spec();
      const bool production = resource.metadata().name() == "production";
      QVERIFY(spec.sync_policy().has_automated());
      QCOMPARE(spec.sync_policy().approval().required(), production ? 1 : 0);
      QCOMPARE(spec.source().path(), resource.metadata().name());
    }
  }

  void whatThePagesShowIsRight_data() {
    QTest::addColumn<QString>("page");
    QTest::addColumn<int>("objects");
    // The last one is an ApplicationSet, for a repository with two environments.
    QTest::newRow("Applications and Projects") << "docs/applications.md" << 4;
  }
  void whatThePagesShowIsRight() {
    QFETCH(QString, page);
    QFETCH(int, objects);
    std::vector<SourceFile> files = {{"environments/dev/a.yaml", ""},
                                     {"environments/production/a.yaml", ""}};
    std::istringstream lines(read(kSource / page.toStdString()));
    std::string block;
    bool inside = false;
    for (std::string line; std::getline(lines, line);) {
      if (!inside) {
        inside = line == "```yaml";
      } else if (line == "```") {
        files.push_back(
            {"apps/" + std::to_string(files.size()) + ".yaml", std::exchange(block, "")});
        inside = false;
      } else {
        block += line + "\n";
      }
    }
    const RenderedSet set =
        gantry::manifests::render(files, {.folder = "apps", .defaultNamespace = "gantry-system"});
    QVERIFY2(set.diagnostics.empty(), texts(set.diagnostics).c_str());
    QCOMPARE(static_cast<int>(set.resources.size()), objects);
  }

  void theBriefOnlyWarns() {
    QCOMPARE(
        texts(render(kSource / "manifests/examples/brief").diagnostics),
        std::string("service.yaml:9:3: warning: spec.type: there is no pool of addresses yet: it "
                    "is served like type NodePort; use type: NodePort\n"
                    "service.yaml:13:3: warning: spec.selector: it selects no pod of this set; "
                    "compare it with the labels of the pods"));
  }

  /// A person who does what each message says ends up with a manifest that works.
  void explainsThePrintedDeploymentStepByStep() {
    const std::string printed = read(kSource / "tests/manifests/data/deployment-as-printed.yaml");
    QCOMPARE(
        problemsOf(printed),
        std::string("web.yaml:9:13: error: \"template\" is indented under \"replicas\", which "
                    "already has a value on its line; move \"template\" and what belongs to it "
                    "2 spaces to the left, to stand beside \"replicas\""));

    const std::string allMoved = dedent(printed, 9, 100);
    QCOMPARE(problemsOf(allMoved),
             std::string("web.yaml:13:3: error: spec: unknown field \"spec\"; it belongs in "
                         "spec.template: move it there"));

    const std::string templateMoved = dedent(printed, 9, 4);
    QCOMPARE(problemsOf(templateMoved),
             std::string("web.yaml:7:1: error: spec.selector: it is missing: a Deployment must say "
                         "which pods are its own; add `selector: {matchLabels: {app: nginx}}`"));

    std::string mended = templateMoved;
    mended.insert(mended.find("  template:"), "  selector: {matchLabels: {app: nginx}}\n");
    QCOMPARE(problemsOf(mended), std::string());
  }
};

QTEST_GUILESS_MAIN(TstExamples)
#include "tst_examples.moc"
