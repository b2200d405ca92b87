// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/map.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace gantry::server {

/// An equality selector as people type it: "app=front,tier!=back,canary".
class LabelQuery {
 public:
  /// Empty text matches all. Error: INVALID_ARGUMENT, with the part that is wrong.
  static absl::StatusOr<LabelQuery> parse(std::string_view text);

  /// Whether all parts hold. As in Kubernetes, "key!=value" also holds where there is no such key.
  bool matches(const google::protobuf::Map<std::string, std::string>& labels) const;

 private:
  struct Part {
    enum class Test { kEquals, kDiffers, kExists };
    std::string key;
    Test test;
    std::string value;
  };
  std::vector<Part> parts_;
};

}  // namespace gantry::server
