// SPDX-License-Identifier: Apache-2.0
#include "controller/server/door.h"

#include <grpc/grpc_security_constants.h>

#include "base/check.h"
#include "controller/access/authorisation.h"
#include "controller/server/status.h"

namespace gantry::server {

grpc::Status Door::Process(const InputMetadata& metadata, grpc::AuthContext* peer, OutputMetadata*,
                           OutputMetadata*) {
  const auto path = metadata.find(":path");
  if (path == metadata.end()) return grpc::Status(grpc::UNIMPLEMENTED, "the call names no method");
  const auto caller = peerIdentity(*peer, clock_.wallNow());
  if (!caller.ok()) return toGrpc(caller.status());
  const std::string_view method(path->second.data(), path->second.size());
  return toGrpc(access::authorise(method, *caller));
}

absl::StatusOr<std::optional<access::Identity>> peerIdentity(const grpc::AuthContext& peer,
                                                             base::Timestamp now) {
  const auto certificate = peer.FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (certificate.empty()) return std::nullopt;
  auto identity = access::identityOf({certificate[0].data(), certificate[0].size()}, now);
  if (!identity.ok()) return identity.status();
  return *std::move(identity);
}

access::Identity callerOf(const grpc::CallbackServerContext& context, base::Timestamp now) {
  // The door was passed a moment ago; the certificate may have expired since.
  const auto caller = peerIdentity(*context.auth_context(), now - std::chrono::minutes(1));
  GANTRY_CHECK(caller.ok() && *caller);
  return **caller;
}

}  // namespace gantry::server
