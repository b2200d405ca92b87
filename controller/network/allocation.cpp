// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "controller/network/cidr.h"
#include "controller/network/services.h"

namespace gantry::network {
namespace {

constexpr char kHeadless[] = "None";
constexpr int kFirstNodePort = 30000;
constexpr int kLastNodePort = 32767;
// Kubernetes keeps min(max(16, size / 32), 128) ports for those who name theirs.
constexpr int kFirstGivenNodePort = kFirstNodePort + (kLastNodePort - kFirstNodePort + 1) / 32;

bool hasNodePorts(const schema::Service& service) {
  return service.spec().type() == "NodePort" || service.spec().type() == "LoadBalancer";
}

bool hasClusterIp(const schema::ServiceSpec& spec) {
  return !spec.cluster_ip().empty() && spec.cluster_ip() != kHeadless;
}

absl::Status checkClusterIp(const std::string& ip, const Allocations& taken, const Cidr& range) {
  const auto address = parseAddress(ip);
  if (!address || !range.contains(*address)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "spec.clusterIP ", ip, " is not in ", range.toString(), "; leave it out to be given one"));
  }
  if (taken.clusterIps.contains(ip)) {
    return absl::AlreadyExistsError(absl::StrCat(
        "spec.clusterIP ", ip, " belongs to another Service; leave it out to be given one"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> freeClusterIp(const Allocations& taken, const Cidr& range) {
  // The first and the last address of a range stand for the range.
  for (std::uint64_t n = 1; n + 1 < range.size(); ++n) {
    std::string ip = formatAddress(static_cast<std::uint32_t>(range.first + n));
    if (!taken.clusterIps.contains(ip)) return ip;
  }
  return absl::ResourceExhaustedError(absl::StrCat("no cluster IP is free in ", range.toString(),
                                                   "; give Services a larger range"));
}

absl::Status allocateClusterIp(schema::ServiceSpec& spec, const Allocations& taken,
                               const Cidr& range, const schema::Service* previous) {
  if (spec.type() == "ExternalName" || spec.cluster_ip() == kHeadless) return absl::OkStatus();
  if (!hasClusterIp(spec) && previous != nullptr && hasClusterIp(previous->spec())) {
    spec.set_cluster_ip(previous->spec().cluster_ip());
  }
  if (hasClusterIp(spec)) return checkClusterIp(spec.cluster_ip(), taken, range);
  GANTRY_ASSIGN_OR_RETURN(*spec.mutable_cluster_ip(), freeClusterIp(taken, range));
  return absl::OkStatus();
}

absl::Status checkNodePort(int port, const Allocations& taken) {
  if (port < kFirstNodePort || port > kLastNodePort) {
    return absl::InvalidArgumentError(absl::StrCat("nodePort ", port, " is not in ", kFirstNodePort,
                                                   "-", kLastNodePort,
                                                   "; leave it out to be given one"));
  }
  if (taken.nodePorts.contains(port)) {
    return absl::AlreadyExistsError(absl::StrCat(
        "nodePort ", port, " belongs to another Service; leave it out to be given one"));
  }
  return absl::OkStatus();
}

absl::StatusOr<int> freeNodePort(const std::set<int>& taken) {
  for (int port = kFirstGivenNodePort; port <= kLastNodePort; ++port) {
    if (!taken.contains(port)) return port;
  }
  for (int port = kFirstNodePort; port < kFirstGivenNodePort; ++port) {
    if (!taken.contains(port)) return port;
  }
  return absl::ResourceExhaustedError(
      absl::StrCat("no node port is free in ", kFirstNodePort, "-", kLastNodePort));
}

int previousNodePort(const schema::Service* previous, const schema::ServicePort& port) {
  if (previous == nullptr || !hasNodePorts(*previous)) return 0;
  for (const schema::ServicePort& before : previous->spec().ports()) {
    if (before.port() == port.port() && before.protocol() == port.protocol()) {
      return before.node_port();
    }
  }
  return 0;
}

absl::Status allocateNodePorts(schema::ServiceSpec& spec, const Allocations& taken,
                               const schema::Service* previous) {
  std::set<int> used = taken.nodePorts;
  std::set<std::pair<int, std::string>> own;
  // Those that are named first, so that none of them is given to another port of the Service.
  for (schema::ServicePort& port : *spec.mutable_ports()) {
    if (port.node_port() == 0) port.set_node_port(previousNodePort(previous, port));
    if (port.node_port() == 0) continue;
    GANTRY_RETURN_IF_ERROR(checkNodePort(port.node_port(), taken));
    if (!own.emplace(port.node_port(), port.protocol()).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("nodePort ", port.node_port(), " is named twice for ", port.protocol()));
    }
    used.insert(port.node_port());
  }
  for (schema::ServicePort& port : *spec.mutable_ports()) {
    if (port.node_port() != 0) continue;
    GANTRY_ASSIGN_OR_RETURN(const int given, freeNodePort(used));
    port.set_node_port(given);
    used.insert(given);
  }
  return absl::OkStatus();
}

}  // namespace

Allocations allocationsOf(const model::Table<schema::Service>& services,
                          const model::Name& except) {
  Allocations taken;
  for (const auto& [name, entry] : services.entries()) {
    if (name == except) continue;
    const schema::ServiceSpec& spec = entry.object->spec();
    if (hasClusterIp(spec)) taken.clusterIps.insert(spec.cluster_ip());
    for (const schema::ServicePort& port : spec.ports()) {
      if (port.node_port() != 0) taken.nodePorts.insert(port.node_port());
    }
  }
  return taken;
}

absl::StatusOr<schema::Service> allocate(schema::Service service, const Allocations& taken,
                                         const std::string& serviceCidr,
                                         const schema::Service* previous) {
  GANTRY_ASSIGN_OR_RETURN(const Cidr range, parseCidr(serviceCidr));
  GANTRY_RETURN_IF_ERROR(allocateClusterIp(*service.mutable_spec(), taken, range, previous));
  if (hasNodePorts(service)) {
    GANTRY_RETURN_IF_ERROR(allocateNodePorts(*service.mutable_spec(), taken, previous));
  }
  return service;
}

absl::StatusOr<std::string> allocatePodCidr(const std::string& clusterCidr, int prefixLength,
                                            const std::set<std::string>& taken) {
  GANTRY_ASSIGN_OR_RETURN(const Cidr cluster, parseCidr(clusterCidr));
  if (prefixLength < cluster.prefixLength || prefixLength > 32) {
    return absl::InvalidArgumentError(
        absl::StrCat("a block of /", prefixLength, " does not fit in ", clusterCidr));
  }
  // Ranges that are taken, by their first address: one walk finds the first gap.
  std::map<std::uint64_t, std::uint64_t> endOf;
  for (const std::string& text : taken) {
    GANTRY_ASSIGN_OR_RETURN(const Cidr range, parseCidr(text));
    endOf[range.first] = std::max(endOf[range.first], std::uint64_t{range.first} + range.size());
  }
  Cidr block{cluster.first, prefixLength};
  const std::uint64_t end = std::uint64_t{cluster.first} + cluster.size();
  std::uint64_t first = cluster.first;
  for (const auto& [takenFirst, takenEnd] : endOf) {
    if (takenFirst >= first + block.size()) break;
    if (takenEnd > first) first = (takenEnd + block.size() - 1) / block.size() * block.size();
  }
  if (first + block.size() > end) {
    return absl::ResourceExhaustedError(absl::StrCat("no block of /", prefixLength, " is free in ",
                                                     clusterCidr, "; use a larger cluster range"));
  }
  block.first = static_cast<std::uint32_t>(first);
  return block.toString();
}

}  // namespace gantry::network
