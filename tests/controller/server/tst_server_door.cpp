// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include <grpcpp/generic/generic_stub.h>

#include "absl/strings/str_cat.h"
#include "controller/access/authorisation.h"
#include "controller/api/control.grpc.pb.h"
#include "tests/controller/server/test_server.h"
#include "tests/support/methods.h"

using namespace gantry;
using namespace gantry::tests;
using access::Identity;
using access::Role;

namespace {

/// Calls with one empty message. The code is OK as soon as the server answers with a message.
grpc::StatusCode call(const std::shared_ptr<grpc::Channel>& channel, const std::string& method) {
  grpc::GenericStub stub(channel);
  grpc::CompletionQueue queue;
  const auto context = patient();
  const auto stream = stub.PrepareCall(context.get(), method, &queue);
  void* tag = nullptr;
  bool ok = false;
  stream->StartCall(nullptr);
  queue.Next(&tag, &ok);
  grpc::ByteBuffer empty;
  const grpc::Slice nothing;
  empty = grpc::ByteBuffer(&nothing, 1);
  stream->WriteLast(empty, grpc::WriteOptions(), nullptr);
  queue.Next(&tag, &ok);
  grpc::ByteBuffer answer;
  stream->Read(&answer, nullptr);
  queue.Next(&tag, &ok);
  const bool answered = ok;
  if (answered) context->TryCancel();
  grpc::Status status;
  stream->Finish(&status, nullptr);
  queue.Next(&tag, &ok);
  return answered ? grpc::OK : status.error_code();
}

bool isRefusal(grpc::StatusCode code) {
  return code == grpc::PERMISSION_DENIED || code == grpc::UNAUTHENTICATED ||
         code == grpc::UNIMPLEMENTED || code == grpc::DEADLINE_EXCEEDED ||
         code == grpc::UNAVAILABLE;
}

}  // namespace

class TstServerDoor : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() { server_ = std::make_unique<TestServer>(); }

  void letsInWhoeverMayAndNobodyElse_data() {
    QTest::addColumn<int>("role");
    QTest::newRow("nobody") << -1;
    for (const Role role :
         {Role::kViewer, Role::kOperator, Role::kApprover, Role::kAdmin, Role::kAgent}) {
      QTest::newRow(access::roleName(role)) << int(role);
    }
  }
  void letsInWhoeverMayAndNobodyElse() {
    QFETCH(int, role);
    std::optional<Identity> caller;
    if (role >= 0) caller = Identity{"ana", static_cast<Role>(role)};
    const auto channel = server_->dial(caller);
    for (const std::string& method : support::allMethods()) {
      const absl::Status expected = access::authorise(method, caller);
      const grpc::StatusCode code = call(channel, method);
      if (expected.ok() && method != "/gantry.api.Join/Join") {
        QVERIFY2(!isRefusal(code), absl::StrCat(method, ": ", code).c_str());
      } else if (!expected.ok()) {
        QVERIFY2(int(code) == int(expected.code()), absl::StrCat(method, ": ", code).c_str());
      }
    }
  }

  void letsNobodyCallWhatIsNotThere() {
    const auto channel = server_->dial(Identity{"ana", Role::kAdmin});
    QCOMPARE(call(channel, "/gantry.api.Control/Format"), grpc::UNIMPLEMENTED);
    QCOMPARE(call(channel, "/grpc.health.v1.Health/Check"), grpc::UNIMPLEMENTED);
  }

  void letsNobodyInWithACertificateOfAnotherCluster() {
    QTemporaryDir directory;
    const auto other =
        access::CertificateAuthority::open(directory.path().toStdString(), server_->now());
    const auto credentials =
        (*other)->issueClient({"ana", Role::kAdmin}, access::kPersonValidity, server_->now());
    const auto channel = server_->dialWith(*credentials, server_->authority().certificate());
    QCOMPARE(call(channel, "/gantry.api.Control/GetServerInfo"), grpc::UNAVAILABLE);
  }

  void isNotTrustedByThoseWhoKnowAnotherAuthority() {
    QTemporaryDir directory;
    const auto other =
        access::CertificateAuthority::open(directory.path().toStdString(), server_->now());
    const auto credentials = server_->authority().issueClient(
        {"ana", Role::kAdmin}, access::kPersonValidity, server_->now());
    const auto channel = server_->dialWith(*credentials, (*other)->certificate());
    QCOMPARE(call(channel, "/gantry.api.Control/GetServerInfo"), grpc::UNAVAILABLE);
  }

  void letsNobodyInWithTheServersOwnKindOfCertificate() {
    const auto credentials = server_->authority().issueServer({"localhost"}, server_->now());
    const auto channel = server_->dialWith(*credentials, server_->authority().certificate());
    const grpc::StatusCode code = call(channel, "/gantry.api.Control/GetServerInfo");
    QVERIFY(code == grpc::UNAVAILABLE || code == grpc::UNAUTHENTICATED);
  }

  void knowsWhoCalls() {
    const auto stub = api::Control::NewStub(server_->dial(Identity{"ana", Role::kApprover}));
    api::ServerInfo info;
    const grpc::Status status = stub->GetServerInfo(patient().get(), {}, &info);
    QVERIFY2(status.ok(), status.error_message().c_str());
    QCOMPARE(info.identity(), std::string("ana"));
    QCOMPARE(info.cluster(), std::string("test"));
    QCOMPARE((std::vector<std::string>{info.roles().begin(), info.roles().end()}),
             (std::vector<std::string>{"viewer", "operator", "approver"}));
  }

 private:
  std::unique_ptr<TestServer> server_;
};

QTEST_GUILESS_MAIN(TstServerDoor)
#include "tst_server_door.moc"
