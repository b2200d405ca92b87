// SPDX-License-Identifier: Apache-2.0
#include "controller/server/join_service.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "controller/server/door.h"
#include "controller/server/status.h"

namespace gantry::server {
namespace {

bool isAlive(const schema::Node& node) {
  for (const schema::Condition& condition : node.status().conditions()) {
    if (condition.type() == "Ready") return condition.status() == "True";
  }
  return false;
}

}  // namespace

grpc::ServerUnaryReactor* JoinService::Join(grpc::CallbackServerContext* context,
                                            const api::JoinRequest* request,
                                            api::JoinResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const auto caller = peerIdentity(*context->auth_context(), executor_.wallNow());
  const bool renews =
      caller.ok() && *caller == access::Identity{request->node(), access::Role::kAgent};
  executor_.post([this, reactor, request, response, renews] {
    const absl::StatusOr<api::JoinResponse> joined = join(*request, renews);
    if (joined.ok()) *response = *joined;
    reactor->Finish(toGrpc(joined.status()));
  });
  return reactor;
}

absl::StatusOr<api::JoinResponse> JoinService::join(const api::JoinRequest& request, bool renews) {
  const base::Timestamp now = executor_.wallNow();
  const access::Identity identity{request.node(), access::Role::kAgent};
  const schema::Node* node = state_.nodes.find({"", request.node()});
  if (!renews && node && isAlive(*node)) {
    return absl::AlreadyExistsError(absl::StrCat(
        "node ", request.node(), " is alive; give this one another name or stop that one"));
  }
  // Signing comes first: a request that cannot be signed does not use the token up.
  api::JoinResponse response;
  GANTRY_ASSIGN_OR_RETURN(
      *response.mutable_certificate(),
      authority_.sign(request.certificate_request(), identity, access::kNodeValidity, now));
  if (!renews) GANTRY_RETURN_IF_ERROR(tokens_.redeem(request.token(), request.node(), now));
  response.set_ca_certificate(authority_.certificate());
  return response;
}

}  // namespace gantry::server
