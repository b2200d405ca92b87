// SPDX-License-Identifier: Apache-2.0
#include "controller/loops/service_loop.h"

#include "absl/strings/str_cat.h"
#include "controller/workloads/selector.h"
#include "manifests/resource.h"

namespace gantry::loops {
namespace {

using model::Name;

// When an address that was refused may have become free.
constexpr base::Duration kAllocationRetry(30'000);

std::map<std::string, std::string> selectorOf(const schema::Service& service) {
  return {service.spec().selector().begin(), service.spec().selector().end()};
}

}  // namespace

ServiceLoop::ServiceLoop(LoopContext context, std::string serviceCidr)
    : context_(context),
      serviceCidr_(std::move(serviceCidr)),
      queue_(context.executor, [this](const Name& name) { return work(name); }) {
  context_.ledger.observe([this](std::span<const model::Change> changes) { follow(changes); });
}

void ServiceLoop::start() {
  for (const auto& [name, entry] : context_.state().services.entries()) {
    followService(name, *entry.object, false);
  }
  // Also those whose Service went while nobody looked.
  for (const auto& [name, entry] : context_.state().endpoints.entries()) queue_.mark(name);
}

void ServiceLoop::follow(std::span<const model::Change> changes) {
  for (const model::Change& change : changes) {
    if (const auto* service = change.as<schema::Service>()) {
      followService(change.name, *service, change.erased);
    } else if (const auto* pod = change.as<model::Pod>()) {
      followPod(change.name, *pod, change.erased);
    }
  }
}

void ServiceLoop::followService(const Name& name, const schema::Service& service, bool erased) {
  queue_.mark(name);
  if (erased) {
    const auto known = known_.extract(name);
    if (!known.empty()) release(known.mapped());
    return;
  }
  const auto [entry, isNew] = known_.try_emplace(name);
  Known& known = entry->second;
  release(known);
  claim(service, known);
  const auto selector = selectorOf(service);
  if (!isNew && selector == known.selector) return;
  known.selector = selector;
  known.pods.clear();
  for (const auto& pod : context_.state().pods.inNamespace(name.ns)) {
    if (workloads::matchesAll(service.spec().selector(), pod->labels())) {
      known.pods.insert(model::nameOf(*pod));
    }
  }
}

void ServiceLoop::followPod(const Name& name, const model::Pod& pod, bool erased) {
  for (auto it = known_.lower_bound({name.ns, ""}); it != known_.end() && it->first.ns == name.ns;
       ++it) {
    const schema::Service* service = context_.state().services.find(it->first);
    const bool matches = !erased && service != nullptr &&
                         workloads::matchesAll(service->spec().selector(), pod.labels());
    const bool changed = matches || it->second.pods.contains(name);
    if (matches) it->second.pods.insert(name);
    if (!matches) it->second.pods.erase(name);
    if (changed) queue_.mark(it->first);
  }
}

// Where two Services name the same address, the first has it.
void ServiceLoop::claim(const schema::Service& service, Known& known) {
  const std::string& ip = service.spec().cluster_ip();
  if (!ip.empty() && ip != "None" && taken_.clusterIps.insert(ip).second) {
    known.held.clusterIps.insert(ip);
  }
  for (const schema::ServicePort& port : service.spec().ports()) {
    if (port.node_port() != 0 && taken_.nodePorts.insert(port.node_port()).second) {
      known.held.nodePorts.insert(port.node_port());
    }
  }
}

void ServiceLoop::release(Known& known) {
  for (const std::string& ip : known.held.clusterIps) taken_.clusterIps.erase(ip);
  for (const int port : known.held.nodePorts) taken_.nodePorts.erase(port);
  known.held = {};
}

WorkOutcome ServiceLoop::work(const Name& name) {
  const model::Ptr<schema::Service> service = context_.state().services.share(name);
  if (service == nullptr) return eraseEndpoints(name);
  model::Transaction transaction(context_.state());
  const absl::StatusOr<schema::Service> allocated = allocate(*service);
  if (!allocated.ok()) {
    Remark said = remarkAbout(*service, source::kServiceController);
    said.isWarning = true;
    said.reason = "AllocationFailed";
    said.message = std::string(allocated.status().message());
    context_.events.record(std::move(said));
    WorkOutcome outcome = eraseEndpoints(name);
    if (!outcome.retry) outcome.revisitAt = context_.executor.wallNow() + kAllocationRetry;
    return outcome;
  }
  if (!manifests::sameContent(*allocated, *service)) transaction.put(*allocated);
  std::vector<model::Ptr<model::Pod>> pods;
  for (const Name& pod : known_[name].pods) pods.push_back(context_.state().pods.share(pod));
  api::Endpoints endpoints = network::endpointsFor(*allocated, pods);
  const api::Endpoints* before = context_.state().endpoints.find(name);
  if (before == nullptr || !manifests::sameContent(*before, endpoints)) {
    transaction.put(std::move(endpoints));
  }
  return outcomeOf(context_.ledger.commit(std::move(transaction)));
}

WorkOutcome ServiceLoop::eraseEndpoints(const Name& name) {
  model::Transaction transaction(context_.state());
  transaction.erase<api::Endpoints>(name);
  return outcomeOf(context_.ledger.commit(std::move(transaction)));
}

absl::StatusOr<schema::Service> ServiceLoop::allocate(const schema::Service& service) {
  Known& known = known_[model::nameOf(service)];
  release(known);
  absl::StatusOr<schema::Service> allocated = network::allocate(service, taken_, serviceCidr_);
  claim(service, known);
  return allocated;
}

}  // namespace gantry::loops
