// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/network/service_rules.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "runtime-agent/network/ipv4.h"

namespace gantry::agent {
namespace {

// The elements of the table's maps and sets, and its chains; sorted, so that order says nothing.
struct Rules {
  std::map<std::string, std::string> services;   // address . protocol . port → chain
  std::map<std::string, std::string> nodePorts;  // protocol . port → chain
  std::set<std::string> closedNodePorts;
  std::set<std::string> clusterAddresses;
  std::set<std::string> endpoints;  // address . address
  std::map<std::string, std::string> chains;
};

bool isServiceName(const std::string& text) {
  return !text.empty() && text.size() <= 63 &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
}

bool isPort(int port) {
  return port >= 1 && port <= 65535;
}

absl::Status wrong(const api::Endpoints& service, const std::string& what) {
  return absl::InvalidArgumentError(
      absl::StrCat("Service ", service.namespace_(), "/", service.name(), ": ", what));
}

absl::StatusOr<std::string> protocolOf(const api::Endpoints& service,
                                       const api::Endpoints::Port& port) {
  if (port.protocol() == "TCP" || port.protocol().empty()) return "tcp";
  if (port.protocol() == "UDP") return "udp";
  if (port.protocol() == "SCTP") return "sctp";
  return wrong(service, absl::StrCat("\"", port.protocol(), "\" is not a protocol"));
}

// "10.244.0.7 . 8080" for each ready endpoint, sorted.
absl::StatusOr<std::set<std::string>> targetsOf(const api::Endpoints& service,
                                                const api::Endpoints::Port& port, Rules& rules) {
  std::set<std::string> targets;
  for (int i = 0; i < service.addresses_size(); ++i) {
    const api::Endpoints::Address& address = service.addresses(i);
    if (!address.ready()) continue;
    const int target = i < port.targets_size() ? port.targets(i) : port.target_port();
    // A named port that this pod does not have.
    if (target == 0) continue;
    if (!isIpv4(address.ip()) || !isPort(target)) {
      return wrong(service, absl::StrCat("endpoint ", address.ip(), ":", target,
                                         " is not an address and a port"));
    }
    targets.insert(absl::StrCat(address.ip(), " . ", target));
    rules.endpoints.insert(absl::StrCat(address.ip(), " . ", address.ip()));
  }
  return targets;
}

// nft wants to hear the protocol again, though the chain is entered for it only.
std::string spread(const std::string& protocol, const std::set<std::string>& targets) {
  std::vector<std::string> elements;
  for (const std::string& target : targets) {
    elements.push_back(absl::StrCat(elements.size(), " : ", target));
  }
  return absl::StrCat("meta l4proto ", protocol, " dnat ip to numgen random mod ", targets.size(),
                      " map { ", absl::StrJoin(elements, ", "), " }");
}

absl::Status addPort(const api::Endpoints& service, const api::Endpoints::Port& port,
                     Rules& rules) {
  GANTRY_ASSIGN_OR_RETURN(const std::string protocol, protocolOf(service, port));
  if (!isPort(port.port()) || (port.node_port() != 0 && !isPort(port.node_port()))) {
    return wrong(service, absl::StrCat("port ", port.port(), " is not within 1 to 65535"));
  }
  GANTRY_ASSIGN_OR_RETURN(const auto targets, targetsOf(service, port, rules));
  const std::string nodePort = absl::StrCat(protocol, " . ", port.node_port());
  if (targets.empty()) {
    if (port.node_port() != 0) rules.closedNodePorts.insert(nodePort);
    return absl::OkStatus();
  }
  const std::string chain = absl::StrCat("service-", service.namespace_(), "/", service.name(), "/",
                                         protocol, "/", port.port());
  rules.chains[chain] = spread(protocol, targets);
  if (rules.clusterAddresses.contains(service.cluster_ip())) {
    rules.services[absl::StrCat(service.cluster_ip(), " . ", protocol, " . ", port.port())] = chain;
  }
  if (port.node_port() != 0) rules.nodePorts[nodePort] = chain;
  return absl::OkStatus();
}

absl::Status addService(const api::Endpoints& service, Rules& rules) {
  if (!isServiceName(service.namespace_()) || !isServiceName(service.name())) {
    return absl::InvalidArgumentError("a Service's name is not made of a-z, 0-9 and -");
  }
  const std::string& address = service.cluster_ip();
  if (!address.empty() && address != "None") {
    if (!isIpv4(address)) return wrong(service, absl::StrCat(address, " is not an address"));
    rules.clusterAddresses.insert(address);
  }
  for (const api::Endpoints::Port& port : service.ports()) {
    GANTRY_RETURN_IF_ERROR(addPort(service, port, rules));
  }
  return absl::OkStatus();
}

std::string elements(const std::set<std::string>& values) {
  return values.empty()
             ? ""
             : absl::StrCat("    elements = { ", absl::StrJoin(values, ",\n      "), " }\n");
}

std::string elements(const std::map<std::string, std::string>& verdicts) {
  std::set<std::string> values;
  for (const auto& [key, chain] : verdicts) values.insert(absl::StrCat(key, " : goto ", chain));
  return elements(values);
}

// The part that does not depend on the Services. Hooks: addresses are translated before a packet is
// routed (prerouting, output); refusing comes after that, when what is still addressed to a Service
// has no endpoint; senders are replaced last (postrouting).
constexpr const char* kHooks = R"(
  chain translate {
    ip daddr . meta l4proto . th dport vmap @services
    fib daddr type local ip daddr != 127.0.0.0/8 meta l4proto . th dport vmap @node_ports
  }
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    jump translate
  }
  chain output {
    type nat hook output priority -100; policy accept;
    jump translate
  }
  chain refuse {
    meta l4proto tcp reject with tcp reset
    reject
  }
  chain input {
    type filter hook input priority filter; policy accept;
    meta l4proto . th dport @closed_node_ports goto refuse
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    ip daddr @cluster_addresses goto refuse
  }
  chain refuse_output {
    type filter hook output priority filter; policy accept;
    ip daddr @cluster_addresses goto refuse
  }
)";

