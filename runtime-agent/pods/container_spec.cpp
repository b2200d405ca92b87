// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/pods/container_spec.h"

#include <algorithm>

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/status.h"
#include "manifests/decode/quantity.h"
#include "runtime-agent/cri/labels.h"
#include "runtime-agent/logs/log_files.h"

namespace gantry::agent {
namespace {

constexpr std::int64_t kMinShares = 2;
constexpr std::int64_t kMinQuotaUs = 1'000;
constexpr std::int64_t kPeriodUs = 100'000;

const schema::Quantity* amount(const google::protobuf::Map<std::string, schema::Quantity>& amounts,
                               const char* resource) {
  const auto found = amounts.find(resource);
  return found == amounts.end() ? nullptr : &found->second;
}

std::map<std::string, std::string> podLabels(const schema::Pod& pod) {
  return {{labels::kManaged, labels::kManagedBy},
          {labels::kPodUid, pod.metadata().uid()},
          {labels::kPodName, pod.metadata().name()},
          {labels::kPodNamespace, pod.metadata().namespace_()}};
}

bool isPrivileged(const schema::PodSpec& spec) {
  const auto privileged = [](const schema::Container& each) {
    return each.security_context().privileged();
  };
  return std::any_of(spec.containers().begin(), spec.containers().end(), privileged) ||
         std::any_of(spec.init_containers().begin(), spec.init_containers().end(), privileged);
}

absl::Status checkNonRoot(const schema::Pod& pod, const schema::Container& container,
                          const ImageInfo& image, const ContainerSpec& spec) {
  const schema::SecurityContext& own = container.security_context();
  const bool wanted = own.has_run_as_non_root() ? own.run_as_non_root()
                                                : pod.spec().security_context().run_as_non_root();
  if (!wanted) return absl::OkStatus();
  const std::optional<std::int64_t> uid = spec.runAsUser ? spec.runAsUser : image.uid;
  if (uid && *uid != 0) return absl::OkStatus();
  if (!uid && !image.userName.empty() && image.userName != "root") {
    return absl::FailedPreconditionError(
        absl::StrCat("runAsNonRoot is set, but the image's user \"", image.userName,
                     "\" is a name, not a number; set runAsUser"));
  }
  return absl::FailedPreconditionError(
      "runAsNonRoot is set, but the container would run as root; set runAsUser");
}

void setSecurity(const schema::Pod& pod, const schema::Container& container, ContainerSpec& spec) {
  const schema::SecurityContext& own = container.security_context();
  const schema::PodSecurityContext& shared = pod.spec().security_context();
  spec.privileged = own.privileged();
  spec.readOnlyRootfs = own.read_only_root_filesystem();
  spec.noNewPrivileges = own.has_allow_privilege_escalation() && !own.allow_privilege_escalation();
  if (own.has_run_as_user()) {
    spec.runAsUser = own.run_as_user();
  } else if (shared.has_run_as_user()) {
    spec.runAsUser = shared.run_as_user();
  }
  if (own.has_run_as_group()) {
    spec.runAsGroup = own.run_as_group();
  } else if (shared.has_run_as_group()) {
    spec.runAsGroup = shared.run_as_group();
  }
  spec.supplementalGroups.assign(shared.supplemental_groups().begin(),
                                 shared.supplemental_groups().end());
  if (shared.has_fs_group()) spec.supplementalGroups.push_back(shared.fs_group());
  spec.addCapabilities.assign(own.capabilities().add().begin(), own.capabilities().add().end());
  spec.dropCapabilities.assign(own.capabilities().drop().begin(), own.capabilities().drop().end());
}

absl::Status addMounts(const schema::Container& container,
                       const std::map<std::string, std::string>& volumes, ContainerSpec& spec) {
  for (const schema::VolumeMount& each : container.volume_mounts()) {
    const auto volume = volumes.find(each.name());
    if (volume == volumes.end()) {
      return absl::FailedPreconditionError(
          absl::StrCat("volumeMounts names volume \"", each.name(), "\", which the pod lacks"));
    }
    spec.mounts.push_back({.hostPath = volume->second,
                           .subPath = each.sub_path(),
                           .containerPath = each.mount_path(),
                           .readOnly = each.read_only()});
  }
  return absl::OkStatus();
}

}  // namespace

std::string podLogDirectory(const std::string& podLogRoot, const schema::Pod& pod) {
  const schema::ObjectMeta& meta = pod.metadata();
  return podLogFolder(podLogRoot, meta.namespace_(), meta.name(), meta.uid());
}

SandboxSpec makeSandboxSpec(const schema::Pod& pod, std::uint32_t attempt, const NodeFacts& node) {
  // A host name may have 63 letters, and must not end in a dash.
  constexpr std::size_t kLongestHostname = 63;
  SandboxSpec spec;
  spec.podUid = pod.metadata().uid();
  spec.podName = pod.metadata().name();
  spec.podNamespace = pod.metadata().namespace_();
  spec.attempt = attempt;
  spec.hostname = (pod.spec().hostname().empty() ? pod.metadata().name() : pod.spec().hostname())
                      .substr(0, kLongestHostname);
  while (!spec.hostname.empty() && absl::EndsWith(spec.hostname, "-")) spec.hostname.pop_back();
  spec.logDirectory = podLogDirectory(node.podLogRoot, pod);
  spec.hostNetwork = pod.spec().host_network();
  spec.privileged = isPrivileged(pod.spec());
  for (const schema::Container& container : pod.spec().containers()) {
    for (const schema::ContainerPort& port : container.ports()) {
      if (port.host_port() == 0 || spec.hostNetwork) continue;
      spec.portMappings.push_back({.protocol = port.protocol().empty() ? "TCP" : port.protocol(),
                                   .containerPort = port.container_port(),
                                   .hostPort = port.host_port(),
                                   .hostIp = port.host_ip()});
    }
  }
  spec.labels = podLabels(pod);
  return spec;
}

absl::StatusOr<ContainerSpec> makeContainerSpec(const schema::Container& container,
                                                std::uint32_t attempt,
                                                const ContainerInputs& inputs) {
  const schema::Pod& pod = inputs.environment.pod;
  ContainerSpec spec;
  spec.podUid = pod.metadata().uid();
  spec.name = container.name();
  spec.attempt = attempt;
  spec.image = container.image();
  spec.imageRef = inputs.image.ref;
  spec.workingDir = container.working_dir();
  GANTRY_ASSIGN_OR_RETURN(spec.env, buildEnvironment(container, inputs.environment));
  const std::map<std::string, std::string> values(spec.env.begin(), spec.env.end());
  for (const std::string& word : container.command()) {
    spec.command.push_back(expandVariables(word, values));
  }
  for (const std::string& word : container.args()) {
    spec.args.push_back(expandVariables(word, values));
  }
  GANTRY_RETURN_IF_ERROR(addMounts(container, inputs.volumes, spec));
  spec.logPath = containerLogPath(container.name(), attempt);
  spec.terminationMessagePath = container.termination_message_path();
  spec.terminationMessageOrLog = container.termination_message_policy() == "FallbackToLogsOnError";
  spec.stdin = container.stdin();
  spec.tty = container.tty();
  setLimits(container, spec);
  spec.oomScoreAdj =
      oomScoreAdj(pod.spec(), container, inputs.environment.node.allocatableMemoryBytes);
  setSecurity(pod, container, spec);
  GANTRY_RETURN_IF_ERROR(checkNonRoot(pod, container, inputs.image, spec));
  spec.labels = podLabels(pod);
  spec.labels[labels::kContainerName] = container.name();
  spec.labels[labels::kSpecHash] = specHash(container);
  return spec;
}

void setLimits(const schema::Container& container, ContainerSpec& spec) {
  const schema::ResourceRequirements& resources = container.resources();
  const schema::Quantity* limit = amount(resources.limits(), "cpu");
  const schema::Quantity* request = amount(resources.requests(), "cpu");
  if (request == nullptr) request = limit;
  const std::int64_t requestMillis = request == nullptr ? 0 : manifests::millisOf(*request);
  spec.cpuShares = std::max(kMinShares, requestMillis * 1'024 / 1'000);
  if (limit != nullptr && manifests::millisOf(*limit) > 0) {
    spec.cpuPeriodUs = kPeriodUs;
    spec.cpuQuotaUs = std::max(kMinQuotaUs, manifests::millisOf(*limit) * kPeriodUs / 1'000);
  }
  if (const schema::Quantity* memory = amount(resources.limits(), "memory")) {
    spec.memoryLimitBytes = manifests::unitsOf(*memory);
  }
}

std::string specHash(const schema::Container& container) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    // Maps have no order of their own.
    coded.SetSerializationDeterministic(true);
    container.SerializeToCodedStream(&coded);
  }
  return base::shortHash(bytes);
}

