// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tests/support/demo_delivery.h"

namespace gantry::support {

/// A small shop in the middle of its day, for tests of the desktop and for its pictures: one
/// rollout that is stuck, one node that is down, and what is delivered to it.
class DemoCluster : public DemoDelivery {
 public:
  explicit DemoCluster(FakeControlServer& server) : DemoDelivery(server) {
    server.info.set_cluster("prod-eu");
    server.info.set_identity("ana");
    server.info.add_roles("operator");
    server.info.add_roles("approver");
    server.info.set_version("0.1.0");
    addNodes();
    addWorkloads();
    addLogs();
    server.onPreviewDrain = [](const api::NodeRequest&, api::DrainPreview* preview) {
      api::PlannedPod& move = *preview->add_moves();
      move.set_owner("Deployment/shop/front");
      move.set_node("eu-a-02");
      api::PlannedPod& stuck = *preview->add_moves();
      stuck.set_owner("Deployment/shop/checkout");
      stuck.set_explanation("no node has 256Mi left");
      preview->add_lost("shop/debug");
      api::DisruptionBudgetEffect& budget = *preview->add_disruption_budgets();
      budget.set_budget("shop/front");
      budget.set_in_the_way(true);
      budget.set_explanation("keeps 5 of 6 pods, 5 are Ready");
      return grpc::Status::OK;
    };
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
    putBudget("front", 5, 5, 6, 0);
    putBudget("back", 1, 2, 2, 1);
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

  void putBudget(const std::string& name, int least, int ready, int expected, int allowed) {
    api::Object object;
    schema::PodDisruptionBudget& budget = *object.mutable_pod_disruption_budget();
    budget.mutable_metadata()->set_namespace_("shop");
    budget.mutable_metadata()->set_name(name);
    budget.mutable_metadata()->mutable_creation_timestamp()->set_unix_ms(minutesAgo(60 * 24 * 20));
    budget.mutable_spec()->mutable_min_available()->set_number(least);
    budget.mutable_status()->set_current_healthy(ready);
    budget.mutable_status()->set_desired_healthy(least);
    budget.mutable_status()->set_expected_pods(expected);
    budget.mutable_status()->set_disruptions_allowed(allowed);
    server_.put("budget/" + name, object);
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
};

}  // namespace gantry::support
