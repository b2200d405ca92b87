// SPDX-License-Identifier: Apache-2.0
#include "controller/loops/controller.h"

#include <optional>

#include "base/status.h"
#include "controller/delivery/project.h"
#include "controller/loops/agent_sessions.h"
#include "controller/loops/deployment_loop.h"
#include "controller/loops/disruption_loop.h"
#include "controller/loops/drain_loop.h"
#include "controller/loops/events.h"
#include "controller/loops/job_loop.h"
#include "controller/loops/namespace_loop.h"
#include "controller/loops/node_loop.h"
#include "controller/loops/ownership.h"
#include "controller/loops/pod_loop.h"
#include "controller/loops/replica_set_loop.h"
#include "controller/loops/scheduler_loop.h"
#include "controller/loops/service_loop.h"
#include "controller/loops/store_watch.h"

namespace gantry::loops {

class Controller::Impl {
 public:
  Impl(base::Executor& executor, base::Workers& workers, model::Ledger& ledger, gitsync::Git& git,
       AgentTransport& agents, Options options)
      : events(executor, ledger),
        context{executor, ledger, events},
        storeWatch(context),
        deployments(context),
        replicaSets(context),
        jobs(context),
        pods(context),
        namespaces(context),
        services(context, options.serviceCidr),
        scheduler(context),
        nodes(context, {options.clusterCidr, options.nodeLease, options.evictionDelay,
                        [this](const std::string& node) { sessions.close(node); }}),
        disruptions(context),
        drains(context),
        sessions(context, agents, nodes,
                 {options.clusterCidr, options.serviceCidr, options.heartbeatInterval,
                  options.fencingToken}),
        delivery(executor, workers, ledger, git, options.delivery,
                 [this](const schema::Application& about, bool isWarning, const std::string& reason,
                        const std::string& message) {
                   Remark remark = remarkAbout(about, "delivery");
                   remark.isWarning = isWarning;
                   remark.reason = reason;
                   remark.message = message;
                   events.record(std::move(remark));
                 }) {
    if (options.sender != nullptr && options.outbox != nullptr) {
      notifications.emplace(context, *options.sender, *options.outbox, options.notifications);
    }
  }

  void start() {
    events.start();
    storeWatch.start();
    deployments.start();
    replicaSets.start();
    jobs.start();
    pods.start();
    namespaces.start();
    services.start();
    scheduler.start();
    nodes.start();
    disruptions.start();
    drains.start();
    if (notifications) notifications->start();
    delivery.start();
  }

  /// The Project of the Application that the Deployment belongs to has a say in its rollouts.
  absl::Status mayTouch(const delivery::Caller& caller, const api::RolloutRequest& request) const {
    const model::State& state = context.ledger.state();
    const schema::Deployment* deployment =
        state.deployments.find({request.namespace_(), request.deployment()});
    if (deployment == nullptr) return absl::OkStatus();
    const schema::Application* application = applicationOf(state, *deployment);
    if (application == nullptr) return absl::OkStatus();
    return delivery::authorise(*application, caller, delivery::kMaySuspend, state);
  }

  EventRecorder events;
  LoopContext context;
  StoreWatch storeWatch;
  DeploymentLoop deployments;
  ReplicaSetLoop replicaSets;
  JobLoop jobs;
  PodLoop pods;
  NamespaceLoop namespaces;
  ServiceLoop services;
  SchedulerLoop scheduler;
  NodeLoop nodes;
  DisruptionLoop disruptions;
  DrainLoop drains;
  AgentSessions sessions;
  DeliveryLoop delivery;
  std::optional<NotifyLoop> notifications;
};

Controller::Controller(base::Executor& executor, base::Workers& workers, model::Ledger& ledger,
                       gitsync::Git& git, AgentTransport& agents, Options options)
    : impl_(std::make_unique<Impl>(executor, workers, ledger, git, agents, std::move(options))) {}

Controller::~Controller() = default;

void Controller::start() {
  impl_->start();
}

absl::Status Controller::healthy() const {
  return impl_->context.ledger.storeStatus();
}

void Controller::agentConnected(SessionId session, const std::string& node,
                                const api::Hello& hello) {
  impl_->sessions.connected(session, node, hello);
}

void Controller::agentMessage(SessionId session, const api::AgentMessage& message) {
  impl_->sessions.message(session, message);
}

void Controller::agentDisconnected(SessionId session) {
  impl_->sessions.disconnected(session);
}

absl::Status Controller::sendToNode(const std::string& node, api::ControllerMessage message) {
  return impl_->sessions.send(node, std::move(message));
}

DeliveryLoop& Controller::delivery() {
  return impl_->delivery;
}

absl::StatusOr<api::RolloutResponse> Controller::pauseRollout(const delivery::Caller& caller,
                                                              const api::RolloutRequest& request) {
  GANTRY_RETURN_IF_ERROR(impl_->mayTouch(caller, request));
  return impl_->deployments.pause(caller, request);
}

absl::StatusOr<api::RolloutResponse> Controller::resumeRollout(const delivery::Caller& caller,
                                                               const api::RolloutRequest& request) {
  GANTRY_RETURN_IF_ERROR(impl_->mayTouch(caller, request));
  return impl_->deployments.resume(caller, request);
}

absl::StatusOr<api::NodeResponse> Controller::cordon(const delivery::Caller& caller,
                                                     const api::NodeRequest& request) {
  return impl_->drains.cordon(caller, request);
}

absl::StatusOr<api::NodeResponse> Controller::uncordon(const delivery::Caller& caller,
                                                       const api::NodeRequest& request) {
  return impl_->drains.uncordon(caller, request);
}

absl::StatusOr<api::DrainPreview> Controller::previewDrain(const api::NodeRequest& request) const {
  return impl_->drains.preview(request, impl_->scheduler.view());
}

absl::StatusOr<api::NodeResponse> Controller::drain(const delivery::Caller& caller,
                                                    const api::NodeRequest& request) {
  return impl_->drains.drain(caller, request);
}

}  // namespace gantry::loops
