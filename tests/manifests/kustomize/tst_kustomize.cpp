// SPDX-License-Identifier: Apache-2.0
// Every folder of data is a feature: `input` is a repository, rendered from its folder `overlay`,
// or, without one, from its root; `expected.yaml` is what Kustomize makes of it, `warnings.txt`
// what we say about it. Where kubectl is installed, it is asked again. GANTRY_UPDATE_KUSTOMIZE=1
// writes kubectl's answers to expected.yaml.
#include <QDir>
#include <QProcess>
#include <QStandardPaths>
#include <QTest>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/manifests/kustomize/canonical.h"

using namespace gantry::manifests;
using namespace gantry::testing;
namespace fs = std::filesystem;

namespace {

const fs::path kSource = GANTRY_SOURCE_DIR;
const fs::path kData = kSource / "tests/manifests/kustomize/data";

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) qFatal("cannot read %s", path.c_str());
  return std::string(std::istreambuf_iterator<char>(file), {});
}

/// A folder of the disk as a repository.
class Repository {
 public:
  explicit Repository(const fs::path& folder) {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (!entry.is_regular_file()) continue;
      contents_.push_back(read(entry.path()));
      files_[fs::relative(entry.path(), folder).string()] = contents_.back();
    }
  }
  const kustomize::Files& files() const { return files_; }

 private:
  std::deque<std::string> contents_;
  kustomize::Files files_;
};

/// The documents of a YAML text, and the file name that their places point to.
std::vector<kustomize::Node> parse(const std::string& text) {
  static const std::string kName = "expected.yaml";
  std::vector<Diagnostic> diagnostics;
  const YamlFile yaml(text, kName, {}, diagnostics);
  if (!diagnostics.empty()) qFatal("%s", texts(diagnostics).c_str());
  std::vector<kustomize::Node> documents;
  for (const auto& document : yaml.documents()) {
    documents.push_back(kustomize::fromYaml(*document.root, &kName));
  }
  return documents;
}

/// The lines around the first in which the two differ.
std::string difference(const std::string& ours, const std::string& expected) {
  const QStringList a = QString::fromStdString(ours).split('\n');
  const QStringList b = QString::fromStdString(expected).split('\n');
  qsizetype first = 0;
  while (first < std::min(a.size(), b.size()) && a[first] == b[first]) ++first;
  const qsizetype from = std::max<qsizetype>(0, first - 3);
  return (a[0] + "\nours:\n" + a.mid(from, 8).join('\n') + "\nexpected:\n" +
          b.mid(from, 8).join('\n'))
      .toStdString();
}

void compare(const std::vector<kustomize::Node>& actual,
             const std::vector<kustomize::Node>& expected) {
  const std::vector<std::string> ours = canonical(actual);
  const std::vector<std::string> theirs = canonical(expected);
  for (std::size_t i = 0; i < std::max(ours.size(), theirs.size()); ++i) {
    const std::string a = i < ours.size() ? ours[i] : "nothing";
    const std::string b = i < theirs.size() ? theirs[i] : "nothing";
    QVERIFY2(a == b, difference(a, b).c_str());
  }
}

std::string folderOf(const fs::path& input) {
  return fs::exists(input / "overlay") ? "overlay" : "";
}

std::string kubectl() {
  return QStandardPaths::findExecutable("kubectl").toStdString();
}

/// What kubectl makes of a folder of the disk.
std::string askKubectl(const fs::path& folder) {
  QProcess process;
  process.start(QString::fromStdString(kubectl()),
                {"kustomize", QString::fromStdString(folder.string())});
  if (!process.waitForFinished(60'000) || process.exitCode() != 0) {
    return "failed: " + process.readAllStandardError().toStdString();
  }
  return process.readAllStandardOutput().toStdString();
}

void addFeatures() {
  QTest::addColumn<QString>("feature");
  for (const QString& name :
       QDir(QString::fromStdString(kData.string())).entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
    QTest::newRow(qPrintable(name)) << name;
  }
}

}  // namespace

class TstKustomize : public QObject {
  Q_OBJECT

 private slots:
  void rendersAsExpected_data() { addFeatures(); }

