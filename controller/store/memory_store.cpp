// SPDX-License-Identifier: Apache-2.0
#include "controller/store/memory_store.h"

#include "absl/strings/str_cat.h"

namespace gantry::store {

absl::StatusOr<std::vector<Record>> MemoryStore::list(std::string_view prefix) {
  std::vector<Record> found;
  for (auto it = records_.lower_bound(prefix); it != records_.end(); ++it) {
    if (!it->first.starts_with(prefix)) break;
    found.push_back(it->second);
  }
  return found;
}

absl::StatusOr<std::int64_t> MemoryStore::commit(const std::vector<Write>& batch) {
  for (const Write& write : batch) {
    const auto found = records_.find(write.key);
    const std::int64_t version = found == records_.end() ? 0 : found->second.version;
    if (version != write.expectedVersion) {
      return absl::AbortedError(
          absl::StrCat(write.key, " is at version ", version, ", not at ", write.expectedVersion));
    }
  }
  ++revision_;
  for (const Write& write : batch) {
    if (write.value) {
      records_[write.key] = {write.key, *write.value, revision_};
    } else {
      records_.erase(write.key);
    }
  }
  return revision_;
}

}  // namespace gantry::store
