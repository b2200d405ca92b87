// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "app/cli/session.h"

namespace CLI {
class App;
}

namespace gantry::cli {

/// What a chosen command does, once the command line is understood; answers the exit code.
using Action = std::function<absl::StatusOr<int>()>;

/// Where a command leaves its action for main to run.
using Chosen = std::function<void(Action)>;

/// Whether what was given on the command line is that digest, or its first 8 characters or more.
inline bool isDigest(const std::string& given, const std::string& digest) {
  return given.size() >= 8 && digest.starts_with(given);
}

/// Each adds its commands to `app`. `session` must outlive the action.
void addReadCommands(CLI::App& app, Session& session, const Chosen& chosen);  // status, get, …
void addPlanCommands(CLI::App& app, Session& session, const Chosen& chosen);  // plan, approve, …
void addRollbackCommands(CLI::App& app, Session& session,
                         const Chosen& chosen);                                // history, rollback
void addHoldCommands(CLI::App& app, Session& session, const Chosen& chosen);   // hold, suspend, …
void addAuditCommands(CLI::App& app, Session& session, const Chosen& chosen);  // audit verify
void addRolloutCommands(CLI::App& app, Session& session, const Chosen& chosen);  // rollout …
void addNodeCommands(CLI::App& app, Session& session, const Chosen& chosen);     // cordon, drain, …
void addLogsCommand(CLI::App& app, Session& session, const Chosen& chosen);      // logs
void addContextCommands(CLI::App& app, Session& session, const Chosen& chosen);  // context …
void addOfflineCommands(CLI::App& app, Session& session, const Chosen& chosen);  // validate, …
void addCompletionCommand(CLI::App& app, Session& session, const Chosen& chosen);

}  // namespace gantry::cli
