// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <string>

#include "base/executor.h"
#include "controller/model/state.h"
#include "controller/store/store.h"
#include "controller/webhooks/receiver.h"

namespace gantry::server {

/// What is measured, for Prometheus.
class Metrics {
 public:
  Metrics();

  /// How long a commit took and whether it held. Any thread.
  void commitDone(std::chrono::nanoseconds took, bool ok);

  /// How long after its time the executor ran a timer. Any thread.
  void loopWas(base::Duration late);

  /// A push webhook was answered. Any thread.
  void webhookAnswered(const webhooks::Answer& answer);

  /// Measures the executor's lag every second, for ever. `this` must live as long as tasks run.
  void watchLoop(base::Executor& executor);

  /// The text that Prometheus reads: what was measured, and counts of the state. Controller's
  /// thread.
  std::string render(const model::State& state, std::size_t agents, std::size_t watchers) const;

 private:
  prometheus::Registry registry_;
  prometheus::Histogram& commitSeconds_;
  prometheus::Family<prometheus::Counter>& commits_;
  prometheus::Gauge& loopLag_;
  prometheus::Family<prometheus::Counter>& webhooks_;
};

/// A store whose commits are measured.
class MeasuredStore final : public store::Store {
 public:
  /// Both must outlive this.
  MeasuredStore(store::Store& inner, Metrics& metrics) : inner_(inner), metrics_(metrics) {}

  absl::StatusOr<std::vector<store::Record>> list(std::string_view prefix) override {
    return inner_.list(prefix);
  }
  absl::StatusOr<std::int64_t> commit(const std::vector<store::Write>& batch) override;

 private:
  store::Store& inner_;
  Metrics& metrics_;
};

}  // namespace gantry::server
