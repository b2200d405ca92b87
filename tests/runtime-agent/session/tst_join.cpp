// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/session/join.h"

#include <sys/stat.h>

#include <QTest>
#include <set>

#include "controller/api/agent.grpc.pb.h"
#include "tests/runtime-agent/session/tls_server.h"

using namespace gantry;
using namespace gantry::agent;
using gantry::test::Cluster;

namespace {

// Joins as the controller's service does: one use a token, renewal by certificate.
class JoinService final : public api::Join::Service {
 public:
  explicit JoinService(const Cluster& cluster) : cluster_(cluster) {}

  grpc::Status Join(grpc::ServerContext* context, const api::JoinRequest* request,
                    api::JoinResponse* response) override {
    const auto names = context->auth_context()->FindPropertyValues("x509_common_name");
    const bool renews = !names.empty() && names[0] == "node:" + request->node();
    if (!renews && request->token() != cluster_.token()) {
      return {grpc::PERMISSION_DENIED, "the join token is unknown or has expired"};
    }
    if (!renews && !used_.insert(request->token()).second) {
      return {grpc::PERMISSION_DENIED, "the join token was used already"};
    }
    const auto signed_ = cluster_.authority().sign(request->certificate_request(),
                                                   {request->node(), access::Role::kAgent},
                                                   std::chrono::hours(24), test::wallNow());
    if (!signed_.ok()) return {grpc::INVALID_ARGUMENT, std::string(signed_.status().message())};
    response->set_certificate(*signed_);
    response->set_ca_certificate(cluster_.authority().certificate());
    return grpc::Status::OK;
  }

 private:
  const Cluster& cluster_;
  std::set<std::string> used_;
};

bool mentions(const absl::Status& status, const std::string& text) {
  return status.message().find(text) != std::string::npos;
}

}  // namespace

class TstJoin : public QObject {
  Q_OBJECT

  Cluster cluster_;
  Cluster other_;
  JoinService service_{cluster_};
  std::unique_ptr<grpc::Server> server_;
  std::string address_;

 private slots:
  void initTestCase() {
    int port = 0;
    server_ = test::serve(cluster_, service_, port);
    address_ = "127.0.0.1:" + std::to_string(port);
  }
  void cleanupTestCase() { test::end(server_); }

  void tokensAreParsed() {
    const auto token = parseJoinToken(cluster_.token("a-b_c"));
    QVERIFY(token.ok());
    QCOMPARE(token->caHash, cluster_.authority().certificateHash());
    const std::string hash(64, 'a');
    for (const std::string& bad :
         {std::string(), std::string("hunter2"), "GANTRY-2-" + hash + "-x", "GANTRY-1-" + hash,
          "GANTRY-1-" + hash + "-", "GANTRY-1-" + hash.substr(1) + "-x",
          "GANTRY-1-" + std::string(64, 'Z') + "-x"}) {
      const absl::Status status = parseJoinToken(bad).status();
      QVERIFY2(absl::IsInvalidArgument(status), bad.c_str());
      QVERIFY2(bad.empty() || !mentions(status, bad), "a token is never repeated");
    }
  }

  void aTokenIsExchangedForACertificateOnce() {
    QTemporaryDir folder;
    const std::filesystem::path path = folder.path().toStdString();
    QVERIFY(absl::IsNotFound(loadIdentity(path).status()));
    const auto joined = joinCluster(address_, cluster_.token(), "node-1", path);
    QVERIFY2(joined.ok(), std::string(joined.status().message()).c_str());
    const auto loaded = loadIdentity(path);
    QVERIFY(loaded.ok());
    QCOMPARE(loaded->certificate, joined->certificate);
    QCOMPARE(loaded->caCertificate, cluster_.authority().certificate());
    for (const char* name : {"agent.key", "agent.crt", "ca.crt"}) {
      struct stat about{};
      QCOMPARE(::stat((path / name).c_str(), &about), 0);
      QCOMPARE(about.st_mode & 0777, 0600u);
    }

    QTemporaryDir second;
    const auto again =
        joinCluster(address_, cluster_.token(), "node-2", second.path().toStdString());
    QVERIFY(absl::IsPermissionDenied(again.status()));
    QVERIFY(mentions(again.status(), "the join token was used already"));
    QVERIFY(std::filesystem::is_empty(second.path().toStdString()));

    // What was joined is renewed with the same key and without a token.
    const auto renewed = renewIdentity(address_, *loaded, "node-1", path);
    QVERIFY2(renewed.ok(), std::string(renewed.status().message()).c_str());
    QVERIFY(renewed->certificate != loaded->certificate);
    QCOMPARE(renewed->key, loaded->key);
    QCOMPARE(loadIdentity(path)->certificate, renewed->certificate);
  }

  void aControllerOfAnotherClusterIsRefusedBeforeTheTokenIsShown() {
    QTemporaryDir folder;
    const auto joined =
        joinCluster(address_, other_.token(), "node-1", folder.path().toStdString());
    QVERIFY(absl::IsUnauthenticated(joined.status()));
    QVERIFY(mentions(joined.status(), "is not of the cluster that the join token is for"));
    QVERIFY(std::filesystem::is_empty(folder.path().toStdString()));
  }

  // Somebody in between who shows the right authority behind a certificate of his own.
  void aBorrowedAuthorityDoesNotHelp() {
    const auto own = other_.authority().issueServer({"127.0.0.1"}, test::wallNow());
    QVERIFY(own.ok());
    grpc::SslServerCredentialsOptions tls;
    const std::string leaf =
        own->certificate.substr(0, own->certificate.find("-----END CERTIFICATE-----") + 26);
    tls.pem_key_cert_pairs.push_back({own->key, leaf + cluster_.authority().certificate()});
    JoinService service(cluster_);
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(tls), &port);
    builder.RegisterService(&service);
    auto server = builder.BuildAndStart();
    QVERIFY(server);
    QTemporaryDir folder;
    const auto joined = joinCluster("127.0.0.1:" + std::to_string(port), cluster_.token(), "node-1",
                                    folder.path().toStdString());
    QVERIFY2(!joined.ok(), "joined somebody in between");
    QVERIFY(std::filesystem::is_empty(folder.path().toStdString()));
    test::end(server);
  }

  void nobodyThereIsUnavailable() {
    QTemporaryDir folder;
    const auto joined =
        joinCluster("127.0.0.1:1", cluster_.token(), "node-1", folder.path().toStdString());
    QVERIFY(absl::IsUnavailable(joined.status()));
    QVERIFY(mentions(joined.status(), "127.0.0.1:1: Connection refused"));
    QVERIFY(absl::IsInvalidArgument(
        joinCluster("controller", cluster_.token(), "n", folder.path().toStdString()).status()));
  }

  void renewalIsDueAfterTwoThirds() {
    const AgentIdentity identity = cluster_.identity("node-1", std::chrono::hours(9));
    const base::Timestamp now = test::wallNow();
    QVERIFY(!*needsRenewal(identity, now + std::chrono::hours(5)));
    QVERIFY(*needsRenewal(identity, now + std::chrono::hours(7)));
    QVERIFY(absl::IsDataLoss(needsRenewal({}, now).status()));
  }
};

QTEST_GUILESS_MAIN(TstJoin)
#include "tst_join.moc"
