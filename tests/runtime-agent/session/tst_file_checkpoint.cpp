// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/session/file_checkpoint.h"

#include <sys/stat.h>

#include <QTest>

#include "base/file.h"
#include "runtime-agent/session/sealed.h"

using namespace gantry;
using namespace gantry::agent;
namespace fs = std::filesystem;

namespace {

api::WantedSet wanted() {
  api::WantedSet set;
  set.set_pod_cidr("10.244.0.0/24");
  schema::Secret* secret = set.add_secrets();
  secret->mutable_metadata()->set_name("login");
  (*secret->mutable_data())["password"] = "correct horse battery staple";
  set.add_pods()->mutable_pod()->mutable_metadata()->set_uid("u1");
  return set;
}

}  // namespace

class TstFileCheckpoint : public QObject {
  Q_OBJECT

 private slots:
  void whatIsSavedIsLoadedByTheNextAgent() {
    QTemporaryDir folder;
    const fs::path path = folder.path().toStdString();
    QVERIFY(absl::IsNotFound(FileCheckpoint(path).load().status()));
    QVERIFY(FileCheckpoint(path).save(wanted()).ok());
    const auto loaded = FileCheckpoint(path).load();
    QVERIFY(loaded.ok());
    QCOMPARE(loaded->SerializeAsString(), wanted().SerializeAsString());
    QVERIFY(FileCheckpoint(path).save({}).ok());
    QCOMPARE(FileCheckpoint(path).load()->pods_size(), 0);
  }

  void secretsAreNotReadableOnDisk() {
    QTemporaryDir folder;
    const fs::path path = folder.path().toStdString();
    QVERIFY(FileCheckpoint(path).save(wanted()).ok());
    const std::string content = *base::readFile(path / "checkpoint");
    QVERIFY(content.find("battery") == std::string::npos);
    for (const char* name : {"checkpoint", "checkpoint.key"}) {
      struct stat about{};
      QCOMPARE(::stat((path / name).c_str(), &about), 0);
      QCOMPARE(about.st_mode & 0777, 0600u);
    }
    // The same content never looks the same twice.
    QVERIFY(FileCheckpoint(path).save(wanted()).ok());
    QVERIFY(*base::readFile(path / "checkpoint") != content);
  }

  void damageIsDataLossAndMendedByTheNextSave_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QByteArray>("content");
    QTest::newRow("a checkpoint that was cut off") << "checkpoint" << QByteArray("gantry-1 abc");
    QTest::newRow("an empty checkpoint") << "checkpoint" << QByteArray();
    QTest::newRow("another key") << "checkpoint.key" << QByteArray(32, 'k');
    QTest::newRow("a key that is none") << "checkpoint.key" << QByteArray("short");
  }
  void damageIsDataLossAndMendedByTheNextSave() {
    QFETCH(QString, file);
    QFETCH(QByteArray, content);
    QTemporaryDir folder;
    const fs::path path = folder.path().toStdString();
    QVERIFY(FileCheckpoint(path).save(wanted()).ok());
    QVERIFY(base::writeFileAtomically(path / file.toStdString(), content.toStdString()).ok());
    QVERIFY(absl::IsDataLoss(FileCheckpoint(path).load().status()));
    QVERIFY(FileCheckpoint(path).save(wanted()).ok());
    QVERIFY(FileCheckpoint(path).load().ok());
  }

  void everyChangedByteIsNoticed() {
    const std::string key(kSealKeyBytes, 'k');
    const std::string sealed = seal(key, "hello");
    QCOMPARE(*unseal(key, sealed), std::string("hello"));
    QCOMPARE(*unseal(key, seal(key, "")), std::string());
    for (std::size_t i = 0; i < sealed.size(); ++i) {
      std::string changed = sealed;
      changed[i] = static_cast<char>(changed[i] ^ 1);
      QVERIFY2(absl::IsDataLoss(unseal(key, changed).status()), qPrintable(QString::number(i)));
    }
  }

  void aFolderThatIsGoneIsAnError() {
    QVERIFY(!FileCheckpoint("/nonexistent/folder").save(wanted()).ok());
  }
};

QTEST_GUILESS_MAIN(TstFileCheckpoint)
#include "tst_file_checkpoint.moc"
