// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "controller/api/records.pb.h"

namespace gantry::audit {

/// SHA-256, lower-case hex, over these texts, each preceded by its length in bytes in decimal and a
/// colon: "gantry-audit-v1", namespace, application, number, action, by, at (ms since 1970), plan,
/// commit, digest, reason, previous hash; numbers in decimal. Neither `hash` nor `exported` counts,
/// and `name` follows from what does. docs/audit.md shows it in Python. Pure.
std::string auditHash(const api::AuditRecord& record);

/// "<application>-<number>".
std::string auditName(const api::AuditRecord& record);

/// The record as one line of JSON without its line feed: all that is hashed, then the hash, with
/// the keys in the order of `auditHash`. The same record is always the same line. Pure.
std::string toJsonLine(const api::AuditRecord& record);

/// The record of such a line, `name` filled in, `exported` set. INVALID_ARGUMENT for what
/// `toJsonLine` would not have written, byte for byte; the hash is not looked at.
absl::StatusOr<api::AuditRecord> fromJsonLine(std::string_view line);

}  // namespace gantry::audit
