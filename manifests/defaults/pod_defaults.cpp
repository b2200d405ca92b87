// SPDX-License-Identifier: Apache-2.0
#include "manifests/defaults/pod_defaults.h"

namespace gantry::manifests {
namespace {

constexpr int kGraceSeconds = 30;
constexpr int kFileMode = 0644;
constexpr int kProbeTimeoutSeconds = 1;
constexpr int kProbePeriodSeconds = 10;
constexpr int kProbeSuccesses = 1;
constexpr int kProbeFailures = 3;

void setIfEmpty(std::string* text, const char* value) {
  if (text->empty()) *text = value;
}

void fillHttpGet(schema::HttpGetAction& action) {
  setIfEmpty(action.mutable_path(), "/");
  setIfEmpty(action.mutable_scheme(), "HTTP");
}

void fillProbe(schema::Probe& probe) {
  if (!probe.has_initial_delay_seconds()) probe.set_initial_delay_seconds(0);
  if (!probe.has_timeout_seconds()) probe.set_timeout_seconds(kProbeTimeoutSeconds);
  if (!probe.has_period_seconds()) probe.set_period_seconds(kProbePeriodSeconds);
  if (!probe.has_success_threshold()) probe.set_success_threshold(kProbeSuccesses);
  if (!probe.has_failure_threshold()) probe.set_failure_threshold(kProbeFailures);
  if (probe.has_http_get()) fillHttpGet(*probe.mutable_http_get());
}

void fillContainer(schema::Container& container, bool hostNetwork) {
  if (container.image_pull_policy().empty()) {
    container.set_image_pull_policy(defaultPullPolicy(container.image()));
  }
  setIfEmpty(container.mutable_termination_message_path(), "/dev/termination-log");
  setIfEmpty(container.mutable_termination_message_policy(), "File");
  for (schema::ContainerPort& port : *container.mutable_ports()) {
    setIfEmpty(port.mutable_protocol(), "TCP");
    if (hostNetwork && !port.has_host_port()) port.set_host_port(port.container_port());
  }
  for (schema::EnvVar& env : *container.mutable_env()) {
    if (env.value_from().has_field_ref()) {
      setIfEmpty(env.mutable_value_from()->mutable_field_ref()->mutable_api_version(), "v1");
    }
  }
  if (container.has_liveness_probe()) fillProbe(*container.mutable_liveness_probe());
  if (container.has_readiness_probe()) fillProbe(*container.mutable_readiness_probe());
  if (container.has_startup_probe()) fillProbe(*container.mutable_startup_probe());
  if (!container.has_lifecycle()) return;
  for (auto* handler :
       {container.lifecycle().has_post_start() ? container.mutable_lifecycle()->mutable_post_start()
                                               : nullptr,
        container.lifecycle().has_pre_stop() ? container.mutable_lifecycle()->mutable_pre_stop()
                                             : nullptr}) {
    if (handler != nullptr && handler->has_http_get()) fillHttpGet(*handler->mutable_http_get());
  }
}

void fillVolume(schema::Volume& volume) {
  if (volume.has_config_map() && !volume.config_map().has_default_mode()) {
    volume.mutable_config_map()->set_default_mode(kFileMode);
  }
  if (volume.has_secret() && !volume.secret().has_default_mode()) {
    volume.mutable_secret()->set_default_mode(kFileMode);
  }
  if (volume.has_host_path() && !volume.host_path().has_type()) {
    volume.mutable_host_path()->set_type("");
  }
  const bool none = !volume.has_empty_dir() && !volume.has_host_path() &&
                    !volume.has_config_map() && !volume.has_secret();
  if (none) volume.mutable_empty_dir();
}

void requestTheLimits(schema::ResourceRequirements& resources) {
  for (const auto& [name, limit] : resources.limits()) {
    if (resources.requests().count(name) == 0) (*resources.mutable_requests())[name] = limit;
  }
}

}  // namespace

std::string defaultPullPolicy(const std::string& image) {
  if (image.find('@') != std::string::npos) return "IfNotPresent";
  const std::size_t slash = image.rfind('/');
  const std::size_t colon = image.rfind(':');
  // A colon before the last slash belongs to the registry's port.
  const bool tagged = colon != std::string::npos && (slash == std::string::npos || colon > slash);
  return tagged && image.substr(colon + 1) != "latest" ? "IfNotPresent" : "Always";
}

void fillPodSpec(schema::PodSpec& spec) {
  setIfEmpty(spec.mutable_restart_policy(), "Always");
  setIfEmpty(spec.mutable_dns_policy(), "ClusterFirst");
  setIfEmpty(spec.mutable_scheduler_name(), "default-scheduler");
  if (!spec.has_termination_grace_period_seconds()) {
    spec.set_termination_grace_period_seconds(kGraceSeconds);
  }
  if (!spec.has_enable_service_links()) spec.set_enable_service_links(true);
  if (!spec.has_security_context()) spec.mutable_security_context();
  for (schema::Volume& volume : *spec.mutable_volumes()) fillVolume(volume);
  for (auto* containers : {spec.mutable_init_containers(), spec.mutable_containers()}) {
    for (schema::Container& container : *containers) fillContainer(container, spec.host_network());
  }
}

void fillRequestsFromLimits(schema::PodSpec& spec) {
  for (auto* containers : {spec.mutable_init_containers(), spec.mutable_containers()}) {
    for (schema::Container& container : *containers) {
      if (container.has_resources()) requestTheLimits(*container.mutable_resources());
    }
  }
}

}  // namespace gantry::manifests
