// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "manifests/decode/json_text.h"
#include "manifests/decode/quantity.h"
#include "manifests/validate/names.h"
#include "manifests/validate/rules.h"

namespace gantry::manifests {
namespace {

void checkPorts(const schema::Container& container, bool hostNetwork, const FieldPath& path,
                Problems& problems) {
  std::set<std::string> names;
  for (int i = 0; i < container.ports_size(); ++i) {
    const schema::ContainerPort& port = container.ports(i);
    const FieldPath element = path.element(i);
    problems.requireRange(port.container_port(), 1, kMaxPort, element.field("containerPort"));
    problems.requireOneOf(port.protocol(), {"TCP", "UDP", "SCTP"}, element.field("protocol"));
    const FieldPath hostPort = element.field("hostPort");
    problems.requireRange(port.host_port(), 0, kMaxPort, hostPort);
    problems.require(!hostNetwork || port.host_port() == port.container_port(), hostPort,
                     "with hostNetwork it must be the containerPort", "remove it");
    problems.require(port.host_ip().empty() || isIpv4(port.host_ip()), element.field("hostIP"),
                     "not an IPv4 address");
    if (port.name().empty()) continue;
    if (!isPortName(port.name())) {
      problems.error(element.field("name"),
                     jsonText(port.name()) + " is not a valid name of a port",
                     "use at most 15 lower-case letters, digits and '-'");
    } else if (!names.insert(port.name()).second) {
      problems.error(element.field("name"), jsonText(port.name()) + " is used twice");
    }
  }
}

void checkMounts(const schema::Container& container, const schema::PodSpec& spec,
                 const FieldPath& path, Problems& problems) {
  std::set<std::string> paths;
  for (int i = 0; i < container.volume_mounts_size(); ++i) {
    const schema::VolumeMount& mount = container.volume_mounts(i);
    const FieldPath element = path.element(i);
    const bool known = std::ranges::any_of(spec.volumes(), [&](const schema::Volume& volume) {
      return volume.name() == mount.name();
    });
    if (!known) {
      problems.error(element.field("name"), "the pod has no volume " + jsonText(mount.name()),
                     "add it to the volumes of the pod, or correct the name");
    }
    const FieldPath mountPath = element.field("mountPath");
    problems.require(mount.mount_path().starts_with('/'), mountPath,
                     "the path in the container must begin with /");
    problems.require(mount.mount_path().find(':') == std::string::npos, mountPath,
                     "a path with a colon cannot be mounted");
    if (!paths.insert(mount.mount_path()).second) {
      problems.error(mountPath, jsonText(mount.mount_path()) + " is mounted twice");
    }
    problems.require(isInnerPath(mount.sub_path()), element.field("subPath"),
                     "the path must be inside the volume", "write it without leading / and ..");
  }
}

void checkSecurity(const schema::SecurityContext& security, const FieldPath& path,
                   Problems& problems) {
  problems.requireAtLeast(security.run_as_user(), 0, path.field("runAsUser"));
  problems.requireAtLeast(security.run_as_group(), 0, path.field("runAsGroup"));
  const bool root = security.has_run_as_user() && security.run_as_user() == 0;
  problems.require(!security.run_as_non_root() || !root, path.field("runAsUser"),
                   "user 0 is root, and runAsNonRoot forbids it", "choose another user");
  const bool refusesEscalation =
      security.has_allow_privilege_escalation() && !security.allow_privilege_escalation();
  problems.require(!security.privileged() || !refusesEscalation,
                   path.field("allowPrivilegeEscalation"),
                   "a privileged container can always escalate", "remove one of them");
}

void checkInit(const schema::Container& container, const FieldPath& path, Problems& problems) {
  constexpr const char* kWhy = "a container that runs to its end before the others is not probed";
  problems.require(!container.has_readiness_probe(), path.field("readinessProbe"), kWhy,
                   "remove it");
  problems.require(!container.has_liveness_probe(), path.field("livenessProbe"), kWhy, "remove it");
  problems.require(!container.has_startup_probe(), path.field("startupProbe"), kWhy, "remove it");
  problems.require(!container.has_lifecycle(), path.field("lifecycle"),
                   "an init container has no lifecycle", "remove it");
}

}  // namespace

void checkContainer(const schema::Container& container, const schema::PodSpec& spec, bool init,
                    const FieldPath& path, Problems& problems) {
  const std::string& image = container.image();
  problems.require(!image.empty(), path.field("image"), "a container needs an image");
  problems.require(image.find_first_of(" \t\n") == std::string::npos, path.field("image"),
                   "the name of an image has no spaces");
  problems.requireOneOf(container.image_pull_policy(), {"Always", "IfNotPresent", "Never"},
                        path.field("imagePullPolicy"));
  problems.requireOneOf(container.termination_message_policy(), {"File", "FallbackToLogsOnError"},
                        path.field("terminationMessagePolicy"));
  checkPorts(container, spec.host_network(), path.field("ports"), problems);
  checkMounts(container, spec, path.field("volumeMounts"), problems);
  checkEnvironment(container, path, problems);
  checkResources(container.resources(), path.field("resources"), problems);
  checkSecurity(container.security_context(), path.field("securityContext"), problems);
  if (init) return checkInit(container, path, problems);
  checkProbes(container, path, problems);
  checkLifecycle(container, path, problems);
}

void checkResources(const schema::ResourceRequirements& resources, const FieldPath& path,
                    Problems& problems) {
  const auto checkAmounts = [&](const auto& amounts, const FieldPath& list) {
    for (const auto& [name, amount] : amounts) {
      const FieldPath entry = list.key(name);
      problems.requireOneOf(name, {"cpu", "memory", "ephemeral-storage"}, entry);
      const std::int64_t millis = millisOf(amount);
      problems.require(millis >= 0, entry, "an amount cannot be negative");
      if (name != "cpu" && millis % 1000 != 0) {
        problems.warning(entry, jsonText(amount.text()) + " is a fraction of a byte",
                         "m means thousandths; did you mean M or Mi?");
      }
    }
  };
  const FieldPath requests = path.field("requests");
  checkAmounts(resources.limits(), path.field("limits"));
  checkAmounts(resources.requests(), requests);
  for (const auto& [name, request] : resources.requests()) {
    const auto limit = resources.limits().find(name);
    if (limit == resources.limits().end() || millisOf(request) <= millisOf(limit->second)) continue;
    problems.error(requests.key(name),
                   request.text() + " is more than the limit of " + limit->second.text(),
                   "lower the request or raise the limit");
  }
}

}  // namespace gantry::manifests
