// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/store.h"

#include "absl/strings/str_cat.h"

namespace gantry::sim {

absl::StatusOr<std::vector<store::Record>> SimStore::list(std::string_view prefix) {
  return memory_.list(prefix);
}

absl::StatusOr<std::int64_t> SimStore::commit(const std::vector<store::Write>& batch) {
  if (isFull) return absl::ResourceExhaustedError("disk full");
  if (oneFaultIn == 0 || !clock_.oneIn(oneFaultIn)) return write(batch);
  const int kind = clock_.pick(4);
  const bool isWritten = kind % 2 == 1;
  clock_.note("store",
              absl::StrCat(kind < 2 ? "crash " : "no answer ", isWritten ? "after" : "before",
                           " the write of ", batch.front().key));
  if (isWritten) {
    if (const auto written = write(batch); !written.ok()) return written;
  }
  if (kind < 2) throw Crash{"controller"};
  return absl::UnavailableError("the disk does not answer");
}

absl::StatusOr<std::int64_t> SimStore::write(const std::vector<store::Write>& batch) {
  absl::StatusOr<std::int64_t> revision = memory_.commit(batch);
  Trace& trace = clock_.trace();
  trace.mix(revision.ok() ? static_cast<std::uint64_t>(*revision) : 0);
  for (const store::Write& write : batch) {
    trace.mix(write.key);
    trace.mix(write.value ? write.value->size() : 0);
  }
  if (revision.ok()) observer_(batch);
  return revision;
}

}  // namespace gantry::sim
