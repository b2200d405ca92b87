// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/cri/convert.h"

#include "runtime-agent/cri/labels.h"

namespace gantry::agent::cri {
namespace {

// What Docker and Kubernetes hide from unprivileged containers.
constexpr const char* kMaskedPaths[] = {"/proc/asound",
                                        "/proc/acpi",
                                        "/proc/kcore",
                                        "/proc/keys",
                                        "/proc/latency_stats",
                                        "/proc/timer_list",
                                        "/proc/timer_stats",
                                        "/proc/sched_debug",
                                        "/proc/scsi",
                                        "/sys/firmware",
                                        "/sys/devices/virtual/powercap"};
constexpr const char* kReadonlyPaths[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                                          "/proc/sysrq-trigger"};

base::Timestamp fromNanoseconds(std::int64_t ns) {
  return base::fromUnixMs(ns / 1'000'000);
}

std::string labelOr(const google::protobuf::Map<std::string, std::string>& labels, const char* key,
                    const std::string& otherwise) {
  const auto found = labels.find(key);
  return found == labels.end() ? otherwise : found->second;
}

template <class Target>
void copyMap(const std::map<std::string, std::string>& from, Target* to) {
  to->insert(from.begin(), from.end());
}

runtime::v1::Protocol protocolOf(const std::string& name) {
  if (name == "UDP") return runtime::v1::UDP;
  return name == "SCTP" ? runtime::v1::SCTP : runtime::v1::TCP;
}

void setNamespaces(const SandboxSpec& sandbox, runtime::v1::NamespaceOption* options) {
  options->set_network(sandbox.hostNetwork ? runtime::v1::NODE : runtime::v1::POD);
  options->set_pid(runtime::v1::CONTAINER);
  options->set_ipc(runtime::v1::POD);
}

void setSecurity(const SandboxSpec& sandbox, const ContainerSpec& spec,
                 runtime::v1::LinuxContainerSecurityContext* security) {
  setNamespaces(sandbox, security->mutable_namespace_options());
  security->set_privileged(spec.privileged);
  security->set_readonly_rootfs(spec.readOnlyRootfs);
  security->set_no_new_privs(spec.noNewPrivileges);
  if (spec.runAsUser) security->mutable_run_as_user()->set_value(*spec.runAsUser);
  if (spec.runAsGroup) security->mutable_run_as_group()->set_value(*spec.runAsGroup);
  for (const std::int64_t group : spec.supplementalGroups) {
    security->add_supplemental_groups(group);
  }
  for (const std::string& each : spec.addCapabilities) {
    security->mutable_capabilities()->add_add_capabilities(each);
  }
  for (const std::string& each : spec.dropCapabilities) {
    security->mutable_capabilities()->add_drop_capabilities(each);
  }
  if (spec.privileged) {
    security->mutable_seccomp()->set_profile_type(runtime::v1::SecurityProfile::Unconfined);
    return;
  }
  security->mutable_seccomp()->set_profile_type(runtime::v1::SecurityProfile::RuntimeDefault);
  for (const char* path : kMaskedPaths) security->add_masked_paths(path);
  for (const char* path : kReadonlyPaths) security->add_readonly_paths(path);
}

}  // namespace

runtime::v1::PodSandboxConfig sandboxConfig(const SandboxSpec& spec) {
  runtime::v1::PodSandboxConfig config;
  config.mutable_metadata()->set_name(spec.podName);
  config.mutable_metadata()->set_uid(spec.podUid);
  config.mutable_metadata()->set_namespace_(spec.podNamespace);
  config.mutable_metadata()->set_attempt(spec.attempt);
  if (!spec.hostNetwork) config.set_hostname(spec.hostname);
  config.set_log_directory(spec.logDirectory);
  for (const SandboxSpec::PortMapping& each : spec.portMappings) {
    runtime::v1::PortMapping* mapping = config.add_port_mappings();
    mapping->set_protocol(protocolOf(each.protocol));
    mapping->set_container_port(each.containerPort);
    mapping->set_host_port(each.hostPort);
    mapping->set_host_ip(each.hostIp);
  }
  copyMap(spec.labels, config.mutable_labels());
  copyMap(spec.annotations, config.mutable_annotations());
  config.mutable_linux()->set_cgroup_parent(spec.cgroupParent);
  auto* security = config.mutable_linux()->mutable_security_context();
  setNamespaces(spec, security->mutable_namespace_options());
  security->set_privileged(spec.privileged);
  security->mutable_seccomp()->set_profile_type(spec.privileged
                                                    ? runtime::v1::SecurityProfile::Unconfined
                                                    : runtime::v1::SecurityProfile::RuntimeDefault);
  return config;
}

runtime::v1::ContainerConfig containerConfig(const SandboxSpec& sandbox,
                                             const ContainerSpec& spec) {
  runtime::v1::ContainerConfig config;
  config.mutable_metadata()->set_name(spec.name);
  config.mutable_metadata()->set_attempt(spec.attempt);
  config.mutable_image()->set_image(spec.imageRef);
  config.mutable_command()->Assign(spec.command.begin(), spec.command.end());
  config.mutable_args()->Assign(spec.args.begin(), spec.args.end());
  config.set_working_dir(spec.workingDir);
  for (const auto& [name, value] : spec.env) {
    runtime::v1::KeyValue* variable = config.add_envs();
    variable->set_key(name);
    variable->set_value(value);
  }
  for (const ContainerSpec::Mount& each : spec.mounts) {
    runtime::v1::Mount* mount = config.add_mounts();
    mount->set_host_path(each.hostPath);
    mount->set_container_path(each.containerPath);
    mount->set_readonly(each.readOnly);
  }
  copyMap(spec.labels, config.mutable_labels());
  copyMap(spec.annotations, config.mutable_annotations());
  config.set_log_path(spec.logPath);
  config.set_stdin(spec.stdin);
  config.set_tty(spec.tty);
  auto* resources = config.mutable_linux()->mutable_resources();
  resources->set_cpu_shares(spec.cpuShares);
  resources->set_cpu_quota(spec.cpuQuotaUs);
  resources->set_cpu_period(spec.cpuPeriodUs);
  resources->set_memory_limit_in_bytes(spec.memoryLimitBytes);
  resources->set_oom_score_adj(spec.oomScoreAdj);
  setSecurity(sandbox, spec, config.mutable_linux()->mutable_security_context());
  return config;
}

SeenSandbox seenSandbox(const runtime::v1::PodSandbox& sandbox) {
  SeenSandbox seen;
  seen.id = sandbox.id();
  seen.podUid = labelOr(sandbox.labels(), labels::kPodUid, sandbox.metadata().uid());
  seen.podName = labelOr(sandbox.labels(), labels::kPodName, sandbox.metadata().name());
  seen.podNamespace =
      labelOr(sandbox.labels(), labels::kPodNamespace, sandbox.metadata().namespace_());
  seen.attempt = sandbox.metadata().attempt();
  seen.ready = sandbox.state() == runtime::v1::SANDBOX_READY;
  seen.createdAt = fromNanoseconds(sandbox.created_at());
  return seen;
}

SeenContainer seenContainer(const runtime::v1::Container& container) {
  SeenContainer seen;
  seen.id = container.id();
  seen.sandboxId = container.pod_sandbox_id();
  seen.podUid = labelOr(container.labels(), labels::kPodUid, "");
  seen.name = labelOr(container.labels(), labels::kContainerName, container.metadata().name());
  seen.specHash = labelOr(container.labels(), labels::kSpecHash, "");
  seen.attempt = container.metadata().attempt();
  seen.image = container.image().image();
  seen.imageRef = container.image_ref();
  switch (container.state()) {
    case runtime::v1::CONTAINER_CREATED:
      seen.phase = ContainerPhase::kCreated;
      break;
    case runtime::v1::CONTAINER_RUNNING:
      seen.phase = ContainerPhase::kRunning;
      break;
    case runtime::v1::CONTAINER_EXITED:
      seen.phase = ContainerPhase::kExited;
      break;
    default:
      seen.phase = ContainerPhase::kUnknown;
  }
  seen.createdAt = fromNanoseconds(container.created_at());
  return seen;
}

void addDetails(const runtime::v1::ContainerStatus& status, SeenContainer& container) {
  container.startedAt = fromNanoseconds(status.started_at());
  container.finishedAt = fromNanoseconds(status.finished_at());
  container.exitCode = status.exit_code();
  container.reason = status.reason();
  container.message = status.message();
  container.logPath = status.log_path();
  if (!status.image_ref().empty()) container.imageRef = status.image_ref();
}

ImageInfo imageInfo(const runtime::v1::Image& image) {
  ImageInfo info;
  info.ref = image.id();
  if (image.has_uid()) info.uid = image.uid().value();
  info.userName = image.username();
  return info;
}

}  // namespace gantry::agent::cri
