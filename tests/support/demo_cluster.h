// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "tests/support/fake_control_server.h"

namespace gantry::support {

/// A small shop in the middle of its day, for tests of the desktop and for its pictures: one
/// rollout that is stuck, one node that is down, two plans that wait, some history and a hold.
class DemoCluster {
 public:
  explicit DemoCluster(FakeControlServer& server)
      : server_(server),
        nowMs_(std::chrono::duration_cast<std::chrono::milliseconds>(
                   std::chrono::system_clock::now().time_since_epoch())
                   .count()) {
    server.info.set_cluster("prod-eu");
    server.info.set_identity("ana");
    server.info.add_roles("approver");
    server.info.add_roles("operator");
    server.info.set_version("0.1.0");
    addNodes();
    addWorkloads();
    addDelivery();
    addLogs();
  }

  /// The plan for production, of which `digest` tells the version.
  api::Plan productionPlan(const std::string& digest = "4f2a91c07d55e1") const {
    api::Plan plan;
    plan.set_name("production-7");
    plan.set_namespace_("gantry");
    plan.set_application("production");
    *plan.mutable_revision() =
        revision("8f2c1a9d40", "Raise pool size, bump checkout to 1.5.0", "Ana", 12);
    *plan.mutable_base() = revision("77ad0e2b11", "Feature flags", "Bo", 4000);
    plan.set_digest(digest);
    plan.set_state(api::PENDING);
    plan.set_message("waits for 1 approval");
    plan.set_approvals_required(1);
    plan.set_cause("sync");
    plan.mutable_created_at()->set_unix_ms(minutesAgo(12));
    addUpdate(plan);
    api::PlannedChange& created = *plan.add_changes();
    created.set_action(api::CREATE);
    created.set_kind("ConfigMap");
    created.set_namespace_("shop");
    created.set_name("pool");
    created.set_after_yaml(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: pool\n  namespace: shop\ndata:\n  "
        "max: \"12\"\n");
    api::PlannedChange& deleted = *plan.add_changes();
    deleted.set_action(api::DELETE);
    deleted.set_kind("ConfigMap");
    deleted.set_namespace_("shop");
    deleted.set_name("legacy-flags");
    deleted.set_reason("removed from Git");
    deleted.set_before_yaml(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: legacy-flags\n  namespace: "
        "shop\ndata:\n  beta: \"on\"\n  theme: old\n");
    plan.mutable_effect()->set_pods_restarted(6);
    plan.mutable_effect()->set_cpu_millis_delta(1200);
    plan.mutable_effect()->set_memory_bytes_delta(4LL << 30);
    plan.mutable_effect()->add_placements()->set_node("eu-b-03");
    return plan;
  }

  void putPlan(const api::Plan& plan) {
    api::Object object;
    *object.mutable_plan() = plan;
    server_.put("plan/" + plan.name(), object);
  }

  schema::Pod pod(const std::string& ns, const std::string& name, const std::string& owner,
                  const std::string& image, const std::string& node) const {
    schema::Pod pod;
    pod.mutable_metadata()->set_namespace_(ns);
    pod.mutable_metadata()->set_name(name);
    pod.mutable_metadata()->set_uid(name);
    pod.mutable_metadata()->mutable_creation_timestamp()->set_unix_ms(minutesAgo(95));
    (*pod.mutable_metadata()->mutable_labels())["app"] = owner.substr(0, owner.find('-'));
    if (!owner.empty()) {
      schema::OwnerReference& reference = *pod.mutable_metadata()->add_owner_references();
      reference.set_kind("ReplicaSet");
      reference.set_name(owner);
    }
    schema::Container& container = *pod.mutable_spec()->add_containers();
    container.set_name("web");
    container.set_image(image);
    (*container.mutable_resources()->mutable_requests())["cpu"].set_text("250m");
    (*container.mutable_resources()->mutable_requests())["memory"].set_text("256Mi");
    pod.mutable_spec()->set_node_name(node);
    pod.mutable_status()->set_phase("Running");
    pod.mutable_status()->set_pod_ip("10.244.1." + std::to_string(10 + name.size() % 200));
    schema::ContainerStatus& status = *pod.mutable_status()->add_container_statuses();
    status.set_name("web");
    status.set_ready(true);
    status.mutable_state()->mutable_running()->mutable_started_at()->set_unix_ms(minutesAgo(95));
    return pod;
  }

  void putPod(const schema::Pod& pod) {
    api::Object object;
    *object.mutable_pod() = pod;
    server_.put("pod/" + pod.metadata().namespace_() + "/" + pod.metadata().name(), object);
  }

