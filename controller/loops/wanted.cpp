// SPDX-License-Identifier: Apache-2.0
#include "controller/loops/wanted.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace gantry::loops {
namespace {

using model::Name;

std::string pathOf(const Name& name) {
  return absl::StrCat(name.ns, "/", name.name);
}

void collect(const schema::Container& container, const std::string& ns, std::set<Name>& configMaps,
             std::set<Name>& secrets) {
  for (const schema::EnvFromSource& source : container.env_from()) {
    if (source.has_config_map_ref()) configMaps.insert({ns, source.config_map_ref().name()});
    if (source.has_secret_ref()) secrets.insert({ns, source.secret_ref().name()});
  }
  for (const schema::EnvVar& variable : container.env()) {
    const schema::EnvVarSource& source = variable.value_from();
    if (source.has_config_map_key_ref()) {
      configMaps.insert({ns, source.config_map_key_ref().name()});
    }
    if (source.has_secret_key_ref()) secrets.insert({ns, source.secret_key_ref().name()});
  }
}

void collect(const model::Pod& pod, std::set<Name>& configMaps, std::set<Name>& secrets) {
  const schema::PodSpec& spec = pod.shape->spec();
  for (const auto& container : spec.init_containers()) {
    collect(container, pod.ns, configMaps, secrets);
  }
  for (const auto& container : spec.containers()) collect(container, pod.ns, configMaps, secrets);
  for (const schema::Volume& volume : spec.volumes()) {
    if (volume.has_config_map()) configMaps.insert({pod.ns, volume.config_map().name()});
    if (volume.has_secret()) secrets.insert({pod.ns, volume.secret().secret_name()});
  }
}

}  // namespace

void NodeWants::Named::use(const std::set<Name>& names) {
  for (const Name& name : names) {
    if (++uses[name] == 1) notes.insert(name);
  }
}

void NodeWants::Named::unuse(const std::set<Name>& names) {
  for (const Name& name : names) {
    const auto use = uses.find(name);
    if (--use->second > 0) continue;
    uses.erase(use);
    notes.insert(name);
  }
}

template <class T>
void NodeWants::Named::take(const model::Table<T>& table, const auto& put, const auto& drop) {
  for (const Name& name : std::exchange(notes, {})) {
    const T* object = uses.contains(name) ? table.find(name) : nullptr;
    if (object == nullptr) {
      if (told.erase(name) > 0) drop(pathOf(name));
    } else if (std::exchange(told[name], table.version(name)) != table.version(name)) {
      put(*object);
    }
  }
}

api::WantedSet NodeWants::everything() {
  for (const auto& pod : state_.podsOnNode(node_)) notePod(model::nameOf(*pod));
  for (const auto& [name, entry] : state_.endpoints.entries()) noteService(name);
  api::WantedSet set;
  std::optional<api::WantedDiff> all = takeDiff();
  if (!all) return set;
  set.mutable_pods()->Swap(all->mutable_put_pods());
  set.mutable_config_maps()->Swap(all->mutable_put_config_maps());
  set.mutable_secrets()->Swap(all->mutable_put_secrets());
  set.mutable_services()->Swap(all->mutable_put_services());
  return set;
}

bool NodeWants::hasNotes() const {
  return !pods_.empty() || !services_.empty() || !configMaps_.notes.empty() ||
         !secrets_.notes.empty();
}

std::optional<api::WantedDiff> NodeWants::takeDiff() {
  api::WantedDiff diff;
  for (const Name& name : std::exchange(pods_, {})) takePod(name, diff);
  configMaps_.take(
      state_.configMaps, [&](const auto& object) { *diff.add_put_config_maps() = object; },
      [&](const std::string& path) { diff.add_deleted_config_maps(path); });
  secrets_.take(
      state_.secrets, [&](const auto& object) { *diff.add_put_secrets() = object; },
      [&](const std::string& path) { diff.add_deleted_secrets(path); });
  for (const Name& name : std::exchange(services_, {})) takeService(name, diff);
  if (diff.ByteSizeLong() == 0) return std::nullopt;
  return diff;
}

void NodeWants::takePod(const Name& name, api::WantedDiff& diff) {
  const model::Pod* pod = state_.pods.find(name);
  if (pod != nullptr && pod->nodeName != node_) pod = nullptr;
  const auto told = toldPods_.find(name);
  if (told != toldPods_.end()) {
    // What a pod is to run never changes; only whether it is to stop.
    const bool same = pod != nullptr && pod->uid == told->second.uid;
    if (same && pod->deletedAt.has_value() == told->second.stop) return;
    if (!same) diff.add_deleted_pod_uids(told->second.uid);
    configMaps_.unuse(told->second.configMaps);
    secrets_.unuse(told->second.secrets);
    toldPods_.erase(told);
  }
  if (pod != nullptr) tell(*pod, diff);
}

void NodeWants::tell(const model::Pod& pod, api::WantedDiff& diff) {
  Told told{pod.uid, pod.deletedAt.has_value(), {}, {}};
  collect(pod, told.configMaps, told.secrets);
  configMaps_.use(told.configMaps);
  secrets_.use(told.secrets);
  api::WantedPod& wanted = *diff.add_put_pods();
  *wanted.mutable_pod() = model::toSchema(pod);
  wanted.set_stop(told.stop);
  toldPods_.emplace(Name{pod.ns, pod.name}, std::move(told));
}

void NodeWants::takeService(const Name& name, api::WantedDiff& diff) {
  const api::Endpoints* endpoints = state_.endpoints.find(name);
  if (endpoints == nullptr) {
    if (toldServices_.erase(name) > 0) diff.add_deleted_services(pathOf(name));
    return;
  }
  const std::int64_t version = state_.endpoints.version(name);
  if (std::exchange(toldServices_[name], version) != version) *diff.add_put_services() = *endpoints;
}

}  // namespace gantry::loops
