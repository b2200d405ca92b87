// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/session/grpc_controller_link.h"

#include <QTest>

#include "base/file.h"
#include "controller/api/agent.grpc.pb.h"
#include "tests/runtime-agent/session/tls_server.h"
#include "tests/support/running_executor.h"

using namespace gantry;
using namespace gantry::agent;
using gantry::test::Cluster;

namespace {

// A controller: tells what it hears, and says what the test wants said, until the test ends the
// call.
class Controller final : public api::AgentLink::Service {
 public:
  using Stream = grpc::ServerReaderWriter<api::ControllerMessage, api::AgentMessage>;

  grpc::Status Session(grpc::ServerContext* context, Stream* stream) override {
    stream->SendInitialMetadata();
    const auto names = context->auth_context()->FindPropertyValues("x509_common_name");
    node = names.empty() ? "" : std::string(names[0].begin(), names[0].end());
    std::thread writer([&] {
      while (const auto message = say.take()) {
        if (!message->has_value()) break;
        stream->Write(**message);
      }
      context->TryCancel();
    });
    api::AgentMessage message;
    while (stream->Read(&message)) heard.put(message);
    say.put(std::nullopt);
    writer.join();
    return grpc::Status::OK;
  }

  std::string node;
  support::Inbox<api::AgentMessage> heard;
  // Nothing: end the call.
  support::Inbox<std::optional<api::ControllerMessage>> say;
};

api::ControllerMessage diff(std::uint64_t sequence, std::uint64_t fencing = 0) {
  api::ControllerMessage message;
  message.mutable_diff()->set_sequence(sequence);
  message.set_fencing_token(fencing);
  return message;
}

struct Logs final : LogResponder {
  void onQuery(const api::LogQuery& query) override { said.put("query " + query.id()); }
  void onCancel(const api::LogCancel& cancel) override { said.put("cancel " + cancel.id()); }
  void onDisconnected() override { said.put("disconnected"); }
  support::Inbox<std::string> said;
};

}  // namespace

class TstGrpcControllerLink : public QObject {
  Q_OBJECT

  support::RunningExecutor executor_;
  Cluster cluster_;
  std::unique_ptr<QTemporaryDir> folder_;
  std::unique_ptr<Controller> controller_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
  support::Inbox<std::string> events_;
  Logs logs_;
  std::unique_ptr<GrpcControllerLink> link_;

  std::filesystem::path folder() const { return folder_->path().toStdString(); }

  void serve() {
    controller_ = std::make_unique<Controller>();
    server_ = test::serve(cluster_, *controller_, port_);
  }

  void dial() {
    executor_.call([&] {
      GrpcControllerLink::Options options;
      options.fencingFile = folder() / "fencing";
      options.firstDelay = base::Duration(20);
      options.longestDelay = base::Duration(100);
      link_ = std::make_unique<GrpcControllerLink>(
          executor_.get(), dialController("127.0.0.1:" + std::to_string(port_), folder()), &logs_,
          options);
      link_->start({
          .onConnected =
              [&] {
                events_.put("connected");
                api::Hello hello;
                (*hello.mutable_labels())["os"] = "linux";
                return hello;
              },
          .onMessage =
              [&](const api::ControllerMessage& message) {
                events_.put("diff " + std::to_string(message.diff().sequence()));
              },
          .onDisconnected = [&] { events_.put("disconnected"); },
      });
    });
  }

