// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "base/openssl.h"
#include "controller/api/agent.grpc.pb.h"
#include "controller/api/control.grpc.pb.h"
#include "controller/server/log_reader.h"
#include "tests/controller/server/test_server.h"

using namespace gantry;
using namespace gantry::tests;
using access::Identity;
using access::Role;

namespace {

std::string certificateRequest() {
  const base::KeyPtr key = base::newKey();
  const base::RequestPtr request(X509_REQ_new());
  X509_REQ_set_pubkey(request.get(), key.get());
  X509_REQ_sign(request.get(), key.get(), EVP_sha256());
  return base::toPem(request.get());
}

api::AgentMessage hello() {
  api::AgentMessage message;
  message.mutable_hello();
  return message;
}

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

/// An agent's session, as the agent sees it.
struct Session {
  std::unique_ptr<api::AgentLink::Stub> stub;
  std::unique_ptr<grpc::ClientContext> context = patient();
  std::unique_ptr<grpc::ClientReaderWriter<api::AgentMessage, api::ControllerMessage>> stream;

  explicit Session(const std::shared_ptr<grpc::Channel>& channel)
      : stub(api::AgentLink::NewStub(channel)), stream(stub->Session(context.get())) {}
};

}  // namespace

class TstServerAgents : public QObject {
  Q_OBJECT

 private slots:
  void init() { server_ = std::make_unique<TestServer>(); }
  void cleanup() { server_.reset(); }

  void joinOnceWithAToken() {
    const std::string token = server_->joinToken();
    api::JoinResponse response;
    const grpc::Status status = join(token, "n1", response);
    QVERIFY2(status.ok(), status.error_message().c_str());
    QCOMPARE(response.ca_certificate(), server_->authority().certificate());
    QCOMPARE(*access::identityOf(response.certificate(), server_->now()),
             (Identity{"n1", Role::kAgent}));
    const grpc::Status again = join(token, "n2", response);
    QCOMPARE(again.error_code(), grpc::PERMISSION_DENIED);
    QVERIFY(again.error_message().find("used by node n1") != std::string::npos);
  }

  void doNotJoinWithAnExpiredOrWrongToken() {
    api::JoinResponse response;
    const std::string token = server_->joinToken(base::Duration(1));
    const base::Timestamp made = server_->now();
    while (server_->now() <= made + base::Duration(1)) std::this_thread::yield();
    QCOMPARE(join(token, "n1", response).error_code(), grpc::PERMISSION_DENIED);
    QCOMPARE(join("GANTRY-1-nonsense", "n1", response).error_code(), grpc::PERMISSION_DENIED);
    QCOMPARE(join("", "n1", response).error_code(), grpc::PERMISSION_DENIED);
    QVERIFY(response.certificate().empty());
  }

  void doNotUseATokenUpWithABadRequest() {
    const std::string token = server_->joinToken();
    const auto stub = api::Join::NewStub(server_->dial(std::nullopt));
    api::JoinRequest request;
    request.set_token(token);
    request.set_node("n1");
    request.set_certificate_request("nonsense");
    api::JoinResponse response;
    QCOMPARE(stub->Join(patient().get(), request, &response).error_code(), grpc::INVALID_ARGUMENT);
    QVERIFY(join(token, "n1", response).ok());
  }

  void cannotTakeTheNameOfALivingNode() {
    server_->commit([](model::Transaction& transaction) {
      schema::Node node;
      node.mutable_metadata()->set_name("n1");
      schema::Condition& ready = *node.mutable_status()->add_conditions();
      ready.set_type("Ready");
      ready.set_status("True");
      transaction.put(node);
    });
    api::JoinResponse response;
    QCOMPARE(join(server_->joinToken(), "n1", response).error_code(), grpc::ALREADY_EXISTS);
  }

  void renewTheirOwnCertificateAndNoOther() {
    const auto channel = server_->dial(Identity{"n1", Role::kAgent});
    api::JoinResponse response;
    const grpc::Status own = join("", "n1", response, channel);
    QVERIFY2(own.ok(), own.error_message().c_str());
    QCOMPARE(*access::identityOf(response.certificate(), server_->now()),
             (Identity{"n1", Role::kAgent}));
    QCOMPARE(join("", "n2", response, channel).error_code(), grpc::PERMISSION_DENIED);
    const auto person = server_->dial(Identity{"n1", Role::kAdmin});
    QCOMPARE(join("", "n1", response, person).error_code(), grpc::PERMISSION_DENIED);
  }

  void talkWithTheController() {
    Session session(server_->dial(Identity{"n1", Role::kAgent}));
    // Returns once the server has let the session in: agents wait for that.
    session.stream->WaitForInitialMetadata();
    QVERIFY(session.stream->Write(hello()));
    api::ControllerMessage received;
    QVERIFY(session.stream->Read(&received));
    QCOMPARE(received.wanted().sequence(), std::uint64_t(1));
    api::AgentMessage heartbeat;
    heartbeat.mutable_heartbeat()->set_agent_time_ms(42);
    QVERIFY(session.stream->Write(heartbeat));
    QVERIFY(controllerDiary().waitFor("heartbeat 42"));
    session.stream->WritesDone();
    QVERIFY(session.stream->Finish().ok());
    QVERIFY(controllerDiary().waitFor("disconnected 1"));
  }

  void areNoticedWhenTheyBreakOff() {
    auto session = std::make_unique<Session>(server_->dial(Identity{"n1", Role::kAgent}));
    QVERIFY(session->stream->Write(hello()));
    QVERIFY(controllerDiary().waitFor("connected n1"));
    session->context->TryCancel();
    QVERIFY(controllerDiary().waitFor("disconnected 1"));
  }

