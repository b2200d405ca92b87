// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/pods/environment.h"

#include <algorithm>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "base/status.h"
#include "manifests/decode/quantity.h"
#include "runtime-agent/pods/service_environment.h"

namespace gantry::agent {
namespace {

/// Variables in the order in which they were first set.
class Variables {
 public:
  void set(const std::string& name, const std::string& value) {
    const auto [entry, isNew] = values_.insert_or_assign(name, value);
    if (isNew) order_.push_back(entry->first);
  }

  const std::map<std::string, std::string>& values() const { return values_; }

  Environment inOrder() const {
    Environment all;
    for (const std::string& name : order_) all.emplace_back(name, values_.at(name));
    return all;
  }

 private:
  std::map<std::string, std::string> values_;
  std::vector<std::string> order_;
};

std::string sourceKey(const schema::Pod& pod, const std::string& name) {
  return pod.metadata().namespace_() + "/" + name;
}

absl::Status missing(const char* kind, const std::string& name) {
  return absl::FailedPreconditionError(absl::StrCat(kind, " \"", name, "\" not found"));
}

absl::Status missingKey(const char* kind, const std::string& name, const std::string& key) {
  return absl::FailedPreconditionError(
      absl::StrCat("key \"", key, "\" not found in ", kind, " \"", name, "\""));
}

template <class Data>
void setAll(const Data& data, const std::string& prefix, Variables& variables) {
  // Protobuf maps have no order of their own.
  const std::map<std::string, std::string> sorted(data.begin(), data.end());
  for (const auto& [key, value] : sorted) variables.set(prefix + key, value);
}

absl::Status addFrom(const schema::EnvFromSource& from, const EnvironmentInputs& in,
                     Variables& variables) {
  if (from.has_config_map_ref()) {
    const auto found = in.sources.configMaps.find(sourceKey(in.pod, from.config_map_ref().name()));
    if (found != in.sources.configMaps.end()) {
      setAll(found->second.data(), from.prefix(), variables);
    } else if (!from.config_map_ref().optional()) {
      return missing("ConfigMap", from.config_map_ref().name());
    }
  }
  if (from.has_secret_ref()) {
    const auto found = in.sources.secrets.find(sourceKey(in.pod, from.secret_ref().name()));
    if (found != in.sources.secrets.end()) {
      setAll(found->second.data(), from.prefix(), variables);
    } else if (!from.secret_ref().optional()) {
      return missing("Secret", from.secret_ref().name());
    }
  }
  return absl::OkStatus();
}

/// Nothing where an optional source or key is missing: the variable is not set then.
template <class Sources>
absl::StatusOr<std::optional<std::string>> keyValue(const char* kind,
                                                    const schema::KeySelector& selector,
                                                    const Sources& sources,
                                                    const schema::Pod& pod) {
  const auto source = sources.find(sourceKey(pod, selector.name()));
  if (source == sources.end()) {
    if (selector.optional()) return std::nullopt;
    return missing(kind, selector.name());
  }
  const auto value = source->second.data().find(selector.key());
  if (value == source->second.data().end()) {
    if (selector.optional()) return std::nullopt;
    return missingKey(kind, selector.name(), selector.key());
  }
  return std::optional<std::string>(value->second);
}

std::string mapValue(const google::protobuf::Map<std::string, std::string>& map,
                     const std::string& key) {
  const auto found = map.find(key);
  return found == map.end() ? "" : found->second;
}

absl::StatusOr<std::string> podField(const std::string& path, const EnvironmentInputs& in) {
  const schema::ObjectMeta& meta = in.pod.metadata();
  if (path == "metadata.name") return meta.name();
  if (path == "metadata.namespace") return meta.namespace_();
  if (path == "metadata.uid") return meta.uid();
  if (path == "spec.nodeName") return in.node.name;
  if (path == "status.podIP" || path == "status.podIPs") return in.podIp;
  if (path == "status.hostIP" || path == "status.hostIPs") return in.node.address;
  for (const absl::string_view field : {"metadata.labels", "metadata.annotations"}) {
    absl::string_view key = path;
    if (!absl::ConsumePrefix(&key, absl::StrCat(field, "['")) || !absl::ConsumeSuffix(&key, "']")) {
      continue;
    }
    return mapValue(field == "metadata.labels" ? meta.labels() : meta.annotations(),
                    std::string(key));
  }
  return absl::InvalidArgumentError(absl::StrCat("fieldPath \"", path, "\" is not supported"));
}

absl::StatusOr<std::string> resourceField(const schema::ResourceFieldSelector& selector,
                                          const schema::Container& own,
                                          const EnvironmentInputs& in) {
  const schema::Container* container = &own;
  for (const auto& each : in.pod.spec().containers()) {
    if (each.name() == selector.container_name()) container = &each;
  }
  absl::string_view name = selector.resource();
  const bool limits = absl::ConsumePrefix(&name, "limits.");
  if (!limits && !absl::ConsumePrefix(&name, "requests.")) {
    return absl::InvalidArgumentError(
        absl::StrCat("resource \"", selector.resource(), "\" is not supported"));
  }
  const auto& amounts =
      limits ? container->resources().limits() : container->resources().requests();
  const auto found = amounts.find(std::string(name));
  std::int64_t millis = 0;
  if (found != amounts.end()) {
    millis = manifests::millisOf(found->second);
  } else if (limits && name == "cpu") {
    millis = in.node.allocatableCpuMillis;
  } else if (limits && name == "memory") {
    millis = in.node.allocatableMemoryBytes * 1'000;
  }
  const std::int64_t divisor =
      std::max<std::int64_t>(1, selector.has_divisor() && !selector.divisor().text().empty()
                                    ? manifests::millisOf(selector.divisor())
                                    : 1'000);
  return absl::StrCat(millis / divisor + (millis % divisor == 0 ? 0 : 1));
}

absl::StatusOr<std::optional<std::string>> variableValue(const schema::EnvVar& variable,
                                                         const schema::Container& container,
                                                         const EnvironmentInputs& in,
                                                         const Variables& before) {
  const schema::EnvVarSource& from = variable.value_from();
  if (from.has_config_map_key_ref()) {
    return keyValue("ConfigMap", from.config_map_key_ref(), in.sources.configMaps, in.pod);
  }
  if (from.has_secret_key_ref()) {
    return keyValue("Secret", from.secret_key_ref(), in.sources.secrets, in.pod);
  }
  std::string value;
  if (from.has_field_ref()) {
    GANTRY_ASSIGN_OR_RETURN(value, podField(from.field_ref().field_path(), in));
  } else if (from.has_resource_field_ref()) {
    GANTRY_ASSIGN_OR_RETURN(value, resourceField(from.resource_field_ref(), container, in));
  } else {
    value = expandVariables(variable.value(), before.values());
  }
  return std::optional<std::string>(std::move(value));
}

void addServices(const EnvironmentInputs& in, Variables& variables) {
  const schema::PodSpec& spec = in.pod.spec();
  if (spec.has_enable_service_links() && !spec.enable_service_links()) return;
  std::vector<api::Endpoints> ours;
  for (const api::Endpoints& each : in.services) {
    if (each.namespace_() == in.pod.metadata().namespace_()) ours.push_back(each);
  }
  for (const auto& [name, value] : serviceEnvironment(ours)) variables.set(name, value);
}

}  // namespace

absl::StatusOr<Environment> buildEnvironment(const schema::Container& container,
                                             const EnvironmentInputs& inputs) {
  Variables variables;
  addServices(inputs, variables);
  for (const schema::EnvFromSource& each : container.env_from()) {
    GANTRY_RETURN_IF_ERROR(addFrom(each, inputs, variables));
  }
  for (const schema::EnvVar& each : container.env()) {
    std::optional<std::string> value;
    GANTRY_ASSIGN_OR_RETURN(value, variableValue(each, container, inputs, variables));
    if (value) variables.set(each.name(), *value);
  }
  return variables.inOrder();
}

std::string expandVariables(std::string_view text,
                            const std::map<std::string, std::string>& values) {
  std::string result;
  while (true) {
    const std::size_t dollar = text.find('$');
    if (dollar == std::string_view::npos || dollar + 1 == text.size()) break;
    result.append(text.substr(0, dollar));
    text.remove_prefix(dollar);
    if (text[1] == '$') {
      result.push_back('$');
      text.remove_prefix(2);
      continue;
    }
    const std::size_t end = text[1] == '(' ? text.find(')') : std::string_view::npos;
    if (end == std::string_view::npos) {
      result.push_back('$');
      text.remove_prefix(1);
      continue;
    }
    const auto found = values.find(std::string(text.substr(2, end - 2)));
    result.append(found == values.end() ? text.substr(0, end + 1)
                                        : std::string_view(found->second));
    text.remove_prefix(end + 1);
  }
  return result.append(text);
}

}  // namespace gantry::agent
