// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/node/leave.h"

#include <memory>
#include <utility>

namespace gantry::agent {

void leaveRuntime(Runtime& runtime, std::function<void(absl::Status)> done) {
  struct Leaving {
    std::function<void(absl::Status)> done;
    absl::Status status;
    std::size_t open = 0;

    void finish(const absl::Status& one) {
      status.Update(one);
      if (--open == 0) done(status);
    }
  };
  runtime.list([&runtime, done = std::move(done)](absl::StatusOr<RuntimeState> state) {
    if (!state.ok() || state->sandboxes.empty()) return done(state.status());
    auto leaving = std::make_shared<Leaving>();
    leaving->done = done;
    leaving->open = state->sandboxes.size();
    for (const SeenSandbox& each : state->sandboxes) {
      runtime.stopSandbox(each.id, [&runtime, leaving, id = each.id](const absl::Status& stopped) {
        if (!stopped.ok()) return leaving->finish(stopped);
        runtime.removeSandbox(id,
                              [leaving](const absl::Status& removed) { leaving->finish(removed); });
      });
    }
  });
}

}  // namespace gantry::agent
