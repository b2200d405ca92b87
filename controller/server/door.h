// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/security/auth_metadata_processor.h>
#include <grpcpp/server_context.h>

#include <optional>

#include "absl/status/statusor.h"
#include "base/executor.h"
#include "controller/access/identity.h"

namespace gantry::server {

/// The one door: gRPC asks it before every call of every service, also one that nobody wrote down,
/// and no service can forget to. Authenticates by the client certificate, which TLS has verified,
/// and authorises by access::authorise. Any thread.
class Door final : public grpc::AuthMetadataProcessor {
 public:
  /// `clock` must outlive this.
  explicit Door(const base::Executor& clock) : clock_(clock) {}

  bool IsBlocking() const override { return false; }
  grpc::Status Process(const InputMetadata& metadata, grpc::AuthContext* peer,
                       OutputMetadata* consumed, OutputMetadata* response) override;

 private:
  const base::Executor& clock_;
};

/// Who holds the connection's client certificate; empty if there is none. Error: UNAUTHENTICATED
/// (the certificate is not one of ours or has expired).
absl::StatusOr<std::optional<access::Identity>> peerIdentity(const grpc::AuthContext& peer,
                                                             base::Timestamp now);

/// The caller of a method that the door lets nobody call without a certificate.
access::Identity callerOf(const grpc::CallbackServerContext& context, base::Timestamp now);

}  // namespace gantry::server
