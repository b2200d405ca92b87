// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/model/ledger.h"
#include "controller/server/log_broker.h"
#include "controller/store/memory_store.h"
#include "tests/support/manual_executor.h"

using namespace gantry;
using namespace gantry::server;

namespace {

model::Pod pod(const std::string& name, const std::string& node) {
  model::Pod made;
  made.ns = "shop";
  made.name = name;
  made.uid = "uid-" + name;
  made.nodeName = node;
  made.shape = std::make_shared<schema::PodTemplateSpec>();
  made.status = std::make_shared<schema::PodStatus>();
  return made;
}

api::LogChunk chunk(const std::vector<std::int64_t>& times) {
  api::LogChunk made;
  for (const std::int64_t time : times) {
    api::LogLine& line = *made.add_lines();
    line.set_pod("a lie");
    line.set_time_ns(time);
    line.set_text(absl::StrCat(time));
  }
  return made;
}

struct Read {
  std::vector<std::string> lines;
  std::vector<std::string> notices;
  std::uint64_t dropped = 0;
  bool ended = false;
};

Read readAll(LogReader& reader) {
  Read read;
  while (true) {
    api::LogLines next;
    const Pulled pulled = reader.next(next);
    read.ended = pulled == Pulled::kEnd;
    if (pulled != Pulled::kMessage) return read;
    for (const api::LogLine& line : next.lines()) {
      read.lines.push_back(absl::StrCat(line.pod(), ":", line.text()));
    }
    if (!next.notice().empty()) read.notices.push_back(next.notice());
    read.dropped += next.dropped();
  }
}

void nothing() {}

}  // namespace

