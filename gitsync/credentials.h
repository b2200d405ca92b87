// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace gantry::gitsync {

/// How to be let in by one server, or to some of its repositories. Secrets are named by file, and
/// read by gantry-git for each operation.
struct Credential {
  /// Prefix of the URLs that it is for: "https://git.example.com/team".
  std::string url;
  /// For https: with the token; without a name the token goes with "x-access-token".
  std::string username;
  std::string tokenFile;
  std::string sshKeyFile;
  std::string sshKeyPassphraseFile;
  std::string knownHostsFile;
  /// PEM of the authorities to trust, instead of the system's.
  std::string caFile;
  std::string clientCertFile;
  std::string clientKeyFile;

  bool operator==(const Credential&) const = default;
};

/// What is given with --git-credentials: a list of credentials.
class Credentials {
 public:
  /// Reads YAML. Error: INVALID_ARGUMENT with "file:line:column", what is wrong and what to write.
  static absl::StatusOr<Credentials> parse(const std::string& text, const std::string& file);

  /// Errors: also those of base::readFile; PERMISSION_DENIED if others may write the file.
  static absl::StatusOr<Credentials> load(const std::filesystem::path& file);

  /// The credential whose url is the longest prefix of `url` that ends where a part of its path
  /// does; null if there is none. "git@host:path" is "ssh://git@host/path", and a credential
  /// without a user is for all users. A credential for one transport is never for another.
  const Credential* find(const std::string& url) const;

 private:
  std::vector<Credential> all_;
};

}  // namespace gantry::gitsync
