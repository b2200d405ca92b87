// SPDX-License-Identifier: Apache-2.0
#include "controller/webhooks/repository_url.h"

#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace gantry::webhooks {
namespace {

const std::map<std::string, int, std::less<>>& standardPorts() {
  static const std::map<std::string, int, std::less<>> ports = {
      {"https", 443}, {"http", 80}, {"ssh", 22}, {"git", 9418}};
  return ports;
}

std::string cleanPath(absl::string_view path) {
  path = path.substr(0, path.find_first_of("?#"));
  while (absl::ConsumePrefix(&path, "/")) {
  }
  while (absl::ConsumeSuffix(&path, "/")) {
  }
  absl::ConsumeSuffix(&path, ".git");
  while (absl::ConsumeSuffix(&path, "/")) {
  }
  return absl::AsciiStrToLower(path);
}

// "user:password@host:port", "[::1]:port" → host and port.
bool readAuthority(absl::string_view text, RepositoryUrl& url) {
  if (const auto at = text.rfind('@'); at != text.npos) text.remove_prefix(at + 1);
  const auto bracket = text.rfind(']');
  const auto colon = text.rfind(':');
  absl::string_view host = text;
  if (colon != text.npos && (bracket == text.npos || colon > bracket)) {
    host = text.substr(0, colon);
    const absl::string_view port = text.substr(colon + 1);
    if (!port.empty() && (!absl::SimpleAtoi(port, &url.port) || url.port < 1 || url.port > 65535)) {
      return false;
    }
  }
  url.host = absl::AsciiStrToLower(host);
  return !url.host.empty();
}

std::optional<RepositoryUrl> complete(RepositoryUrl url) {
  if (url.path.empty()) return std::nullopt;
  return url;
}

}  // namespace

std::optional<RepositoryUrl> parseRepositoryUrl(std::string_view given) {
  const absl::string_view text = absl::StripAsciiWhitespace({given.data(), given.size()});
  RepositoryUrl url;
  const auto scheme = text.find("://");
  if (scheme == text.npos) {
    if (text.substr(0, 1) == "/") return complete({"file", "", 0, cleanPath(text)});
    // As git does: a colon before any slash makes it a host.
    const auto colon = text.find(':');
    if (colon == text.npos || text.substr(0, colon).find('/') != text.npos) return std::nullopt;
    url = {"ssh", "", 22, cleanPath(text.substr(colon + 1))};
    if (!readAuthority(text.substr(0, colon), url)) return std::nullopt;
    return complete(std::move(url));
  }
  url.scheme = absl::AsciiStrToLower(text.substr(0, scheme));
  const absl::string_view rest = text.substr(scheme + 3);
  const auto slash = rest.find('/');
  if (slash == rest.npos) return std::nullopt;
  url.path = cleanPath(rest.substr(slash));
  if (url.scheme == "file") return complete(std::move(url));
  const auto port = standardPorts().find(url.scheme);
  if (port == standardPorts().end()) return std::nullopt;
  url.port = port->second;
  if (!readAuthority(rest.substr(0, slash), url)) return std::nullopt;
  return complete(std::move(url));
}

bool sameRepository(const RepositoryUrl& a, const RepositoryUrl& b) {
  const bool samePort = a.scheme != b.scheme || a.port == b.port;
  return a.host == b.host && a.path == b.path && samePort;
}

bool sameRepository(std::string_view a, std::string_view b) {
  const auto first = parseRepositoryUrl(a);
  const auto second = parseRepositoryUrl(b);
  return first && second && sameRepository(*first, *second);
}

}  // namespace gantry::webhooks
