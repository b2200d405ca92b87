// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "base/executor.h"
#include "controller/access/certificate_authority.h"
#include "controller/access/join_tokens.h"
#include "controller/api/agent.grpc.pb.h"
#include "controller/model/state.h"

namespace gantry::server {

/// The Join service (controller/api/agent.proto): certificates for nodes, against a join token or,
/// to renew one, against the certificate that the node still has.
class JoinService final : public api::Join::CallbackService {
 public:
  /// All must outlive the server; `state` and `tokens` are used on the executor's thread.
  JoinService(base::Executor& executor, const model::State& state,
              const access::CertificateAuthority& authority, access::JoinTokens& tokens)
      : executor_(executor), state_(state), authority_(authority), tokens_(tokens) {}

  grpc::ServerUnaryReactor* Join(grpc::CallbackServerContext* context,
                                 const api::JoinRequest* request,
                                 api::JoinResponse* response) override;

 private:
  absl::StatusOr<api::JoinResponse> join(const api::JoinRequest& request, bool renews);

  base::Executor& executor_;
  const model::State& state_;
  const access::CertificateAuthority& authority_;
  access::JoinTokens& tokens_;
};

}  // namespace gantry::server
