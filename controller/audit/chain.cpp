// SPDX-License-Identifier: Apache-2.0
#include "controller/audit/chain.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "controller/audit/audit.h"

namespace gantry::audit {
namespace {

using Key = std::tuple<std::string, std::string, std::int64_t>;
using RecordsByKey = std::map<Key, const api::AuditRecord*>;

Key keyOf(const api::AuditRecord& record) {
  return {record.namespace_(), record.application(), record.number()};
}

std::pair<std::string, std::string> chainOf(const api::AuditRecord& record) {
  return {record.namespace_(), record.application()};
}

std::string nameOf(const api::AuditRecord& record) {
  return absl::StrCat(record.namespace_(), "/", auditName(record));
}

absl::Status wrong(const api::AuditRecord& record, const std::string& what) {
  return absl::DataLossError(absl::StrCat("record ", nameOf(record), ": ", what));
}

absl::StatusOr<RecordsByKey> byKey(const std::vector<api::AuditRecord>& records) {
  RecordsByKey sorted;
  for (const api::AuditRecord& record : records) {
    if (!sorted.emplace(keyOf(record), &record).second) return wrong(record, "is there twice");
  }
  return sorted;
}

}  // namespace

absl::Status verifyChain(const std::vector<api::AuditRecord>& records) {
  GANTRY_ASSIGN_OR_RETURN(const RecordsByKey sorted, byKey(records));
  const api::AuditRecord* before = nullptr;
  for (const auto& [key, record] : sorted) {
    const bool isFirst = before == nullptr || chainOf(*before) != chainOf(*record);
    const std::int64_t expected = isFirst ? 1 : before->number() + 1;
    if (record->number() != expected) {
      return wrong(*record, absl::StrCat("number ", expected, " is missing before it"));
    }
    if (record->previous_hash() != (isFirst ? "" : before->hash())) {
      return wrong(*record, "its previous hash is not the hash of the record before it");
    }
    if (record->hash() != auditHash(*record)) {
      return wrong(*record, "its hash is not that of what it says");
    }
    before = record;
  }
  return absl::OkStatus();
}

absl::Status verifyNotes(const std::vector<api::AuditRecord>& recorded,
                         const std::vector<api::AuditRecord>& notes) {
  GANTRY_ASSIGN_OR_RETURN(const RecordsByKey ours, byKey(recorded));
  GANTRY_ASSIGN_OR_RETURN(const RecordsByKey theirs, byKey(notes));
  std::set<std::pair<std::string, std::string>> chains;
  for (const auto& [key, record] : ours) {
    chains.insert(chainOf(*record));
    const auto note = theirs.find(key);
    if (note == theirs.end()) {
      if (record->exported()) return wrong(*record, "is missing in the notes");
    } else if (toJsonLine(*record) != toJsonLine(*note->second)) {
      return wrong(*record, "the notes and the controller differ");
    }
  }
  for (const auto& [key, note] : theirs) {
    if (chains.contains(chainOf(*note)) && !ours.contains(key)) {
      return wrong(*note, "is in the notes, but the controller does not have it");
    }
  }
  return absl::OkStatus();
}

}  // namespace gantry::audit
