// SPDX-License-Identifier: Apache-2.0
#include "app/cli/run.h"

#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "app/cli/commands/commands.h"
#include "manifests/decode/suggest.h"

namespace gantry::cli {
namespace {

/// "gantry rollout" for the deepest command that was understood, which `deepest` is set to.
std::string understood(CLI::App& app, CLI::App*& deepest) {
  deepest = &app;
  std::string words = app.get_name();
  while (!deepest->get_subcommands().empty()) {
    deepest = deepest->get_subcommands().front();
    absl::StrAppend(&words, " ", deepest->get_name());
  }
  return words;
}

/// Says what is wrong with the command line, and what was probably meant.
int explain(CLI::App& app, const CLI::ParseError& error, Terminal& terminal) {
  CLI::App* command = nullptr;
  const std::string words = understood(app, command);
  std::vector<std::string> known;
  for (const CLI::App* each : command->get_subcommands({})) known.push_back(each->get_name());
  const std::vector<std::string> rest = app.remaining(true);
  if (known.empty()) {
    terminal.complain(absl::StrCat(words, ": ", error.what(), "; see `", words, " --help`"));
  } else if (rest.empty()) {
    terminal.complain(command->help());
  } else {
    const std::string meant = manifests::nearest(rest.front(), known);
    terminal.complain(
        absl::StrCat(words, ": there is no command \"", rest.front(), "\"",
                     meant.empty() ? "" : absl::StrCat("; did you mean \"", meant, "\"?"),
                     "; see `", words, " --help`"));
  }
  return kUsage;
}

}  // namespace

int run(int argc, const char* const* argv) {
  Session session;
  Action action;
  const Chosen chosen = [&action](Action wanted) { action = std::move(wanted); };

  CLI::App app("Gantry: GitOps for containers. Git says what runs; people say yes to exactly that.",
               "gantry");
  app.require_subcommand(1);
  app.set_version_flag("--version", GANTRY_VERSION);
  // So that -n may stand behind the command too, where people write it.
  app.fallthrough();
  app.add_option("--context", session.contextName, "Use this context");
  app.add_option("--context-file", session.contextFile, "Read contexts from this file");
  app.add_option("-n,--namespace", session.ns, "Only this namespace; default: all");
  addReadCommands(app, session, chosen);
  addPlanCommands(app, session, chosen);
  addRollbackCommands(app, session, chosen);
  addHoldCommands(app, session, chosen);
  addAuditCommands(app, session, chosen);
  addRolloutCommands(app, session, chosen);
  addLogsCommand(app, session, chosen);
  addNodeCommands(app, session, chosen);
  addContextCommands(app, session, chosen);
  addOfflineCommands(app, session, chosen);
  addCompletionCommand(app, session, chosen);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return error.get_exit_code() == 0 ? app.exit(error) : explain(app, error, session.terminal());
  }
  const absl::StatusOr<int> result = action();
  if (result.ok()) return *result;
  session.terminal().complain(absl::StrCat("gantry: ", result.status().message()));
  return exitCodeOf(result.status());
}

}  // namespace gantry::cli
