// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <QTemporaryDir>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/time.h"
#include "controller/access/certificate_authority.h"
#include "runtime-agent/session/identity.h"

namespace gantry::test {

inline base::Timestamp wallNow() {
  return std::chrono::floor<base::Duration>(std::chrono::system_clock::now());
}

/// A cluster's certificates, as the controller makes them.
class Cluster {
 public:
  Cluster() {
    auto opened = access::CertificateAuthority::open(folder_.path().toStdString(), wallNow());
    GANTRY_CHECK(opened.ok());
    authority_ = *std::move(opened);
  }

  const access::CertificateAuthority& authority() const { return *authority_; }

  std::string token(const std::string& secret = "s3cret") const {
    return "GANTRY-1-" + authority_->certificateHash() + "-" + secret;
  }

  agent::AgentIdentity identity(const std::string& node,
                                base::Duration validity = std::chrono::hours(24)) const {
    const auto issued = authority_->issueClient({node, access::Role::kAgent}, validity, wallNow());
    GANTRY_CHECK(issued.ok());
    return {issued->certificate, issued->key, authority_->certificate()};
  }

 private:
  QTemporaryDir folder_;
  std::unique_ptr<access::CertificateAuthority> authority_;
};

/// A gRPC server with a certificate of the cluster for 127.0.0.1, on a free port or a given one.
inline std::unique_ptr<grpc::Server> serve(const Cluster& cluster, grpc::Service& service,
                                           int& port) {
  const auto own = cluster.authority().issueServer({"127.0.0.1", "localhost"}, wallNow());
  GANTRY_CHECK(own.ok());
  grpc::SslServerCredentialsOptions tls(GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
  tls.pem_root_certs = cluster.authority().certificate();
  tls.pem_key_cert_pairs.push_back({own->key, own->certificate});
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:" + std::to_string(port), grpc::SslServerCredentials(tls),
                           &port);
  builder.RegisterService(&service);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  GANTRY_CHECK(server != nullptr && port != 0);
  return server;
}

/// Ends a server with all of its calls.
inline void end(std::unique_ptr<grpc::Server>& server) {
  server->Shutdown(std::chrono::system_clock::now());
  server->Wait();
  server.reset();
}

}  // namespace gantry::test