class TstLogBroker : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    executor_ = std::make_unique<support::ManualExecutor>();
    store_ = std::make_unique<store::MemoryStore>();
    ledger_ = *model::Ledger::open(*store_);
    model::Transaction transaction(ledger_->state());
    transaction.put(pod("a", "n1"));
    transaction.put(pod("b", "n2"));
    transaction.put(pod("waiting", ""));
    QVERIFY(ledger_->commit(std::move(transaction)).ok());
    sent_.clear();
    linked_ = true;
    broker_ = std::make_unique<LogBroker>(
        *executor_, [this](const std::string& node, api::ControllerMessage message) {
          sent_.emplace_back(node, std::move(message));
          return linked_ ? absl::OkStatus() : absl::UnavailableError("node n1 has no session");
        });
  }

  void asksTheAgentOfEachPod() {
    api::LogsRequest request = ask({"a", "b"});
    request.set_container("web");
    request.set_tail_lines(7);
    const auto reader = *broker_->open(ledger_->state(), request, nothing);
    QCOMPARE(sent_.size(), std::size_t(2));
    QCOMPARE(sent_[0].first, std::string("n1"));
    const api::LogQuery& query = sent_[0].second.log_query();
    QCOMPARE(query.pod_uid(), std::string("uid-a"));
    QCOMPARE(query.container(), std::string("web"));
    QCOMPARE(query.tail_lines(), 7);
    QVERIFY(query.id() != sent_[1].second.log_query().id());
    QVERIFY(broker_->find(query.id(), "n1") == reader);
  }

  void takesLinesFromTheAskedNodeOnly() {
    const auto reader = *broker_->open(ledger_->state(), ask({"a"}), nothing);
    QVERIFY(!broker_->find(queryId(0), "n2"));
    QVERIFY(!broker_->find("made up", "n1"));
  }

  void refuses_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("code");
    QTest::newRow("a pod that does not exist") << "gone" << int(absl::StatusCode::kNotFound);
    QTest::newRow("a pod without a node")
        << "waiting" << int(absl::StatusCode::kFailedPrecondition);
    QTest::newRow("no pod at all") << "" << int(absl::StatusCode::kInvalidArgument);
  }
  void refuses() {
    QFETCH(QString, name);
    QFETCH(int, code);
    api::LogsRequest request;
    request.set_namespace_("shop");
    if (!name.isEmpty()) request.add_pods(name.toStdString());
    QCOMPARE(int(broker_->open(ledger_->state(), request, nothing).status().code()), code);
    QVERIFY(sent_.empty());
  }

  void mergesPodsByTime() {
    const auto reader = *broker_->open(ledger_->state(), ask({"a", "b"}), nothing);
    reader->push(queryId(0), chunk({1, 3, 5}), nothing);
    QVERIFY(readAll(*reader).lines.empty());
    reader->push(queryId(1), chunk({2, 4}), nothing);
    QCOMPARE(joined(readAll(*reader)), std::string("a:1 b:2 a:3 b:4"));
    reader->end(queryId(1), "");
    QCOMPARE(joined(readAll(*reader)), std::string("a:5"));
    reader->end(queryId(0), "");
    QVERIFY(readAll(*reader).ended);
  }

  void doesNotWaitForSilentPodsWhenFollowing() {
    api::LogsRequest request = ask({"a", "b"});
    request.set_follow(true);
    const auto reader = *broker_->open(ledger_->state(), request, nothing);
    reader->push(queryId(0), chunk({1, 3}), nothing);
    reader->push(queryId(1), chunk({2}), nothing);
    QCOMPARE(joined(readAll(*reader)), std::string("a:1 b:2 a:3"));
    QVERIFY(!readAll(*reader).ended);
  }

  void dropsTheOldestForASlowFollower() {
    api::LogsRequest request = ask({"a"});
    request.set_follow(true);
    const auto reader = *broker_->open(ledger_->state(), request, nothing);
    const std::int64_t most = LogReader::kMostWaiting;
    for (std::int64_t i = 0; i < most + 10; ++i) {
      QCOMPARE(reader->push(queryId(0), chunk({i}), nothing), LogReader::Accepted::kMore);
    }
    const Read read = readAll(*reader);
    QCOMPARE(read.dropped, std::uint64_t(10));
    QCOMPARE(read.lines.size(), LogReader::kMostWaiting);
    QCOMPARE(read.lines.back(), absl::StrCat("a:", most + 9));
  }

  void letsTheAgentWaitForASlowReader() {
    const auto reader = *broker_->open(ledger_->state(), ask({"a"}), nothing);
    bool resumed = false;
    const std::vector<std::int64_t> many(LogReader::kMostWaiting, 1);
    QCOMPARE(reader->push(queryId(0), chunk(many), [&] { resumed = true; }),
             LogReader::Accepted::kWait);
    QVERIFY(!resumed);
    const Read read = readAll(*reader);
    QVERIFY(resumed);
    QCOMPARE(read.lines.size(), LogReader::kMostWaiting);
    QCOMPARE(read.dropped, std::uint64_t(0));
  }

  void reportsAnAgentThatNeverAnswers() {
    int wakes = 0;
    const auto reader = *broker_->open(ledger_->state(), ask({"a", "b"}), [&] { ++wakes; });
    reader->push(queryId(1), chunk({2}), nothing);
    executor_->advance(LogBroker::kAnswerDeadline - base::Duration(1));
    QVERIFY(readAll(*reader).lines.empty());
    wakes = 0;
    executor_->advance(base::Duration(1));
    QCOMPARE(wakes, 1);
    const Read read = readAll(*reader);
    QCOMPARE(joined(read), std::string("b:2"));
    QCOMPARE(read.notices, std::vector<std::string>{"a: the agent of node n1 does not answer"});
    QVERIFY(!read.ended);
    reader->end(queryId(1), "");
    QVERIFY(readAll(*reader).ended);
  }

  void reportsANodeWithoutASession() {
    linked_ = false;
    const auto reader = *broker_->open(ledger_->state(), ask({"a"}), nothing);
    const Read read = readAll(*reader);
    QCOMPARE(read.notices, std::vector<std::string>{"a: node n1 has no session"});
    QVERIFY(read.ended);
  }

  void passesOnWhatTheAgentSaysWentWrong() {
    const auto reader = *broker_->open(ledger_->state(), ask({"a"}), nothing);
    api::LogChunk failed;
    failed.set_error("container web has not started yet");
    failed.set_dropped(3);
    reader->push(queryId(0), failed, nothing);
    reader->end(queryId(0), "");
    const Read read = readAll(*reader);
    QCOMPARE(read.notices, std::vector<std::string>{"a: container web has not started yet"});
    QCOMPARE(read.dropped, std::uint64_t(3));
    QVERIFY(read.ended);
  }

  void tellsAgentsThatTheReaderHasGone() {
    api::LogsRequest request = ask({"a", "b"});
    request.set_follow(true);
    const auto reader = *broker_->open(ledger_->state(), request, nothing);
    const std::string first = queryId(0);
    reader->end(queryId(1), "");
    sent_.clear();
    broker_->close(reader);
    QCOMPARE(sent_.size(), std::size_t(1));
    QCOMPARE(sent_[0].first, std::string("n1"));
    QCOMPARE(sent_[0].second.log_cancel().id(), first);
    QCOMPARE(reader->push(first, chunk({1}), nothing), LogReader::Accepted::kClosed);
    QVERIFY(!broker_->find(first, "n1"));
  }

  void letsAWaitingAgentSeeThatTheReaderHasGone() {
    const auto reader = *broker_->open(ledger_->state(), ask({"a"}), nothing);
    bool resumed = false;
    const std::vector<std::int64_t> many(LogReader::kMostWaiting, 1);
    reader->push(queryId(0), chunk(many), [&] { resumed = true; });
    broker_->close(reader);
    QVERIFY(resumed);
  }

 private:
  static api::LogsRequest ask(const std::vector<std::string>& pods) {
    api::LogsRequest request;
    request.set_namespace_("shop");
    for (const std::string& name : pods) request.add_pods(name);
    return request;
  }
  std::string queryId(std::size_t index) const { return sent_[index].second.log_query().id(); }
  static std::string joined(const Read& read) { return absl::StrJoin(read.lines, " "); }

  std::unique_ptr<support::ManualExecutor> executor_;
  std::unique_ptr<store::MemoryStore> store_;
  std::unique_ptr<model::Ledger> ledger_;
  std::vector<std::pair<std::string, api::ControllerMessage>> sent_;
  bool linked_ = true;
  std::unique_ptr<LogBroker> broker_;
};

QTEST_GUILESS_MAIN(TstLogBroker)
#include "tst_log_broker.moc"
