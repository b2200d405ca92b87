// SPDX-License-Identifier: Apache-2.0
// plan, compare, approve, reject, sync: what a commit would change, and whether it may.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "app/cli/columns.h"
#include "app/cli/commands/commands.h"
#include "app/cli/plan_text.h"
#include "base/status.h"
#include "manifests/diff/diff.h"

namespace gantry::cli {
namespace {

struct PlanOptions {
  std::string application;
  std::string planName;
  /// Unset: not asked for. An empty one is a mistake, as of a variable that is not set.
  std::optional<std::string> revision;
  std::string from;
  std::string output = "text";
  std::string comment;
  std::string digest;
  std::string overrideDigest;
  bool yes = false;
  bool exitCode = false;
};

/// The plan of that name, else the one that waits, else the newest.
absl::StatusOr<api::Plan> findPlan(Session& session, const PlanOptions& options) {
  GANTRY_ASSIGN_OR_RETURN(const std::vector<api::Object> objects, session.list("Plan", session.ns));
  const api::Plan* best = nullptr;
  for (const api::Object& object : objects) {
    const api::Plan& plan = object.plan();
    if (plan.application() != options.application) continue;
    if (!options.planName.empty() && plan.name() != options.planName) continue;
    const auto rank = [](const api::Plan& p) {
      return std::pair(p.state() == api::PENDING, p.created_at().unix_ms());
    };
    if (best == nullptr || rank(plan) > rank(*best)) best = &plan;
  }
  if (best == nullptr) {
    return absl::NotFoundError(absl::StrCat("there is no plan for \"", options.application,
                                            "\"; `gantry get plans` lists all"));
  }
  return *best;
}

void printPlan(const Terminal& terminal, const api::Plan& plan, const std::string& output) {
  if (output == "json") {
    terminal.print(manifests::toJson(plan, true));
  } else if (output == "yaml") {
    terminal.print(manifests::toYaml(plan, true));
  } else if (output == "markdown") {
    terminal.print(formatPlanMarkdown(plan));
  } else {
    terminal.print(formatPlan(plan, terminal, wallNow()));
  }
}

absl::Status noRevision(const std::string& what) {
  return absl::InvalidArgumentError(
      absl::StrCat(what, " is empty; name a branch, a tag or a commit (is a variable not set?)"));
}

int differenceCode(const api::Plan& plan) {
  return plan.changes().empty() ? kOk : kDifferent;
}

/// What a revision would change that is not followed.
absl::StatusOr<int> previewRevision(Session& session, const PlanOptions& options) {
  if (options.revision->empty()) return noRevision("--revision");
  GANTRY_ASSIGN_OR_RETURN(const api::Object application,
                          session.findOne("Application", options.application));
  api::PreviewRevisionRequest request;
  request.set_namespace_(client::keyOf(application).ns);
  request.set_application(options.application);
  request.set_revision(*options.revision);
  GANTRY_ASSIGN_OR_RETURN(const api::Plan plan,
                          session.call(&client::Connection::previewRevision, std::move(request)));
  printPlan(session.terminal(), plan, options.output);
  return differenceCode(plan);
}

absl::StatusOr<int> showPlan(Session& session, const PlanOptions& options) {
  if (options.revision) return previewRevision(session, options);
  GANTRY_ASSIGN_OR_RETURN(const api::Plan plan, findPlan(session, options));
  printPlan(session.terminal(), plan, options.output);
  return options.exitCode && plan.state() == api::PENDING ? differenceCode(plan) : kOk;
}

absl::StatusOr<int> compare(Session& session, const PlanOptions& options) {
  if (options.from.empty() || options.revision->empty()) return noRevision("a revision to compare");
  GANTRY_ASSIGN_OR_RETURN(const api::Object application,
                          session.findOne("Application", options.application));
  api::CompareRevisionsRequest request;
  request.set_namespace_(client::keyOf(application).ns);
  request.set_application(options.application);
  request.set_from(options.from);
  request.set_to(*options.revision);
  GANTRY_ASSIGN_OR_RETURN(const api::Plan plan,
                          session.call(&client::Connection::compareRevisions, std::move(request)));
  printPlan(session.terminal(), plan, options.output);
  return differenceCode(plan);
}

/// Whether the person has looked at this plan: by its digest, by --yes, or by answering.
absl::Status checkConsent(Session& session, const PlanOptions& options, const api::Plan& plan,
                          const std::string& verb) {
  if (!options.digest.empty()) {
    if (isDigest(options.digest, plan.digest())) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat("the plan's digest is ", plan.digest(), " now, not ", options.digest,
                     "; look at it again with `gantry plan ", options.application, "`"));
  }
  if (options.yes) return absl::OkStatus();
  if (!session.terminal().isInteractive()) {
    return absl::FailedPreconditionError(
        absl::StrCat("nobody can be asked; say which plan you looked at with --digest, or --yes"));
  }
  session.terminal().print(formatPlan(plan, session.terminal(), wallNow()));
  return session.terminal().confirm(absl::StrCat(verb, " this plan for ", plan.application(), "?"))
             ? absl::OkStatus()
             : absl::CancelledError("nothing was done");
}

absl::StatusOr<int> approve(Session& session, const PlanOptions& options) {
  GANTRY_RETURN_IF_ERROR(session.checkWritable());
  GANTRY_ASSIGN_OR_RETURN(const api::Plan plan, findPlan(session, options));
  GANTRY_RETURN_IF_ERROR(checkConsent(session, options, plan, "Approve"));
  api::ApprovePlanRequest request;
  request.set_namespace_(plan.namespace_());
  request.set_plan(plan.name());
  request.set_commit(plan.revision().commit());
  request.set_digest(plan.digest());
  request.set_comment(options.comment);
  GANTRY_ASSIGN_OR_RETURN(const api::Plan approved,
                          session.call(&client::Connection::approvePlan, std::move(request)));
  session.terminal().printLine(
      absl::StrCat(approved.name(), ": ", approved.approvals_size(), " of ",
                   approved.approvals_required(), " approvals; ", planStateName(approved.state()),
                   approved.message().empty() ? "" : ": " + approved.message()));
  return kOk;
}

absl::StatusOr<int> reject(Session& session, const PlanOptions& options) {
  GANTRY_RETURN_IF_ERROR(session.checkWritable());
  GANTRY_ASSIGN_OR_RETURN(const api::Plan plan, findPlan(session, options));
  GANTRY_RETURN_IF_ERROR(checkConsent(session, options, plan, "Reject"));
  api::RejectPlanRequest request;
  request.set_namespace_(plan.namespace_());
  request.set_plan(plan.name());
  request.set_commit(plan.revision().commit());
  request.set_digest(plan.digest());
  request.set_reason(options.comment);
  GANTRY_ASSIGN_OR_RETURN(const api::Plan rejected,
                          session.call(&client::Connection::rejectPlan, std::move(request)));
  session.terminal().printLine(
      absl::StrCat(rejected.name(), ": ", planStateName(rejected.state())));
  return kOk;
}

/// The whole digest of the plan that waits, of which the person gave the beginning.
absl::StatusOr<std::string> overriddenDigest(Session& session, const PlanOptions& options) {
  if (options.comment.empty()) {
    return absl::InvalidArgumentError("an override needs a reason: --reason \"why\"");
  }
  GANTRY_ASSIGN_OR_RETURN(const api::Plan plan, findPlan(session, options));
  PlanOptions looked = options;
  looked.digest = options.overrideDigest;
  GANTRY_RETURN_IF_ERROR(checkConsent(session, looked, plan, "Apply"));
  return plan.digest();
}

absl::StatusOr<int> sync(Session& session, const PlanOptions& options) {
  GANTRY_RETURN_IF_ERROR(session.checkWritable());
  GANTRY_ASSIGN_OR_RETURN(const api::Object application,
                          session.findOne("Application", options.application));
  api::SyncRequest request;
  request.set_namespace_(application.application().metadata().namespace_());
  request.set_application(options.application);
  request.set_reason(options.comment);
  if (!options.overrideDigest.empty()) {
    GANTRY_ASSIGN_OR_RETURN(*request.mutable_override_digest(), overriddenDigest(session, options));
  }
  GANTRY_ASSIGN_OR_RETURN(const api::SyncResponse response,
                          session.call(&client::Connection::sync, std::move(request)));
  session.terminal().printLine(response.plan().empty()
                                   ? response.message()
                                   : absl::StrCat(response.plan(), ": ", response.message()));
  return kOk;
}

CLI::App* addForApplication(CLI::App& app, const char* name, const char* help,
                            const std::shared_ptr<PlanOptions>& options) {
  CLI::App* command = app.add_subcommand(name, help);
  command->add_option("application", options->application, "Name of the Application")->required();
  return command;
}

void addOutput(CLI::App& command, PlanOptions& options) {
  command.add_option("-o,--output", options.output, "text, json, yaml or markdown")
      ->check(CLI::IsMember({"text", "json", "yaml", "markdown"}));
}

void addConsentOptions(CLI::App& command, PlanOptions& options) {
  command.add_option("--plan", options.planName, "This plan instead of the one that waits");
  command.add_option(
      "--digest", options.digest,
      "The digest of the plan that you looked at, or its first 8 characters or more");
  command.add_flag("--yes", options.yes, "Do not ask: take the plan as it is now");
}

}  // namespace

