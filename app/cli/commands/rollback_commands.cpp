// SPDX-License-Identifier: Apache-2.0
// history, rollback: the way back.
#include <CLI/CLI.hpp>
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "app/cli/columns.h"
#include "app/cli/commands/commands.h"
#include "app/cli/format.h"
#include "app/cli/plan_text.h"
#include "base/status.h"
#include "controller/api/answers.h"

namespace gantry::cli {
namespace {

struct RollbackOptions {
  std::string application;
  std::string to;
  std::string reason;
  std::string output = "table";
  std::string digest;
  bool yes = false;
  bool preview = false;
};

absl::StatusOr<int> history(Session& session, const RollbackOptions& options) {
  GANTRY_ASSIGN_OR_RETURN(std::vector<api::Object> objects,
                          session.list("HistoryEntry", session.ns));
  std::erase_if(objects, [&](const api::Object& object) {
    return !options.application.empty() &&
           object.history_entry().application() != options.application;
  });
  std::ranges::stable_sort(objects, std::greater<>(), [](const api::Object& object) {
    return object.history_entry().started_at().unix_ms();
  });
  if (options.output != "table") {
    session.terminal().print(formatObjects(objects, options.output == "json"));
    return kOk;
  }
  const Columns columns = columnsOf("HistoryEntry", true);
  std::vector<std::string> titles = {"NAME"};
  titles.insert(titles.end(), columns.titles.begin(), columns.titles.end());
  TextTable table(std::move(titles));
  for (const api::Object& object : objects) {
    std::vector<TextCell> row = {TextCell(object.history_entry().name())};
    for (TextCell& cell : columns.cells(object, wallNow())) row.push_back(std::move(cell));
    table.add(std::move(row));
  }
  if (table.empty()) {
    session.terminal().complain("nothing was applied yet");
  } else {
    session.terminal().print(table.format(session.terminal()));
  }
  return kOk;
}

std::string formatPreview(const api::RollbackPreview& preview, const Terminal& terminal) {
  std::string text =
      absl::StrCat("Rolling back to ", describeRevision(preview.to().revision()), "\n");
  for (const schema::Revision& reverted : preview.reverted()) {
    absl::StrAppend(&text, "  reverts ", describeRevision(reverted), "\n");
  }
  // Else the message, which is part of the plan, says why not.
  const bool isPushed = preview.plan().message().empty();
  absl::StrAppend(&text, isPushed ? "This writes a revert commit, pushes it, and" : "This",
                  " holds the reverted revision so that nothing brings it back; automatic sync "
                  "stays on.\n\n",
                  formatPlan(preview.plan(), terminal, wallNow()));
  return text;
}

/// Whether the person has looked at this preview: by its digest, by --yes, or by answering.
absl::Status checkConsent(Session& session, const RollbackOptions& options, const api::Plan& plan) {
  if (!options.digest.empty()) {
    if (isDigest(options.digest, plan.digest())) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat("the digest of what the rollback would change is ", plan.digest(),
                     " now, not ", options.digest, "; look at it again with `gantry rollback ",
                     options.application, " --preview`"));
  }
  if (options.yes ||
      session.terminal().confirm(absl::StrCat("Roll back ", options.application, "?"))) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      "nothing was done; say which preview you looked at with --digest, or --yes");
}

// Only what is in Git has a revert commit to be named.
void printAnswer(const Terminal& terminal, const api::RollbackResponse& response) {
  if (response.message() == api::kRollbackInGit) {
    terminal.printLine(absl::StrCat("Revert commit ", describeRevision(response.revert())));
    terminal.printLine(response.message());
  } else {
    terminal.printLine(terminal.tinted("▲ " + response.message(), client::Tone::kWarning));
  }
}

absl::StatusOr<int> rollback(Session& session, const RollbackOptions& options) {
  GANTRY_RETURN_IF_ERROR(session.checkWritable());
  GANTRY_ASSIGN_OR_RETURN(const api::Object application,
                          session.findOne("Application", options.application));
  api::RollbackRequest request;
  request.set_namespace_(application.application().metadata().namespace_());
  request.set_application(options.application);
  request.set_to(options.to);
  request.set_reason(options.reason);
  GANTRY_ASSIGN_OR_RETURN(const api::RollbackPreview preview,
                          session.call(&client::Connection::previewRollback, request));
  session.terminal().print(formatPreview(preview, session.terminal()));
  if (options.preview) return kOk;
  if (options.reason.empty()) {
    return absl::InvalidArgumentError("a rollback needs a reason: --reason \"why\"");
  }
  GANTRY_RETURN_IF_ERROR(checkConsent(session, options, preview.plan()));
  request.set_digest(preview.plan().digest());
  GANTRY_ASSIGN_OR_RETURN(const api::RollbackResponse response,
                          session.call(&client::Connection::rollback, std::move(request)));
  printAnswer(session.terminal(), response);
  return kOk;
}

}  // namespace

void addRollbackCommands(CLI::App& app, Session& session, const Chosen& chosen) {
  auto listed = std::make_shared<RollbackOptions>();
  CLI::App* historyCommand =
      app.add_subcommand("history", "What was applied when, by whom and why, newest first");
  historyCommand->add_option("application", listed->application, "Only of this Application");
  historyCommand->add_option("-o,--output", listed->output, "table, yaml or json")
      ->check(CLI::IsMember({"table", "yaml", "json"}));
  historyCommand->callback([&session, chosen, listed] {
    chosen([&session, listed] { return history(session, *listed); });
  });

  auto options = std::make_shared<RollbackOptions>();
  CLI::App* rollbackCommand = app.add_subcommand(
      "rollback", "Go back to an earlier revision: a revert commit and a hold on the bad one");
  rollbackCommand->add_option("application", options->application, "Name of the Application")
      ->required();
  rollbackCommand->add_option("--to", options->to,
                              "Name of the history entry to go back to; default: the one before");
  rollbackCommand->add_option("-r,--reason", options->reason,
                              "Why; kept in the commit and the history");
  rollbackCommand->add_flag("--preview", options->preview, "Only show what it would do");
  rollbackCommand->add_option(
      "--digest", options->digest,
      "The digest of the preview that you looked at, or its first 8 characters or more");
  rollbackCommand->add_flag("--yes", options->yes, "Do not ask");
  rollbackCommand->callback([&session, chosen, options] {
    chosen([&session, options] { return rollback(session, *options); });
  });
}

}  // namespace gantry::cli
