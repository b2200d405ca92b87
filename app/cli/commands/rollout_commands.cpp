// SPDX-License-Identifier: Apache-2.0
// rollout status, pause, resume.
#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "app/cli/commands/commands.h"
#include "app/client/health.h"
#include "base/status.h"

namespace gantry::cli {
namespace {

struct RolloutOptions {
  std::string deployment;
  std::string reason;
  bool noWait = false;
  int timeoutSeconds = 0;
};

/// The first pod of the Deployment that fails, and why.
std::string firstFailure(const client::LiveCache& cache, const schema::Deployment& deployment) {
  const auto& wanted = deployment.spec().selector().match_labels();
  for (const auto& [key, object] : cache.table(client::Kind::kPod)) {
    if (key.ns != deployment.metadata().namespace_()) continue;
    const auto& labels = object->pod().metadata().labels();
    const bool selected = std::ranges::all_of(wanted, [&](const auto& pair) {
      const auto found = labels.find(pair.first);
      return found != labels.end() && found->second == pair.second;
    });
    const client::PodHealth health = client::podHealth(object->pod());
    // A container that is just starting has a reason too, but is no failure.
    const bool failing = health.tone == client::Tone::kBad || health.status == "Unschedulable";
    if (selected && failing) return absl::StrCat(key.name, ": ", health.why);
  }
  return {};
}

std::string progressLine(const client::LiveCache& cache, const schema::Deployment& deployment) {
  const client::DeploymentHealth health = client::deploymentHealth(deployment);
  std::string line =
      absl::StrCat(health.updated, " of ", health.wanted, " updated, ", health.available,
                   " available, ", std::max(0, health.total - health.updated), " old");
  const std::string failure = firstFailure(cache, deployment);
  if (!failure.empty()) absl::StrAppend(&line, "; ", failure);
  return line;
}

absl::StatusOr<int> status(Session& session, const RolloutOptions& options) {
  GANTRY_ASSIGN_OR_RETURN(const api::Object found,
                          session.findOne("Deployment", options.deployment));
  const client::Key key = client::keyOf(found);
  std::string shown;
  return session.follow(
      {"Deployment", "Pod"}, key.ns, std::chrono::seconds(options.timeoutSeconds),
      [&](const client::LiveCache& cache) -> std::optional<int> {
        const client::ObjectPtr object = cache.find(client::Kind::kDeployment, key);
        Terminal& terminal = session.terminal();
        if (object == nullptr) {
          terminal.complain(absl::StrCat("deployment ", key.name, " was deleted"));
          return kFailed;
        }
        const schema::Deployment& deployment = object->deployment();
        const client::DeploymentHealth health = client::deploymentHealth(deployment);
        const bool seen =
            deployment.status().observed_generation() >= deployment.metadata().generation();
        if (const std::string line = progressLine(cache, deployment); line != shown) {
          terminal.printLine(line);
          shown = line;
        }
        if (seen && !health.isRollingOut() && health.tone == client::Tone::kGood) {
          terminal.printLine(absl::StrCat("deployment ", key.name, " is rolled out"));
          return kOk;
        }
        if (seen && health.status == "Stuck") {
          terminal.complain(absl::StrCat("deployment ", key.name, " is stuck: ", health.why));
          return kFailed;
        }
        if (options.noWait) return kOk;
        return std::nullopt;
      });
}

using RolloutCall = void (client::Connection::*)(api::RolloutRequest,
                                                 client::Callback<api::RolloutResponse>);

absl::StatusOr<int> change(Session& session, const RolloutOptions& options, RolloutCall call) {
  GANTRY_RETURN_IF_ERROR(session.checkWritable());
  GANTRY_ASSIGN_OR_RETURN(const api::Object found,
                          session.findOne("Deployment", options.deployment));
  api::RolloutRequest request;
  request.set_namespace_(client::keyOf(found).ns);
  request.set_deployment(options.deployment);
  request.set_reason(options.reason);
  GANTRY_ASSIGN_OR_RETURN(const api::RolloutResponse response,
                          session.call(call, std::move(request)));
  session.terminal().printLine(response.message());
  return kOk;
}

}  // namespace

void addRolloutCommands(CLI::App& app, Session& session, const Chosen& chosen) {
  CLI::App* rollout = app.add_subcommand("rollout", "Follow, pause and resume rollouts");
  rollout->require_subcommand(1);

  auto followed = std::make_shared<RolloutOptions>();
  CLI::App* statusCommand = rollout->add_subcommand(
      "status", "Follow until the rollout is complete (0) or stuck past its deadline (1)");
  statusCommand->add_option("deployment", followed->deployment, "Name of the Deployment")
      ->required();
  statusCommand->add_flag("--no-wait", followed->noWait, "Print where it is now, and end");
  statusCommand
      ->add_option("--timeout", followed->timeoutSeconds, "Seconds to wait at most; 0: no limit")
      ->check(CLI::NonNegativeNumber);
  statusCommand->callback([&session, chosen, followed] {
    chosen([&session, followed] { return status(session, *followed); });
  });

  const auto addChange = [&](const char* name, const char* help, RolloutCall call) {
    auto options = std::make_shared<RolloutOptions>();
    CLI::App* command = rollout->add_subcommand(name, help);
    command->add_option("deployment", options->deployment, "Name of the Deployment")->required();
    command->add_option("-r,--reason", options->reason, "Why; shown to everybody");
    command->callback([&session, chosen, options, call] {
      chosen([&session, options, call] { return change(session, *options, call); });
    });
  };
  addChange("pause", "Stop replacing pods until resumed", &client::Connection::pauseRollout);
  addChange("resume", "Go on", &client::Connection::resumeRollout);
}

}  // namespace gantry::cli