  void mustSayHelloFirst() {
    Session session(server_->dial(Identity{"n1", Role::kAgent}));
    api::AgentMessage heartbeat;
    heartbeat.mutable_heartbeat();
    QVERIFY(session.stream->Write(heartbeat));
    QCOMPARE(session.stream->Finish().error_code(), grpc::INVALID_ARGUMENT);
    QVERIFY(controllerDiary().lines().empty());
  }

  void haveOneSessionEach() {
    const auto channel = server_->dial(Identity{"n1", Role::kAgent});
    Session first(channel);
    QVERIFY(first.stream->Write(hello()));
    api::ControllerMessage received;
    QVERIFY(first.stream->Read(&received));
    Session second(channel);
    QVERIFY(second.stream->Write(hello()));
    QVERIFY(second.stream->Read(&received));
    QVERIFY(!first.stream->Read(&received));
    QCOMPARE(first.stream->Finish().error_code(), grpc::ABORTED);
  }

  void giveLogsToWhoAsks() {
    server_->commit([](model::Transaction& transaction) { transaction.put(pod("web", "n1")); });
    const auto channel = server_->dial(Identity{"n1", Role::kAgent});
    Session session(channel);
    QVERIFY(session.stream->Write(hello()));
    api::ControllerMessage received;
    QVERIFY(session.stream->Read(&received));

    const auto control = api::Control::NewStub(server_->dial(Identity{"ana", Role::kViewer}));
    const auto reading = patient();
    const auto logs = control->Logs(reading.get(), logsOf("web", true));
    QVERIFY(session.stream->Read(&received));
    QCOMPARE(received.log_query().pod_uid(), std::string("uid-web"));
    QVERIFY(received.log_query().follow());

    const auto pushing = patient();
    api::PushLogsResponse response;
    const auto push = session.stub->PushLogs(pushing.get(), &response);
    api::LogChunk chunk;
    chunk.set_query_id(received.log_query().id());
    chunk.add_lines()->set_text("hello");
    QVERIFY(push->Write(chunk));
    api::LogLines lines;
    QVERIFY(logs->Read(&lines));
    QCOMPARE(lines.lines(0).text(), std::string("hello"));
    QCOMPARE(lines.lines(0).pod(), std::string("web"));

    // Who stops reading stops the agent.
    reading->TryCancel();
    QVERIFY(session.stream->Read(&received));
    QVERIFY(received.has_log_cancel());
    while (push->Write(chunk)) {
    }
    QCOMPARE(push->Finish().error_code(), grpc::CANCELLED);
  }

  void endTheLogWhenTheyHaveSentIt() {
    server_->commit([](model::Transaction& transaction) { transaction.put(pod("web", "n1")); });
    Session session(server_->dial(Identity{"n1", Role::kAgent}));
    QVERIFY(session.stream->Write(hello()));
    api::ControllerMessage received;
    QVERIFY(session.stream->Read(&received));
    const auto control = api::Control::NewStub(server_->dial(Identity{"ana", Role::kViewer}));
    const auto reading = patient();
    const auto logs = control->Logs(reading.get(), logsOf("web", false));
    QVERIFY(session.stream->Read(&received));

    const auto pushing = patient();
    api::PushLogsResponse response;
    const auto push = session.stub->PushLogs(pushing.get(), &response);
    const int count = 3 * int(server::LogReader::kMostWaiting);
    for (int i = 0; i < count; ++i) {
      api::LogChunk chunk;
      chunk.set_query_id(received.log_query().id());
      chunk.add_lines()->set_time_ns(i);
      QVERIFY(push->Write(chunk));
    }
    push->WritesDone();
    int read = 0;
    api::LogLines lines;
    while (logs->Read(&lines)) {
      for (const api::LogLine& line : lines.lines()) QCOMPARE(int(line.time_ns()), read++);
      QCOMPARE(lines.dropped(), std::uint64_t(0));
    }
    QVERIFY(logs->Finish().ok());
    QCOMPARE(read, count);
    QVERIFY(push->Finish().ok());
  }

  void cannotPushLinesThatNobodyAskedThemFor() {
    const auto stub = api::AgentLink::NewStub(server_->dial(Identity{"n2", Role::kAgent}));
    const auto context = patient();
    api::PushLogsResponse response;
    const auto push = stub->PushLogs(context.get(), &response);
    api::LogChunk chunk;
    chunk.set_query_id("made up");
    push->Write(chunk);
    QCOMPARE(push->Finish().error_code(), grpc::NOT_FOUND);
  }

 private:
  grpc::Status join(const std::string& token, const std::string& node, api::JoinResponse& response,
                    std::shared_ptr<grpc::Channel> channel = nullptr) {
    if (!channel) channel = server_->dial(std::nullopt);
    const auto stub = api::Join::NewStub(channel);
    api::JoinRequest request;
    request.set_token(token);
    request.set_node(node);
    request.set_certificate_request(certificateRequest());
    return stub->Join(patient().get(), request, &response);
  }
  static api::LogsRequest logsOf(const std::string& name, bool follow) {
    api::LogsRequest request;
    request.set_namespace_("shop");
    request.add_pods(name);
    request.set_follow(follow);
    return request;
  }

  std::unique_ptr<TestServer> server_;
};

QTEST_GUILESS_MAIN(TstServerAgents)
#include "tst_server_agents.moc"
