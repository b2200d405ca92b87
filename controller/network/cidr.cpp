// SPDX-License-Identifier: Apache-2.0
#include "controller/network/cidr.h"

#include <arpa/inet.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace gantry::network {

std::string Cidr::toString() const {
  return absl::StrCat(formatAddress(first), "/", prefixLength);
}

absl::StatusOr<Cidr> parseCidr(const std::string& text) {
  const std::size_t slash = text.find('/');
  const auto address = parseAddress(text.substr(0, slash));
  int bits = 0;
  if (!address || slash == std::string::npos || !absl::SimpleAtoi(text.substr(slash + 1), &bits) ||
      bits < 0 || bits > 32) {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", text, "\" is not a range of IPv4 addresses; write it like 10.96.0.0/16"));
  }
  Cidr range{.prefixLength = bits};
  range.first = static_cast<std::uint32_t>(*address / range.size() * range.size());
  return range;
}

std::optional<std::uint32_t> parseAddress(const std::string& text) {
  in_addr address{};
  if (inet_pton(AF_INET, text.c_str(), &address) != 1) return std::nullopt;
  return ntohl(address.s_addr);
}

std::string formatAddress(std::uint32_t address) {
  return absl::StrCat(address >> 24, ".", address >> 16 & 255, ".", address >> 8 & 255, ".",
                      address & 255);
}

}  // namespace gantry::network
