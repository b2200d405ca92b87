// SPDX-License-Identifier: Apache-2.0
// cordon, uncordon, drain, join-token.
#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "app/cli/commands/commands.h"
#include "base/status.h"

namespace gantry::cli {
namespace {

struct NodeOptions {
  std::string node;
  std::string reason;
  bool yes = false;
  bool preview = false;
};

using NodeCall = void (client::Connection::*)(api::NodeRequest,
                                              client::Callback<api::NodeResponse>);

api::NodeRequest requestOf(const NodeOptions& options) {
  api::NodeRequest request;
  request.set_node(options.node);
  request.set_reason(options.reason);
  return request;
}

absl::StatusOr<int> change(Session& session, const NodeOptions& options, NodeCall call) {
  GANTRY_RETURN_IF_ERROR(session.checkWritable());
  GANTRY_ASSIGN_OR_RETURN(const api::NodeResponse response, session.call(call, requestOf(options)));
  session.terminal().printLine(response.message());
  return kOk;
}

absl::StatusOr<int> drain(Session& session, const NodeOptions& options) {
  GANTRY_ASSIGN_OR_RETURN(const api::DrainPreview preview,
                          session.call(&client::Connection::previewDrain, requestOf(options)));
  Terminal& terminal = session.terminal();
  terminal.printLine(
      absl::StrCat("Draining ", options.node, " moves ", preview.moves_size(), " pods"));
  for (const api::PlannedPod& move : preview.moves()) {
    terminal.printLine(absl::StrCat(
        "  ", move.owner(), " → ",
        move.node().empty()
            ? terminal.tinted("does not fit: " + move.explanation(), client::Tone::kBad)
            : move.node()));
  }
  for (const std::string& pod : preview.lost()) {
    terminal.printLine(absl::StrCat(
        "  ", pod, terminal.tinted(" is deleted: nothing would replace it", client::Tone::kBad)));
  }
  for (const api::DisruptionBudgetEffect& budget : preview.disruption_budgets()) {
    terminal.printLine(
        terminal.tinted(absl::StrCat("▲ PodDisruptionBudget ", budget.budget(), " ",
                                     budget.explanation(), ": its pods go when others are Ready"),
                        client::Tone::kWarning));
  }
  if (options.preview) return kOk;
  if (!options.yes && !terminal.confirm(absl::StrCat("Drain ", options.node, "?"))) {
    return absl::FailedPreconditionError("nothing was done; --yes drains without asking");
  }
  return change(session, options, &client::Connection::drain);
}

absl::StatusOr<int> joinToken(Session& session, int ttlHours) {
  api::CreateJoinTokenRequest request;
  request.set_ttl_seconds(static_cast<std::int64_t>(ttlHours) * 3600);
  GANTRY_ASSIGN_OR_RETURN(const api::CreateJoinTokenResponse response,
                          session.call(&client::Connection::createJoinToken, std::move(request)));
  session.terminal().printLine(response.token());
  return kOk;
}

}  // namespace

void addNodeCommands(CLI::App& app, Session& session, const Chosen& chosen) {
  const auto add = [&](const char* name, const char* help) {
    auto options = std::make_shared<NodeOptions>();
    CLI::App* command = app.add_subcommand(name, help);
    command->add_option("node", options->node, "Name of the node")->required();
    command->add_option("-r,--reason", options->reason, "Why; shown to everybody");
    return std::pair(command, options);
  };
  const auto addChange = [&](const char* name, const char* help, NodeCall call) {
    const auto [command, options] = add(name, help);
    command->callback([&session, chosen, options = options, call] {
      chosen([&session, options, call] { return change(session, *options, call); });
    });
  };
  addChange("cordon", "Place no new pods on a node", &client::Connection::cordon);
  addChange("uncordon", "Place pods on a node again; ends a drain", &client::Connection::uncordon);

  const auto [drainCommand, options] = add("drain", "Move all pods away from a node");
  drainCommand->add_flag("--preview", options->preview, "Only show which pods would go where");
  drainCommand->add_flag("--yes", options->yes, "Do not ask");
  drainCommand->callback([&session, chosen, options = options] {
    chosen([&session, options] { return drain(session, *options); });
  });

  auto hours = std::make_shared<int>(24);
  CLI::App* tokenCommand = app.add_subcommand("join-token", "A token with which one node may join");
  tokenCommand->add_option("--ttl-hours", *hours, "How long it is good")
      ->check(CLI::PositiveNumber);
  tokenCommand->callback([&session, chosen, hours] {
    chosen([&session, hours] { return joinToken(session, *hours); });
  });
}

}  // namespace gantry::cli
