// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/model/state.h"
#include "controller/store/store.h"

namespace gantry::model {

/// Keeps the state in memory and in the store the same. The one place where state changes: a commit
/// is first in the store, then in memory, then told to observers. Controller's thread only.
class Ledger {
 public:
  /// Loads everything. `store` must outlive the ledger. Errors: those of the store; DATA_LOSS with
  /// the key of a record that cannot be read.
  static absl::StatusOr<std::unique_ptr<Ledger>> open(store::Store& store);

  const State& state() const { return state_; }

  /// Writes the decision. Errors: ABORTED (the state has moved on: decide again), those of the
  /// store. After an error the state is as before; where it is unknown whether the store has
  /// written the decision, the next commit reads the store again first, and is aborted if that
  /// finds anything else.
  absl::Status commit(Transaction transaction);

  /// OK, or why the store could not write the last decision.
  const absl::Status& storeStatus() const { return storeStatus_; }

  /// Called with the changes of each commit, in the order in which observers were added. Observers
  /// must not commit; they mark keys dirty and post.
  using Observer = std::function<void(std::span<const Change>)>;
  void observe(Observer observer) { observers_.push_back(std::move(observer)); }

 private:
  explicit Ledger(store::Store& store) : store_(store) {}
  /// Makes the state what the store holds, and tells observers of differences. Whether there were
  /// any.
  absl::StatusOr<bool> load();
  template <class T>
  absl::Status loadTable(std::vector<Change>& changes);
  absl::Status write(Transaction transaction);
  void apply(const Change& change, std::int64_t version);

  store::Store& store_;
  State state_;
  std::vector<Observer> observers_;
  absl::Status storeStatus_;
  bool inDoubt_ = false;
};

}  // namespace gantry::model
