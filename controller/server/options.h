// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/log.h"
#include "base/time.h"
#include "controller/access/identity.h"

namespace gantry::server {

/// Where the Application of Applications is.
struct RootRepository {
  /// Empty: there is none.
  std::string url;
  std::string branch = "main";
  std::string path;

  bool operator==(const RootRepository&) const = default;
};

/// "URL", "URL#branch" or "URL#branch:path". Error: INVALID_ARGUMENT.
absl::StatusOr<RootRepository> parseRootRepository(std::string_view text);

/// What gantry-controller is started with; the command line documents each.
struct DaemonOptions {
  std::filesystem::path dataDir = "/var/lib/gantry-controller";
  std::string listen = "127.0.0.1:7420";
  std::string httpListen = "127.0.0.1:7421";
  /// Names and addresses under which agents and people reach it, beside those of this host.
  std::vector<std::string> advertise;
  RootRepository repository;
  std::string gitCaFile;
  /// Empty: no repository needs any.
  std::filesystem::path gitCredentialsFile;
  /// Empty: revert commits are not signed.
  std::filesystem::path gitSigningKeyFile;
  /// What links in notifications begin with; empty: there are none.
  std::string externalUrl;
  /// Authorities that count beside the system's where notifications are sent; empty: none.
  std::string notificationCaFile;
  /// Empty: there are no push webhooks.
  std::filesystem::path webhookSecretFile;
  /// Empty: encrypted files are errors.
  std::filesystem::path sopsAgeKeyFile;
  std::filesystem::path gitProgram;
  base::Duration pollInterval = base::Duration(30'000);
  std::string clusterName = "gantry";
  std::string clusterCidr = "10.244.0.0/16";
  std::string serviceCidr = "10.96.0.0/16";
  base::LogLevel logLevel = base::LogLevel::kInfo;
};

/// What `gantry-controller issue` is asked for.
struct IssueOptions {
  std::filesystem::path dataDir = "/var/lib/gantry-controller";
  access::Identity identity;
  base::Duration validity = std::chrono::hours(24 * 365);
  /// Empty: standard output.
  std::filesystem::path output;
};

}  // namespace gantry::server
