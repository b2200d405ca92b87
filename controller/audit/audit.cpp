// SPDX-License-Identifier: Apache-2.0
#include "controller/audit/audit.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/status.h"
#include "manifests/decode/json_text.h"

namespace gantry::audit {
namespace {

constexpr char kFormat[] = "gantry-audit-v1";
// Beyond that a JSON number is no longer exact everywhere.
constexpr double kLargestWhole = 9007199254740991.0;

using JsonFields = google::protobuf::Map<std::string, google::protobuf::Value>;

/// Takes what is hashed to `text` and `number`, in order.
template <typename Text, typename Number>
void eachHashed(const api::AuditRecord& record, Text text, Number number) {
  text("namespace", record.namespace_());
  text("application", record.application());
  number("number", record.number());
  text("action", record.action());
  text("by", record.by());
  number("at", record.at().unix_ms());
  text("plan", record.plan());
  text("commit", record.commit());
  text("digest", record.digest());
  text("reason", record.reason());
  text("previousHash", record.previous_hash());
}

absl::StatusOr<std::string> textOf(const JsonFields& fields, const std::string& key) {
  const auto found = fields.find(key);
  if (found == fields.end() || !found->second.has_string_value()) {
    return absl::InvalidArgumentError(absl::StrCat("\"", key, "\" must be a text"));
  }
  return found->second.string_value();
}

absl::StatusOr<std::int64_t> numberOf(const JsonFields& fields, const std::string& key) {
  const auto found = fields.find(key);
  if (found == fields.end() || !found->second.has_number_value() ||
      !(found->second.number_value() >= 0 && found->second.number_value() <= kLargestWhole)) {
    return absl::InvalidArgumentError(absl::StrCat("\"", key, "\" must be a whole number from 0"));
  }
  return static_cast<std::int64_t>(found->second.number_value());
}

absl::StatusOr<api::AuditRecord> recordOf(const JsonFields& fields) {
  api::AuditRecord record;
  GANTRY_ASSIGN_OR_RETURN(const std::string format, textOf(fields, "format"));
  if (format != kFormat) {
    return absl::InvalidArgumentError(
        absl::StrCat("the format is ", format, ", only ", kFormat, " is known"));
  }
  GANTRY_ASSIGN_OR_RETURN(*record.mutable_namespace_(), textOf(fields, "namespace"));
  GANTRY_ASSIGN_OR_RETURN(*record.mutable_application(), textOf(fields, "application"));
  GANTRY_ASSIGN_OR_RETURN(const std::int64_t number, numberOf(fields, "number"));
  GANTRY_ASSIGN_OR_RETURN(*record.mutable_action(), textOf(fields, "action"));
  GANTRY_ASSIGN_OR_RETURN(*record.mutable_by(), textOf(fields, "by"));
  GANTRY_ASSIGN_OR_RETURN(const std::int64_t at, numberOf(fields, "at"));
  GANTRY_ASSIGN_OR_RETURN(*record.mutable_plan(), textOf(fields, "plan"));
  GANTRY_ASSIGN_OR_RETURN(*record.mutable_commit(), textOf(fields, "commit"));
  GANTRY_ASSIGN_OR_RETURN(*record.mutable_digest(), textOf(fields, "digest"));
  GANTRY_ASSIGN_OR_RETURN(*record.mutable_reason(), textOf(fields, "reason"));
  GANTRY_ASSIGN_OR_RETURN(*record.mutable_previous_hash(), textOf(fields, "previousHash"));
  GANTRY_ASSIGN_OR_RETURN(*record.mutable_hash(), textOf(fields, "hash"));
  record.set_number(number);
  record.mutable_at()->set_unix_ms(at);
  record.set_name(auditName(record));
  record.set_exported(true);
  return record;
}

}  // namespace

std::string auditName(const api::AuditRecord& record) {
  return absl::StrCat(record.application(), "-", record.number());
}

std::string auditHash(const api::AuditRecord& record) {
  std::string text;
  const auto add = [&text](const std::string& part) {
    absl::StrAppend(&text, part.size(), ":", part);
  };
  add(kFormat);
  eachHashed(
      record, [&](const char*, const std::string& value) { add(value); },
      [&](const char*, std::int64_t value) { add(absl::StrCat(value)); });
  return base::sha256Hex(text);
}

std::string toJsonLine(const api::AuditRecord& record) {
  std::string json = absl::StrCat("{\"format\":\"", kFormat, "\"");
  const auto add = [&json](const char* key, const std::string& value) {
    absl::StrAppend(&json, ",\"", key, "\":", value);
  };
  const auto addText = [&](const char* key, const std::string& value) {
    add(key, manifests::jsonText(value));
  };
  eachHashed(record, addText,
             [&](const char* key, std::int64_t value) { add(key, absl::StrCat(value)); });
  addText("hash", record.hash());
  return json += '}';
}

absl::StatusOr<api::AuditRecord> fromJsonLine(std::string_view line) {
  google::protobuf::Struct json;
  const auto status = google::protobuf::util::JsonStringToMessage(std::string(line), &json);
  if (!status.ok()) return absl::InvalidArgumentError("not an object of JSON");
  GANTRY_ASSIGN_OR_RETURN(api::AuditRecord record, recordOf(json.fields()));
  // One record is one line: what a parser lets pass (keys twice, unknown ones) is not hashed.
  if (toJsonLine(record) != line) {
    return absl::InvalidArgumentError(
        "not written as Gantry writes it: keys in order, each once, no space between");
  }
  return record;
}

}  // namespace gantry::audit
