// SPDX-License-Identifier: Apache-2.0
// The chain of audit records: what is hashed, the line that a note holds, and what verification
// finds. The recipe of docs/audit.md is run as it stands there.
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <functional>

#include "controller/audit/audit.h"
#include "controller/audit/chain.h"

using gantry::api::AuditRecord;
using namespace gantry::audit;
using Records = std::vector<AuditRecord>;

namespace {

void append(Records& records, const std::string& application, const std::string& action,
            const std::string& reason = "looks right") {
  AuditRecord record;
  std::int64_t number = 1;
  for (const AuditRecord& before : records) {
    if (before.application() != application) continue;
    number = before.number() + 1;
    record.set_previous_hash(before.hash());
  }
  record.set_namespace_("default");
  record.set_application(application);
  record.set_number(number);
  record.set_name(auditName(record));
  record.set_action(action);
  record.set_by("ben");
  record.mutable_at()->set_unix_ms(1'790'000'000'000 + number);
  record.set_plan(application + "-3");
  record.set_commit("8f2c1a9b00000000000000000000000000000001");
  record.set_digest(std::string(64, 'd'));
  record.set_reason(reason);
  record.set_hash(auditHash(record));
  record.set_exported(true);
  records.push_back(record);
}

Records sample() {
  Records records;
  append(records, "shop", "approve");
  append(records, "web", "hold", "");
  append(records, "shop", "apply", "\"quoted\"\n\tand Größe");
  append(records, "shop", "rollback");
  return records;
}

/// The first block of docs/audit.md that is marked with `language`.
QString documented(const QString& language) {
  QFile file(GANTRY_SOURCE_DIR "/docs/audit.md");
  if (!file.open(QIODevice::ReadOnly)) qFatal("cannot read docs/audit.md");
  return QString::fromUtf8(file.readAll()).section("```" + language + "\n", 1).section("```", 0, 0);
}

QString messageOf(const absl::Status& status) {
  return QString::fromStdString(std::string(status.message()));
}

}  // namespace

class TstAudit : public QObject {
  Q_OBJECT

 private slots:
  void hashIsThatOfTheDocumentedText() {
    AuditRecord record;
    record.set_namespace_("n");
    record.set_application("a");
    record.set_number(1);
    record.set_action("hold");
    record.set_by("ü");
    record.mutable_at()->set_unix_ms(5);
    // printf '15:gantry-audit-v11:n1:a1:14:hold2:ü1:50:0:0:0:0:' | sha256sum
    QCOMPARE(auditHash(record),
             std::string("911c21a9dc1f63e63f35130f62d26d399a45cb088850ad7e489c62acb1850019"));
  }

  void everyHashedFieldCounts_data() {
    using Change = std::function<void(AuditRecord&)>;
    QTest::addColumn<Change>("change");
    const auto row = [](const char* name, const Change& change) { QTest::newRow(name) << change; };
    row("namespace", [](AuditRecord& r) { r.set_namespace_("other"); });
    row("application", [](AuditRecord& r) { r.set_application("other"); });
    row("number", [](AuditRecord& r) { r.set_number(9); });
    row("action", [](AuditRecord& r) { r.set_action("reject"); });
    row("by", [](AuditRecord& r) { r.set_by("eve"); });
    row("at", [](AuditRecord& r) { r.mutable_at()->set_unix_ms(1); });
    row("plan", [](AuditRecord& r) { r.set_plan("shop-4"); });
    row("commit", [](AuditRecord& r) { r.set_commit("1"); });
    row("digest", [](AuditRecord& r) { r.set_digest("1"); });
    row("reason", [](AuditRecord& r) { r.set_reason("other"); });
    row("previous hash", [](AuditRecord& r) { r.set_previous_hash("1"); });
  }
  void everyHashedFieldCounts() {
    QFETCH(std::function<void(AuditRecord&)>, change);
    const AuditRecord before = sample()[2];
    AuditRecord after = before;
    change(after);
    QVERIFY(auditHash(after) != auditHash(before));
    QVERIFY(toJsonLine(after) != toJsonLine(before));
  }

  void linesComeBackAsTheyWere() {
    for (const AuditRecord& record : sample()) {
      const std::string line = toJsonLine(record);
      QVERIFY(line.find('\n') == std::string::npos);
      const auto back = fromJsonLine(line);
      QVERIFY2(back.ok(), qPrintable(messageOf(back.status())));
      QCOMPARE(back->SerializeAsString(), record.SerializeAsString());
    }
  }

  void otherLinesAreRefused_data() {
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    QTest::newRow("no JSON") << "{" << "";
    QTest::newRow("another format") << "audit-v1" << "audit-v2";
    QTest::newRow("a space") << "," << ", ";
    QTest::newRow("a key that is not hashed") << "}" << ",\"more\":\"1\"}";
    QTest::newRow("a key twice") << "}" << ",\"hash\":\"1\"}";
    QTest::newRow("a key that is missing") << "\"by\":\"ben\"," << "";
    QTest::newRow("a number as text") << "\"number\":1" << "\"number\":\"1\"";
    QTest::newRow("a number below nothing") << "\"number\":1" << "\"number\":-1";
    QTest::newRow("half a number") << "\"number\":1" << "\"number\":1.5";
    QTest::newRow("a number beyond all") << "\"number\":1" << "\"number\":1e300";
  }
  void otherLinesAreRefused() {
    QFETCH(QString, from);
    QFETCH(QString, to);
    const QString line = QString::fromStdString(toJsonLine(sample()[0]));
    QVERIFY(fromJsonLine(line.toStdString()).ok());
    QVERIFY(line.contains(from));
    const auto other = fromJsonLine(QString(line).replace(from, to).toStdString());
    QCOMPARE(other.status().code(), absl::StatusCode::kInvalidArgument);
  }

