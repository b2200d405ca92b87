// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace gantry::gitsync {

/// The parts of a repository's URL.
struct RemoteUrl {
  enum class Transport { kLocal, kHttps, kSsh };

  Transport transport = Transport::kLocal;
  /// Empty if the URL names none. Decoded.
  std::string user;
  std::string password;
  /// Lower case, as it stands in the URL ("[::1]"), without the port. Empty for a local one.
  std::string host;
  /// Empty if the URL names none.
  std::string port;
  /// Begins with '/'.
  std::string path;
};

/// Reads a URL that Gantry follows: an absolute path, file:///…, https://…, ssh://… or
/// user@host:path. Everything else is INVALID_ARGUMENT with the reason, as is whatever a program
/// could take for an option. The message holds no password.
absl::StatusOr<RemoteUrl> parseUrl(const std::string& url);

/// Whether parseUrl reads it.
absl::Status checkUrl(const std::string& url);

/// The URL as people may see it: without user name and password; a user of ssh is no secret.
std::string displayUrl(const std::string& url);

}  // namespace gantry::gitsync
