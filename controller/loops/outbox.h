// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/loops/alarm.h"
#include "controller/notify/waiting.h"
#include "controller/store/store.h"

namespace gantry::loops {

/// The notices that wait to be sent, kept in the store until they are: a restart loses none, and
/// after a crash the last ones may be sent again. What is put is written right after the task that
/// puts it; what is erased a moment later, many in one commit. A store that cannot be written keeps
/// nobody waiting: it is tried again. Controller's thread.
class Outbox {
 public:
  /// Rising in the order in which notices were put.
  using Number = std::uint64_t;

  /// Reads what an earlier process left; a record that cannot be read is logged and forgotten. Both
  /// must outlive the outbox. Errors: those of the store.
  static absl::StatusOr<std::unique_ptr<Outbox>> open(base::Executor& executor,
                                                      store::Store& store);
  /// Writes what is not written yet.
  ~Outbox();
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  const std::map<Number, notify::Waiting>& all() const { return wanted_; }
  Number put(notify::Waiting waiting);
  void erase(Number number);

 private:
  Outbox(base::Executor& executor, store::Store& store);
  /// Takes note of what the store holds.
  absl::StatusOr<std::vector<store::Record>> list();
  /// Finds what is not in the store as it is wanted.
  void compare();
  /// Makes the store hold what is wanted.
  void write();

  store::Store& store_;
  std::map<Number, notify::Waiting> wanted_;
  /// What the store holds, with its version.
  std::map<Number, std::int64_t> stored_;
  /// How the two differ: what is only wanted, and what is only stored.
  std::set<Number> unwritten_;
  std::set<Number> gone_;
  /// The last write may or may not have reached the store.
  bool inDoubt_ = false;
  Number last_ = 0;
  Alarm write_;
};

}  // namespace gantry::loops
