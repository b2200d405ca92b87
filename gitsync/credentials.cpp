// SPDX-License-Identifier: Apache-2.0
#include "gitsync/credentials.h"

#include <sys/stat.h>

#include <array>
#include <optional>

#include <yaml-cpp/yaml.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/file.h"
#include "base/status.h"
#include "gitsync/url.h"

namespace gantry::gitsync {
namespace {

using Field = std::pair<const char*, std::string Credential::*>;

constexpr std::array<Field, 9> kFields = {
    {{"url", &Credential::url},
     {"username", &Credential::username},
     {"tokenFile", &Credential::tokenFile},
     {"sshKeyFile", &Credential::sshKeyFile},
     {"sshKeyPassphraseFile", &Credential::sshKeyPassphraseFile},
     {"knownHostsFile", &Credential::knownHostsFile},
     {"caFile", &Credential::caFile},
     {"clientCertFile", &Credential::clientCertFile},
     {"clientKeyFile", &Credential::clientKeyFile}}};

class Reader {
 public:
  explicit Reader(const std::string& file) : file_(file) {}

  absl::StatusOr<std::vector<Credential>> readAll(const YAML::Node& root) const {
    std::vector<Credential> all;
    if (!root.IsDefined() || root.IsNull()) return all;
    if (!root.IsSequence()) return error(root, "expected a list; write \"- url: https://…\"");
    for (const YAML::Node& node : root) {
      GANTRY_ASSIGN_OR_RETURN(all.emplace_back(), read(node));
    }
    return all;
  }

  absl::Status error(const YAML::Node& node, const std::string& message) const {
    return errorAt(node.Mark(), message);
  }
  absl::Status errorAt(const YAML::Mark& mark, const std::string& message) const {
    return absl::InvalidArgumentError(
        absl::StrCat(file_, ":", mark.line + 1, ":", mark.column + 1, ": ", message));
  }

 private:
  absl::StatusOr<Credential> read(const YAML::Node& node) const {
    if (!node.IsMap()) return error(node, "expected a mapping; write \"- url: https://…\"");
    Credential credential;
    for (const auto& entry : node) {
      GANTRY_RETURN_IF_ERROR(readField(entry.first, entry.second, credential));
    }
    if (credential.url.empty()) return error(node, "a credential needs \"url\"");
    GANTRY_RETURN_IF_ERROR(check(node, credential));
    return credential;
  }

  absl::Status readField(const YAML::Node& key, const YAML::Node& value,
                         Credential& credential) const {
    if (!key.IsScalar()) return error(key, "expected the name of a field");
    for (const auto& [name, member] : kFields) {
      if (key.Scalar() != name) continue;
      if (!value.IsScalar() || value.Scalar().empty()) {
        return error(value, absl::StrCat("\"", name, "\" needs a text"));
      }
      credential.*member = value.Scalar();
      const bool isFile = absl::EndsWith(name, "File");
      if (isFile && !absl::StartsWith(credential.*member, "/")) {
        return error(value, absl::StrCat("\"", name, "\" needs an absolute path"));
      }
      return absl::OkStatus();
    }
    // What it is may be a secret that was written here by mistake: its value is not shown.
    return error(key, absl::StrCat("unknown field \"", key.Scalar(),
                                   "\"; secrets are named by file: tokenFile, sshKeyFile, …"));
  }

