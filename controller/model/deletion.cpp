// SPDX-License-Identifier: Apache-2.0
#include "controller/model/deletion.h"

#include "absl/strings/str_cat.h"

namespace gantry::model {
namespace {

void beginNamespaceDeletion(Transaction& transaction, schema::Namespace ns, base::Timestamp now) {
  if (ns.metadata().has_deletion_timestamp()) return;
  ns.mutable_metadata()->mutable_deletion_timestamp()->set_unix_ms(base::toUnixMs(now));
  ns.mutable_status()->set_phase("Terminating");
  transaction.put(std::move(ns));
}

template <class T>
absl::Status eraseExisting(Transaction& transaction, const State& state, const Name& name) {
  if (state.table<T>().find(name) == nullptr) {
    return absl::NotFoundError(
        absl::StrCat(kindName<T>(), " ", name.ns, "/", name.name, " does not exist"));
  }
  transaction.erase<T>(name);
  return absl::OkStatus();
}

}  // namespace

absl::Status beginDeletion(Transaction& transaction, const State& state, std::string_view kind,
                           const Name& name, const std::string& reason, base::Timestamp now) {
  if (kind == "Pod") {
    const Pod* pod = state.pods.find(name);
    if (!pod) return eraseExisting<Pod>(transaction, state, name);
    beginPodDeletion(transaction, *pod, reason, now);
    return absl::OkStatus();
  }
  if (kind == "Namespace") {
    const schema::Namespace* ns = state.namespaces.find(name);
    if (!ns) return eraseExisting<schema::Namespace>(transaction, state, name);
    beginNamespaceDeletion(transaction, *ns, now);
    return absl::OkStatus();
  }
  if (kind == "Deployment") return eraseExisting<schema::Deployment>(transaction, state, name);
  if (kind == "ReplicaSet") return eraseExisting<schema::ReplicaSet>(transaction, state, name);
  if (kind == "Job") return eraseExisting<schema::Job>(transaction, state, name);
  if (kind == "Service") return eraseExisting<schema::Service>(transaction, state, name);
  if (kind == "ConfigMap") return eraseExisting<schema::ConfigMap>(transaction, state, name);
  if (kind == "Secret") return eraseExisting<schema::Secret>(transaction, state, name);
  if (kind == "PodDisruptionBudget") {
    return eraseExisting<schema::PodDisruptionBudget>(transaction, state, name);
  }
  if (kind == "Project") return eraseExisting<schema::Project>(transaction, state, name);
  if (kind == "Application") return eraseExisting<schema::Application>(transaction, state, name);
  return absl::InvalidArgumentError(
      absl::StrCat("objects of kind ", std::string(kind), " cannot be deleted"));
}

void beginPodDeletion(Transaction& transaction, const Pod& pod, const std::string& reason,
                      base::Timestamp now) {
  if (pod.deletedAt) return;
  if (pod.nodeName.empty()) {
    transaction.erase<Pod>({pod.ns, pod.name});
    return;
  }
  Pod going = pod;
  going.deletedAt = now;
  going.deletionReason = reason;
  transaction.put(std::move(going));
}

}  // namespace gantry::model
