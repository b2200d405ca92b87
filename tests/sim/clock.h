// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <unordered_map>

#include "base/executor.h"
#include "tests/sim/trace.h"

namespace gantry::sim {

/// Virtual time, chance, and everything that is still to happen, in order. One a run: the same seed
/// gives the same run.
class Clock {
 public:
  Clock(std::uint64_t seed, bool isPrinted) : random_(seed), trace_(isPrinted) {}

  base::Instant now() const { return base::Instant(elapsed_); }
  base::Duration elapsed() const { return elapsed_; }
  base::Timestamp wallNow() const;

  std::uint64_t random();
  /// 0 … below - 1.
  int pick(int below);
  bool oneIn(int many) { return pick(many) == 0; }
  /// Evenly drawn, both ends included.
  base::Duration between(base::Duration least, base::Duration most);

  base::Executor::TimerId at(base::Instant when, base::Executor::Task task);
  base::Executor::TimerId after(base::Duration delay, base::Executor::Task task) {
    return at(now() + delay, std::move(task));
  }
  void cancel(base::Executor::TimerId timer);

  /// Lets the next event happen, if there is one until `end`; else moves on to `end` and answers
  /// false.
  bool step(base::Instant end);

  Trace& trace() { return trace_; }
  void note(std::string_view who, std::string_view what) { trace_.note(elapsed_, who, what); }
  std::uint64_t events() const { return events_; }

 private:
  using Key = std::pair<base::Instant, base::Executor::TimerId>;

  base::Duration elapsed_{1'000};
  std::map<Key, base::Executor::Task> queue_;
  std::unordered_map<base::Executor::TimerId, base::Instant> times_;
  base::Executor::TimerId lastId_ = 0;
  std::uint64_t events_ = 0;
  std::mt19937_64 random_;
  Trace trace_;
};

/// Thrown out of whatever a process is doing: it is killed at this very point, with what it has
/// written behind it and what it was about to do undone.
struct Crash {
  std::string process;
};

/// What runs as one process: an executor whose tasks die with it.
class Process final : public base::Executor {
 public:
  Process(Clock& clock, std::string name) : clock_(clock), name_(std::move(name)) {}

  const std::string& name() const { return name_; }

  /// What was posted before never runs.
  void kill() { ++life_; }

  base::Instant now() const override { return clock_.now(); }
  base::Timestamp wallNow() const override { return clock_.wallNow(); }
  void post(Task task) override { postAt(now(), std::move(task)); }
  TimerId postAt(base::Instant when, Task task) override;
  void cancel(TimerId timer) override { clock_.cancel(timer); }
  std::uint64_t random() override { return clock_.random(); }

 private:
  Clock& clock_;
  const std::string name_;
  std::uint64_t life_ = 0;
};

/// Work of a process that takes a moment.
class SimWorkers final : public base::Workers {
 public:
  SimWorkers(Clock& clock, Process& process) : clock_(clock), process_(process) {}
  void run(std::function<void()> work, base::Executor::Task done) override;

 private:
  Clock& clock_;
  Process& process_;
};

}  // namespace gantry::sim
