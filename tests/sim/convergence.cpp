// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/convergence.h"

#include <set>

#include "absl/strings/str_cat.h"

namespace gantry::sim {
namespace {

std::string missingOfApplication(const World& world, const support::FakeGit& git,
                                 const std::string& name) {
  const auto* application = world.view().find<schema::Application>({kSystemNamespace, name});
  if (application == nullptr) return absl::StrCat("Application ", name, " does not exist");
  const schema::ApplicationStatus& status = application->status();
  const std::string head = git.head(kUrl, kBranch);
  const std::string path = application->spec().source().path();
  if (status.applied().tree_hash() != git.treeHashOf(kUrl, head, path) ||
      status.observed().commit() != status.applied().commit()) {
    return absl::StrCat(name, " has applied ", status.applied().commit().substr(0, 8), ": ",
                        status.message());
  }
  if (status.sync() != "Synced" || status.health() != "Healthy") {
    return absl::StrCat(name, " is ", status.sync(), " and ", status.health(), ": ",
                        status.message());
  }
  return {};
}

/// Counts the pods of a workload that are as its manifest says; else says what is wrong.
std::string missingOfWorkload(const World& world, const std::string& folder,
                              const Workload& workload) {
  const std::string ns = namespaceOf(folder);
  int count = 0;
  std::set<std::string> addresses;
  for (const auto& [name, pod] : world.view().table<model::Pod>()) {
    const auto app = pod->labels().find("app");
    if (name.ns != ns || app == pod->labels().end() || app->second != workload.name) continue;
    if (pod->deletedAt) return absl::StrCat("pod ", name.name, " is still going");
    const std::string& image = pod->shape->spec().containers(0).image();
    const auto* ready = model::findCondition(*pod->status, "Ready");
    if (image != workload.image || ready == nullptr || ready->status() != "True") {
      return absl::StrCat("pod ", name.name, " with ", image,
                          " is not it: ", ready == nullptr ? "never seen" : ready->message());
    }
    addresses.insert(pod->status->pod_ip());
    ++count;
  }
  if (count != workload.replicas) {
    return absl::StrCat(ns, "/", workload.name, " has ", count, " of ", workload.replicas, " pods");
  }
  for (const auto& node : world.nodes()) {
    std::set<std::string> sentTo;
    for (const api::Endpoints& service : node->proxy().services) {
      if (service.namespace_() != ns || service.name() != workload.name) continue;
      for (const auto& address : service.addresses()) {
        if (address.ready()) sentTo.insert(address.ip());
      }
    }
    if (sentTo != addresses) {
      return absl::StrCat(node->name(), " does not send Service ", ns, "/", workload.name,
                          " to its pods");
    }
  }
  return {};
}

/// Whether each runtime holds exactly the pods that are bound to its node.
std::string missingOfRuntimes(const World& world) {
  std::map<std::string, std::set<std::string>> bound;
  // Pods of Jobs that have ended stay as long as their Job.
  std::set<std::string> ended;
  for (const auto& [name, pod] : world.view().table<model::Pod>()) {
    const std::string& phase = pod->status->phase();
    if (phase == "Succeeded" || phase == "Failed") {
      ended.insert(pod->uid);
    } else {
      bound[pod->nodeName].insert(pod->uid);
    }
  }
  for (const auto& node : world.nodes()) {
    std::set<std::string> there, running;
    for (const agent::SeenSandbox& sandbox : node->runtime().sandboxes()) {
      if (!ended.contains(sandbox.podUid)) there.insert(sandbox.podUid);
    }
    for (const agent::SeenContainer& container : node->runtime().containers()) {
      if (!ended.contains(container.podUid)) there.insert(container.podUid);
      if (container.phase == agent::ContainerPhase::kRunning) running.insert(container.podUid);
    }
    if (there != bound[node->name()] || running != there) {
      return absl::StrCat(node->name(), " holds ", there.size(), " pods, of which ", running.size(),
                          " run, where ", bound[node->name()].size(), " are bound to it");
    }
  }
  return {};
}

}  // namespace

std::string missing(World& world, const std::map<std::string, Folder>& folders) {
  for (const auto& [name, folder] : folders) {
    std::string lack = missingOfApplication(world, world.git(), name);
    if (!lack.empty()) return lack;
    for (const Workload& workload : folder.workloads) {
      lack = missingOfWorkload(world, name, workload);
      if (!lack.empty()) return lack;
    }
  }
  return missingOfRuntimes(world);
}

}  // namespace gantry::sim
