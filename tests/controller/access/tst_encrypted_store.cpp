// SPDX-License-Identifier: Apache-2.0
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>

#include "base/file.h"
#include "controller/access/encrypted_store.h"
#include "controller/store/memory_store.h"

using namespace gantry;
using namespace gantry::access;

class TstEncryptedStore : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    directory_ = std::make_unique<QTemporaryDir>();
    keyFile_ = directory_->filePath("secrets.key").toStdString();
    inner_ = std::make_unique<store::MemoryStore>();
    outer_ = std::make_unique<EncryptedStore>(*inner_, *SecretKeys::open(keyFile_));
  }

  void coversWhatTheSchemaCallsSecret() {
    QCOMPARE(secretPrefixes(), std::vector<std::string>{"/Secret/"});
  }

  void givesSecretsBackButKeepsThemEncrypted() {
    QVERIFY(outer_->commit({{"/Secret/shop/db", "hunter2", 0}, {"/Node//n1", "plain", 0}}).ok());
    QCOMPARE(outer_->list("/Secret/")->front().value, std::string("hunter2"));
    QCOMPARE(inner_->list("/Node/")->front().value, std::string("plain"));
    const std::string kept = inner_->list("/Secret/")->front().value;
    QVERIFY(kept.find("hunter2") == std::string::npos);
    QCOMPARE(outer_->list("")->size(), std::size_t(2));
  }

  void passesDeletionsConflictsAndVersionsThrough() {
    const auto first = outer_->commit({{"/Secret/shop/db", "a", 0}});
    QCOMPARE(outer_->commit({{"/Secret/shop/db", "b", 0}}).status().code(),
             absl::StatusCode::kAborted);
    QCOMPARE(outer_->list("/Secret/")->front().version, *first);
    QVERIFY(outer_->commit({{"/Secret/shop/db", std::nullopt, *first}}).ok());
    QVERIFY(outer_->list("/Secret/")->empty());
  }

  void neverEncryptsTheSameTextTheSameWay() {
    QVERIFY(outer_->commit({{"/Secret/a/a", "same", 0}, {"/Secret/a/b", "same", 0}}).ok());
    const auto kept = inner_->list("/Secret/");
    QVERIFY(kept->at(0).value != kept->at(1).value);
  }

  void noticesSwappedRecords() {
    QVERIFY(outer_->commit({{"/Secret/shop/db", "hunter2", 0}}).ok());
    const std::string kept = inner_->list("/Secret/")->front().value;
    QVERIFY(inner_->commit({{"/Secret/evil/db", kept, 0}}).ok());
    const auto read = outer_->list("/Secret/evil/");
    QCOMPARE(read.status().code(), absl::StatusCode::kDataLoss);
    QVERIFY(std::string(read.status().message()).find("/Secret/evil/db") != std::string::npos);
  }

  // Every single byte matters: form, key id, nonce, text and tag.
  void noticesEveryChangedByte() {
    const SecretKeys keys = *SecretKeys::open(keyFile_);
    const std::string sealed = keys.seal("hunter2", "here");
    QCOMPARE(*keys.unseal(sealed, "here"), std::string("hunter2"));
    for (std::size_t i = 0; i < sealed.size(); ++i) {
      std::string changed = sealed;
      changed[i] = static_cast<char>(changed[i] ^ 1);
      QCOMPARE(keys.unseal(changed, "here").status().code(), absl::StatusCode::kDataLoss);
      QCOMPARE(keys.unseal(sealed.substr(0, i), "here").status().code(),
               absl::StatusCode::kDataLoss);
    }
  }

  void sealsWhatIsEmpty() {
    const SecretKeys keys = *SecretKeys::open(keyFile_);
    QCOMPARE(*keys.unseal(keys.seal("", "here"), "here"), std::string());
  }

  void readsOldSecretsAfterAKeyWasAdded() {
    QVERIFY(outer_->commit({{"/Secret/shop/old", "old", 0}}).ok());
    const std::string line = *base::readFile(keyFile_);
    QVERIFY(base::writeFileAtomically(keyFile_, std::string(64, 'd') + "\n" + line, 0600).ok());
    EncryptedStore both(*inner_, *SecretKeys::open(keyFile_));
    QVERIFY(both.commit({{"/Secret/shop/new", "new", 0}}).ok());
    QCOMPARE(both.list("/Secret/")->at(1).value, std::string("old"));
    QCOMPARE(both.list("/Secret/")->at(0).value, std::string("new"));
    QCOMPARE(outer_->list("/Secret/shop/new").status().code(), absl::StatusCode::kDataLoss);
  }

  void keepsItsKeyFromOthers() {
    struct stat info{};
    QCOMPARE(::stat(keyFile_.c_str(), &info), 0);
    QCOMPARE(info.st_mode & 0777u, 0600u);
  }

  void refusesADamagedKeyFile_data() {
    QTest::addColumn<QString>("content");
    QTest::newRow("empty") << "";
    QTest::newRow("a short key") << "abcd\n";
    QTest::newRow("not hex") << QString(64, 'x') + "\n";
  }
  void refusesADamagedKeyFile() {
    QFETCH(QString, content);
    QVERIFY(base::writeFileAtomically(keyFile_, content.toStdString(), 0600).ok());
    QCOMPARE(SecretKeys::open(keyFile_).status().code(), absl::StatusCode::kDataLoss);
  }

 private:
  std::unique_ptr<QTemporaryDir> directory_;
  std::filesystem::path keyFile_;
  std::unique_ptr<store::MemoryStore> inner_;
  std::unique_ptr<EncryptedStore> outer_;
};

QTEST_GUILESS_MAIN(TstEncryptedStore)
#include "tst_encrypted_store.moc"
