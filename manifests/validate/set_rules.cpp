// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>

#include "manifests/decode/json_text.h"
#include "manifests/schema/apps.pb.h"
#include "manifests/schema/batch.pb.h"
#include "manifests/schema/core.pb.h"
#include "manifests/selector.h"
#include "manifests/validate/problems.h"
#include "manifests/validate/validate.h"

namespace gantry::manifests {
namespace {

/// The pods that an object makes, and where their spec stands in it.
struct PodsOf {
  const schema::ObjectMeta* metadata = nullptr;
  const schema::PodSpec* spec = nullptr;
  bool fromTemplate = true;
};

PodsOf podsOf(const Resource& resource) {
  if (const auto* deployment = resource.as<schema::Deployment>()) {
    return {&deployment->spec().template_().metadata(), &deployment->spec().template_().spec()};
  }
  if (const auto* replicaSet = resource.as<schema::ReplicaSet>()) {
    return {&replicaSet->spec().template_().metadata(), &replicaSet->spec().template_().spec()};
  }
  if (const auto* job = resource.as<schema::Job>()) {
    return {&job->spec().template_().metadata(), &job->spec().template_().spec()};
  }
  if (const auto* pod = resource.as<schema::Pod>()) return {&pod->metadata(), &pod->spec(), false};
  return {};
}

class SetRules {
 public:
  explicit SetRules(const std::vector<Resource>& resources) : resources_(resources) {
    for (const Resource& resource : resources) keys_.insert(resource.key());
  }

  std::vector<Diagnostic> run() {
    for (const Resource& resource : resources_) {
      Problems problems(resource);
      if (const auto* service = resource.as<schema::Service>())
        checkService(*service, resource, problems);
      if (const PodsOf pods = podsOf(resource); pods.spec != nullptr) {
        checkReferences(pods, resource.metadata().namespace_(), problems);
      }
      std::ranges::move(problems.take(), std::back_inserter(found_));
    }
    return std::move(found_);
  }

 private:
  void checkService(const schema::Service& service, const Resource& resource, Problems& problems) {
    const FieldPath root;
    const FieldPath spec = root.field("spec");
    const FieldPath ports = spec.field("ports");
    for (int i = 0; i < service.spec().ports_size(); ++i) {
      const schema::ServicePort& port = service.spec().ports(i);
      if (port.node_port() == 0) continue;
      const auto [first, fresh] =
          nodePorts_.emplace(std::pair(port.node_port(), port.protocol()), &resource);
      if (fresh || first->second == &resource) continue;
      const FieldPath element = ports.element(i);
      problems.error(element.field("nodePort"),
                     std::to_string(port.node_port()) + "/" + port.protocol() +
                         " is also used by " + first->second->key().toString(),
                     "choose another, or leave it out to be given one");
    }
    if (!service.spec().selector().empty() && !selectsAny(service)) {
      problems.warning(spec.field("selector"), "it selects no pod of this set",
                       "compare it with the labels of the pods");
    }
  }

  bool selectsAny(const schema::Service& service) const {
    return std::ranges::any_of(resources_, [&](const Resource& candidate) {
      const PodsOf pods = podsOf(candidate);
      return pods.spec != nullptr &&
             candidate.metadata().namespace_() == service.metadata().namespace_() &&
             matchesAll(service.spec().selector(), pods.metadata->labels());
    });
  }

  void checkReferences(const PodsOf& pods, const std::string& ns, Problems& problems) const {
    const FieldPath root;
    const FieldPath spec = root.field("spec");
    const FieldPath pod = spec.field("template");
    const FieldPath inner = pod.field("spec");
    const FieldPath& path = pods.fromTemplate ? inner : spec;
    const FieldPath volumes = path.field("volumes");
    for (int i = 0; i < pods.spec->volumes_size(); ++i) {
      const schema::Volume& volume = pods.spec->volumes(i);
      const FieldPath element = volumes.element(i);
      if (volume.has_config_map() && !volume.config_map().optional()) {
        need("ConfigMap", ns, volume.config_map().name(), element.field("configMap"), problems);
      }
      if (volume.has_secret() && !volume.secret().optional()) {
        need("Secret", ns, volume.secret().secret_name(), element.field("secret"), problems);
      }
    }
    checkContainers(pods.spec->init_containers(), ns, path.field("initContainers"), problems);
    checkContainers(pods.spec->containers(), ns, path.field("containers"), problems);
  }

  template <class Containers>
  void checkContainers(const Containers& containers, const std::string& ns, const FieldPath& path,
                       Problems& problems) const {
    for (int i = 0; i < containers.size(); ++i) {
      const FieldPath container = path.element(i);
      const FieldPath env = container.field("env");
      for (int j = 0; j < containers[i].env_size(); ++j) {
        checkSource(containers[i].env(j).value_from(), ns, env.element(j), problems);
      }
      const FieldPath envFrom = container.field("envFrom");
      for (int j = 0; j < containers[i].env_from_size(); ++j) {
        checkFrom(containers[i].env_from(j), ns, envFrom.element(j), problems);
      }
    }
  }

  void checkSource(const schema::EnvVarSource& source, const std::string& ns, const FieldPath& path,
                   Problems& problems) const {
    if (source.has_config_map_key_ref() && !source.config_map_key_ref().optional()) {
      need("ConfigMap", ns, source.config_map_key_ref().name(), path, problems);
    }
    if (source.has_secret_key_ref() && !source.secret_key_ref().optional()) {
      need("Secret", ns, source.secret_key_ref().name(), path, problems);
    }
  }

  void checkFrom(const schema::EnvFromSource& from, const std::string& ns, const FieldPath& path,
                 Problems& problems) const {
    if (from.has_config_map_ref() && !from.config_map_ref().optional()) {
      need("ConfigMap", ns, from.config_map_ref().name(), path, problems);
    }
    if (from.has_secret_ref() && !from.secret_ref().optional()) {
      need("Secret", ns, from.secret_ref().name(), path, problems);
    }
  }

  void need(const std::string& kind, const std::string& ns, const std::string& name,
            const FieldPath& path, Problems& problems) const {
    if (keys_.contains({kind, ns, name})) return;
    problems.warning(path, "the " + kind + " " + jsonText(name) + " is not in this set",
                     "the pods wait until it is there");
  }

  const std::vector<Resource>& resources_;
  std::set<ObjectKey> keys_;
  std::map<std::pair<int, std::string>, const Resource*> nodePorts_;
  std::vector<Diagnostic> found_;
};

}  // namespace

std::vector<Diagnostic> validateSet(const std::vector<Resource>& resources) {
  return SetRules(resources).run();
}

}  // namespace gantry::manifests
