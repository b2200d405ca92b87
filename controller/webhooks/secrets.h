// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace gantry::webhooks {

/// The secrets that are shared with Git providers. Several, so that one can be replaced while the
/// providers still use the other.
class Secrets {
 public:
  /// What can be guessed proves nothing.
  static constexpr std::size_t kShortest = 16;

  /// None: nothing is proven by anything.
  Secrets() = default;
  /// Overwrites them in memory.
  ~Secrets();
  Secrets(const Secrets&) = default;
  Secrets(Secrets&&) = default;
  Secrets& operator=(const Secrets&) = default;
  Secrets& operator=(Secrets&&) = default;

  /// One a line, white space around it aside; empty lines are skipped. `place` is for errors, which
  /// name the line and never what is on it. Error: INVALID_ARGUMENT (none, or one below kShortest).
  static absl::StatusOr<Secrets> parse(std::string_view text, std::string_view place);

  bool empty() const { return secrets_.empty(); }

  /// Whether `signature`, in hex, is the HMAC-SHA256 (RFC 2104) of `body` with one of the secrets.
  /// Takes the same time whichever byte is wrong.
  bool haveSigned(std::string_view body, std::string_view signature) const;

  /// Whether `token` is one of the secrets. Takes the same time whichever byte is wrong.
  bool include(std::string_view token) const;

 private:
  std::vector<std::string> secrets_;
};

}  // namespace gantry::webhooks
