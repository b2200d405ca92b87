// SPDX-License-Identifier: Apache-2.0
#include <QTest>
#include <atomic>
#include <future>

#include "app/client/await.h"
#include "tests/support/fake_control_server.h"

using namespace gantry;
using namespace gantry::client;

namespace {

api::Object podObject(const std::string& name) {
  api::Object object;
  object.mutable_pod()->mutable_metadata()->set_name(name);
  return object;
}

/// What a stream brings, to be waited for.
struct Received {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<api::WatchResponse> messages;
  bool ended = false;
  absl::Status status;

  StreamHandlers<api::WatchResponse> handlers() {
    return {[this](api::WatchResponse&& message) {
              const std::lock_guard lock(mutex);
              messages.push_back(std::move(message));
              changed.notify_all();
            },
            [this](const absl::Status& why) {
              const std::lock_guard lock(mutex);
              ended = true;
              status = why;
              changed.notify_all();
            }};
  }
  bool waitFor(const std::function<bool()>& condition) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(20), condition);
  }
};

}  // namespace

class TstConnection : public QObject {
  Q_OBJECT

 private slots:
  void aCallBringsItsAnswer() {
    support::FakeControlServer server;
    server.info.set_identity("ana");
    const auto connection = connectOver(server.channel());
    const auto info = await(*connection, &Connection::getServerInfo, api::GetServerInfoRequest());
    QVERIFY(info.ok());
    QCOMPARE(info->identity(), std::string("ana"));
  }

  void aRefusalKeepsItsCodeAndWords() {
    support::FakeControlServer server;
    server.onApprove = [](const api::ApprovePlanRequest& request, api::Plan*) {
      return grpc::Status(grpc::StatusCode::FAILED_PRECONDITION,
                          "digest " + request.digest() + " is stale");
    };
    const auto connection = connectOver(server.channel());
    api::ApprovePlanRequest request;
    request.set_digest("4f2a");
    const auto answer = await(*connection, &Connection::approvePlan, request);
    QCOMPARE(answer.status().code(), absl::StatusCode::kFailedPrecondition);
    QCOMPARE(std::string(answer.status().message()), std::string("digest 4f2a is stale"));
  }

  void aWatchBringsSnapshotThenDifferences() {
    support::FakeControlServer server;
    server.put("a", podObject("a"));
    const auto connection = connectOver(server.channel());
    Received received;
    const auto stream = connection->watch({}, received.handlers());
    QVERIFY(received.waitFor([&] { return !received.messages.empty(); }));
    QVERIFY(received.messages[0].snapshot_done());
    QCOMPARE(received.messages[0].put_size(), 1);
    server.put("b", podObject("b"));
    QVERIFY(received.waitFor([&] {
      return std::ranges::any_of(received.messages, [](const api::WatchResponse& message) {
        return message.put_size() == 1 && message.put(0).pod().metadata().name() == "b";
      });
    }));
  }

  void aServerThatStopsEndsTheStreamWithAReason() {
    support::FakeControlServer server;
    const auto connection = connectOver(server.channel());
    Received received;
    const auto stream = connection->watch({}, received.handlers());
    QVERIFY(received.waitFor([&] { return !received.messages.empty(); }));
    server.endStreams();
    QVERIFY(received.waitFor([&] { return received.ended; }));
    QCOMPARE(received.status.code(), absl::StatusCode::kUnavailable);
  }

  void aDestroyedStreamCallsNobodyAnyMore() {
    support::FakeControlServer server;
    const auto connection = connectOver(server.channel());
    std::atomic<bool> gone = false;
    std::atomic<bool> calledAfter = false;
    for (int i = 0; i < 20; ++i) {
      gone = false;
      auto stream =
          connection->watch({}, {[&](api::WatchResponse&&) { calledAfter = calledAfter || gone; },
                                 [&](const absl::Status&) { calledAfter = calledAfter || gone; }});
      server.put("a", podObject("a"));
      stream.reset();
      gone = true;
      server.put("a", podObject("a"));
    }
    QVERIFY(!calledAfter);
  }

  void aDestroyedConnectionCancelsItsCalls() {
    support::FakeControlServer server;
    std::promise<void> entered;
    std::promise<void> release;
    server.onPause = [&](const api::RolloutRequest&, api::RolloutResponse*) {
      entered.set_value();
      release.get_future().wait();
      return grpc::Status::OK;
    };
    auto connection = connectOver(server.channel());
    absl::Status status;
    connection->pauseRollout(
        {}, [&](const absl::StatusOr<api::RolloutResponse>& answer) { status = answer.status(); });
    entered.get_future().wait();
    connection.reset();
    QCOMPARE(status.code(), absl::StatusCode::kCancelled);
    release.set_value();
  }

  // gRPC's threads must not be the last to hold its channel: they would join themselves.
  void itMayGoAsSoonAsTheLastAnswerIsThere() {
    for (int i = 0; i < 200; ++i) {
      auto server = std::make_unique<support::FakeControlServer>();
      auto connection = connectOver(server->channel());
      const auto info = await(*connection, &Connection::getServerInfo, api::GetServerInfoRequest());
      connection.reset();
      server.reset();
      QVERIFY(info.ok());
    }
  }

  void nobodyThereIsUnavailable() {
    Context context;
    context.name = "x";
    context.server = "127.0.0.1:1";
    const auto connection = client::connect(context);
    const auto info = await(*connection, &Connection::getServerInfo, api::GetServerInfoRequest());
    QCOMPARE(info.status().code(), absl::StatusCode::kUnavailable);
  }
};

QTEST_GUILESS_MAIN(TstConnection)
#include "tst_connection.moc"
