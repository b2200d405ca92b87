// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gantry::webhooks {

/// A repository's address, taken apart for comparison.
struct RepositoryUrl {
  /// Lower case; "ssh" for the form user@host:path, "file" for a path.
  std::string scheme;
  /// Lower case; empty for "file".
  std::string host;
  /// That of the scheme if none is written; 0 for "file".
  int port = 0;
  /// Lower case, without user, query, outer slashes and ".git".
  std::string path;
};

/// Reads https://…, http://…, ssh://…, git://…, file://…, user@host:path and absolute paths. Empty:
/// it is none of these. Pure.
std::optional<RepositoryUrl> parseRepositoryUrl(std::string_view text);

/// Whether both may be the same repository: the same host and path, and the same port where the
/// scheme is the same; who logs in is of no account. The case of the path is not told apart, since
/// the large providers do not: only to be used where a wrong yes costs no more than a look. Pure.
bool sameRepository(const RepositoryUrl& a, const RepositoryUrl& b);

/// The same of texts; what cannot be read is the same as nothing.
bool sameRepository(std::string_view a, std::string_view b);

}  // namespace gantry::webhooks
