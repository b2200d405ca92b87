// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>

namespace gantry::support {

/// A Git server over TLS on loopback: `git http-backend` behind HTTPS, with a certificate of an own
/// authority. Serves, and takes pushes for, the repositories below a folder.
class GitHttpsServer {
 public:
  /// `work` gets the authority's and the server's keys and certificates.
  GitHttpsServer(std::filesystem::path repositories, std::filesystem::path work,
                 bool wantsClientCertificate = false);
  ~GitHttpsServer();

  /// "https://localhost:PORT/NAME".
  std::string url(const std::string& name) const;
  /// PEM of the authority that signed the server's certificate.
  std::filesystem::path caFile() const;
  /// How many requests have come in.
  int requests() const;
  /// PEM of a client certificate of that authority, and of its key.
  std::filesystem::path clientCertFile() const;
  std::filesystem::path clientKeyFile() const;
  /// From now on, only requests with this user and token are answered.
  void requireToken(const std::string& user, const std::string& token);
  /// From now on, every request is sent on to this URL, with the path behind it.
  void redirectTo(const std::string& url);
  /// Whether a request came with credentials.
  bool sawCredentials() const;
  /// From now on, answers nothing and keeps connections open.
  void hang();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gantry::support
