// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "manifests/diff/mask.h"
#include "manifests/resource.h"

namespace gantry::manifests {

/// One field that differs; values are single-line YAML, masked where secret.
struct FieldChange {
  /// "spec.template.spec.containers[web].image"
  std::string path;
  std::optional<std::string> before;
  std::optional<std::string> after;
  /// Worth a second look: image, replicas, resources, selector, probes, anything immutable.
  bool risk = false;

  bool operator==(const FieldChange&) const = default;
};

/// The fields in which two objects of one kind differ, in the order of the schema; list elements
/// are matched by their merge key. System fields do not count; equal quantities written differently
/// are equal. Null stands for an object that does not exist. Pure.
std::vector<FieldChange> diff(const google::protobuf::Message* before,
                              const google::protobuf::Message* after);

/// The object as YAML, fields in schema order, with apiVersion and kind if it is a resource. Secret
/// values are masked (mask.h). What it prints, decode reads back to the same message. System fields
/// are left out unless asked for. Pure.
std::string toYaml(const google::protobuf::Message& message, bool withSystemFields = false);

/// The same as JSON, for `-o json`.
std::string toJson(const google::protobuf::Message& message, bool withSystemFields = false);

}  // namespace gantry::manifests
