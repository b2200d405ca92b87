// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "controller/api/records.pb.h"

namespace gantry::audit {

/// Whether the records, of any number of Applications and in any order, are whole chains: numbers
/// from 1 without gaps or doubles, each with the hash of the one before it, each hash right.
/// DATA_LOSS names the first that is wrong. What is missing at the end of a chain cannot be seen;
/// another copy shows it. Pure.
absl::Status verifyChain(const std::vector<api::AuditRecord>& records);

/// Whether a repository's notes tell what the controller has recorded: no record differs, the notes
/// hold none that it does not know, and all that it has marked as exported. Several controllers may
/// write to one repository: notes of Applications of which `recorded` has nothing are not looked
/// at. DATA_LOSS names the first difference. Pure.
absl::Status verifyNotes(const std::vector<api::AuditRecord>& recorded,
                         const std::vector<api::AuditRecord>& notes);

}  // namespace gantry::audit
