// SPDX-License-Identifier: Apache-2.0
#include "controller/server/control_service.h"

#include <utility>

#include "base/status.h"
#include "controller/server/door.h"
#include "controller/server/label_query.h"
#include "controller/server/objects.h"
#include "controller/server/status.h"

namespace gantry::server {
namespace {

template <class Response>
loops::DeliveryLoop::Callback<Response> finisher(grpc::ServerUnaryReactor* reactor,
                                                 Response* response) {
  return [reactor, response](absl::StatusOr<Response> result) {
    const grpc::Status status = toGrpc(result.status());
    if (result.ok()) *response = *std::move(result);
    reactor->Finish(status);
  };
}

std::vector<std::string> rolesOf(const access::Identity& identity) {
  using access::Role;
  std::vector<std::string> roles;
  for (const Role role : {Role::kViewer, Role::kOperator, Role::kApprover, Role::kAdmin}) {
    if (role <= identity.role) roles.push_back(access::roleName(role));
  }
  return roles;
}

}  // namespace

// ------------------------------------------------------------------------------------- the shell

delivery::Caller ControlService::callerOf(const Context& context) const {
  const access::Identity identity = server::callerOf(context, parts_.executor.wallNow());
  return {identity.name, identity.role == access::Role::kAdmin};
}

// gRPC keeps context, request and response until the reactor has finished, which happens once the
// controller's thread has answered.
template <class Response>
grpc::ServerUnaryReactor* ControlService::answer(
    Context* context, Response* response,
    std::function<absl::StatusOr<Response>(const delivery::Caller&)> call) {
  return answerLater<Response>(context, response,
                               [call = std::move(call)](const delivery::Caller& caller,
                                                        const auto& done) { done(call(caller)); });
}

template <class Response>
grpc::ServerUnaryReactor* ControlService::answerLater(
    Context* context, Response* response,
    std::function<void(const delivery::Caller&, loops::DeliveryLoop::Callback<Response>)> call) {
  Unary* reactor = context->DefaultReactor();
  parts_.executor.post([caller = callerOf(*context), call = std::move(call), reactor, response] {
    call(caller, finisher(reactor, response));
  });
  return reactor;
}

// --------------------------------------------------------------------------------------- reading

grpc::ServerUnaryReactor* ControlService::GetServerInfo(Context* context,
                                                        const api::GetServerInfoRequest*,
                                                        api::ServerInfo* response) {
  const base::Timestamp now = parts_.executor.wallNow();
  const access::Identity caller = server::callerOf(*context, now);
  response->set_version(GANTRY_VERSION);
  response->set_cluster(parts_.clusterName);
  response->set_identity(caller.name);
  for (std::string& role : rolesOf(caller)) response->add_roles(std::move(role));
  response->set_server_time_ms(base::toUnixMs(now));
  Unary* reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

// The controller's thread only gathers pointers; a worker selects and copies.
grpc::ServerUnaryReactor* ControlService::List(Context* context, const api::ListRequest* request,
                                               api::ListResponse* response) {
  Unary* reactor = context->DefaultReactor();
  auto filter = ObjectFilter::make({request->kind()}, request->namespace_());
  auto query = LabelQuery::parse(request->selector());
  if (!filter.ok() || !query.ok()) {
    reactor->Finish(toGrpc(filter.ok() ? query.status() : filter.status()));
    return reactor;
  }
  parts_.executor.post(
      [this, reactor, request, response, filter = *std::move(filter), query = *std::move(query)] {
        response->set_revision(static_cast<std::uint64_t>(parts_.ledger.state().revision));
        const auto select = [=, objects = filter.collect(parts_.ledger.state())] {
          for (const model::AnyObject& object : objects) {
            const bool named =
                request->name().empty() || server::nameOf(object).name == request->name();
            if (named && query.matches(labelsOf(object))) *response->add_items() = toObject(object);
          }
        };
        parts_.workers.run(select, [reactor] { reactor->Finish(grpc::Status::OK); });
      });
  return reactor;
}

grpc::ServerWriteReactor<api::WatchResponse>* ControlService::Watch(
    Context*, const api::WatchRequest* request) {
  auto stream = PullStream<api::WatchResponse>::open();
  parts_.executor.post([this, stream, wanted = *request] {
    const auto wake = [weak = std::weak_ptr(stream)] {
      if (const auto watcher = weak.lock()) watcher->wake();
    };
    const auto feed = parts_.hub.subscribe(wanted, wake);
    if (!feed.ok()) return stream->end(toGrpc(feed.status()));
    stream->start([feed = *feed](api::WatchResponse& next) { return feed->next(next); });
  });
  return stream.get();
}

grpc::ServerWriteReactor<api::LogLines>* ControlService::Logs(Context*,
                                                              const api::LogsRequest* request) {
  // Set on the controller's thread, and read there when the call has ended.
  auto reader = std::make_shared<std::shared_ptr<LogReader>>();
  auto stream = PullStream<api::LogLines>::open([this, reader] {
    parts_.executor.post([this, reader] {
      if (*reader) parts_.logs.close(*reader);
    });
  });
  parts_.executor.post([this, reader, stream, wanted = *request] {
    const auto wake = [weak = std::weak_ptr(stream)] {
      if (const auto caller = weak.lock()) caller->wake();
    };
    auto opened = parts_.logs.open(parts_.ledger.state(), wanted, wake);
    if (!opened.ok()) return stream->end(toGrpc(opened.status()));
    *reader = *opened;
    stream->start([lines = *opened](api::LogLines& next) { return lines->next(next); });
  });
  return stream.get();
}

// -------------------------------------------------------------------------------------- delivery

grpc::ServerUnaryReactor* ControlService::Sync(Context* context, const api::SyncRequest* request,
                                               api::SyncResponse* response) {
  return answerLater<api::SyncResponse>(
      context, response, [this, request](auto& caller, auto done) {
        parts_.controller.delivery().sync(caller, *request, std::move(done));
      });
}

grpc::ServerUnaryReactor* ControlService::ApprovePlan(Context* context,
                                                      const api::ApprovePlanRequest* request,
                                                      api::Plan* response) {
  return answer<api::Plan>(context, response, [this, request](auto& caller) {
    return parts_.controller.delivery().approve(caller, *request);
  });
}

grpc::ServerUnaryReactor* ControlService::RejectPlan(Context* context,
                                                     const api::RejectPlanRequest* request,
                                                     api::Plan* response) {
  return answer<api::Plan>(context, response, [this, request](auto& caller) {
    return parts_.controller.delivery().reject(caller, *request);
  });
}

grpc::ServerUnaryReactor* ControlService::PreviewRollback(Context* context,
                                                          const api::RollbackRequest* request,
                                                          api::RollbackPreview* response) {
  return answerLater<api::RollbackPreview>(context, response, [this, request](auto&, auto done) {
    parts_.controller.delivery().previewRollback(*request, std::move(done));
  });
}

grpc::ServerUnaryReactor* ControlService::Rollback(Context* context,
                                                   const api::RollbackRequest* request,
                                                   api::RollbackResponse* response) {
  return answerLater<api::RollbackResponse>(
      context, response, [this, request](auto& caller, auto done) {
        parts_.controller.delivery().rollback(caller, *request, std::move(done));
      });
}

grpc::ServerUnaryReactor* ControlService::LiftHold(Context* context,
                                                   const api::LiftHoldRequest* request,
                                                   api::LiftHoldResponse* response) {
  return answer<api::LiftHoldResponse>(context, response, [this, request](auto& caller) {
    return parts_.controller.delivery().liftHold(caller, *request);
  });
}

grpc::ServerUnaryReactor* ControlService::HoldRevision(Context* context,
                                                       const api::HoldRevisionRequest* request,
                                                       api::Hold* response) {
  return answerLater<api::Hold>(context, response, [this, request](auto& caller, auto done) {
    parts_.controller.delivery().holdRevision(caller, *request, std::move(done));
  });
}

grpc::ServerUnaryReactor* ControlService::Suspend(Context* context,
                                                  const api::SuspendRequest* request,
                                                  api::SuspendResponse* response) {
  return answer<api::SuspendResponse>(context, response, [this, request](auto& caller) {
    return parts_.controller.delivery().suspend(caller, *request);
  });
}

grpc::ServerUnaryReactor* ControlService::Resume(Context* context,
                                                 const api::ResumeRequest* request,
                                                 api::ResumeResponse* response) {
  return answer<api::ResumeResponse>(context, response, [this, request](auto& caller) {
    return parts_.controller.delivery().resume(caller, *request);
  });
}

grpc::ServerUnaryReactor* ControlService::PreviewRevision(
    Context* context, const api::PreviewRevisionRequest* request, api::Plan* response) {
  return answerLater<api::Plan>(context, response, [this, request](auto&, auto done) {
    parts_.controller.delivery().previewRevision(*request, std::move(done));
  });
}

grpc::ServerUnaryReactor* ControlService::CompareRevisions(
    Context* context, const api::CompareRevisionsRequest* request, api::Plan* response) {
  return answerLater<api::Plan>(context, response, [this, request](auto&, auto done) {
    parts_.controller.delivery().compareRevisions(*request, std::move(done));
  });
}

// ---------------------------------------------------------------------------- rollouts and nodes

grpc::ServerUnaryReactor* ControlService::PauseRollout(Context* context,
                                                       const api::RolloutRequest* request,
                                                       api::RolloutResponse* response) {
  return answer<api::RolloutResponse>(context, response, [this, request](auto& caller) {
    return parts_.controller.pauseRollout(caller, *request);
  });
}

grpc::ServerUnaryReactor* ControlService::ResumeRollout(Context* context,
                                                        const api::RolloutRequest* request,
                                                        api::RolloutResponse* response) {
  return answer<api::RolloutResponse>(context, response, [this, request](auto& caller) {
    return parts_.controller.resumeRollout(caller, *request);
  });
}

grpc::ServerUnaryReactor* ControlService::Cordon(Context* context, const api::NodeRequest* request,
                                                 api::NodeResponse* response) {
  return answer<api::NodeResponse>(context, response, [this, request](auto& caller) {
    return parts_.controller.cordon(caller, *request);
  });
}

grpc::ServerUnaryReactor* ControlService::Uncordon(Context* context,
                                                   const api::NodeRequest* request,
                                                   api::NodeResponse* response) {
  return answer<api::NodeResponse>(context, response, [this, request](auto& caller) {
    return parts_.controller.uncordon(caller, *request);
  });
}

grpc::ServerUnaryReactor* ControlService::PreviewDrain(Context* context,
                                                       const api::NodeRequest* request,
                                                       api::DrainPreview* response) {
  return answer<api::DrainPreview>(context, response, [this, request](auto&) {
    return parts_.controller.previewDrain(*request);
  });
}

grpc::ServerUnaryReactor* ControlService::Drain(Context* context, const api::NodeRequest* request,
                                                api::NodeResponse* response) {
  return answer<api::NodeResponse>(context, response, [this, request](auto& caller) {
    return parts_.controller.drain(caller, *request);
  });
}

grpc::ServerUnaryReactor* ControlService::CreateJoinToken(
    Context* context, const api::CreateJoinTokenRequest* request,
    api::CreateJoinTokenResponse* response) {
  return answer<api::CreateJoinTokenResponse>(
      context, response,
      [this, request](auto& caller) -> absl::StatusOr<api::CreateJoinTokenResponse> {
        GANTRY_ASSIGN_OR_RETURN(
            const access::JoinTokens::Token token,
            parts_.tokens.create(caller.identity, std::chrono::seconds(request->ttl_seconds()),
                                 parts_.executor.wallNow()));
        api::CreateJoinTokenResponse created;
        created.set_token(token.text);
        created.set_expires_at_ms(base::toUnixMs(token.expiresAt));
        return created;
      });
}

}  // namespace gantry::server
