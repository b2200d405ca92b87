// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "manifests/decode/json_text.h"
#include "manifests/decode/suggest.h"
#include "manifests/validate/names.h"
#include "manifests/validate/rules.h"

namespace gantry::manifests {
namespace {

constexpr std::array kFieldPaths = {"metadata.name",   "metadata.namespace",  "metadata.uid",
                                    "spec.nodeName",   "status.podIP",        "status.hostIP",
                                    "metadata.labels", "metadata.annotations"};

/// "metadata.labels['app']" → true; of labels and annotations one key must be named.
bool isFieldPath(const std::string& path) {
  const std::size_t bracket = path.find("['");
  const std::string base = path.substr(0, bracket);
  const bool map = base == "metadata.labels" || base == "metadata.annotations";
  if (bracket != std::string::npos) {
    return map && path.ends_with("']") && path.size() > bracket + 4;
  }
  return !map && std::ranges::find(kFieldPaths, path) != kFieldPaths.end();
}

void checkKeySelector(const schema::KeySelector& selector, const FieldPath& path,
                      Problems& problems) {
  problems.require(isDnsSubdomain(selector.name()), path.field("name"), "a valid name is missing");
  problems.require(isConfigKey(selector.key()), path.field("key"), "a valid key is missing");
}

void checkSource(const schema::EnvVarSource& source, const FieldPath& path, Problems& problems) {
  const int count = source.has_field_ref() + source.has_resource_field_ref() +
                    source.has_config_map_key_ref() + source.has_secret_key_ref();
  problems.require(count == 1, path, "a variable needs exactly one source",
                   "use one of fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef");
  if (source.has_field_ref() && !isFieldPath(source.field_ref().field_path())) {
    const FieldPath field = path.field("fieldRef");
    const std::string near =
        nearest(source.field_ref().field_path(),
                std::vector<std::string>(kFieldPaths.begin(), kFieldPaths.end()));
    problems.error(
        field.field("fieldPath"),
        jsonText(source.field_ref().field_path()) + " is not a field of a pod that can be had",
        near.empty() ? "use for example metadata.name or metadata.labels['app']"
                     : "did you mean \"" + near + "\"?");
  }
  if (source.has_resource_field_ref()) {
    const FieldPath field = path.field("resourceFieldRef");
    problems.requireOneOf(source.resource_field_ref().resource(),
                          {"limits.cpu", "limits.memory", "limits.ephemeral-storage",
                           "requests.cpu", "requests.memory", "requests.ephemeral-storage"},
                          field.field("resource"));
  }
  if (source.has_config_map_key_ref()) {
    checkKeySelector(source.config_map_key_ref(), path.field("configMapKeyRef"), problems);
  }
  if (source.has_secret_key_ref()) {
    checkKeySelector(source.secret_key_ref(), path.field("secretKeyRef"), problems);
  }
}

void checkFrom(const schema::EnvFromSource& from, const FieldPath& path, Problems& problems) {
  problems.require(from.has_config_map_ref() != from.has_secret_ref(), path,
                   "it needs exactly one source", "use configMapRef or secretRef");
  problems.require(from.prefix().empty() || isEnvName(from.prefix()), path.field("prefix"),
                   "not a valid beginning of a variable");
  if (from.has_config_map_ref()) {
    const FieldPath reference = path.field("configMapRef");
    problems.require(isDnsSubdomain(from.config_map_ref().name()), reference.field("name"),
                     "a valid name is missing");
  }
  if (from.has_secret_ref()) {
    const FieldPath reference = path.field("secretRef");
    problems.require(isDnsSubdomain(from.secret_ref().name()), reference.field("name"),
                     "a valid name is missing");
  }
}

}  // namespace

void checkEnvironment(const schema::Container& container, const FieldPath& path,
                      Problems& problems) {
  const FieldPath variables = path.field("env");
  for (int i = 0; i < container.env_size(); ++i) {
    const schema::EnvVar& variable = container.env(i);
    const FieldPath element = variables.element(i);
    problems.require(isEnvName(variable.name()), element.field("name"),
                     "a valid name of a variable is missing", "use letters, digits and '_'");
    if (!variable.has_value_from()) continue;
    problems.require(variable.value().empty(), element.field("valueFrom"),
                     "a variable has either value or valueFrom", "remove one of them");
    checkSource(variable.value_from(), element.field("valueFrom"), problems);
  }
  const FieldPath from = path.field("envFrom");
  for (int i = 0; i < container.env_from_size(); ++i) {
    checkFrom(container.env_from(i), from.element(i), problems);
  }
}

}  // namespace gantry::manifests
