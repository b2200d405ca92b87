// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>

#include "controller/store/store.h"

namespace gantry::store {

/// A store that lasts as long as the object: for tests and the simulator.
class MemoryStore final : public Store {
 public:
  absl::StatusOr<std::vector<Record>> list(std::string_view prefix) override;
  absl::StatusOr<std::int64_t> commit(const std::vector<Write>& batch) override;

 private:
  std::map<std::string, Record, std::less<>> records_;
  std::int64_t revision_ = 0;
};

}  // namespace gantry::store