std::string senders(const std::string& clusterCidr) {
  std::string rules =
      "  chain postrouting {\n"
      "    type nat hook postrouting priority srcnat; policy accept;\n"
      "    ct status dnat ip saddr . ip daddr @endpoints masquerade\n";
  if (!clusterCidr.empty()) {
    absl::StrAppend(&rules, "    ct status dnat ip saddr != ", clusterCidr, " masquerade\n",
                    "    ip saddr ", clusterCidr, " ip daddr != { ", clusterCidr,
                    ", 224.0.0.0/4 } masquerade\n");
  }
  return rules + "  }\n";
}

}  // namespace

absl::StatusOr<std::string> serviceRules(const std::vector<api::Endpoints>& services,
                                         const std::string& clusterCidr, const std::string& table) {
  if (!clusterCidr.empty() && !isIpv4Range(clusterCidr)) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", clusterCidr, "\" is not a range of IPv4 addresses"));
  }
  Rules rules;
  for (const api::Endpoints& service : services) {
    GANTRY_RETURN_IF_ERROR(addService(service, rules));
  }
  // Declared before it is deleted, so that it may be missing.
  std::string text =
      absl::StrCat("table ip ", table, "\ndelete table ip ", table, "\ntable ip ", table, " {\n");
  for (const auto& [chain, rule] : rules.chains) {
    absl::StrAppend(&text, "  chain ", chain, " {\n    ", rule, "\n  }\n");
  }
  absl::StrAppend(
      &text, "  map services {\n    type ipv4_addr . inet_proto . inet_service : verdict\n",
      elements(rules.services),
      "  }\n  map node_ports {\n    type inet_proto . inet_service : verdict\n",
      elements(rules.nodePorts),
      "  }\n  set closed_node_ports {\n    type inet_proto . inet_service\n",
      elements(rules.closedNodePorts), "  }\n  set cluster_addresses {\n    type ipv4_addr\n",
      elements(rules.clusterAddresses), "  }\n  set endpoints {\n    type ipv4_addr . ipv4_addr\n",
      elements(rules.endpoints), "  }\n", kHooks, senders(clusterCidr), "}\n");
  return text;
}

}  // namespace gantry::agent
