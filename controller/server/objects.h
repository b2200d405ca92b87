// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/map.h>

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/api/watch.pb.h"
#include "controller/model/state.h"

// From the controller's state to what people are sent.
namespace gantry::server {

/// As on the wire, secrets masked. Any thread: objects of the state never change.
api::Object toObject(const model::AnyObject& object);

model::Name nameOf(const model::AnyObject& object);

/// Empty for records, which have none. Valid as long as `object`.
const google::protobuf::Map<std::string, std::string>& labelsOf(const model::AnyObject& object);

/// Which objects somebody asks for.
class ObjectFilter {
 public:
  /// Empty `kinds`: all. Empty `ns`: all namespaces; what is cluster-scoped matches any. Error:
  /// INVALID_ARGUMENT (no such kind).
  static absl::StatusOr<ObjectFilter> make(const std::vector<std::string>& kinds, std::string ns);

  bool matches(std::string_view kind, const model::Name& name) const;

  /// All objects that match, kind by kind, shared and not copied. Controller's thread.
  std::vector<model::AnyObject> collect(const model::State& state) const;

 private:
  std::set<std::string, std::less<>> kinds_;
  std::string ns_;
};

}  // namespace gantry::server
