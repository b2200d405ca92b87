// SPDX-License-Identifier: Apache-2.0
// The program `gantry` as a process, where no controller is needed: its words, its exit codes, and
// which of its two outputs they go to. The end-to-end tests have the rest.
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include "tests/manifests/sops/encryptor.h"

namespace {

struct Ended {
  int code = 0;
  QString out;
  QString err;
};

class GantryTest : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir home_;

  Ended run(const QStringList& arguments) {
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.remove("GANTRY_CONFIG");
    environment.insert("HOME", home_.path());
    environment.insert("XDG_CONFIG_HOME", home_.path());
    process.setProcessEnvironment(environment);
    process.setWorkingDirectory(GANTRY_SOURCE_DIR "/manifests/examples/shop");
    process.start(GANTRY_PROGRAM, arguments);
    if (!process.waitForFinished(30'000)) qFatal("gantry does not end");
    return {process.exitCode(), QString::fromUtf8(process.readAllStandardOutput()),
            QString::fromUtf8(process.readAllStandardError())};
  }

 private slots:
  void words_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("out");
    QTest::addColumn<QString>("err");
    const auto row = [](const char* name, const QStringList& arguments, int code,
                        const QString& out, const QString& err) {
      QTest::newRow(name) << arguments << code << out << err;
    };
    row("help goes to the output", {"--help"}, 0, "Say yes to exactly one plan", "");
    row("help of a command", {"rollout", "--help"}, 0, "pause", "");
    row("a version", {"--version"}, 0, GANTRY_VERSION, "");
    row("nothing said", {}, 2, "", "Subcommands:");
    row("half a command", {"rollout"}, 2, "", "pause");
    row("a slip", {"plna"}, 2, "", "there is no command \"plna\"; did you mean \"plan\"?");
    row("a slip behind a command", {"rollout", "pasue"}, 2, "",
        "gantry rollout: there is no command \"pasue\"; did you mean \"pause\"?");
    row("an argument is missing", {"approve"}, 2, "", "gantry approve: application is required");
    row("an unknown option", {"get", "pods", "--wied"}, 2, "", "--wied");
    row("a word that is none of a few", {"completion", "fishy"}, 2, "", "fishy");

    row("no context", {"status"}, 1, "", "gantry context import");
    row("a context file that is not there", {"status", "--context-file", "/nonexistent"}, 1, "",
        "/nonexistent");

    row("valid", {"validate", "staging"}, 0, "6 objects are valid", "");
    row("no such folder", {"validate", "nosuch"}, 2, "", "nosuch");
    row("a folder without manifests", {"validate", "images"}, 2, "", "images holds no manifests");
    row("render", {"render", "staging"}, 0, "revisionHistoryLimit: 10", "");
    row("render an overlay", {"render", "../kustomize/overlays/production"}, 0, "name: greeting-",
        "");
    row("render with variables",
        {"render", "../../../tests/app/cli/data", "--var", "REPLICAS=7", "--var", "ENV=b"}, 0,
        "replicas: 7", "");
    row("a variable that is not defined",
        {"validate", "../../../tests/app/cli/data", "--var", "ENV=b"}, 1, "",
        "web.yaml:6:13: error: the variable REPLICAS is not defined");
    row("a variable without a value", {"render", "staging", "--var", "ENV"}, 2, "",
        "--var ENV is not of the form NAME=VALUE");
    row("two overlays",
        {"diff", "../kustomize/overlays/staging", "../kustomize/overlays/production"}, 4,
        "+ create Deployment/shop-production/front", "");
    row("render as JSON", {"render", "staging", "-o", "json"}, 0, "\"revisionHistoryLimit\"", "");
    row("no difference", {"diff", "staging", "staging"}, 0, "no differences", "");
    row("differences", {"diff", "staging", "production"}, 4, "data[greeting]", "");
  }
  void words() {
    QFETCH(QStringList, arguments);
    QFETCH(int, code);
    QFETCH(QString, out);
    QFETCH(QString, err);
    const Ended ended = run(arguments);
    QCOMPARE(ended.code, code);
    QVERIFY2(ended.out.contains(out), qPrintable(ended.out));
    QVERIFY2(ended.err.contains(err), qPrintable(ended.err));
    if (out.isEmpty()) QCOMPARE(ended.out, QString());
    if (err.isEmpty()) QCOMPARE(ended.err, QString());
  }

  void decryptsWithTheKeysThatAreGiven() {
    using namespace gantry::testing;
    QTemporaryDir folder;
    const auto write = [&](const QString& name, const std::string& text) {
      QFile file(folder.filePath(name));
      QVERIFY(file.open(QIODevice::WriteOnly));
      file.write(QByteArray::fromStdString(text));
    };
    SopsEncryptor encryptor;
    encryptor.extra = "encrypted_regex: ^stringData$";
    write("secret.yaml", encryptor.encrypt("apiVersion: {{=v1}}\nkind: {{=Secret}}\n"
                                           "metadata: {name: {{=db}}}\nstringData:\n"
                                           "  password: {{str|stringData:password:|sesame}}\n"
                                           "{{sops}}"));
    write("keys.txt", kFirstKey);
    const QString file = folder.filePath("secret.yaml");
    const QStringList keys = {"--sops-age-key-file", folder.filePath("keys.txt")};
    for (const QString& path : {file, folder.path()}) {
      const Ended valid = run(QStringList{"validate", path} + keys);
      QCOMPARE(valid.err, QString());
      QCOMPARE(valid.out, "1 object is valid\n");
    }
    const Ended without = run({"validate", file});
    QCOMPARE(without.code, 1);
    QVERIFY2(without.err.contains("secret.yaml:7:5: error: the file is encrypted with SOPS, and no "
                                  "key is given; give its key with --sops-age-key-file"),
             qPrintable(without.err));
    QCOMPARE(run({"validate", file, "--sops-age-key-file", "/nonexistent"}).code, 2);
    const Ended wrong = run({"validate", file, "--sops-age-key-file", file});
    QCOMPARE(wrong.code, 2);
    QVERIFY2(wrong.err.contains("secret.yaml:1: not a key of age"), qPrintable(wrong.err));
  }

  void aControllerThatIsNotThereIsSaidSo() {
    QFile file(home_.filePath("context"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("currentContext: gone\ncontexts:\n  - name: gone\n    server: 127.0.0.1:1\n");
    for (const char* field : {"caCertificate", "certificate", "key"}) {
      file.write(QByteArray("    ") + field + ": |\n      -----BEGIN NOTHING-----\n");
    }
    file.close();
    const Ended ended = run({"status", "--context-file", file.fileName()});
    QVERIFY2(ended.code == 1 || ended.code == 3, qPrintable(ended.err));
    QVERIFY2(ended.err.contains("gone") || ended.err.contains("127.0.0.1:1"),
             qPrintable(ended.err));
  }

  void theCompletionIsAScriptThatTheShellReads() {
    const Ended ended = run({"completion", "bash"});
    QCOMPARE(ended.code, 0);
    QProcess bash;
    bash.start("bash", {"-n"});
    bash.write(ended.out.toUtf8());
    bash.closeWriteChannel();
    QVERIFY(bash.waitForFinished());
    QCOMPARE(bash.exitCode(), 0);
    for (const char* word : {"approve", "lift-hold", "--context-file"})
      QVERIFY2(ended.out.contains(word), word);
  }
};

}  // namespace

QTEST_GUILESS_MAIN(GantryTest)
#include "tst_gantry.moc"
