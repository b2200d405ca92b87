// SPDX-License-Identifier: Apache-2.0
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>

#include "app/client/context.h"
#include "base/file.h"

using namespace gantry::client;

namespace {

Context sample(const std::string& name) {
  return {.name = name,
          .server = "10.0.0.1:7443",
          .caCertificate = "-----BEGIN CERTIFICATE-----\nAAA=\n-----END CERTIFICATE-----\n",
          .certificate = "-----BEGIN CERTIFICATE-----\nBBB=\n-----END CERTIFICATE-----\n",
          .key = "-----BEGIN PRIVATE KEY-----\nCCC=\n-----END PRIVATE KEY-----\n",
          .color = "#b3261e",
          .production = true,
          .readOnly = true};
}

std::string message(const absl::Status& status) {
  return std::string(status.message());
}

}  // namespace

class TstContext : public QObject {
  Q_OBJECT

 private slots:
  void whatIsWrittenIsReadBack() {
    const ContextFile file{.currentContext = "prod", .contexts = {sample("prod"), sample("test")}};
    const auto parsed = parseContexts(formatContexts(file));
    QVERIFY2(parsed.ok(), message(parsed.status()).c_str());
    QVERIFY(*parsed == file);
  }

  void wrongFilesAreRefused_data() {
    QTest::addColumn<QString>("yaml");
    QTest::addColumn<QString>("error");
    const QString valid =
        "contexts:\n- {name: a, server: s, caCertificate: c, certificate: d, key: k}\n";
    QTest::newRow("an unknown field is named with its place") << "contexts: []\ncolour: red\n"
                                                              << "2:1: unknown field \"colour\"";
    QTest::newRow("a context without a key says what is missing")
        << "contexts:\n- {name: a, server: s, caCertificate: c, certificate: d}\n"
        << "2:3: a context needs \"key\"";
    QTest::newRow("a name used twice is refused")
        << valid + "- {name: a, server: s, caCertificate: c, certificate: d, key: k}\n"
        << "3:3: two contexts are named \"a\"";
    QTest::newRow("a current context must be there")
        << "currentContext: b\n" + valid << "1:17: there is no context named \"b\"";
    QTest::newRow("text that is no YAML is refused with its place") << "contexts: [" << "1:1: ";
  }
  void wrongFilesAreRefused() {
    QFETCH(QString, yaml);
    QFETCH(QString, error);
    const auto parsed = parseContexts(yaml.toStdString());
    QVERIFY(!parsed.ok());
    const QString text = QString::fromStdString(message(parsed.status()));
    QVERIFY2(text.startsWith(error), qPrintable(text));
  }

  void savedFilesAreForTheirOwnerOnly() {
    const QTemporaryDir folder;
    const std::filesystem::path path = folder.filePath("new/config.yaml").toStdString();
    QVERIFY(saveContexts(path, {.currentContext = "a", .contexts = {sample("a")}}).ok());
    const auto mode = std::filesystem::status(path).permissions() & std::filesystem::perms::mask;
    QCOMPARE(int(mode), 0600);
    QVERIFY(*loadContexts(path) == (ContextFile{.currentContext = "a", .contexts = {sample("a")}}));
  }

  void theRightContextIsChosen() {
    const QTemporaryDir folder;
    const std::filesystem::path path = folder.filePath("config.yaml").toStdString();
    QVERIFY(
        saveContexts(path, {.currentContext = "b", .contexts = {sample("a"), sample("b")}}).ok());
    QCOMPARE(resolveContext("", path)->name, std::string("b"));
    QCOMPARE(resolveContext("a", path)->name, std::string("a"));
    const auto missing = resolveContext("c", path);
    QCOMPARE(missing.status().code(), absl::StatusCode::kNotFound);
    QVERIFY(message(missing.status()).ends_with("there are: a, b"));
    QVERIFY(saveContexts(path, {.currentContext = "", .contexts = {sample("only")}}).ok());
    QCOMPARE(resolveContext("", path)->name, std::string("only"));
  }

  void mergingReplacesWhatHasTheSameName() {
    Context newer = sample("a");
    newer.server = "other:1";
    ContextFile into{.currentContext = "", .contexts = {sample("a"), sample("b")}};
    mergeContexts(into, {.currentContext = "a", .contexts = {newer}});
    QCOMPARE(into.contexts.size(), 2U);
    QCOMPARE(into.find("a")->server, std::string("other:1"));
    QCOMPARE(into.currentContext, std::string("a"));
  }
};

QTEST_GUILESS_MAIN(TstContext)
#include "tst_context.moc"