std::string qosClass(const schema::PodSpec& spec) {
  bool anySet = false;
  bool guaranteed = true;
  const auto look = [&](const schema::Container& container) {
    for (const char* resource : {"cpu", "memory"}) {
      const schema::Quantity* limit = amount(container.resources().limits(), resource);
      const schema::Quantity* request = amount(container.resources().requests(), resource);
      if (request == nullptr) request = limit;
      anySet = anySet || request != nullptr;
      guaranteed = guaranteed && limit != nullptr &&
                   manifests::millisOf(*limit) == manifests::millisOf(*request);
    }
  };
  for (const schema::Container& each : spec.init_containers()) look(each);
  for (const schema::Container& each : spec.containers()) look(each);
  if (!anySet) return "BestEffort";
  return guaranteed ? "Guaranteed" : "Burstable";
}

std::int64_t oomScoreAdj(const schema::PodSpec& spec, const schema::Container& container,
                         std::int64_t nodeMemoryBytes) {
  const std::string qos = qosClass(spec);
  if (qos == "Guaranteed") return -997;
  if (qos == "BestEffort") return 1'000;
  const schema::Quantity* request = amount(container.resources().requests(), "memory");
  if (request == nullptr) request = amount(container.resources().limits(), "memory");
  if (request == nullptr || nodeMemoryBytes <= 0) return 999;
  const double share =
      static_cast<double>(manifests::unitsOf(*request)) / static_cast<double>(nodeMemoryBytes);
  return std::clamp<std::int64_t>(1'000 - static_cast<std::int64_t>(1'000 * share), 2, 999);
}

}  // namespace gantry::agent