 private:
  std::int64_t minutesAgo(double minutes) const { return nowMs_ - std::int64_t(minutes * 60'000); }

  schema::Revision revision(const std::string& commit, const std::string& subject,
                            const std::string& author, double minutes) const {
    schema::Revision revision;
    revision.set_commit(commit);
    revision.set_subject(subject);
    revision.set_author(author);
    revision.mutable_committed_at()->set_unix_ms(minutesAgo(minutes));
    return revision;
  }

  static std::string deploymentYaml(const std::string& image, int replicas,
                                    const std::string& path) {
    return "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: checkout\n  namespace: shop\n"
           "  labels:\n    app: checkout\n    tier: front\nspec:\n  replicas: " +
           std::to_string(replicas) +
           "\n  selector:\n    matchLabels:\n      app: checkout\n  strategy:\n    type: "
           "RollingUpdate\n"
           "    rollingUpdate:\n      maxSurge: 25%\n      maxUnavailable: 25%\n  template:\n"
           "    metadata:\n      labels:\n        app: checkout\n    spec:\n      containers:\n"
           "      - name: web\n        image: " +
           image +
           "\n        ports:\n        - containerPort: 8080\n          protocol: TCP\n        "
           "env:\n"
           "        - name: LOG_LEVEL\n          value: info\n        - name: POOL\n          "
           "value: \"3\"\n"
           "        livenessProbe:\n          httpGet:\n            path: /livez\n            "
           "port: 8080\n"
           "          initialDelaySeconds: 5\n          periodSeconds: 10\n          "
           "timeoutSeconds: 1\n"
           "        readinessProbe:\n          httpGet:\n            path: /readyz\n            "
           "port: 8080\n"
           "          periodSeconds: 5\n        startupProbe:\n          httpGet:\n            "
           "path: " +
           path +
           "\n            port: 8080\n          failureThreshold: 30\n          periodSeconds: 10\n"
           "      terminationGracePeriodSeconds: 30\n      restartPolicy: Always\n";
  }

  static void addField(api::PlannedChange& change, const std::string& path,
                       const std::string& before, const std::string& after, bool risk) {
    api::FieldChange& field = *change.add_fields();
    field.set_path(path);
    field.set_before(before);
    field.set_after(after);
    field.set_risk(risk);
  }

  static void addUpdate(api::Plan& plan) {
    api::PlannedChange& change = *plan.add_changes();
    change.set_action(api::UPDATE);
    change.set_kind("Deployment");
    change.set_namespace_("shop");
    change.set_name("checkout");
    change.set_before_yaml(deploymentYaml("registry.local/checkout:1.4.2", 6, "/healthz"));
    change.set_after_yaml(deploymentYaml("registry.local/checkout:1.5.0", 3, "/readyz"));
    addField(change, "spec.replicas", "6", "3", true);
    addField(change, "spec.template.spec.containers[web].image", "registry.local/checkout:1.4.2",
             "registry.local/checkout:1.5.0", true);
    addField(change, "spec.template.spec.containers[web].startupProbe.httpGet.path", "/healthz",
             "/readyz", false);
  }

  void putNode(const std::string& name, bool ready, const std::string& cpu,
               const std::string& memory) {
    api::Object object;
    schema::Node& node = *object.mutable_node();
    node.mutable_metadata()->set_name(name);
    node.mutable_metadata()->mutable_creation_timestamp()->set_unix_ms(minutesAgo(60 * 24 * 41));
    (*node.mutable_status()->mutable_allocatable())["cpu"].set_text(cpu);
    (*node.mutable_status()->mutable_allocatable())["memory"].set_text(memory);
    (*node.mutable_status()->mutable_allocatable())["pods"].set_text("110");
    schema::Condition& condition = *node.mutable_status()->add_conditions();
    condition.set_type("Ready");
    condition.set_status(ready ? "True" : "Unknown");
    condition.set_message(ready ? "" : "no heartbeat for 3 min");
    node.mutable_status()->set_address("10.0.0." +
                                       std::to_string(name.size() + std::size_t(name.back())));
    node.mutable_status()->mutable_node_info()->set_container_runtime_version("containerd 1.6.20");
    node.mutable_status()->mutable_node_info()->set_os_image("Debian GNU/Linux 12");
    node.mutable_status()->mutable_last_heartbeat()->set_unix_ms(minutesAgo(ready ? 0 : 3));
    server_.put("node/" + name, object);
  }

  void addNodes() {
    putNode("eu-a-01", true, "4", "8Gi");
    putNode("eu-a-02", true, "4", "8Gi");
    putNode("eu-b-03", true, "2", "2Gi");
    putNode("eu-b-17", false, "4", "8Gi");
  }

  void putReplicaSet(const std::string& name, const std::string& deployment,
                     const std::string& image, const std::string& number) {
    api::Object object;
    schema::ReplicaSet& set = *object.mutable_replica_set();
    set.mutable_metadata()->set_namespace_("shop");
    set.mutable_metadata()->set_name(name);
    (*set.mutable_metadata()->mutable_annotations())["deployment.kubernetes.io/revision"] = number;
    schema::OwnerReference& owner = *set.mutable_metadata()->add_owner_references();
    owner.set_kind("Deployment");
    owner.set_name(deployment);
    set.mutable_spec()->mutable_template_()->mutable_spec()->add_containers()->set_image(image);
    server_.put("rs/" + name, object);
  }

  void putDeployment(const std::string& name, const std::string& image, int wanted, int updated,
                     int available, int total) {
    api::Object object;
    schema::Deployment& deployment = *object.mutable_deployment();
    deployment.mutable_metadata()->set_namespace_("shop");
    deployment.mutable_metadata()->set_name(name);
    deployment.mutable_metadata()->mutable_creation_timestamp()->set_unix_ms(
        minutesAgo(60 * 24 * 20));
    (*deployment.mutable_metadata()->mutable_labels())["app"] = name;
    deployment.mutable_spec()->set_replicas(wanted);
    schema::Container& container =
        *deployment.mutable_spec()->mutable_template_()->mutable_spec()->add_containers();
    container.set_name("web");
    container.set_image(image);
    schema::DeploymentStatus& status = *deployment.mutable_status();
    status.set_replicas(total);
    status.set_updated_replicas(updated);
    status.set_ready_replicas(available);
    status.set_available_replicas(available);
    server_.put("deployment/" + name, object);
  }

  void addWorkloads() {
    putDeployment("front", "registry.local/front:2.1.0", 6, 4, 5, 8);
    putReplicaSet("front-5d8", "front", "registry.local/front:2.0.3", "4");
    putReplicaSet("front-7c9", "front", "registry.local/front:2.1.0", "5");
    putDeployment("back", "registry.local/back:1.0.9", 2, 2, 2, 2);
    putReplicaSet("back-66f", "back", "registry.local/back:1.0.9", "2");
    putDeployment("checkout", "registry.local/checkout:1.4.2", 6, 6, 4, 6);
    putReplicaSet("checkout-9ab", "checkout", "registry.local/checkout:1.4.2", "3");
    const std::vector<std::string> nodes = {"eu-a-01", "eu-a-02", "eu-b-03"};
    const auto name = [](const std::string& set, int i) {
      static const char* const kEnds[] = {"x2klp", "m4pqv", "z8c7w", "b5n9d", "t6r2f", "h3g4j"};
      return set + "-" + kEnds[i % 6];
    };
    for (int i = 0; i < 4; ++i) {
      schema::Pod fresh = pod("shop", name("front-7c9", i), "front-7c9",
                              "registry.local/front:2.1.0", nodes[std::size_t(i) % 3]);
      if (i == 3) failReadiness(fresh);
      putPod(fresh);
      putPod(pod("shop", name("front-5d8", i), "front-5d8", "registry.local/front:2.0.3",
                 nodes[std::size_t(i + 1) % 3]));
    }
    for (int i = 0; i < 2; ++i) {
      putPod(pod("shop", name("back-66f", i), "back-66f", "registry.local/back:1.0.9",
                 nodes[std::size_t(i)]));
    }
    for (int i = 0; i < 6; ++i) {
      schema::Pod member = pod("shop", name("checkout-9ab", i), "checkout-9ab",
                               "registry.local/checkout:1.4.2", nodes[std::size_t(i) % 3]);
      if (i > 3) crash(member, 7);
      putPod(member);
    }
    putService("front", "NodePort", 80, 30080);
    putService("back", "ClusterIP", 8080, 0);
    putService("checkout", "ClusterIP", 8080, 0);
    putEvent("e1", "Warning", "Unhealthy", "Pod", "front-7c9-b5n9d",
             "readiness probe failed: GET :8080/readyz → 503", 14, 0.4);
    putEvent("e2", "Warning", "BackOff", "Pod", "checkout-9ab-t6r2f",
             "back-off 2m40s restarting container web", 7, 1);
    putEvent("e3", "Normal", "Scheduled", "Pod", "front-7c9-x2klp",
             "placed on eu-a-01: most room of 3 nodes that fit", 1, 6);
    putEvent("e4", "Normal", "ScalingReplicaSet", "Deployment", "front",
             "scaled front-7c9 up from 3 to 4", 1, 5);
  }

  static void failReadiness(schema::Pod& pod) {
    pod.mutable_status()->mutable_container_statuses(0)->set_ready(false);
    schema::Condition& ready = *pod.mutable_status()->add_conditions();
    ready.set_type("Ready");
    ready.set_status("False");
    ready.set_message("web: readiness GET :8080/readyz → 503");
  }

  static void crash(schema::Pod& pod, int restarts) {
    schema::ContainerStatus& status = *pod.mutable_status()->mutable_container_statuses(0);
    status.set_ready(false);
    status.set_restart_count(restarts);
    status.mutable_state()->mutable_waiting()->set_reason("CrashLoopBackOff");
    status.mutable_state()->mutable_waiting()->set_message("back-off 2m40s");
    status.mutable_last_state()->mutable_terminated()->set_reason("OOMKilled");
    status.mutable_last_state()->mutable_terminated()->set_exit_code(137);
  }

  void putService(const std::string& name, const std::string& type, int port, int nodePort) {
    api::Object object;
    schema::Service& service = *object.mutable_service();
    service.mutable_metadata()->set_namespace_("shop");
    service.mutable_metadata()->set_name(name);
    service.mutable_metadata()->mutable_creation_timestamp()->set_unix_ms(minutesAgo(60 * 24 * 20));
    service.mutable_spec()->set_type(type);
    service.mutable_spec()->set_cluster_ip("10.96.0." + std::to_string(10 + name.size()));
    (*service.mutable_spec()->mutable_selector())["app"] = name;
    schema::ServicePort& servicePort = *service.mutable_spec()->add_ports();
    servicePort.set_port(port);
    servicePort.set_protocol("TCP");
    servicePort.set_node_port(nodePort);
    server_.put("service/" + name, object);
    api::Object endpoints;
    endpoints.mutable_endpoints()->set_name(name);
    endpoints.mutable_endpoints()->set_namespace_("shop");
    for (int i = 0; i < 4; ++i)
      endpoints.mutable_endpoints()->add_addresses()->set_ready(i != 3 || name == "back");
    server_.put("endpoints/" + name, endpoints);
  }

  void putEvent(const std::string& name, const std::string& type, const std::string& reason,
                const std::string& kind, const std::string& about, const std::string& message,
                int count, double minutes) {
    api::Object object;
    schema::Event& event = *object.mutable_event();
    event.mutable_metadata()->set_namespace_("shop");
    event.mutable_metadata()->set_name(name);
    event.set_type(type);
    event.set_reason(reason);
    event.set_object_kind(kind);
    event.set_object_namespace("shop");
    event.set_object_name(about);
    event.set_message(message);
    event.set_count(count);
    event.mutable_last_timestamp()->set_unix_ms(minutesAgo(minutes));
    event.set_source(kind == "Pod" ? "agent/eu-b-03" : "controller");
    server_.put("event/" + name, object);
  }

  void putApplication(const std::string& name, const std::string& health, const std::string& sync,
                      const std::string& message, const schema::Revision& applied) {
    api::Object object;
    schema::Application& application = *object.mutable_application();
    application.mutable_metadata()->set_namespace_("gantry");
    application.mutable_metadata()->set_name(name);
    application.mutable_spec()->mutable_destination()->set_namespace_("shop");
    application.mutable_spec()->mutable_source()->set_repo_url("https://git.local/shop.git");
    application.mutable_spec()->mutable_source()->set_path("overlays/" + name);
    application.mutable_status()->set_health(health);
    application.mutable_status()->set_sync(sync);
    application.mutable_status()->set_message(message);
    *application.mutable_status()->mutable_applied() = applied;
    server_.put("application/" + name, object);
  }

  void putHistory(const std::string& name, const schema::Revision& to, const schema::Revision& from,
                  const std::string& cause, const std::string& initiator, const std::string& reason,
                  const std::string& outcome, double minutes) {
    api::Object object;
    api::HistoryEntry& entry = *object.mutable_history_entry();
    entry.set_name(name);
    entry.set_namespace_("gantry");
    entry.set_application("production");
    *entry.mutable_revision() = to;
    *entry.mutable_previous() = from;
    entry.set_cause(cause);
    entry.set_initiator(initiator);
    entry.set_reason(reason);
    entry.set_outcome(outcome);
    entry.mutable_started_at()->set_unix_ms(minutesAgo(minutes));
    if (outcome != "Progressing")
      entry.mutable_finished_at()->set_unix_ms(minutesAgo(minutes - 1.5));
    api::Approval& approval = *entry.add_approvals();
    approval.set_by("bo");
    approval.set_comment("ok, traffic is low now");
    approval.mutable_at()->set_unix_ms(minutesAgo(minutes + 2));
    server_.put("history/" + name, object);
  }

  void addDelivery() {
    const schema::Revision flags = revision("77ad0e2b11", "Feature flags", "Bo", 4400);
    const schema::Revision front = revision("9b1e77c3fa", "Front 2.1.0", "Cy", 9);
    const schema::Revision pool = revision("5c0d1e2f3a", "Try a pool of 40", "Ana", 1500);
    const schema::Revision revert =
        revision("d1e2f3a4b5", "Revert \"Try a pool of 40\"", "gantry", 1440);
    putApplication("production", "Degraded", "OutOfSync", "checkout: 4 of 6 available", front);
    putApplication("staging", "Healthy", "Synced", "", front);
    putPlan(productionPlan());
    api::Plan other;
    other.set_name("billing-2");
    other.set_namespace_("gantry");
    other.set_application("billing");
    *other.mutable_revision() = revision("aa10bb20cc", "Rename the queue", "Cy", 55);
    other.set_digest("99aa");
    other.set_state(api::PENDING);
    other.set_message("waits for 2 approvals");
    other.set_approvals_required(2);
    other.mutable_created_at()->set_unix_ms(minutesAgo(55));
    addUpdate(other);
    putPlan(other);
    putHistory("production-6", front, revert, "sync", "controller", "", "Progressing", 8);
    putHistory("production-5", revert, pool, "rollback", "ana", "readiness 503 since 12:04",
               "Healthy", 1440);
    putHistory("production-4", pool, flags, "sync", "controller", "", "Degraded", 1500);
    putHistory("production-3", flags, {}, "sync", "bo", "first release", "Superseded", 4400);
    api::Object hold;
    hold.mutable_hold()->set_name("production-1");
    hold.mutable_hold()->set_namespace_("gantry");
    hold.mutable_hold()->set_application("production");
    hold.mutable_hold()->set_commit(pool.commit());
    hold.mutable_hold()->set_by("ana");
    hold.mutable_hold()->set_reason("readiness 503 since 12:04");
    hold.mutable_hold()->mutable_at()->set_unix_ms(minutesAgo(1440));
    server_.put("hold/1", hold);
    server_.onPreviewRollback = [this, front](const api::RollbackRequest&,
                                              api::RollbackPreview* preview) {
      *preview->mutable_plan() = productionPlan("preview");
      *preview->mutable_to() = api::HistoryEntry();
      *preview->mutable_to()->mutable_revision() =
          revision("77ad0e2b11", "Feature flags", "Bo", 4400);
      *preview->add_reverted() = front;
      return grpc::Status::OK;
    };
    server_.onPreviewDrain = [](const api::NodeRequest&, api::DrainPreview* preview) {
      api::PlannedPod& move = *preview->add_moves();
      move.set_owner("Deployment/shop/front");
      move.set_node("eu-a-02");
      api::PlannedPod& stuck = *preview->add_moves();
      stuck.set_owner("Deployment/shop/checkout");
      stuck.set_explanation("no node has 256Mi left");
      preview->add_lost("shop/debug");
      return grpc::Status::OK;
    };
  }

  void addLogs() {
    api::LogLines lines;
    const char* const texts[] = {"GET /cart 200 12ms", "pool exhausted (max=3)", "retry 2 of 5",
                                 "GET /readyz 503", "listening on :8080"};
    for (int i = 0; i < 60; ++i) {
      api::LogLine& line = *lines.add_lines();
      line.set_pod(i % 3 == 0   ? "front-7c9-x2klp"
                   : i % 3 == 1 ? "front-7c9-m4pqv"
                                : "front-7c9-b5n9d");
      line.set_container("web");
      line.set_time_ns((nowMs_ - (60 - i) * 700) * 1'000'000);
      line.set_text(texts[i % 5]);
      line.set_is_stderr(i % 5 == 1);
    }
    api::LogLines more;
    more.set_dropped(3);
    more.set_notice("front-7c9-b5n9d restarted (exit 1)");
    server_.setLogs({lines, more});
  }

  FakeControlServer& server_;
  const std::int64_t nowMs_;
};

}  // namespace gantry::support
