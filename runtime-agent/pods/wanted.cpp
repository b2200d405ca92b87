// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/pods/wanted.h"

#include "absl/strings/str_cat.h"

namespace gantry::agent {
namespace {

std::string keyOf(const schema::ObjectMeta& meta) {
  return meta.namespace_() + "/" + meta.name();
}

template <class Messages, class Map>
void putAll(const Messages& messages, Map& map) {
  for (const auto& each : messages) map[keyOf(each.metadata())] = each;
}

template <class Map>
auto values(const Map& map) {
  std::vector<typename Map::mapped_type> all;
  for (const auto& [key, value] : map) all.push_back(value);
  return all;
}

}  // namespace

void Wanted::apply(const api::WantedSet& set) {
  pods_.clear();
  sources_ = ConfigSources();
  services_.clear();
  for (const api::WantedPod& each : set.pods()) pods_[each.pod().metadata().uid()] = each;
  putAll(set.config_maps(), sources_.configMaps);
  putAll(set.secrets(), sources_.secrets);
  for (const api::Endpoints& each : set.services()) {
    services_[each.namespace_() + "/" + each.name()] = each;
  }
  settings_ = set;
  settings_.clear_pods();
  settings_.clear_config_maps();
  settings_.clear_secrets();
  settings_.clear_services();
}

absl::Status Wanted::apply(const api::WantedDiff& diff) {
  if (diff.sequence() != settings_.sequence() + 1) {
    return absl::FailedPreconditionError(
        absl::StrCat("diff ", diff.sequence(), " does not follow on ", settings_.sequence()));
  }
  for (const api::WantedPod& each : diff.put_pods()) pods_[each.pod().metadata().uid()] = each;
  for (const std::string& uid : diff.deleted_pod_uids()) pods_.erase(uid);
  putAll(diff.put_config_maps(), sources_.configMaps);
  putAll(diff.put_secrets(), sources_.secrets);
  for (const std::string& key : diff.deleted_config_maps()) sources_.configMaps.erase(key);
  for (const std::string& key : diff.deleted_secrets()) sources_.secrets.erase(key);
  for (const api::Endpoints& each : diff.put_services()) {
    services_[each.namespace_() + "/" + each.name()] = each;
  }
  for (const std::string& key : diff.deleted_services()) services_.erase(key);
  settings_.set_sequence(diff.sequence());
  return absl::OkStatus();
}

std::vector<api::Endpoints> Wanted::services() const {
  return values(services_);
}

api::WantedSet Wanted::toSet() const {
  api::WantedSet set = settings_;
  for (const auto& each : values(pods_)) *set.add_pods() = each;
  for (const auto& each : values(sources_.configMaps)) *set.add_config_maps() = each;
  for (const auto& each : values(sources_.secrets)) *set.add_secrets() = each;
  for (const auto& each : values(services_)) *set.add_services() = each;
  return set;
}

}  // namespace gantry::agent
