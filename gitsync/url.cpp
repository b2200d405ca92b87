// SPDX-License-Identifier: Apache-2.0
#include "gitsync/url.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status.h"

namespace gantry::gitsync {
namespace {

constexpr std::string_view kHttps = "https://";
constexpr std::string_view kSsh = "ssh://";

absl::Status refused(const std::string& url, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(displayUrl(url), ": ", why));
}

std::string percentDecoded(const std::string& text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text[i] == '%' && i + 2 < text.size() &&
                         absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 1])) &&
                         absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 2]));
    if (!escaped) {
      decoded += text[i];
      continue;
    }
    decoded += absl::HexStringToBytes(text.substr(i + 1, 2));
    i += 2;
  }
  return decoded;
}

bool isHost(std::string_view host) {
  return !host.empty() && host.front() != '-' && std::ranges::all_of(host, [](unsigned char c) {
    return absl::ascii_isalnum(c) ||
           std::string_view("-._:[]").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

bool isSshUser(std::string_view user) {
  return user.empty() ||
         (user.front() != '-' && std::ranges::all_of(user, [](unsigned char c) {
            return absl::ascii_isalnum(c) ||
                   std::string_view("-._+").find(static_cast<char>(c)) != std::string_view::npos;
          }));
}

/// "user:password@host:port".
absl::Status readAuthority(std::string authority, RemoteUrl& parts) {
  if (const std::size_t at = authority.rfind('@'); at != std::string::npos) {
    const std::string user = authority.substr(0, at);
    const std::size_t colon = user.find(':');
    parts.user = percentDecoded(user.substr(0, colon));
    if (colon != std::string::npos) parts.password = percentDecoded(user.substr(colon + 1));
    authority.erase(0, at + 1);
  }
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.find(':', bracket == std::string::npos ? 0 : bracket);
  if (colon != std::string::npos) {
    parts.port = authority.substr(colon + 1);
    if (parts.port.empty() || parts.port.size() > 5 ||
        !std::ranges::all_of(parts.port, absl::ascii_isdigit)) {
      return absl::InvalidArgumentError("the port is not a number");
    }
  }
  parts.host = absl::AsciiStrToLower(authority.substr(0, colon));
  return isHost(parts.host) ? absl::OkStatus()
                            : absl::InvalidArgumentError("the host is not a name or address");
}

absl::Status readRemote(const std::string& rest, RemoteUrl& parts) {
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  GANTRY_RETURN_IF_ERROR(readAuthority(rest.substr(0, slash), parts));
  parts.path = rest.substr(slash);
  // The credentials of "/team" are not for what "/team/../other" leads to.
  if (percentDecoded(parts.path + "/").find("/../") != std::string::npos) {
    return absl::InvalidArgumentError("\"..\" has no place in it");
  }
  return parts.path.size() > 1 ? absl::OkStatus()
                               : absl::InvalidArgumentError("it names a host but no repository");
}

/// "git@github.com:acme/shop.git": no '/' before the first ':'.
bool isScpForm(const std::string& url) {
  const std::size_t colon = url.find(':');
  const std::size_t at = url.find('@');
  return at != std::string::npos && colon != std::string::npos && at < colon && at > 0 &&
         url.find('/') > colon && url.find("::") == std::string::npos;
}

absl::Status checkSsh(const RemoteUrl& parts) {
  if (!parts.password.empty()) {
    return absl::InvalidArgumentError("a password has no place in an ssh:// URL; use a key");
  }
  if (!isSshUser(parts.user)) {
    return absl::InvalidArgumentError("the user holds letters that ssh could take for options");
  }
  return absl::OkStatus();
}

absl::Status read(const std::string& url, RemoteUrl& parts) {
  if (url.starts_with("/") || url.starts_with("file:///")) {
    parts.path = std::string(absl::StripPrefix(url, "file://"));
    return absl::OkStatus();
  }
  if (url.starts_with(kHttps)) {
    parts.transport = RemoteUrl::Transport::kHttps;
    return readRemote(url.substr(kHttps.size()), parts);
  }
  if (url.starts_with(kSsh)) {
    parts.transport = RemoteUrl::Transport::kSsh;
    GANTRY_RETURN_IF_ERROR(readRemote(url.substr(kSsh.size()), parts));
    return checkSsh(parts);
  }
  if (isScpForm(url)) {
    parts.transport = RemoteUrl::Transport::kSsh;
    const std::size_t colon = url.find(':');
    GANTRY_RETURN_IF_ERROR(readAuthority(url.substr(0, colon), parts));
    const std::string path = url.substr(colon + 1);
    if (path.empty() || path.front() == '-') {
      return absl::InvalidArgumentError("it names a host but no repository");
    }
    parts.path = absl::StrCat(path.front() == '/' ? "" : "/", path);
    return checkSsh(parts);
  }
  if (url.starts_with("http://")) {
    return absl::InvalidArgumentError("http:// is not encrypted; use https://");
  }
  return absl::InvalidArgumentError(
      "not a repository that Gantry follows; use https://…, ssh://…, user@host:path, file:///… or "
      "an absolute path");
}

}  // namespace

absl::StatusOr<RemoteUrl> parseUrl(const std::string& url) {
  const bool hasControlCharacter =
      std::ranges::any_of(url, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (url.empty() || hasControlCharacter) {
    return absl::InvalidArgumentError(
        "a repository URL must not be empty or hold control characters");
  }
  RemoteUrl parts;
  if (const absl::Status status = read(url, parts); !status.ok()) {
    return refused(url, status.message());
  }
  return parts;
}

absl::Status checkUrl(const std::string& url) {
  return parseUrl(url).status();
}

std::string displayUrl(const std::string& url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string::npos) return url;
  const std::size_t host = scheme + 3;
  const std::size_t path = std::min(url.find('/', host), url.size());
  const std::size_t at = url.rfind('@', path);
  if (at == std::string::npos || at < host || at > path) return url;
  if (url.starts_with(kSsh) && url.find(':', host) > at) return url;
  return url.substr(0, host) + url.substr(at + 1);
}

}  // namespace gantry::gitsync
