// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <tuple>

#include "manifests/decode/json_text.h"
#include "manifests/validate/names.h"
#include "manifests/validate/rules.h"

namespace gantry::manifests {
namespace {

constexpr int kFirstNodePort = 30000;
constexpr int kLastNodePort = 32767;
constexpr const char* kHeadless = "None";

bool hasNodePorts(const schema::ServiceSpec& spec) {
  return spec.type() == "NodePort" || spec.type() == "LoadBalancer";
}

void checkTargetPort(const schema::IntOrString& port, const FieldPath& path, Problems& problems) {
  if (port.has_number()) return problems.requireRange(port.number(), 1, kMaxPort, path);
  problems.require(
      isPortName(port.text()), path, "not a port number or the name of a port",
      "write a number without quotes, or at most 15 lower-case letters, digits and '-'");
}

void checkPort(const schema::ServicePort& port, const schema::ServiceSpec& spec,
               const FieldPath& path, Problems& problems) {
  problems.requireRange(port.port(), 1, kMaxPort, path.field("port"));
  problems.requireOneOf(port.protocol(), {"TCP", "UDP", "SCTP"}, path.field("protocol"));
  checkTargetPort(port.target_port(), path.field("targetPort"), problems);
  if (!port.name().empty() && !isDnsLabel(port.name())) {
    problems.error(path.field("name"), jsonText(port.name()) + " is not a valid name of a port");
  }
  if (spec.ports_size() > 1 && port.name().empty()) {
    problems.error(path, "a Service with several ports needs a name for each", "add `name`");
  }
  if (port.node_port() == 0) return;
  if (!hasNodePorts(spec)) {
    return problems.error(path.field("nodePort"),
                          "a Service of type " + spec.type() + " has no nodePort",
                          "write `type: NodePort`, or remove it");
  }
  problems.requireRange(port.node_port(), kFirstNodePort, kLastNodePort, path.field("nodePort"));
}

void checkPortsDiffer(const schema::ServiceSpec& spec, const FieldPath& path, Problems& problems) {
  std::set<std::string> names;
  std::set<std::tuple<int, std::string>> ports;
  std::set<std::tuple<int, std::string>> nodePorts;
  for (int i = 0; i < spec.ports_size(); ++i) {
    const schema::ServicePort& port = spec.ports(i);
    const FieldPath element = path.element(i);
    if (!port.name().empty() && !names.insert(port.name()).second) {
      problems.error(element.field("name"), jsonText(port.name()) + " is used twice");
    }
    if (!ports.emplace(port.port(), port.protocol()).second) {
      problems.error(element.field("port"),
                     std::to_string(port.port()) + "/" + port.protocol() + " is used twice");
    }
    if (port.node_port() != 0 && !nodePorts.emplace(port.node_port(), port.protocol()).second) {
      problems.error(element.field("nodePort"),
                     std::to_string(port.node_port()) + "/" + port.protocol() + " is used twice");
    }
  }
}

void checkType(const schema::ServiceSpec& spec, const FieldPath& path, Problems& problems) {
  const FieldPath type = path.field("type");
  if (spec.type() == "ExternalName") {
    return problems.error(type, "not supported", "names outside need DNS, which comes later");
  }
  problems.requireOneOf(spec.type(), {"ClusterIP", "NodePort", "LoadBalancer"}, type);
  if (spec.type() == "LoadBalancer") {
    problems.warning(type, "there is no pool of addresses yet: it is served like type NodePort",
                     "use type: NodePort");
  }
}

void checkClusterIp(const schema::ServiceSpec& spec, const FieldPath& path, Problems& problems) {
  const std::string& address = spec.cluster_ip();
  if (address.empty() || (address == kHeadless && !hasNodePorts(spec))) return;
  if (address == kHeadless) {
    return problems.error(path, "a headless Service has no node port", "write `type: ClusterIP`");
  }
  problems.require(isIpv4(address), path, "not an IPv4 address", "remove it: one is chosen");
}

}  // namespace

void check(const schema::Service& service, Problems& problems) {
  const schema::ServiceSpec& spec = service.spec();
  const FieldPath root;
  const FieldPath path = root.field("spec");
  checkType(spec, path, problems);
  checkClusterIp(spec, path.field("clusterIP"), problems);
  const FieldPath ports = path.field("ports");
  if (spec.ports().empty() && spec.cluster_ip() != kHeadless) {
    problems.error(ports, "a Service needs a port", "add `ports` with at least one `port`");
  }
  for (int i = 0; i < spec.ports_size(); ++i) {
    checkPort(spec.ports(i), spec, ports.element(i), problems);
  }
  checkPortsDiffer(spec, ports, problems);
  problems.requireOneOf(spec.session_affinity(), {"None", "ClientIP"},
                        path.field("sessionAffinity"));
  problems.requireOneOf(spec.internal_traffic_policy(), {"Cluster", "Local"},
                        path.field("internalTrafficPolicy"));
  problems.requireOneOf(spec.external_traffic_policy(), {"", "Cluster", "Local"},
                        path.field("externalTrafficPolicy"));
  const FieldPath selector = path.field("selector");
  checkLabels(spec.selector(), selector, problems);
  if (spec.selector().empty()) {
    problems.warning(selector, "without a selector the Service leads to no pod", "add `selector`");
  }
}

}  // namespace gantry::manifests
