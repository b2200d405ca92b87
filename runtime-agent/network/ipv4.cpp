// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/network/ipv4.h"

#include <arpa/inet.h>

#include "absl/strings/numbers.h"

namespace gantry::agent {

bool isIpv4(const std::string& text) {
  in_addr address{};
  return ::inet_pton(AF_INET, text.c_str(), &address) == 1;
}

bool isIpv4Range(const std::string& text) {
  const auto slash = text.find('/');
  int bits = -1;
  return slash != std::string::npos && isIpv4(text.substr(0, slash)) &&
         text.find_first_not_of("0123456789", slash + 1) == std::string::npos &&
         absl::SimpleAtoi(text.substr(slash + 1), &bits) && bits <= 32;
}

}  // namespace gantry::agent
