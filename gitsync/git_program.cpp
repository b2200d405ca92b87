// SPDX-License-Identifier: Apache-2.0
#include "gitsync/git_program.h"

#include <chrono>
#include <filesystem>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "base/status.h"
#include "gitsync/git_failure.h"
#include "gitsync/program.h"
#include "gitsync/secret_file.h"

namespace gantry::gitsync {
namespace {

namespace fs = std::filesystem;

/// The controller ends gantry-git, and all that it has started, long before.
constexpr base::Duration kForever = std::chrono::hours(24);

/// As one word of a shell.
std::string quoted(const std::string& text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "'\\''"}}), "'");
}

/// Whether ssh reads the path as it stands there.
absl::Status checkSshPath(const std::string& path) {
  if (path.starts_with("/") && path.find_first_of(" \t\"'%#") == std::string::npos) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      path, ": a file for ssh needs an absolute path without spaces, quotes, '%' and '#'"));
}

}  // namespace

absl::StatusOr<GitProgram> GitProgram::make(const child::Request& request) {
  GitProgram program(request);
  GANTRY_RETURN_IF_ERROR(program.prepare());
  return program;
}

void GitProgram::configure(const std::string& key, const std::string& value) {
  configuration_.emplace_back(key, value);
}

absl::Status GitProgram::prepare() {
  GANTRY_ASSIGN_OR_RETURN(parts_, parseUrl(request_.url()));
  url_ = request_.url();
  environment_ = {"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_TERMINAL_PROMPT=0",
                  "GIT_ALLOW_PROTOCOL=file:https:ssh"};
  configure("credential.helper", "");
  configure("gc.auto", "0");
  // So that a large repository fits the memory limit, however many processors there are.
  configure("pack.threads", "2");
  configure("core.packedGitWindowSize", "32m");
  configure("core.packedGitLimit", "256m");
  configure("core.bigFileThreshold", "16m");
  switch (parts_.transport) {
    case RemoteUrl::Transport::kHttps:
      return prepareHttps();
    case RemoteUrl::Transport::kSsh:
      return prepareSsh();
    case RemoteUrl::Transport::kLocal:
      break;
  }
  return prepareLocal();
}

absl::Status GitProgram::prepareHttps() {
  const child::Access& access = request_.access();
  url_ = absl::StrCat("https://", parts_.host, parts_.port.empty() ? "" : ":", parts_.port,
                      parts_.path);
  std::string user = parts_.user;
  std::string password = parts_.password;
  if (!access.token_file().empty()) {
    GANTRY_ASSIGN_OR_RETURN(password, readSecretFile(access.token_file()));
    user = access.username().empty() ? "x-access-token" : access.username();
  }
  bool secret = false;
  if (!user.empty() || !password.empty()) {
    configure("http.extraHeader",
              absl::StrCat("Authorization: Basic ",
                           absl::Base64Escape(absl::StrCat(user, ":", password))));
    secret = true;
  }
  if (!access.ca_file().empty()) configure("http.sslCAInfo", access.ca_file());
  if (!access.client_cert_file().empty()) {
    GANTRY_RETURN_IF_ERROR(checkSecretFile(access.client_key_file()));
    configure("http.sslCert", access.client_cert_file());
    configure("http.sslKey", access.client_key_file());
    secret = true;
  }
  // Who is trusted with a secret is the server of the URL, and nobody that it points to.
  configure("http.followRedirects", secret ? "false" : "initial");
  configure("http.lowSpeedLimit", "1000");
  configure("http.lowSpeedTime", "60");
  return absl::OkStatus();
}

