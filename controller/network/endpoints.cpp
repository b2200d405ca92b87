// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "controller/network/services.h"
#include "controller/workloads/selector.h"

namespace gantry::network {
namespace {

using Pods = std::vector<model::Ptr<model::Pod>>;

Pods selectPods(const schema::Service& service, const Pods& candidates) {
  Pods pods;
  std::ranges::copy_if(candidates, std::back_inserter(pods), [&](const auto& pod) {
    return pod->ns == service.metadata().namespace_() && pod->phase < model::PodPhase::kSucceeded &&
           !pod->status->pod_ip().empty() &&
           workloads::matchesAll(service.spec().selector(), pod->labels());
  });
  std::ranges::sort(pods, {}, [](const auto& pod) -> const std::string& { return pod->name; });
  return pods;
}

// 0 if the pod has no port of that name.
int portNamed(const model::Pod& pod, const std::string& name, const std::string& protocol) {
  for (const schema::Container& container : pod.shape->spec().containers()) {
    for (const schema::ContainerPort& port : container.ports()) {
      const bool isSame = (port.protocol().empty() ? "TCP" : port.protocol()) == protocol;
      if (port.name() == name && isSame) return port.container_port();
    }
  }
  return 0;
}

void addPort(const schema::ServicePort& source, const Pods& pods, api::Endpoints& endpoints) {
  api::Endpoints::Port& port = *endpoints.add_ports();
  port.set_name(source.name());
  port.set_protocol(source.protocol().empty() ? "TCP" : source.protocol());
  port.set_port(source.port());
  port.set_node_port(source.node_port());
  const schema::IntOrString& target = source.target_port();
  if (target.value_case() != schema::IntOrString::kText) {
    port.set_target_port(target.number() == 0 ? source.port() : target.number());
    return;
  }
  for (const auto& pod : pods) {
    port.add_targets(portNamed(*pod, target.text(), port.protocol()));
  }
  const auto& targets = port.targets();
  if (!targets.empty() &&
      std::ranges::all_of(targets, [&](int one) { return one == targets[0]; }) && targets[0] != 0) {
    port.set_target_port(targets[0]);
    port.clear_targets();
  }
}

}  // namespace

api::Endpoints endpointsFor(const schema::Service& service, const Pods& podsInNamespace) {
  api::Endpoints endpoints;
  endpoints.set_name(service.metadata().name());
  endpoints.set_namespace_(service.metadata().namespace_());
  endpoints.set_cluster_ip(service.spec().cluster_ip());
  if (service.spec().type() == "ExternalName") return endpoints;
  const Pods pods = selectPods(service, podsInNamespace);
  for (const auto& pod : pods) {
    api::Endpoints::Address& address = *endpoints.add_addresses();
    address.set_ip(pod->status->pod_ip());
    address.set_pod(pod->name);
    address.set_node(pod->nodeName);
    address.set_ready(service.spec().publish_not_ready_addresses() || model::isReady(*pod));
    address.set_terminating(pod->deletedAt.has_value());
  }
  for (const schema::ServicePort& port : service.spec().ports()) addPort(port, pods, endpoints);
  return endpoints;
}

}  // namespace gantry::network