  std::string event() { return events_.take().value_or("(nothing)"); }

 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    QVERIFY(storeIdentity(folder(), cluster_.identity("node-1")).ok());
    port_ = 0;
  }
  void cleanup() {
    if (link_) executor_.call([&] { link_.reset(); });
    if (server_) test::end(server_);
    while (events_.take(std::chrono::milliseconds(0))) {
    }
    while (logs_.said.take(std::chrono::milliseconds(0))) {
    }
  }

  void saysHelloThenBothTalk() {
    serve();
    dial();
    QCOMPARE(event(), std::string("connected"));
    QCOMPARE(controller_->heard.take()->hello().labels().at("os"), std::string("linux"));
    QCOMPARE(controller_->node, std::string("node:node-1"));
    for (std::uint64_t i = 1; i <= 200; ++i) controller_->say.put(diff(i));
    for (int i = 1; i <= 200; ++i) QCOMPARE(event(), "diff " + std::to_string(i));
    executor_.call([&] {
      for (int i = 1; i <= 200; ++i) {
        api::AgentMessage message;
        message.mutable_heartbeat()->set_agent_time_ms(i);
        link_->send(message);
      }
    });
    for (int i = 1; i <= 200; ++i) {
      QCOMPARE(controller_->heard.take()->heartbeat().agent_time_ms(), i);
    }
  }

  void dialsAgainWhenTheControllerComesBack() {
    serve();
    dial();
    QCOMPARE(event(), std::string("connected"));
    test::end(server_);
    QCOMPARE(event(), std::string("disconnected"));
    executor_.call([&] { link_->send({}); });
    serve();
    QCOMPARE(event(), std::string("connected"));
    const auto first = controller_->heard.take();
    QVERIFY2(first && first->has_hello(), "nothing of the old session comes before the hello");
  }

  void dialsUntilThereIsAController() {
    serve();
    test::end(server_);
    dial();
    serve();
    QCOMPARE(event(), std::string("connected"));
  }

  void questionsForLogsGoToTheLogs() {
    serve();
    dial();
    api::ControllerMessage query, cancel;
    query.mutable_log_query()->set_id("q1");
    cancel.mutable_log_cancel()->set_id("q1");
    controller_->say.put(query);
    controller_->say.put(cancel);
    controller_->say.put(diff(1));
    QCOMPARE(event(), std::string("connected"));
    QCOMPARE(event(), std::string("diff 1"));
    QCOMPARE(logs_.said.take().value_or(""), std::string("query q1"));
    QCOMPARE(logs_.said.take().value_or(""), std::string("cancel q1"));
    controller_->say.put(std::nullopt);
    QCOMPARE(logs_.said.take().value_or(""), std::string("disconnected"));
  }

  void aControllerThatIsNoLongerTheLeaderIsRefusedAlsoAfterARestart() {
    serve();
    dial();
    controller_->say.put(diff(1, 7));
    controller_->say.put(diff(2, 9));
    controller_->say.put(diff(3, 8));
    controller_->say.put(diff(4, 9));
    for (const char* expected : {"connected", "diff 1", "diff 2", "disconnected", "connected"}) {
      QCOMPARE(event(), std::string(expected));
    }
    executor_.call([&] { link_.reset(); });
    test::end(server_);
    QCOMPARE(*base::readFile(folder() / "fencing"), std::string("9"));

    serve();
    dial();
    QCOMPARE(event(), std::string("connected"));
    controller_->say.put(diff(5, 8));
    QCOMPARE(event(), std::string("disconnected"));
  }

  void aControllerOfAnotherClusterIsNeverSpokenTo() {
    const Cluster other;
    controller_ = std::make_unique<Controller>();
    server_ = test::serve(other, *controller_, port_);
    dial();
    QVERIFY(!events_.take(std::chrono::milliseconds(500)));
    QVERIFY(!controller_->heard.take(std::chrono::milliseconds(0)));
    // The right one takes its place.
    test::end(server_);
    serve();
    QCOMPARE(event(), std::string("connected"));
  }

  void aRenewedCertificateIsUsedForTheNextConnection() {
    serve();
    dial();
    QCOMPARE(event(), std::string("connected"));
    QVERIFY(controller_->heard.take());
    QCOMPARE(controller_->node, std::string("node:node-1"));
    QVERIFY(storeIdentity(folder(), cluster_.identity("node-1b")).ok());
    // The files are looked at every few seconds.
    const base::Instant end = executor_.get().now() + std::chrono::seconds(30);
    while (controller_->node == "node:node-1" && executor_.get().now() < end) {
      test::end(server_);
      QCOMPARE(event(), std::string("disconnected"));
      serve();
      QCOMPARE(event(), std::string("connected"));
      QVERIFY(controller_->heard.take());
    }
    QCOMPARE(controller_->node, std::string("node:node-1b"));
  }

  void endsWhileConnectedAndWhileDialling() {
    serve();
    dial();
    QCOMPARE(event(), std::string("connected"));
    executor_.call([&] { link_.reset(); });
    test::end(server_);
    dial();
    executor_.call([&] { link_.reset(); });
    QVERIFY2(!events_.take(std::chrono::milliseconds(0)), "no word to the handler after its end");
  }
};

QTEST_GUILESS_MAIN(TstGrpcControllerLink)
#include "tst_grpc_controller_link.moc"