  void rendersAsExpected() {
    QFETCH(QString, feature);
    const fs::path folder = kData / feature.toStdString();
    if (qEnvironmentVariableIsSet("GANTRY_UPDATE_KUSTOMIZE")) {
      std::ofstream(folder / "expected.yaml")
          << askKubectl(folder / "input" / folderOf(folder / "input"));
    }
    const Repository repository(folder / "input");
    const auto result = kustomize::render(repository.files(), folderOf(folder / "input"));
    const fs::path warnings = folder / "warnings.txt";
    QCOMPARE(QString::fromStdString(texts(result.diagnostics)),
             QString::fromStdString(fs::exists(warnings) ? read(warnings) : ""));
    QVERIFY(!hasErrors(result.diagnostics));
    compare(result.objects, parse(read(folder / "expected.yaml")));
  }

  void rendersAsKubectlDoes_data() {
    addFeatures();
    for (const char* overlay : {"staging", "production"}) {
      QTest::newRow(overlay) << "manifests/examples/kustomize/overlays/" + QString(overlay);
    }
  }

  void rendersAsKubectlDoes() {
    QFETCH(QString, feature);
    if (kubectl().empty()) QSKIP("kubectl is not installed");
    const bool shipped = feature.startsWith("manifests/");
    const fs::path root = shipped ? kSource / "manifests/examples/kustomize"
                                  : kData / feature.toStdString() / "input";
    const std::string folder =
        shipped ? fs::relative(kSource / feature.toStdString(), root).string() : folderOf(root);
    const std::string theirs = askKubectl(root / folder);
    QVERIFY2(!theirs.starts_with("failed: "), theirs.c_str());
    const Repository repository(root);
    const auto ours = kustomize::render(repository.files(), folder);
    QVERIFY2(!hasErrors(ours.diagnostics), texts(ours.diagnostics).c_str());
    compare(ours.objects, parse(theirs));
  }

  void keepsKustomizesOrder() {
    const Repository repository(kData / "order" / "input");
    const auto result = kustomize::render(repository.files(), "");
    std::string kinds;
    for (const auto& object : result.objects) kinds += std::string(object.textOf("kind")) + " ";
    QCOMPARE(kinds, std::string("Namespace ConfigMap Secret Service Deployment Pod "));
  }

  /// docs/kustomize.md says so.
  void keepsWhatKustomizeLoses() {
    const std::string objects =
        "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n"
        "spec: {ports: [{port: 80, protocol: TCP}, {port: 53, protocol: UDP}]}\n---\n"
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
        "spec: {containers: [{name: c, image: 'web:1'}, {name: d, image: 'd:1', tty: true}]}\n";
    const kustomize::Files files{{"kustomization.yaml",
                                  "resources: [all.yaml]\n"
                                  "images: [{name: web, tagSuffix: -slim}]\n"
                                  "patches:\n"
                                  "- target: {kind: Service}\n"
                                  "  patch: 'spec: {ports: [{port: 80, nodePort: 30080}]}'\n"
                                  "- target: {kind: Pod}\n"
                                  "  patch: 'spec: {containers: [{name: d, $patch: replace}]}'\n"},
                                 {"all.yaml", objects}};
    const auto result = kustomize::render(files, "");
    QCOMPARE(QString::fromStdString(texts(result.diagnostics)), QString());
    QCOMPARE(QString::fromStdString(canonical(*result.objects.at(0).find("spec"), "")),
             QString("\nports:\n  -\n    nodePort: 30080\n    port: 80\n    protocol: \"TCP\"\n"
                     "  -\n    port: 53\n    protocol: \"UDP\"\n"));
    QCOMPARE(QString::fromStdString(canonical(*result.objects.at(1).find("spec"), "")),
             QString("\ncontainers:\n  -\n    name: \"d\"\n"
                     "  -\n    image: \"web:1-slim\"\n    name: \"c\"\n"));
  }

  void givesTheSameWhateverElseIsThere() {
    const Repository repository(kData / "prefixes" / "input");
    const auto first = canonical(kustomize::render(repository.files(), "overlay").objects);
    kustomize::Files more = repository.files();
    more["elsewhere/kustomization.yaml"] = "resources: [nothing.yaml]\n";
    more["overlay/notes.txt"] = "of no use";
    QVERIFY(canonical(kustomize::render(more, "overlay").objects) == first);
  }
};

QTEST_GUILESS_MAIN(TstKustomize)
#include "tst_kustomize.moc"
