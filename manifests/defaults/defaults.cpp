// SPDX-License-Identifier: Apache-2.0
#include "manifests/defaults/defaults.h"

#include "manifests/defaults/pod_defaults.h"
#include "manifests/schema/apps.pb.h"
#include "manifests/schema/batch.pb.h"
#include "manifests/schema/core.pb.h"
#include "manifests/schema/gantry.pb.h"
#include "manifests/schema/policy.pb.h"

namespace gantry::manifests {
namespace {

constexpr int kReplicas = 1;
constexpr int kBackoffLimit = 6;
constexpr int kRevisionHistoryLimit = 10;
constexpr int kProgressDeadlineSeconds = 600;
constexpr const char* kMaxUnavailable = "25%";
constexpr const char* kMaxSurge = "25%";

void fill(schema::Deployment& deployment) {
  schema::DeploymentSpec& spec = *deployment.mutable_spec();
  if (!spec.has_replicas()) spec.set_replicas(kReplicas);
  if (!spec.has_min_ready_seconds()) spec.set_min_ready_seconds(0);
  if (!spec.has_revision_history_limit()) spec.set_revision_history_limit(kRevisionHistoryLimit);
  if (!spec.has_paused()) spec.set_paused(false);
  if (!spec.has_progress_deadline_seconds()) {
    spec.set_progress_deadline_seconds(kProgressDeadlineSeconds);
  }
  schema::DeploymentStrategy& strategy = *spec.mutable_strategy();
  if (strategy.type().empty()) strategy.set_type("RollingUpdate");
  if (strategy.type() == "RollingUpdate") {
    schema::RollingUpdateDeployment& rolling = *strategy.mutable_rolling_update();
    if (!rolling.has_max_unavailable())
      rolling.mutable_max_unavailable()->set_text(kMaxUnavailable);
    if (!rolling.has_max_surge()) rolling.mutable_max_surge()->set_text(kMaxSurge);
  }
  fillPodSpec(*spec.mutable_template_()->mutable_spec());
}

void fill(schema::ReplicaSet& replicaSet) {
  schema::ReplicaSetSpec& spec = *replicaSet.mutable_spec();
  if (!spec.has_replicas()) spec.set_replicas(kReplicas);
  if (!spec.has_min_ready_seconds()) spec.set_min_ready_seconds(0);
  fillPodSpec(*spec.mutable_template_()->mutable_spec());
}

/// AT-JOB-01, 02.
void fill(schema::Job& job) {
  schema::JobSpec& spec = *job.mutable_spec();
  if (!spec.has_completions() && !spec.has_parallelism()) spec.set_completions(1);
  if (!spec.has_parallelism()) spec.set_parallelism(1);
  if (!spec.has_backoff_limit()) spec.set_backoff_limit(kBackoffLimit);
  if (!spec.has_suspend()) spec.set_suspend(false);
  if (spec.completion_mode().empty()) spec.set_completion_mode("NonIndexed");
  if (spec.pod_replacement_policy().empty()) spec.set_pod_replacement_policy("TerminatingOrFailed");
  fillPodSpec(*spec.mutable_template_()->mutable_spec());
}

void fill(schema::PodDisruptionBudget& budget) {
  schema::PodDisruptionBudgetSpec& spec = *budget.mutable_spec();
  if (!spec.has_min_available() && !spec.has_max_unavailable()) {
    spec.mutable_min_available()->set_number(1);
  }
  if (spec.unhealthy_pod_eviction_policy().empty()) {
    spec.set_unhealthy_pod_eviction_policy("IfHealthyBudget");
  }
}

void fill(schema::Pod& pod) {
  fillPodSpec(*pod.mutable_spec());
  fillRequestsFromLimits(*pod.mutable_spec());
}

void fill(schema::Service& service) {
  schema::ServiceSpec& spec = *service.mutable_spec();
  if (spec.type().empty()) spec.set_type("ClusterIP");
  if (spec.session_affinity().empty()) spec.set_session_affinity("None");
  if (spec.internal_traffic_policy().empty()) spec.set_internal_traffic_policy("Cluster");
  const bool external = spec.type() == "NodePort" || spec.type() == "LoadBalancer";
  if (external && spec.external_traffic_policy().empty()) {
    spec.set_external_traffic_policy("Cluster");
  }
  if (spec.type() == "LoadBalancer" && !spec.has_allocate_load_balancer_node_ports()) {
    spec.set_allocate_load_balancer_node_ports(true);
  }
  for (schema::ServicePort& port : *spec.mutable_ports()) {
    if (port.protocol().empty()) port.set_protocol("TCP");
    if (!port.has_target_port()) port.mutable_target_port()->set_number(port.port());
  }
}

void fill(schema::Secret& secret) {
  if (secret.type().empty()) secret.set_type("Opaque");
}

/// The label by which selectors of namespaces find one by name.
void fill(schema::Namespace& ns) {
  (*ns.mutable_metadata()->mutable_labels())["kubernetes.io/metadata.name"] = ns.metadata().name();
}

void fillWindow(schema::SyncWindow& window) {
  if (window.time_zone().empty()) window.set_time_zone("UTC");
}

void fillRetry(schema::Retry& retry) {
  if (!retry.has_limit()) retry.set_limit(3);
  if (!retry.has_backoff_seconds()) retry.set_backoff_seconds(10);
  if (!retry.has_max_backoff_seconds()) retry.set_max_backoff_seconds(300);
}

void fill(schema::Project& project) {
  for (schema::SyncWindow& window : *project.mutable_spec()->mutable_sync_windows()) {
    fillWindow(window);
  }
}

void fill(schema::Application& application) {
  schema::ApplicationSpec& spec = *application.mutable_spec();
  if (spec.source().target_revision().empty()) {
    spec.mutable_source()->set_target_revision("main");
  }
  if (spec.destination().namespace_().empty()) {
    spec.mutable_destination()->set_namespace_(application.metadata().name());
  }
  schema::SyncPolicy& sync = *spec.mutable_sync_policy();
  if (spec.project().empty()) spec.set_project("default");
  schema::ApprovalPolicy& approval = *sync.mutable_approval();
  if (!approval.has_required()) approval.set_required(0);
  if (!approval.has_author_may_approve()) approval.set_author_may_approve(false);
  if (!approval.has_comment_required()) approval.set_comment_required(false);
  if (!approval.has_expires_after_seconds()) approval.set_expires_after_seconds(0);
  schema::DeletionBudget& budget = *sync.mutable_deletion_budget();
  if (!budget.has_max_objects()) budget.set_max_objects(10);
  if (!budget.has_max_percent()) budget.set_max_percent(50);
  if (sync.has_automatic_rollback() && !sync.automatic_rollback().has_watch_seconds()) {
    sync.mutable_automatic_rollback()->set_watch_seconds(300);
  }
  if (sync.has_retry()) fillRetry(*sync.mutable_retry());
  for (schema::SyncWindow& window : *sync.mutable_windows()) fillWindow(window);
  if (spec.deletion_policy().empty()) spec.set_deletion_policy("orphan");
  if (spec.has_promotion() && !spec.promotion().has_soak_seconds()) {
    spec.mutable_promotion()->set_soak_seconds(0);
  }
  if (sync.has_automated()) {
    schema::AutomatedSync& automated = *sync.mutable_automated();
    if (!automated.has_prune()) automated.set_prune(false);
    if (!automated.has_self_heal()) automated.set_self_heal(false);
  }
}

template <class... Kinds>
void dispatch(google::protobuf::Message& message) {
  const auto attempt = [&message]<class T>(T*) {
    if (message.GetDescriptor() == T::descriptor()) fill(static_cast<T&>(message));
  };
  (attempt(static_cast<Kinds*>(nullptr)), ...);
}

}  // namespace

void applyDefaults(google::protobuf::Message& resource) {
  dispatch<schema::Deployment, schema::ReplicaSet, schema::Job, schema::Pod, schema::Service,
           schema::Secret, schema::Namespace, schema::PodDisruptionBudget, schema::Application,
           schema::Project>(resource);
}

}  // namespace gantry::manifests
