// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "controller/api/agent.pb.h"

namespace gantry::support {

/// What an agent makes of wanted sets and differences: the newest whole picture.
struct WantedMirror {
  /// By uid.
  std::map<std::string, api::WantedPod> pods;
  /// By "namespace/name".
  std::map<std::string, schema::ConfigMap> configMaps;
  std::map<std::string, schema::Secret> secrets;
  std::map<std::string, api::Endpoints> services;
  std::uint64_t sequence = 0;

  void apply(const api::WantedSet& set) {
    *this = {};
    for (const auto& pod : set.pods()) pods[pod.pod().metadata().uid()] = pod;
    for (const auto& map : set.config_maps()) configMaps[path(map.metadata())] = map;
    for (const auto& secret : set.secrets()) secrets[path(secret.metadata())] = secret;
    for (const auto& service : set.services()) services[path(service)] = service;
    sequence = set.sequence();
  }

  /// False if it is not the next one, or takes away what is not there.
  bool apply(const api::WantedDiff& diff) {
    bool known = diff.sequence() == sequence + 1;
    sequence = diff.sequence();
    for (const auto& uid : diff.deleted_pod_uids()) known &= pods.erase(uid) == 1;
    for (const auto& name : diff.deleted_config_maps()) known &= configMaps.erase(name) == 1;
    for (const auto& name : diff.deleted_secrets()) known &= secrets.erase(name) == 1;
    for (const auto& name : diff.deleted_services()) known &= services.erase(name) == 1;
    for (const auto& pod : diff.put_pods()) pods[pod.pod().metadata().uid()] = pod;
    for (const auto& map : diff.put_config_maps()) configMaps[path(map.metadata())] = map;
    for (const auto& secret : diff.put_secrets()) secrets[path(secret.metadata())] = secret;
    for (const auto& service : diff.put_services()) services[path(service)] = service;
    return known;
  }

 private:
  static std::string path(const schema::ObjectMeta& metadata) {
    return metadata.namespace_() + "/" + metadata.name();
  }
  static std::string path(const api::Endpoints& service) {
    return service.namespace_() + "/" + service.name();
  }
};

}  // namespace gantry::support
