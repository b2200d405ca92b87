// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "controller/access/join_tokens.h"
#include "controller/store/memory_store.h"

using namespace gantry;
using namespace gantry::access;

namespace {
const base::Timestamp kNow = base::fromUnixMs(1'767'225'600'000);
const std::string kHash(64, 'a');
}  // namespace

class TstJoinTokens : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    store_ = std::make_unique<store::MemoryStore>();
    tokens_ = std::make_unique<JoinTokens>(*store_, kHash);
  }

  void letsOneNodeInOnce() {
    const auto token = tokens_->create("ana", base::Duration::zero(), kNow);
    QVERIFY(token->text.starts_with("GANTRY-1-" + kHash + "-"));
    QCOMPARE(token->expiresAt, kNow + JoinTokens::kDefaultTtl);
    QVERIFY(tokens_->redeem(token->text, "n1", kNow).ok());
    const absl::Status again = tokens_->redeem(token->text, "n2", kNow);
    QCOMPARE(again.code(), absl::StatusCode::kPermissionDenied);
    QVERIFY(std::string(again.message()).find("used by node n1") != std::string::npos);
  }

  void surviveARestart() {
    const auto token = tokens_->create("ana", base::Duration::zero(), kNow);
    JoinTokens restarted(*store_, kHash);
    QVERIFY(restarted.redeem(token->text, "n1", kNow).ok());
    JoinTokens again(*store_, kHash);
    QVERIFY(!again.redeem(token->text, "n2", kNow).ok());
  }

  void areNotKeptInTheStore() {
    const auto token = tokens_->create("ana", base::Duration::zero(), kNow);
    const std::string secret = token->text.substr(token->text.rfind('-') + 1);
    const auto records = store_->list("");
    QCOMPARE(records->size(), std::size_t(1));
    const store::Record& record = records->front();
    QVERIFY((record.key + record.value).find(secret) == std::string::npos);
  }

  void areRefused_data() {
    QTest::addColumn<QString>("token");
    QTest::addColumn<int>("minutes");
    QTest::newRow("after their time") << "GOOD" << 10;
    QTest::newRow("when the secret is wrong")
        << QString::fromStdString("GANTRY-1-" + kHash + "-00") << 0;
    QTest::newRow("when the secret is empty")
        << QString::fromStdString("GANTRY-1-" + kHash + "-") << 0;
    QTest::newRow("when they are of another cluster")
        << "GANTRY-1-" + QString(64, 'b') + "-00" << 0;
    QTest::newRow("when they are no tokens") << "let me in" << 0;
    QTest::newRow("when empty") << "" << 0;
  }
  void areRefused() {
    QFETCH(QString, token);
    QFETCH(int, minutes);
    const auto good = tokens_->create("ana", std::chrono::minutes(10), kNow);
    const std::string text = token == "GOOD" ? good->text : token.toStdString();
    const absl::Status refused = tokens_->redeem(text, "n1", kNow + std::chrono::minutes(minutes));
    QCOMPARE(refused.code(), absl::StatusCode::kPermissionDenied);
    QVERIFY(tokens_->redeem(good->text, "n1", kNow).ok());
  }

  void areForgottenAfterTheirTime() {
    QVERIFY(tokens_->create("ana", std::chrono::minutes(10), kNow).ok());
    QVERIFY(tokens_->create("ana", std::chrono::minutes(30), kNow).ok());
    QVERIFY(tokens_->create("ana", std::chrono::minutes(10), kNow + std::chrono::minutes(20)).ok());
    QCOMPARE(store_->list("")->size(), std::size_t(2));
  }

  void mustNotHoldForEver() {
    QCOMPARE(tokens_->create("ana", std::chrono::hours(24 * 31), kNow).status().code(),
             absl::StatusCode::kInvalidArgument);
    QCOMPARE(tokens_->create("ana", std::chrono::minutes(-1), kNow).status().code(),
             absl::StatusCode::kInvalidArgument);
  }

 private:
  std::unique_ptr<store::MemoryStore> store_;
  std::unique_ptr<JoinTokens> tokens_;
};

QTEST_GUILESS_MAIN(TstJoinTokens)
#include "tst_join_tokens.moc"