absl::Status GitProgram::prepareSsh() {
  const child::Access& access = request_.access();
  if (access.ssh_key_file().empty() || access.known_hosts_file().empty()) {
    return absl::PermissionDeniedError(
        "ssh needs a key and the known host keys of the server: give sshKeyFile and "
        "knownHostsFile for this URL in the file of --git-credentials");
  }
  GANTRY_RETURN_IF_ERROR(checkSshPath(access.ssh_key_file()));
  GANTRY_RETURN_IF_ERROR(checkSshPath(access.known_hosts_file()));
  GANTRY_RETURN_IF_ERROR(checkSecretFile(access.ssh_key_file()));
  std::error_code ignored;
  if (!fs::is_regular_file(access.known_hosts_file(), ignored)) {
    return absl::PermissionDeniedError(
        absl::StrCat(access.known_hosts_file(), ": there is no such file of known host keys"));
  }
  std::vector<std::string> ssh = {"ssh", "-F", "none", "-i", access.ssh_key_file()};
  for (const std::string& option : std::vector<std::string>{
           "UserKnownHostsFile=" + access.known_hosts_file(), "GlobalKnownHostsFile=none",
           "StrictHostKeyChecking=yes", "UpdateHostKeys=no", "CheckHostIP=no",
           "VerifyHostKeyDNS=no", "IdentitiesOnly=yes", "IdentityAgent=none",
           "PreferredAuthentications=publickey", "NumberOfPasswordPrompts=1", "ForwardAgent=no",
           "ForwardX11=no", "ControlMaster=no", "ControlPath=none", "ConnectTimeout=30",
           "ServerAliveInterval=15",
           // Its trace has the host key's fingerprint.
           "LogLevel=DEBUG1"}) {
    ssh.insert(ssh.end(), {"-o", option});
  }
  if (access.ssh_key_passphrase_file().empty()) {
    ssh.insert(ssh.end(), {"-o", "BatchMode=yes"});
  } else {
    GANTRY_RETURN_IF_ERROR(checkSecretFile(access.ssh_key_passphrase_file()));
    std::error_code error;
    // gantry-git, asked for a passphrase, says what is in the file; see main.cpp.
    environment_.push_back("SSH_ASKPASS=" + fs::read_symlink("/proc/self/exe", error).string());
    environment_.push_back("SSH_ASKPASS_REQUIRE=force");
    environment_.push_back("GANTRY_GIT_PASSPHRASE_FILE=" + access.ssh_key_passphrase_file());
  }
  environment_.push_back("GIT_SSH_VARIANT=ssh");
  environment_.push_back(absl::StrCat(
      "GIT_SSH_COMMAND=", absl::StrJoin(ssh, " ", [](std::string* out, const std::string& word) {
        out->append(quoted(word));
      })));
  return absl::OkStatus();
}

absl::Status GitProgram::prepareLocal() {
  std::error_code ignored;
  if (!fs::exists(parts_.path, ignored)) {
    return absl::NotFoundError("there is no such folder on the controller's machine");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> GitProgram::run(const std::string& command,
                                            std::vector<std::string> options,
                                            const std::vector<std::string>& refspecs) const {
  if (parts_.transport == RemoteUrl::Transport::kLocal) {
    // Repositories of a Git server belong to its user: only their objects are read, and no hook of
    // theirs runs as the controller's user.
    const std::string service = command == "push" ? "receive-pack" : "upload-pack";
    options.push_back(absl::StrCat(
        "--", service, "=git -c 'safe.directory=*' -c core.hooksPath=/dev/null ", service));
  }
  ProgramCall call;
  call.program = "git";
  call.arguments = {"--git-dir=" + request_.mirror(), command};
  call.arguments.insert(call.arguments.end(), options.begin(), options.end());
  call.arguments.push_back("--");
  call.arguments.push_back(url_);
  call.arguments.insert(call.arguments.end(), refspecs.begin(), refspecs.end());
  call.environment = environment_;
  call.environment.push_back(absl::StrCat("GIT_CONFIG_COUNT=", configuration_.size()));
  for (std::size_t i = 0; i < configuration_.size(); ++i) {
    call.environment.push_back(absl::StrCat("GIT_CONFIG_KEY_", i, "=", configuration_[i].first));
    call.environment.push_back(absl::StrCat("GIT_CONFIG_VALUE_", i, "=", configuration_[i].second));
  }
  GANTRY_ASSIGN_OR_RETURN(ProgramResult result, runProgram(call, kForever));
  if (result.exitCode == 0) return std::move(result.output);
  if (command == "push" && absl::StrContains(result.output, "\n!\t")) {
    const std::size_t line = result.output.find("\n!\t") + 3;
    const std::vector<std::string> fields =
        absl::StrSplit(result.output.substr(line, result.output.find('\n', line) - line), '\t');
    return absl::AbortedError(absl::StrCat("the remote refused it: ", fields.back()));
  }
  return gitFailure(result.errors, parts_, request_.access());
}

absl::StatusOr<std::vector<AdvertisedRef>> GitProgram::listRefs(bool all) const {
  std::vector<std::string> options = {"--quiet"};
  if (!all) options.insert(options.end(), {"--heads", "--tags"});
  GANTRY_ASSIGN_OR_RETURN(const std::string output, run("ls-remote", options, {}));
  std::vector<AdvertisedRef> refs;
  for (const std::string& line :
       std::vector<std::string>(absl::StrSplit(output, '\n', absl::SkipEmpty()))) {
    const std::pair<std::string, std::string> fields =
        absl::StrSplit(line, absl::MaxSplits('\t', 1));
    if (!fields.second.ends_with("^{}")) refs.push_back({fields.second, fields.first});
  }
  return refs;
}

absl::Status GitProgram::fetch(const std::string& refspec, bool prune) const {
  std::vector<std::string> options = {"--quiet", "--no-tags", "--no-write-fetch-head",
                                      "--no-recurse-submodules"};
  if (prune) options.push_back("--prune");
  return run("fetch", std::move(options), absl::StrSplit(refspec, ' ')).status();
}

absl::Status GitProgram::push(const std::string& commit, const std::string& ref) const {
  return run("push", {"--porcelain", "--quiet"}, {absl::StrCat(commit, ":", ref)}).status();
}

}  // namespace gantry::gitsync