  void chainsAreVerified_data() {
    using Change = std::function<void(Records&)>;
    QTest::addColumn<Change>("change");
    QTest::addColumn<QString>("wrong");
    const auto row = [](const char* name, const QString& wrong, const Change& change) {
      QTest::newRow(name) << change << wrong;
    };
    row("untouched", "", [](Records&) {});
    row("none at all", "", [](Records& r) { r.clear(); });
    row("in another order", "", [](Records& r) { std::swap(r[0], r[3]); });
    row("a changed text", "record default/shop-2: its hash is not that of what it says",
        [](Records& r) { r[2].set_reason("other"); });
    row("a changed text with a new hash",
        "record default/shop-3: its previous hash is not the hash of the record before it",
        [](Records& r) {
          r[2].set_by("eve");
          r[2].set_hash(auditHash(r[2]));
        });
    row("one left out", "record default/shop-3: number 2 is missing before it",
        [](Records& r) { r.erase(r.begin() + 2); });
    row("the first left out", "record default/shop-2: number 1 is missing before it",
        [](Records& r) { r.erase(r.begin()); });
    row("one twice", "record default/shop-3: is there twice",
        [](Records& r) { r.push_back(r[3]); });
    row("a number below one", "record default/shop-0: number 1 is missing before it",
        [](Records& r) { r[0].set_number(0); });
    row("a first one that follows another",
        "record default/web-1: its previous hash is not the hash of the record before it",
        [](Records& r) { r[1].set_previous_hash(r[0].hash()); });
  }
  void chainsAreVerified() {
    QFETCH(std::function<void(Records&)>, change);
    QFETCH(QString, wrong);
    Records records = sample();
    change(records);
    const absl::Status status = verifyChain(records);
    QCOMPARE(messageOf(status), wrong);
    QCOMPARE(status.ok(), wrong.isEmpty());
  }

  void notesMustAgree_data() {
    using Change = std::function<void(Records & recorded, Records & notes)>;
    QTest::addColumn<Change>("change");
    QTest::addColumn<QString>("wrong");
    const auto row = [](const char* name, const QString& wrong, const Change& change) {
      QTest::newRow(name) << change << wrong;
    };
    row("the same", "", [](Records&, Records&) {});
    row("one not exported yet", "", [](Records& recorded, Records& notes) {
      recorded.back().set_exported(false);
      notes.pop_back();
    });
    row("an Application of another controller", "",
        [](Records&, Records& notes) { append(notes, "other", "sync"); });
    row("an exported one is missing", "record default/shop-3: is missing in the notes",
        [](Records&, Records& notes) { notes.pop_back(); });
    row("the end of the controller's chain is missing",
        "record default/shop-3: is in the notes, but the controller does not have it",
        [](Records& recorded, Records&) { recorded.pop_back(); });
    row("both are whole, and differ", "record default/shop-3: the notes and the controller differ",
        [](Records&, Records& notes) {
          notes.back().set_by("eve");
          notes.back().set_hash(auditHash(notes.back()));
        });
  }
  void notesMustAgree() {
    QFETCH(std::function<void(Records & recorded, Records & notes)>, change);
    QFETCH(QString, wrong);
    Records recorded = sample();
    Records notes = sample();
    change(recorded, notes);
    const absl::Status status = verifyNotes(recorded, notes);
    QCOMPARE(messageOf(status), wrong);
    QCOMPARE(status.ok(), wrong.isEmpty());
  }

  void anybodyCanVerifyNotes_data() {
    using Change = std::function<void(Records&)>;
    QTest::addColumn<Change>("change");
    QTest::addColumn<QString>("says");
    const auto row = [](const char* name, const QString& says, const Change& change) {
      QTest::newRow(name) << change << says;
    };
    row("untouched", "default/shop: 3 records, the last is ", [](Records&) {});
    row("a changed text", "default/shop: record 2 is wrong",
        [](Records& r) { r[2].set_reason("other"); });
    row("one left out", "default/shop: record 3 is wrong",
        [](Records& r) { r.erase(r.begin() + 2); });
  }
  void anybodyCanVerifyNotes() {
    QFETCH(std::function<void(Records&)>, change);
    QFETCH(QString, says);
    Records records = sample();
    change(records);
    const QTemporaryDir folder;
    QProcess shell;
    shell.setWorkingDirectory(folder.path());
    shell.setProcessChannelMode(QProcess::MergedChannels);
    const auto run = [&](const QString& script) {
      shell.start("sh", {"-ec", script});
      if (!shell.waitForFinished()) qFatal("sh does not end");
      return QString::fromUtf8(shell.readAll());
    };
    run("git init -q origin; git -c user.name=a -c user.email=a@b -C origin commit -q "
        "--allow-empty -m one; git clone -q origin clone");
    const auto put = [&](const QString& name, const QString& text) {
      QFile file(folder.filePath(name));
      if (!file.open(QIODevice::WriteOnly)) qFatal("cannot write");
      file.write(text.toUtf8());
    };
    QString note;
    for (const AuditRecord& record : records) {
      note += QString::fromStdString(toJsonLine(record)) + '\n';
    }
    put("note", note);
    run("git -c user.name=a -c user.email=a@b -C origin notes --ref gantry add -F ../note");
    put("clone/verify.py", documented("python"));
    const QString printed = run("cd clone; " + documented("sh"));
    QVERIFY2(printed.contains(says), qPrintable(printed));
  }
};

QTEST_GUILESS_MAIN(TstAudit)
#include "tst_audit.moc"
