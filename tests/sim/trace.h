// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "base/time.h"

namespace gantry::sim {

/// What happened in a run, as one number: two runs of a seed that differ anywhere differ in it.
/// Printed line by line where a person wants to read it.
class Trace {
 public:
  explicit Trace(bool isPrinted) : isPrinted_(isPrinted) {}

  bool isPrinted() const { return isPrinted_; }
  std::uint64_t hash() const { return hash_; }

  void mix(std::uint64_t value) {
    for (int i = 0; i < 64; i += 16) {
      hash_ = (hash_ ^ ((value >> i) & 0xffff)) * kPrime;
    }
  }
  void mix(std::string_view bytes) {
    for (const char byte : bytes) hash_ = (hash_ ^ static_cast<unsigned char>(byte)) * kPrime;
  }

  /// One line: who did what at which time of the run.
  void note(base::Duration at, std::string_view who, std::string_view what) {
    mix(static_cast<std::uint64_t>(at.count()));
    mix(who);
    mix(what);
    print(at, who, what);
  }

  /// The same for what is too much to be mixed in, and is of interest to readers only.
  void print(base::Duration at, std::string_view who, std::string_view what) const {
    if (!isPrinted_) return;
    std::printf("%9.3f %-12.*s %.*s\n", static_cast<double>(at.count()) / 1000.0,
                static_cast<int>(who.size()), who.data(), static_cast<int>(what.size()),
                what.data());
  }

 private:
  // FNV-1a, 64 bits.
  static constexpr std::uint64_t kPrime = 0x100000001b3ULL;

  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
  bool isPrinted_;
};

}  // namespace gantry::sim
