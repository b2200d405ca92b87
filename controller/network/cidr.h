// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace gantry::network {

/// A range of IPv4 addresses.
struct Cidr {
  std::uint32_t first = 0;
  int prefixLength = 32;

  std::uint64_t size() const { return std::uint64_t{1} << (32 - prefixLength); }
  std::uint32_t last() const { return static_cast<std::uint32_t>(first + size() - 1); }
  bool contains(std::uint32_t address) const { return address >= first && address <= last(); }
  /// "10.244.3.0/24".
  std::string toString() const;
};

/// "10.244.0.0/16"; bits beyond the prefix are dropped. Error: INVALID_ARGUMENT.
absl::StatusOr<Cidr> parseCidr(const std::string& text);

/// Nothing if it is not an IPv4 address.
std::optional<std::uint32_t> parseAddress(const std::string& text);

std::string formatAddress(std::uint32_t address);

}  // namespace gantry::network
