// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdio>
#include <iostream>
#include <thread>

#include "base/file.h"
#include "base/log.h"
#include "controller/server/daemon.h"

using namespace gantry;

namespace {

int fail(const absl::Status& status) {
  std::cerr << "gantry-controller: " << status.message() << '\n';
  return 1;
}

/// The text of a repository, as an option: kept parsed.
CLI::Option* addRepository(CLI::App& app, server::RootRepository& repository) {
  return app.add_option_function<std::string>(
      "--repository",
      [&repository](const std::string& text) {
        auto parsed = server::parseRootRepository(text);
        if (!parsed.ok()) throw CLI::ValidationError(std::string(parsed.status().message()));
        repository = *std::move(parsed);
      },
      "Repository with the Applications to follow: URL[#branch[:path]]");
}

void addDaemonOptions(CLI::App& app, server::DaemonOptions& options, int& pollSeconds) {
  const std::map<std::string, base::LogLevel> levels = {{"debug", base::LogLevel::kDebug},
                                                        {"info", base::LogLevel::kInfo},
                                                        {"warning", base::LogLevel::kWarning},
                                                        {"error", base::LogLevel::kError}};
  app.add_option("--data-dir", options.dataDir, "Everything that is kept")->capture_default_str();
  app.add_option("--listen", options.listen, "Address for agents and people")
      ->capture_default_str();
  app.add_option("--http-listen", options.httpListen,
                 "Address of /healthz, /readyz, /metrics and push webhooks")
      ->capture_default_str();
  app.add_option("--advertise", options.advertise,
                 "Name or address under which it is reached; the first goes into admin.context");
  addRepository(app, options.repository);
  app.add_option("--git-ca-file", options.gitCaFile, "Certificate authorities for Git over https");
  app.add_option("--git-credentials", options.gitCredentialsFile,
                 "File that names tokens, keys, known hosts and certificates by URL");
  app.add_option(
      "--git-signing-key", options.gitSigningKeyFile,
      "Private SSH key that revert commits and those of the audit notes are signed with");
  app.add_option("--sops-age-key-file", options.sopsAgeKeyFile,
                 "Keys, as age-keygen writes them, for files in Git that SOPS encrypted");
  app.add_option("--external-url", options.externalUrl,
                 "What links in notifications begin with: https://gantry.example.com");
  app.add_option("--notification-ca-file", options.notificationCaFile,
                 "Certificate authorities of those who are notified, beside the system's");
  app.add_option("--webhook-secret-file", options.webhookSecretFile,
                 "Secrets of push webhooks, one a line; with it, POST /hooks/git is served");
  app.add_option("--git-program", options.gitProgram, "gantry-git; default: beside this program");
  app.add_option("--poll-interval", pollSeconds, "How often repositories are asked, in seconds")
      ->check(CLI::Range(1, 86'400))
      ->capture_default_str();
  app.add_option("--cluster-name", options.clusterName, "What people call it")
      ->capture_default_str();
  app.add_option("--cluster-cidr", options.clusterCidr, "Addresses of pods")->capture_default_str();
  app.add_option("--service-cidr", options.serviceCidr, "Addresses of Services")
      ->capture_default_str();
  app.add_option("--log-level", options.logLevel, "debug, info, warning or error")
      ->transform(CLI::CheckedTransformer(levels));
}

CLI::App* addIssue(CLI::App& app, server::IssueOptions& options, std::string& role, int& days) {
  CLI::App* issue = app.add_subcommand("issue", "Make a context file for a person");
  issue->add_option("--data-dir", options.dataDir, "That of the controller")->capture_default_str();
  issue->add_option("--identity", options.identity.name, "Who it is for")->required();
  issue->add_option("--role", role, "viewer, operator, approver or admin")->required();
  issue->add_option("--valid-days", days, "How long it holds")
      ->check(CLI::Range(1, 3650))
      ->capture_default_str();
  issue->add_option("--output", options.output, "File to write; default: standard output");
  return issue;
}

int issue(server::IssueOptions options, const std::string& roleText, int days) {
  const auto role = access::roleFromName(roleText);
  if (!role.ok()) return fail(role.status());
  options.identity.role = *role;
  options.validity = std::chrono::hours(24 * days);
  const auto text = server::issueContext(options);
  if (!text.ok()) return fail(text.status());
  if (options.output.empty()) {
    std::cout << *text;
    return 0;
  }
  const absl::Status written = base::writeFileAtomically(options.output, *text, base::kOwnerOnly);
  return written.ok() ? 0 : fail(written);
}

int serve(server::DaemonOptions options) {
  base::startLog("gantry-controller", options.logLevel);
  std::error_code ignored;
  if (options.gitProgram.empty()) {
    options.gitProgram =
        std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path() / "gantry-git";
  }
  // Blocked before the first thread begins, so that every thread leaves them to the one that waits.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  const auto daemon = server::Daemon::open(std::move(options));
  if (!daemon.ok()) return fail(daemon.status());
  const absl::Status started = (*daemon)->start();
  if (!started.ok()) return fail(started);
  std::thread stopper([&] {
    int signal = 0;
    sigwait(&signals, &signal);
    base::logInfo("stopping");
    (*daemon)->stop();
  });
  (*daemon)->run();
  stopper.join();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("The control plane of a Gantry cluster", "gantry-controller");
  app.set_version_flag("--version", GANTRY_VERSION);
  server::DaemonOptions options;
  int pollSeconds = 30;
  addDaemonOptions(app, options, pollSeconds);
  server::IssueOptions issueOptions;
  std::string role;
  int days = 365;
  const CLI::App* issuing = addIssue(app, issueOptions, role, days);
  CLI11_PARSE(app, argc, argv);
  if (*issuing) return issue(std::move(issueOptions), role, days);
  options.pollInterval = std::chrono::seconds(pollSeconds);
  return serve(std::move(options));
}
