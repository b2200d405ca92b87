// SPDX-License-Identifier: Apache-2.0
#include "gitsync/url.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace gantry::gitsync {

absl::Status checkUrl(const std::string& url) {
  const bool hasControlCharacter =
      std::ranges::any_of(url, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (url.empty() || hasControlCharacter) {
    return absl::InvalidArgumentError(
        "a repository URL must not be empty or hold control characters");
  }
  if (absl::StartsWith(url, "/") || absl::StartsWith(url, "file:///") ||
      absl::StartsWith(url, "https://")) {
    return absl::OkStatus();
  }
  const std::string shown = displayUrl(url);
  if (absl::StartsWith(url, "http://")) {
    return absl::InvalidArgumentError(
        absl::StrCat(shown, ": http:// is not encrypted; use https://"));
  }
  return absl::InvalidArgumentError(absl::StrCat(
      shown,
      ": not a repository that Gantry follows; use https://…, file:///… or an absolute path"));
}

std::string displayUrl(const std::string& url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string::npos) return url;
  const std::size_t host = scheme + 3;
  const std::size_t path = std::min(url.find('/', host), url.size());
  const std::size_t at = url.rfind('@', path);
  if (at == std::string::npos || at < host || at > path) return url;
  return url.substr(0, host) + url.substr(at + 1);
}

}  // namespace gantry::gitsync
