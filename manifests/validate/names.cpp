// SPDX-License-Identifier: Apache-2.0
#include "manifests/validate/names.h"

#include <absl/strings/ascii.h>
#include <arpa/inet.h>

#include <algorithm>
#include <string>

namespace gantry::manifests {
namespace {

constexpr std::size_t kLabelLength = 63;
constexpr std::size_t kSubdomainLength = 253;
constexpr std::size_t kPortNameLength = 15;

bool isLowerAlnum(char c) {
  return absl::ascii_islower(c) || absl::ascii_isdigit(c);
}

bool isAlnum(char c) {
  return absl::ascii_isalnum(c);
}

template <class Inside, class Ends>
bool consistsOf(std::string_view text, Inside inside, Ends ends) {
  return !text.empty() && std::ranges::all_of(text, inside) && ends(text.front()) &&
         ends(text.back());
}

/// Calls `accept` with each part between `separator`; true if all are accepted.
template <class Accept>
bool allParts(std::string_view text, char separator, Accept accept) {
  for (;;) {
    const std::size_t end = text.find(separator);
    if (!accept(text.substr(0, end))) return false;
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 1);
  }
}

bool isNamePart(char c) {
  return isAlnum(c) || c == '-' || c == '_' || c == '.';
}

}  // namespace

bool isDnsLabel(std::string_view text) {
  return text.size() <= kLabelLength &&
         consistsOf(text, [](char c) { return isLowerAlnum(c) || c == '-'; }, isLowerAlnum);
}

bool isDnsLabel1035(std::string_view text) {
  return isDnsLabel(text) && absl::ascii_islower(text.front());
}

bool isDnsSubdomain(std::string_view text) {
  const auto isPart = [](std::string_view part) {
    return consistsOf(part, [](char c) { return isLowerAlnum(c) || c == '-'; }, isLowerAlnum);
  };
  return text.size() <= kSubdomainLength && allParts(text, '.', isPart);
}

bool isLabelKey(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    if (!isDnsSubdomain(text.substr(0, slash))) return false;
    text.remove_prefix(slash + 1);
  }
  return !text.empty() && isLabelValue(text);
}

bool isLabelValue(std::string_view text) {
  return text.empty() || (text.size() <= kLabelLength && consistsOf(text, isNamePart, isAlnum));
}

bool isConfigKey(std::string_view text) {
  return !text.empty() && text.size() <= kSubdomainLength && text != "." && text != ".." &&
         std::ranges::all_of(text, isNamePart);
}

bool isEnvName(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F && c != '='; });
}

bool isPortName(std::string_view text) {
  return text.size() <= kPortNameLength && isDnsLabel(text) &&
         std::ranges::any_of(text, absl::ascii_islower) &&
         text.find("--") == std::string_view::npos;
}

bool isInnerPath(std::string_view text) {
  return !text.starts_with('/') &&
         allParts(text, '/', [](std::string_view part) { return part != ".."; });
}

bool isIpv4(std::string_view text) {
  in_addr address;
  return inet_pton(AF_INET, std::string(text).c_str(), &address) == 1;
}

}  // namespace gantry::manifests
