// SPDX-License-Identifier: Apache-2.0
// audit verify: whether what people decided is recorded without a gap.
#include <CLI/CLI.hpp>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "app/cli/commands/commands.h"
#include "base/file.h"
#include "base/status.h"
#include "controller/audit/audit.h"
#include "controller/audit/chain.h"
#include "gitsync/note_signatures.h"
#include "gitsync/notes.h"

namespace gantry::cli {
namespace {

using Records = std::vector<api::AuditRecord>;

struct AuditOptions {
  std::string application;
  std::string repository;
  std::string signingKeyFile;
  bool onlyNotes = false;
};

bool isWanted(const AuditOptions& options, const std::string& ns, const api::AuditRecord& record) {
  return (options.application.empty() || record.application() == options.application) &&
         (ns.empty() || record.namespace_() == ns);
}

/// The records that a clone's notes hold.
absl::StatusOr<Records> noted(const Session& session, const AuditOptions& options) {
  GANTRY_ASSIGN_OR_RETURN(const std::vector<gitsync::Note> notes,
                          gitsync::readNotes(options.repository));
  Records records;
  for (const gitsync::Note& note : notes) {
    int number = 0;
    for (const auto line : absl::StrSplit(note.text, '\n')) {
      ++number;
      if (line.empty()) continue;
      const std::string where =
          absl::StrCat("the note of commit ", note.commit.substr(0, 7), ", line ", number);
      absl::StatusOr<api::AuditRecord> record =
          audit::fromJsonLine(std::string_view(line.data(), line.size()));
      if (!record.ok()) {
        return absl::DataLossError(absl::StrCat(where, ": ", record.status().message()));
      }
      if (!record->commit().empty() && record->commit() != note.commit) {
        return absl::DataLossError(
            absl::StrCat(where, ": is about commit ", record->commit().substr(0, 7)));
      }
      if (isWanted(options, session.ns, *record)) records.push_back(*std::move(record));
    }
  }
  return records;
}

absl::StatusOr<Records> recorded(Session& session, const AuditOptions& options) {
  GANTRY_ASSIGN_OR_RETURN(const std::vector<api::Object> objects,
                          session.list("AuditRecord", session.ns));
  Records records;
  for (const api::Object& object : objects) {
    const api::AuditRecord& record = object.audit_record();
    if (isWanted(options, session.ns, record)) records.push_back(record);
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

absl::Status verifyOne(const Terminal& terminal, const AuditOptions& options,
                       const Records& records, const std::string& where) {
  if (records.empty() && !options.application.empty()) {
    return absl::NotFoundError(
        absl::StrCat(where, ": there are no records of \"", options.application, "\""));
  }
  GANTRY_RETURN_IF_ERROR(base::annotate(audit::verifyChain(records), where));
  terminal.printLine(absl::StrCat(where, ": whole"));
  printChains(terminal, records);
  return absl::OkStatus();
}

/// Whether nobody but who has the key has written to the notes.
absl::Status verifySignatures(const Terminal& terminal, const AuditOptions& options) {
  GANTRY_ASSIGN_OR_RETURN(const std::string file, base::readFile(options.signingKeyFile));
  std::vector<std::string> keys;
  for (const std::string& line :
       std::vector<std::string>(absl::StrSplit(file, '\n', absl::SkipWhitespace()))) {
    if (line.front() != '#') keys.emplace_back(absl::StripAsciiWhitespace(line));
  }
  absl::StatusOr<int> commits = gitsync::verifyNoteCommits(options.repository, keys);
  if (absl::IsInvalidArgument(commits.status())) {
    return base::annotate(commits.status(), options.signingKeyFile);
  }
  GANTRY_RETURN_IF_ERROR(commits.status());
  terminal.printLine(
      absl::StrCat("the notes: signed, in ", *commits, *commits == 1 ? " commit" : " commits"));
  return absl::OkStatus();
}

absl::StatusOr<int> verify(Session& session, const AuditOptions& options) {
  const Terminal& terminal = session.terminal();
  Records notes;
  if (!options.signingKeyFile.empty()) {
    GANTRY_RETURN_IF_ERROR(verifySignatures(terminal, options));
  }
  if (!options.repository.empty()) {
    GANTRY_ASSIGN_OR_RETURN(notes, noted(session, options));
    GANTRY_RETURN_IF_ERROR(verifyOne(terminal, options, notes, "the notes"));
    if (options.onlyNotes) return kOk;
  }
  GANTRY_ASSIGN_OR_RETURN(const Records records, recorded(session, options));
  GANTRY_RETURN_IF_ERROR(verifyOne(terminal, options, records, "the controller"));
  if (options.repository.empty()) return kOk;
  GANTRY_RETURN_IF_ERROR(audit::verifyNotes(records, notes));
  terminal.printLine("the notes and the controller tell the same");
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
  CLI::Option* repository = verifyCommand->add_option(
      "--repository", options->repository,
      "Also the notes of this clone (git fetch origin refs/notes/gantry:refs/notes/gantry)");
  verifyCommand
      ->add_option("--signing-key", options->signingKeyFile,
                   "Public part of the controller's --git-signing-key, or a file of several, one a "
                   "line: every commit of the notes must be signed by one")
      ->needs(repository);
  verifyCommand->add_flag("--only-notes", options->onlyNotes, "Without asking the controller")
      ->needs(repository);
  verifyCommand->callback([&session, chosen, options] {
    chosen([&session, options] { return verify(session, *options); });
  });
}

}  // namespace gantry::cli