void addPlanCommands(CLI::App& app, Session& session, const Chosen& chosen) {
  auto shown = std::make_shared<PlanOptions>();
  CLI::App* planCommand = addForApplication(
      app, "plan", "What the waiting revision would change, restart and place where", shown);
  planCommand->add_option("--plan", shown->planName, "This plan instead of the one that waits");
  planCommand
      ->add_option("--revision", shown->revision,
                   "What merging this branch would change; of a tag or commit that is merged "
                   "already, what going back to it would. Ends with 4 if anything")
      ->excludes("--plan");
  addOutput(*planCommand, *shown);
  planCommand->add_flag("--exit-code", shown->exitCode, "End with 4 when changes wait");
  planCommand->callback([&session, chosen, shown] {
    chosen([&session, shown] { return showPlan(session, *shown); });
  });

  auto compared = std::make_shared<PlanOptions>();
  CLI::App* compareCommand = addForApplication(
      app, "compare", "What differs between two revisions; ends with 4 if anything", compared);
  compareCommand
      ->add_option("from", compared->from,
                   "A branch, tag or commit, or the name of a history entry")
      ->required();
  compareCommand->add_option("to", compared->revision, "The same")->required();
  addOutput(*compareCommand, *compared);
  compareCommand->callback([&session, chosen, compared] {
    chosen([&session, compared] { return compare(session, *compared); });
  });

  auto approved = std::make_shared<PlanOptions>();
  CLI::App* approveCommand = addForApplication(
      app, "approve", "Say yes to exactly one plan (bound to its digest)", approved);
  approveCommand->add_option("-m,--comment", approved->comment, "Kept with the approval");
  addConsentOptions(*approveCommand, *approved);
  approveCommand->callback([&session, chosen, approved] {
    chosen([&session, approved] { return approve(session, *approved); });
  });

  auto rejected = std::make_shared<PlanOptions>();
  CLI::App* rejectCommand = addForApplication(app, "reject", "Say no to a plan", rejected);
  rejectCommand->add_option("-r,--reason", rejected->comment, "Why")->required();
  addConsentOptions(*rejectCommand, *rejected);
  rejectCommand->callback([&session, chosen, rejected] {
    chosen([&session, rejected] { return reject(session, *rejected); });
  });

  auto synced = std::make_shared<PlanOptions>();
  CLI::App* syncCommand = addForApplication(
      app, "sync", "Ask Git now, and apply what needs no (more) approval", synced);
  syncCommand->add_option("-r,--reason", synced->comment, "Kept in the history");
  syncCommand->add_option(
      "--override", synced->overrideDigest,
      "Apply the plan of this digest (or its first 8 characters) although a window or a dependency "
      "keeps it back; needs --reason");
  syncCommand->callback([&session, chosen, synced] {
    chosen([&session, synced] { return sync(session, *synced); });
  });
}

}  // namespace gantry::cli
