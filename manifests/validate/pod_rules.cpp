// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <tuple>

#include "manifests/decode/json_text.h"
#include "manifests/validate/names.h"
#include "manifests/validate/rules.h"

namespace gantry::manifests {
namespace {

void checkToleration(const schema::Toleration& toleration, const FieldPath& path,
                     Problems& problems) {
  problems.requireOneOf(toleration.operator_(), {"", "Exists", "Equal"}, path.field("operator"));
  problems.requireOneOf(toleration.effect(), {"", "NoSchedule", "PreferNoSchedule", "NoExecute"},
                        path.field("effect"));
  const bool exists = toleration.operator_() == "Exists";
  problems.require(!exists || toleration.value().empty(), path.field("value"),
                   "operator Exists looks at no value", "remove it, or write `operator: Equal`");
  problems.require(exists || !toleration.key().empty(), path,
                   "without a key the operator must be Exists", "add `key`");
  problems.require(!toleration.has_toleration_seconds() || toleration.effect() == "NoExecute",
                   path.field("tolerationSeconds"), "only effect NoExecute looks at it",
                   "remove it, or write `effect: NoExecute`");
}

void checkNames(const schema::PodSpec& spec, const FieldPath& init, const FieldPath& main,
                Problems& problems) {
  std::set<std::string> names;
  const auto checkAll = [&](const auto& containers, const FieldPath& path) {
    for (int i = 0; i < containers.size(); ++i) {
      const FieldPath container = path.element(i);
      const std::string& name = containers[i].name();
      if (!isDnsLabel(name)) {
        problems.error(container.field("name"),
                       name.empty() ? "a container needs a name"
                                    : jsonText(name) + " is not a valid name of a container",
                       "use at most 63 lower-case letters, digits and '-'");
      } else if (!names.insert(name).second) {
        problems.error(container.field("name"), jsonText(name) + " is used twice",
                       "give each container a name of its own");
      }
    }
  };
  checkAll(spec.init_containers(), init);
  checkAll(spec.containers(), main);
}

/// A port of the node can be given to one container of a pod only.
void checkHostPorts(const schema::PodSpec& spec, const FieldPath& containers, Problems& problems) {
  std::set<std::tuple<std::string, int, std::string>> used;
  for (int i = 0; i < spec.containers_size(); ++i) {
    const FieldPath container = containers.element(i);
    const FieldPath ports = container.field("ports");
    for (int j = 0; j < spec.containers(i).ports_size(); ++j) {
      const schema::ContainerPort& port = spec.containers(i).ports(j);
      if (port.host_port() == 0) continue;
      if (!used.emplace(port.host_ip(), port.host_port(), port.protocol()).second) {
        const FieldPath element = ports.element(j);
        problems.error(element.field("hostPort"),
                       std::to_string(port.host_port()) + "/" + port.protocol() + " is used twice");
      }
    }
  }
}

void checkSecurity(const schema::PodSecurityContext& security, const FieldPath& path,
                   Problems& problems) {
  problems.requireAtLeast(security.run_as_user(), 0, path.field("runAsUser"));
  problems.requireAtLeast(security.run_as_group(), 0, path.field("runAsGroup"));
  problems.requireAtLeast(security.fs_group(), 0, path.field("fsGroup"));
  const bool rootOnly = security.has_run_as_user() && security.run_as_user() == 0;
  problems.require(!security.run_as_non_root() || !rootOnly, path.field("runAsUser"),
                   "user 0 is root, and runAsNonRoot forbids it", "choose another user");
}

}  // namespace

void check(const schema::Pod& pod, Problems& problems) {
  const FieldPath root;
  checkPodSpec(pod.spec(), root.field("spec"), problems);
}

void checkPodSpec(const schema::PodSpec& spec, const FieldPath& path, Problems& problems) {
  const FieldPath init = path.field("initContainers");
  const FieldPath main = path.field("containers");
  if (spec.containers().empty()) {
    problems.error(main, "a pod needs a container", "add `containers` with a name and an image");
  }
  checkNames(spec, init, main, problems);
  for (int i = 0; i < spec.init_containers_size(); ++i) {
    checkContainer(spec.init_containers(i), spec, true, init.element(i), problems);
  }
  for (int i = 0; i < spec.containers_size(); ++i) {
    checkContainer(spec.containers(i), spec, false, main.element(i), problems);
  }
  checkHostPorts(spec, main, problems);
  checkVolumes(spec, path.field("volumes"), problems);
  problems.requireOneOf(spec.restart_policy(), {"Always", "OnFailure", "Never"},
                        path.field("restartPolicy"));
  problems.requireOneOf(spec.dns_policy(),
                        {"ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"},
                        path.field("dnsPolicy"));
  problems.requireAtLeast(spec.termination_grace_period_seconds(), 0,
                          path.field("terminationGracePeriodSeconds"));
  if (!spec.hostname().empty() && !isDnsLabel(spec.hostname())) {
    problems.error(path.field("hostname"), jsonText(spec.hostname()) + " is not a valid host name");
  }
  checkLabels(spec.node_selector(), path.field("nodeSelector"), problems);
  const FieldPath tolerations = path.field("tolerations");
  for (int i = 0; i < spec.tolerations_size(); ++i) {
    checkToleration(spec.tolerations(i), tolerations.element(i), problems);
  }
  checkSecurity(spec.security_context(), path.field("securityContext"), problems);
}

}  // namespace gantry::manifests
