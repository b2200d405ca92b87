// SPDX-License-Identifier: Apache-2.0
#include "app/cli/run.h"

#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "app/cli/commands/commands.h"

namespace gantry::cli {

int run(int argc, const char* const* argv) {
  Session session;
  Action action;
  const Chosen chosen = [&action](Action wanted) { action = std::move(wanted); };

  CLI::App app("Gantry: GitOps for containers. Git says what runs; people say yes to exactly that.",
               "gantry");
  app.require_subcommand(1);
  // So that -n may stand behind the command too, where people write it.
  app.fallthrough();
  app.add_option("--context", session.contextName, "Use this context");
  app.add_option("--context-file", session.contextFile, "Read contexts from this file");
  app.add_option("-n,--namespace", session.ns, "Only this namespace; default: all");
  addReadCommands(app, session, chosen);
  addPlanCommands(app, session, chosen);
  addRollbackCommands(app, session, chosen);
  addRolloutCommands(app, session, chosen);
  addLogsCommand(app, session, chosen);
  addNodeCommands(app, session, chosen);
  addContextCommands(app, session, chosen);
  addOfflineCommands(app, session, chosen);
  addCompletionCommand(app, session, chosen);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kOk : kUsage;
  }
  const absl::StatusOr<int> result = action();
  if (result.ok()) return *result;
  session.terminal().complain(absl::StrCat("gantry: ", result.status().message()));
  return exitCodeOf(result.status());
}

}  // namespace gantry::cli
