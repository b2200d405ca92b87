// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace gantry::sim {

struct RunResult {
  /// The rule that was broken, in one line; empty: none.
  std::string broken;
  /// Of everything that happened.
  std::uint64_t trace = 0;
  /// How much happened, in how much virtual time.
  std::uint64_t events = 0;
  std::int64_t virtualMs = 0;
};

/// Runs one seed: people and faults for some minutes of virtual time, then neither, until what is
/// wanted runs. Single-threaded; the same seed gives the same result. `isPrinted`: prints what
/// happens.
RunResult run(std::uint64_t seed, bool isPrinted);

}  // namespace gantry::sim
