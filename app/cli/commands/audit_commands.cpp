// SPDX-License-Identifier: Apache-2.0
// audit verify: whether what people decided is recorded without a gap.
#include <CLI/CLI.hpp>
#include <map>

#include "absl/strings/str_cat.h"
#include "app/cli/commands/commands.h"
#include "base/status.h"
#include "controller/audit/chain.h"

namespace gantry::cli {
namespace {

using Records = std::vector<api::AuditRecord>;

struct AuditOptions {
  std::string application;
};

absl::StatusOr<Records> recorded(Session& session, const AuditOptions& options) {
  GANTRY_ASSIGN_OR_RETURN(const std::vector<api::Object> objects,
                          session.list("AuditRecord", session.ns));
  Records records;
  for (const api::Object& object : objects) {
    const api::AuditRecord& record = object.audit_record();
    if (options.application.empty() || record.application() == options.application) {
      records.push_back(record);
    }
  }
  return records;
}

/// "gantry/production: 12 records, the last is 03af…", a line for each Application.
void printChains(const Terminal& terminal, const Records& records) {
  std::map<std::string, const api::AuditRecord*> last;
  for (const api::AuditRecord& record : records) {
    const api::AuditRecord*& newest =
        last[absl::StrCat(record.namespace_(), "/", record.application())];
    if (newest == nullptr || record.number() > newest->number()) newest = &record;
  }
  for (const auto& [application, record] : last) {
    terminal.printLine(absl::StrCat("  ", application, ": ", record->number(),
                                    record->number() == 1 ? " record" : " records",
                                    ", the last is ", record->hash()));
  }
}

absl::StatusOr<int> verify(Session& session, const AuditOptions& options) {
  GANTRY_ASSIGN_OR_RETURN(const Records records, recorded(session, options));
  if (records.empty() && !options.application.empty()) {
    return absl::NotFoundError(
        absl::StrCat("there are no records of \"", options.application, "\""));
  }
  GANTRY_RETURN_IF_ERROR(base::annotate(audit::verifyChain(records), "the controller"));
  session.terminal().printLine("the controller's records are whole");
  printChains(session.terminal(), records);
  return kOk;
}

}  // namespace

void addAuditCommands(CLI::App& app, Session& session, const Chosen& chosen) {
  CLI::App* auditCommand =
      app.add_subcommand("audit", "What people decided; `gantry get audit` lists it");
  auditCommand->require_subcommand(1);
  auto options = std::make_shared<AuditOptions>();
  CLI::App* verifyCommand = auditCommand->add_subcommand(
      "verify", "Whether the records are whole: nothing changed, left out or put in between");
  verifyCommand->add_option("application", options->application, "Only of this Application");
  verifyCommand->callback([&session, chosen, options] {
    chosen([&session, options] { return verify(session, *options); });
  });
}

}  // namespace gantry::cli
