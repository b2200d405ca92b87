// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace gantry::store {

/// A key with its value and the store revision at which it was written.
struct Record {
  std::string key;
  std::string value;
  std::int64_t version = 0;
};

/// One write of a batch. It holds only if the key is at `expectedVersion` (0: does not exist).
struct Write {
  std::string key;
  /// Absent: deletes the key.
  std::optional<std::string> value;
  std::int64_t expectedVersion = 0;
};

/// Where the controller's records outlive it. Keys are paths: "/pods/shop/front-x". Used from the
/// controller's thread; every implementation passes tests/contract/store.
class Store {
 public:
  virtual ~Store() = default;

  /// All records whose key begins with `prefix`, ordered by key. Errors: UNAVAILABLE.
  virtual absl::StatusOr<std::vector<Record>> list(std::string_view prefix) = 0;

  /// Writes all or nothing and returns the new revision, which is the version of every key written.
  /// When it has returned OK, the batch survives kill -9 and a power cut. Errors: ABORTED (a key is
  /// not at its expected version; nothing was written), RESOURCE_EXHAUSTED (disk full),
  /// UNAVAILABLE (whether it was written is unknown: the caller must load again).
  virtual absl::StatusOr<std::int64_t> commit(const std::vector<Write>& batch) = 0;
};

}  // namespace gantry::store
