// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <ranges>

#include "absl/strings/str_cat.h"
#include "controller/audit/audit.h"
#include "controller/delivery/records.h"
#include "controller/loops/delivery_impl.h"

namespace gantry::loops {

void DeliveryLoop::Impl::exportNotes(const model::Name& name) {
  const auto found = followers_.find(name);
  if (found == followers_.end()) return;
  Follower& follower = found->second;
  if (follower.notes.isUnderWay || executor_.now() < follower.notes.notBefore) return;
  std::vector<gitsync::Note> notes;
  std::vector<model::Name> records;
  // What was decided before Git was ever read is about no commit: it is noted with what came next.
  std::string commit;
  const auto waiting = delivery::notExported(state(), name);
  for (const model::Ptr<api::AuditRecord>& record : std::views::reverse(waiting)) {
    if (!record->commit().empty()) commit = record->commit();
    if (commit.empty()) continue;
    notes.push_back({commit, audit::toJsonLine(*record)});
    records.push_back(model::nameOf(*record));
  }
  std::ranges::reverse(notes);
  if (notes.empty()) return;
  follower.notes.isUnderWay = true;
  git_.appendNotes(
      follower.source.repository, std::move(notes),
      whileFollowed<absl::StatusOr<gitsync::NotesWritten>>(
          name, [this, name, records](const absl::StatusOr<gitsync::NotesWritten>& written) {
            exported(name, records, written.status());
          }));
}

void DeliveryLoop::Impl::exported(const model::Name& name, const std::vector<model::Name>& records,
                                  const absl::Status& result) {
  Follower& follower = followers_.at(name);
  follower.notes.isUnderWay = false;
  absl::Status status = result;
  if (status.ok()) {
    model::Transaction transaction(state());
    for (const model::Name& each : records) {
      const api::AuditRecord* live = state().audit.find(each);
      if (live == nullptr) continue;
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

}  // namespace gantry::loops