  absl::Status check(const YAML::Node& node, const Credential& credential) const {
    const absl::StatusOr<RemoteUrl> parts = parsePrefix(credential.url);
    if (!parts.ok()) return error(node["url"], std::string(parts.status().message()));
    if (parts->transport == RemoteUrl::Transport::kLocal) {
      return error(node["url"],
                   "a local repository needs no credentials; write https:// or ssh://");
    }
    if (!parts->password.empty()) {
      return error(node["url"],
                   "a password has no place here; write it to a file, and name that "
                   "as tokenFile");
    }
    const bool ssh = parts->transport == RemoteUrl::Transport::kSsh;
    for (const auto& [name, member] : kFields) {
      const bool forSsh = absl::StartsWith(name, "ssh") || absl::StartsWith(name, "known");
      if ((credential.*member).empty() || absl::string_view(name) == "url" || forSsh == ssh) {
        continue;
      }
      return error(node[name], absl::StrCat("\"", name, "\" is not for ", ssh ? "ssh" : "https",
                                            "; ", credential.url, " is"));
    }
    if (ssh && (credential.sshKeyFile.empty() || credential.knownHostsFile.empty())) {
      return error(node, "ssh needs both sshKeyFile and knownHostsFile");
    }
    if (credential.clientCertFile.empty() != credential.clientKeyFile.empty()) {
      return error(node, "clientCertFile and clientKeyFile go together");
    }
    if (!credential.username.empty() && credential.tokenFile.empty()) {
      return error(node, "username needs tokenFile");
    }
    return absl::OkStatus();
  }

 public:
  /// A prefix may end after the host.
  static absl::StatusOr<RemoteUrl> parsePrefix(const std::string& url) {
    absl::StatusOr<RemoteUrl> parts = parseUrl(url);
    if (parts.ok()) return parts;
    absl::StatusOr<RemoteUrl> host = parseUrl(std::string(absl::StripSuffix(url, "/")) + "/*");
    return host.ok() ? host : parts;
  }

 private:
  const std::string& file_;
};

std::string pathOf(const RemoteUrl& parts) {
  std::string path = parts.path == "/*" ? "" : parts.path;
  while (path.ends_with('/')) path.pop_back();
  return path;
}

std::string portOf(const RemoteUrl& parts) {
  const bool ssh = parts.transport == RemoteUrl::Transport::kSsh;
  return parts.port.empty() ? (ssh ? "22" : "443") : parts.port;
}

/// How much of `url` the prefix is; nothing if it is not one.
std::optional<std::size_t> matched(const RemoteUrl& prefix, const RemoteUrl& url) {
  if (prefix.transport != url.transport || prefix.host != url.host ||
      portOf(prefix) != portOf(url) || (!prefix.user.empty() && prefix.user != url.user)) {
    return std::nullopt;
  }
  const std::string head = pathOf(prefix);
  if (!url.path.starts_with(head)) return std::nullopt;
  // "/team" is no prefix of "/teammates/shop.git", but of "/team.git".
  const std::string rest = url.path.substr(head.size());
  if (!rest.empty() && rest.front() != '/' && rest != ".git") return std::nullopt;
  return head.size() * 2 + (prefix.user.empty() ? 0 : 1);
}

}  // namespace

absl::StatusOr<Credentials> Credentials::parse(const std::string& text, const std::string& file) {
  Credentials credentials;
  const Reader reader(file);
  try {
    GANTRY_ASSIGN_OR_RETURN(credentials.all_, reader.readAll(YAML::Load(text)));
  } catch (const YAML::Exception& error) {
    return reader.errorAt(error.mark, error.msg);
  }
  return credentials;
}

absl::StatusOr<Credentials> Credentials::load(const std::filesystem::path& file) {
  GANTRY_ASSIGN_OR_RETURN(const std::string text, base::readFile(file));
  struct stat state = {};
  if (::stat(file.c_str(), &state) == 0 && (state.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return absl::PermissionDeniedError(
        absl::StrCat(file.string(), ": others may write it; chmod go-w it, and check it"));
  }
  return parse(text, file.string());
}

const Credential* Credentials::find(const std::string& url) const {
  const absl::StatusOr<RemoteUrl> parts = parseUrl(url);
  if (!parts.ok()) return nullptr;
  const Credential* best = nullptr;
  std::size_t most = 0;
  for (const Credential& credential : all_) {
    const auto length = matched(*Reader::parsePrefix(credential.url), *parts);
    if (!length || (best != nullptr && *length <= most)) continue;
    best = &credential;
    most = *length;
  }
  return best;
}

}  // namespace gantry::gitsync
