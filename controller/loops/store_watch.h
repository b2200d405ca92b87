// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controller/loops/alarm.h"
#include "controller/loops/loop_context.h"

namespace gantry::loops {

/// Remarks that the store cannot be written. The remark has to be written itself and is tried until
/// it is, which is how the controller finds out that the store is well again even if nobody has
/// anything to decide. Controller's thread.
class StoreWatch {
 public:
  explicit StoreWatch(LoopContext context)
      : context_(context), look_(context.executor, [this] { look(); }) {}

  void start() { look(); }

 private:
  static constexpr base::Duration kInterval{5'000};

  void look() {
    const absl::Status& status = context_.ledger.storeStatus();
    if (!status.ok()) {
      Remark said;
      said.kind = "Controller";
      said.name.name = "controller";
      said.isWarning = true;
      said.reason = "StoreFailed";
      said.message = std::string(status.message());
      said.source = "controller";
      context_.events.record(std::move(said));
    }
    look_.ringAfter(kInterval);
  }

  LoopContext context_;
  Alarm look_;
};

}  // namespace gantry::loops
