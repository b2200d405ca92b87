// SPDX-License-Identifier: Apache-2.0
// hold, lift-hold, suspend, resume: what keeps a revision, or all of them, from being applied.
#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "app/cli/commands/commands.h"
#include "base/status.h"

namespace gantry::cli {
namespace {

struct HoldOptions {
  /// The Application, or the name of the hold.
  std::string name;
  std::string commit;
  std::string reason;
  std::string length;
};

/// The namespace of an Application of that name.
absl::StatusOr<std::string> namespaceOf(Session& session, const std::string& application) {
  GANTRY_ASSIGN_OR_RETURN(const api::Object found, session.findOne("Application", application));
  return client::keyOf(found).ns;
}

absl::StatusOr<int> hold(Session& session, const HoldOptions& options) {
  GANTRY_RETURN_IF_ERROR(session.checkWritable());
  api::HoldRevisionRequest request;
  GANTRY_ASSIGN_OR_RETURN(*request.mutable_namespace_(), namespaceOf(session, options.name));
  request.set_application(options.name);
  request.set_commit(options.commit);
  request.set_reason(options.reason);
  GANTRY_ASSIGN_OR_RETURN(const api::Hold held,
                          session.call(&client::Connection::holdRevision, std::move(request)));
  session.terminal().printLine(
      absl::StrCat("held ", held.commit().substr(0, 7), " for ", options.name,
                   ": nothing applies it before `gantry lift-hold ", held.name(), "`"));
  return kOk;
}

absl::StatusOr<int> liftHold(Session& session, const HoldOptions& options) {
  GANTRY_RETURN_IF_ERROR(session.checkWritable());
  GANTRY_ASSIGN_OR_RETURN(const api::Object hold, session.findOne("Hold", options.name));
  api::LiftHoldRequest request;
  request.set_namespace_(hold.hold().namespace_());
  request.set_hold(options.name);
  request.set_reason(options.reason);
  GANTRY_RETURN_IF_ERROR(session.call(&client::Connection::liftHold, std::move(request)).status());
  session.terminal().printLine(absl::StrCat(
      "lifted ", options.name, ": ", hold.hold().commit().substr(0, 7), " may be applied again"));
  return kOk;
}

absl::StatusOr<int> suspend(Session& session, const HoldOptions& options) {
  GANTRY_RETURN_IF_ERROR(session.checkWritable());
  api::SuspendRequest request;
  if (!options.length.empty()) {
    const absl::StatusOr<base::Duration> length = base::parseDuration(options.length);
    if (!length.ok()) return base::annotate(length.status(), "--for");
    request.set_ttl_seconds(std::chrono::floor<std::chrono::seconds>(*length).count());
    if (request.ttl_seconds() == 0) {
      return absl::InvalidArgumentError("--for must be a second or more");
    }
  }
  GANTRY_ASSIGN_OR_RETURN(*request.mutable_namespace_(), namespaceOf(session, options.name));
  request.set_application(options.name);
  request.set_reason(options.reason);
  GANTRY_ASSIGN_OR_RETURN(const api::SuspendResponse response,
                          session.call(&client::Connection::suspend, std::move(request)));
  session.terminal().printLine(response.message());
  return kOk;
}

absl::StatusOr<int> resume(Session& session, const HoldOptions& options) {
  GANTRY_RETURN_IF_ERROR(session.checkWritable());
  api::ResumeRequest request;
  GANTRY_ASSIGN_OR_RETURN(*request.mutable_namespace_(), namespaceOf(session, options.name));
  request.set_application(options.name);
  request.set_reason(options.reason);
  GANTRY_ASSIGN_OR_RETURN(const api::ResumeResponse response,
                          session.call(&client::Connection::resume, std::move(request)));
  session.terminal().printLine(response.message());
  return kOk;
}

using Run = absl::StatusOr<int> (*)(Session&, const HoldOptions&);

struct Command {
  CLI::App* app;
  std::shared_ptr<HoldOptions> options;
};

Command add(CLI::App& app, Session& session, const Chosen& chosen, const char* name,
            const char* help, Run run) {
  const Command command{app.add_subcommand(name, help), std::make_shared<HoldOptions>()};
  command.app->callback([&session, chosen, run, options = command.options] {
    chosen([&session, run, options] { return run(session, *options); });
  });
  return command;
}

void addApplication(const Command& command) {
  command.app->add_option("application", command.options->name, "Name of the Application")
      ->required();
}

void addReason(const Command& command, const char* help = "Why; kept in the audit trail") {
  command.app->add_option("-r,--reason", command.options->reason, help)->required();
}

}  // namespace

void addHoldCommands(CLI::App& app, Session& session, const Chosen& chosen) {
  const Command holding =
      add(app, session, chosen, "hold", "Keep a revision from being applied", hold);
  addApplication(holding);
  holding.app
      ->add_option("commit", holding.options->commit,
                   "In full, or at least 7 digits of one in the history")
      ->required();
  addReason(holding);

  const Command lifting =
      add(app, session, chosen, "lift-hold", "Let a held revision be applied again", liftHold);
  lifting.app->add_option("hold", lifting.options->name, "Name of the hold: gantry get holds")
      ->required();
  addReason(lifting);

  const Command suspending = add(app, session, chosen, "suspend",
                                 "Apply nothing to an Application until resumed", suspend);
  addApplication(suspending);
  addReason(suspending);
  suspending.app->add_option("--for", suspending.options->length,
                             "Go on by itself after that time: 30m, 2h, 1d");

  const Command resuming =
      add(app, session, chosen, "resume", "Let a suspended Application go on", resume);
  addApplication(resuming);
  resuming.app->add_option("-r,--reason", resuming.options->reason, "Kept in the audit trail");
}

}  // namespace gantry::cli
