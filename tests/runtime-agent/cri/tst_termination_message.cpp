// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <QTemporaryDir>
#include <QTest>

#include "base/file.h"
#include "runtime-agent/cri/labels.h"
#include "runtime-agent/cri/termination_message.h"

using namespace gantry::agent;
using namespace gantry::agent::cri;

class TstTerminationMessage : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir folder_;

  std::string path(const char* name) const { return folder_.filePath(name).toStdString(); }
  void write(const char* name, const std::string& text) const {
    QVERIFY(gantry::base::writeFileAtomically(path(name), text).ok());
  }
  static std::string record(const std::string& text, const char* tag = "F") {
    return "2026-11-21T10:00:00.123456789Z stderr " + std::string(tag) + " " + text + "\n";
  }

 private slots:
  void theFileIsMountedWhereTheContainerMayWrite() {
    SandboxSpec sandbox;
    sandbox.logDirectory = path("pod");
    ContainerSpec spec;
    spec.logPath = "migrate/2.log";
    spec.terminationMessagePath = "/dev/termination-log";
    QVERIFY(offerTerminationMessage(sandbox, spec).ok());
    QCOMPARE(spec.mounts.size(), 1U);
    QCOMPARE(spec.mounts[0].hostPath, path("pod/migrate/2.message"));
    QCOMPARE(spec.mounts[0].containerPath, "/dev/termination-log");
    QVERIFY(!spec.mounts[0].readOnly);
    QVERIFY(!spec.labels.contains(labels::kMessageOrLog));
    struct stat seen{};
    QCOMPARE(::stat(spec.mounts[0].hostPath.c_str(), &seen), 0);
    QCOMPARE(seen.st_mode & 0777U, 0666U);

    spec.terminationMessageOrLog = true;
    QVERIFY(offerTerminationMessage(sandbox, spec).ok());
    QVERIFY(spec.labels.contains(labels::kMessageOrLog));
  }

  void noPathNoFile() {
    ContainerSpec spec;
    QVERIFY(offerTerminationMessage({}, spec).ok());
    QVERIFY(spec.mounts.empty());
  }

  void aFolderThatCannotBeMadeIsAnError() {
    write("file", "");
    SandboxSpec sandbox;
    sandbox.logDirectory = path("file");
    ContainerSpec spec;
    spec.logPath = "a/0.log";
    spec.terminationMessagePath = "/dev/termination-log";
    const absl::Status status = offerTerminationMessage(sandbox, spec);
    QVERIFY(absl::IsUnavailable(status));
    QVERIFY(status.message().find(path("file/a/0.message")) != std::string::npos);
  }

  void message_data() {
    QTest::addColumn<std::string>("file");
    QTest::addColumn<std::string>("log");
    QTest::addColumn<bool>("orLog");
    QTest::addColumn<std::string>("message");
    const auto row = [](const char* name, const std::string& file, const std::string& log,
                        bool orLog, const std::string& message) {
      QTest::newRow(name) << file << log << orLog << message;
    };
    row("what was written", "no column price\n", record("x"), true, "no column price");
    row("nothing was written", "", record("x"), false, "");
    row("the log instead", "\n", record("a") + record("b"), true, "a\nb");
    row("parts of a line are one", "", record("a", "P") + record("b"), true, "ab");
    row("without a line break at the end", "", record("a", "P"), true, "a");
    row("what is no record is left out", "", "torn F x\n" + record("a"), true, "a");
    row("no UTF-8", "a\xff", "", false, "a\xef\xbf\xbd");
    row("the end of what is too long", std::string(5'000, 'a') + "b", "", false,
        std::string(4'095, 'a') + "b");
    row("the end of a line that is too long", "", record(std::string(3'000, 'a') + "b"), true,
        std::string(2'047, 'a') + "b");
    std::string log, end;
    for (int i = 0; i < 1'000; ++i) log += record(std::to_string(i));
    for (int i = 920; i < 1'000; ++i) end += (end.empty() ? "" : "\n") + std::to_string(i);
    row("the last 80 lines", "", log, true, end);
  }
  void message() {
    QFETCH(std::string, file);
    QFETCH(std::string, log);
    QFETCH(bool, orLog);
    write("0.message", file);
    write("0.log", log);
    QTEST(terminationMessage(path("0.log"), orLog), "message");
  }

  void nothingThereIsNoMessage() { QCOMPARE(terminationMessage(path("nosuch.log"), true), ""); }
};

QTEST_GUILESS_MAIN(TstTerminationMessage)
#include "tst_termination_message.moc"
