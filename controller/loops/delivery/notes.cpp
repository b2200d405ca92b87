// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "controller/audit/audit.h"
#include "controller/delivery/records.h"
#include "controller/loops/delivery/impl.h"

namespace gantry::loops {

void DeliveryLoop::Impl::exportNotes(const model::Name& name) {
  const auto found = followers_.find(name);
  if (found == followers_.end()) return;
  Follower& follower = found->second;
  if (follower.notes.isUnderWay || executor_.now() < follower.notes.notBefore) return;
  std::vector<model::Ptr<api::AuditRecord>> records;
  std::vector<gitsync::Note> notes;
  bool isWaited = false;
  // What was decided before Git was ever read is about no commit: it is noted with what came next.
  std::string commit;
  for (const model::Ptr<api::AuditRecord>& record : delivery::auditOf(state(), name)) {
    if (!record->commit().empty()) commit = record->commit();
    if (commit.empty()) continue;
    isWaited |= !record->exported();
    records.push_back(record);
    notes.push_back({commit, ""});
  }
  if (!isWaited) return;
  // Those that were written before are asked for as well, which tells whether they are still there.
  for (std::size_t i = 0; i < notes.size(); ++i) notes[i].text = audit::toJsonLine(*records[i]);
  std::ranges::reverse(notes);
  std::ranges::reverse(records);
  follower.notes.isUnderWay = true;
  git_.appendNotes(
      follower.source.repository, std::move(notes),
      whileFollowed<absl::StatusOr<gitsync::NotesWritten>>(
          name, [this, name, records](const absl::StatusOr<gitsync::NotesWritten>& written) {
            exported(name, records, written);
          }));
}

void DeliveryLoop::Impl::exported(const model::Name& name,
                                  const std::vector<model::Ptr<api::AuditRecord>>& records,
                                  const absl::StatusOr<gitsync::NotesWritten>& written) {
  Follower& follower = followers_.at(name);
  follower.notes.isUnderWay = false;
  absl::Status status = written.status();
  if (status.ok()) {
    tellIfRestored(name, records, *written);
    model::Transaction transaction(state());
    for (const model::Ptr<api::AuditRecord>& each : records) {
      const api::AuditRecord* live = state().audit.find(model::nameOf(*each));
      if (live == nullptr || live->exported()) continue;
      api::AuditRecord record = *live;
      record.set_exported(true);
      transaction.put(std::move(record));
    }
    status = ledger_.commit(std::move(transaction));
  }
  if (status.ok()) {
    follower.notes.backoff.reset();
    follower.notes.problem.clear();
    return exportNotes(name);
  }
  // Looked at again after the next fetch.
  follower.notes.notBefore = executor_.now() + follower.notes.backoff.next();
  const std::string problem(status.message());
  if (follower.notes.problem == problem) return;
  follower.notes.problem = problem;
  if (const model::Ptr<schema::Application> live = find(name)) {
    tellAbout(
        *live, true, "NotesNotWritten",
        absl::StrCat("what was decided is recorded, but not in the repository's notes: ", problem));
  }
}

void DeliveryLoop::Impl::tellIfRestored(const model::Name& name,
                                        const std::vector<model::Ptr<api::AuditRecord>>& records,
                                        const gitsync::NotesWritten& written) const {
  std::string first;
  int count = 0;
  for (const std::size_t place : written.added) {
    if (place >= records.size() || !records[place]->exported()) continue;
    if (count++ == 0) first = records[place]->name();
  }
  const model::Ptr<schema::Application> live = find(name);
  if (count == 0 || live == nullptr) return;
  tellAbout(*live, true, "NotesRewritten",
            absl::StrCat("the repository's notes lacked ", count,
                         count == 1 ? " record that was" : " records that were",
                         " in them before, from ", first,
                         " on; written again: somebody has deleted or rewritten "
                         "refs/notes/gantry, or the repository is another one"));
}

}  // namespace gantry::loops
