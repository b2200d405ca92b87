// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/session/log_session.h"

#include <QTest>
#include <fstream>

#include "controller/api/agent.grpc.pb.h"
#include "tests/runtime-agent/session/tls_server.h"
#include "tests/support/running_executor.h"

using namespace gantry;
using namespace gantry::agent;
using gantry::test::Cluster;
namespace fs = std::filesystem;

namespace {

class Controller final : public api::AgentLink::Service {
 public:
  grpc::Status PushLogs(grpc::ServerContext*, grpc::ServerReader<api::LogChunk>* reader,
                        api::PushLogsResponse*) override {
    api::LogChunk chunk;
    std::string id;
    while (reader->Read(&chunk)) {
      if (!chunk.query_id().empty()) id = chunk.query_id();
      for (const api::LogLine& line : chunk.lines()) {
        said.put(id + ": " + line.pod() + "/" + line.container() + " " + line.text());
      }
      if (!chunk.error().empty()) said.put(id + " failed: " + chunk.error());
    }
    said.put(id + " ended");
    return grpc::Status::OK;
  }
  support::Inbox<std::string> said;
};

}  // namespace

class TstLogSession : public QObject {
  Q_OBJECT

  support::RunningExecutor executor_;
  Cluster cluster_;
  QTemporaryDir identity_;
  Controller controller_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<QTemporaryDir> logs_;
  schema::Pod pod_;
  std::unique_ptr<LogSession> session_;

  fs::path folder() const { return fs::path(logs_->path().toStdString()) / "shop_front-1_u1/web"; }
  void write(const std::string& file, const std::string& text) {
    std::ofstream(folder() / file, std::ios::app)
        << "2026-01-01T00:00:00Z stdout F " << text << "\n"
        << std::flush;
  }
  void ask(const std::string& id, const std::function<void(api::LogQuery&)>& change = {}) {
    api::LogQuery query;
    query.set_id(id);
    query.set_pod_uid("u1");
    query.set_container("web");
    query.set_tail_lines(-1);
    if (change) change(query);
    executor_.call([&] { session_->onQuery(query); });
  }
  std::string said() { return controller_.said.take().value_or("(nothing)"); }

 private slots:
  void initTestCase() {
    QVERIFY(storeIdentity(identity_.path().toStdString(), cluster_.identity("node-1")).ok());
    pod_.mutable_metadata()->set_name("front-1");
    pod_.mutable_metadata()->set_namespace_("shop");
    pod_.mutable_metadata()->set_uid("u1");
    pod_.mutable_spec()->add_containers()->set_name("web");
    pod_.mutable_spec()->add_containers()->set_name("idle");
  }
  void init() {
    logs_ = std::make_unique<QTemporaryDir>();
    fs::create_directories(folder());
    int port = 0;
    server_ = test::serve(cluster_, controller_, port);
    executor_.call([&] {
      LogSession::Options options;
      options.podLogRoot = logs_->path().toStdString();
      options.maxStreams = 2;
      session_ = std::make_unique<LogSession>(
          executor_.get(),
          dialController("127.0.0.1:" + std::to_string(port), identity_.path().toStdString()),
          [&](const std::string& uid) { return uid == "u1" ? &pod_ : nullptr; }, options);
    });
  }
  void cleanup() {
    executor_.call([&] { session_.reset(); });
    test::end(server_);
    while (controller_.said.take(std::chrono::milliseconds(0))) {
    }
  }

  void linesAreSentInOrderAndAsUtf8() {
    write("0.log", "old");
    write("1.log", "one");
    write("1.log", "tw\xffo");
    ask("q");
    QCOMPARE(said(), std::string("q: front-1/web one"));
    QCOMPARE(said(), std::string("q: front-1/web tw\uFFFDo"));
    QCOMPARE(said(), std::string("q ended"));
    ask("p", [](api::LogQuery& query) { query.set_previous(true); });
    QCOMPARE(said(), std::string("p: front-1/web old"));
  }

  void aMillionBytesArriveWhole() {
    for (int i = 0; i < 2'000; ++i) write("0.log", std::string(1'000, 'x') + std::to_string(i));
    ask("q");
    for (int i = 0; i < 2'000; ++i)
      QVERIFY(QString::fromStdString(said()).endsWith("x" + QString::number(i)));
    QCOMPARE(said(), std::string("q ended"));
  }

  void followEndsWhenCancelled() {
    write("0.log", "one");
    ask("q", [](api::LogQuery& query) { query.set_follow(true); });
    QCOMPARE(said(), std::string("q: front-1/web one"));
    write("0.log", "two");
    QCOMPARE(said(), std::string("q: front-1/web two"));
    api::LogCancel cancel;
    cancel.set_id("q");
    executor_.call([&] { session_->onCancel(cancel); });
    QCOMPARE(said(), std::string("q ended"));
  }

  void followEndsWithTheSession() {
    write("0.log", "one");
    ask("q", [](api::LogQuery& query) { query.set_follow(true); });
    QCOMPARE(said(), std::string("q: front-1/web one"));
    executor_.call([&] { session_->onDisconnected(); });
    QCOMPARE(said(), std::string("q ended"));
    QCOMPARE(executor_.call([&] { return session_->streams(); }), 0u);
  }

  void errorsAreToldToTheReader_data() {
    QTest::addColumn<QString>("uid");
    QTest::addColumn<QString>("container");
    QTest::addColumn<QString>("error");
    QTest::newRow("another node's pod") << "u2" << "web" << "the pod is not on this node";
    QTest::newRow("no such container") << "u1" << "db" << "pod front-1 has no container \"db\"";
    QTest::newRow("a name that climbs")
        << "u1" << "../x" << "pod front-1 has no container \"../x\"";
    QTest::newRow("nothing logged yet") << "u1" << "idle" << "container idle has not started yet";
  }
  void errorsAreToldToTheReader() {
    QFETCH(QString, uid);
    QFETCH(QString, container);
    QFETCH(QString, error);
    ask("q", [&](api::LogQuery& query) {
      query.set_pod_uid(uid.toStdString());
      query.set_container(container.toStdString());
    });
    QCOMPARE(QString::fromStdString(said()), "q failed: " + error);
    QCOMPARE(said(), std::string("q ended"));
  }

  void tooManyAtATimeAreTurnedAway() {
    write("0.log", "one");
    const auto follow = [](api::LogQuery& query) { query.set_follow(true); };
    ask("a", follow);
    ask("b", follow);
    said();
    said();
    ask("c", follow);
    QCOMPARE(said(), std::string("c failed: too many logs of this node are being read; try again"));
  }
};

QTEST_GUILESS_MAIN(TstLogSession)
#include "tst_log_session.moc"
