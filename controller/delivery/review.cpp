// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/review.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/delivery/plan_state.h"
#include "controller/delivery/records.h"
#include "manifests/decode/decode.h"
#include "manifests/diff/diff.h"

namespace gantry::delivery {
namespace {

std::map<std::string, const api::PlannedChange*> byObject(const api::Plan& plan) {
  std::map<std::string, const api::PlannedChange*> changes;
  for (const api::PlannedChange& change : plan.changes()) {
    changes[absl::StrCat(change.kind(), "/", change.namespace_(), "/", change.name())] = &change;
  }
  return changes;
}

/// What a line names at most; the rest is counted.
constexpr std::size_t kNamedFields = 5;
/// A longer value is not printed: the plan has it.
constexpr std::size_t kLongestValue = 80;

const char* verb(const api::PlannedChange& change) {
  switch (change.action()) {
    case api::CREATE:
      return "created";
    case api::DELETE:
      return "deleted";
    default:
      return "changed";
  }
}

bool same(const api::PlannedChange& a, const api::PlannedChange& b) {
  return a.action() == b.action() && a.before_hash() == b.before_hash() &&
         a.after_hash() == b.after_hash();
}

/// "spec.replicas is 3, it was 2".
std::string describe(const manifests::FieldChange& field) {
  const auto isLong = [](const std::optional<std::string>& value) {
    return value && value->size() > kLongestValue;
  };
  if (isLong(field.before) || isLong(field.after)) return absl::StrCat(field.path, " is different");
  const std::string now = field.after ? absl::StrCat(field.path, " is ", *field.after)
                                      : absl::StrCat(field.path, " is gone");
  return field.before ? absl::StrCat(now, ", it was ", *field.before) : now;
}

/// In what the two make of an object; empty if that is not known.
std::string differentFields(const api::PlannedChange& before, const api::PlannedChange& after) {
  const manifests::Decoded was = manifests::decode(before.after_yaml(), "");
  const manifests::Decoded is = manifests::decode(after.after_yaml(), "");
  if (was.resources.size() != 1 || is.resources.size() != 1) return {};
  const auto fields =
      manifests::diff(&was.resources.front().message(), &is.resources.front().message());
  std::vector<std::string> named;
  for (const manifests::FieldChange& field : fields) {
    if (named.size() < kNamedFields) named.push_back(describe(field));
  }
  if (fields.size() > named.size()) {
    named.push_back(absl::StrCat("and ", fields.size() - named.size(), " more"));
  }
  return absl::StrJoin(named, "; ");
}

std::string difference(const api::PlannedChange& before, const api::PlannedChange& after) {
  if (before.action() != after.action()) {
    return absl::StrCat(" is ", verb(after), ", and no longer ", verb(before));
  }
  const std::string fields = differentFields(before, after);
  if (!fields.empty()) return absl::StrCat(": ", fields);
  return before.before_hash() != after.before_hash()
             ? absl::StrCat(" is ", verb(after), " from what it has become meanwhile")
             : absl::StrCat(" is ", verb(after), " in another way");
}

/// The newest that somebody had approved since something was applied; null if there is none.
model::Ptr<api::Plan> approvedBefore(const api::Plan& plan, const model::State& state) {
  for (const model::Ptr<api::Plan>& each :
       plansOf(state, {plan.namespace_(), plan.application()})) {
    if (each->cause() == kCauseSelfHeal) continue;
    if (each->state() == api::APPLIED) return nullptr;
    if (!each->approvals().empty()) return each;
  }
  return nullptr;
}

}  // namespace

std::vector<std::string> changedSince(const api::Plan& before, const api::Plan& after) {
  std::vector<std::string> lines;
  if (before.revision().commit() != after.revision().commit()) {
    lines.push_back(absl::StrCat("commit ", shortCommit(before.revision()), " became ",
                                 shortCommit(after.revision()), " ", after.revision().subject()));
  }
  const auto old = byObject(before);
  const auto now = byObject(after);
  for (const auto& [key, change] : now) {
    const auto found = old.find(key);
    if (found == old.end()) {
      lines.push_back(absl::StrCat("new: ", key, " is ", verb(*change)));
    } else if (!same(*found->second, *change)) {
      lines.push_back(absl::StrCat("differs: ", key, difference(*found->second, *change)));
    }
  }
  for (const auto& [key, change] : old) {
    if (!now.contains(key)) {
      lines.push_back(absl::StrCat("gone: ", key, " is no longer ", verb(*change)));
    }
  }
  return lines;
}

void rememberApproved(api::Plan& plan, const model::State& state) {
  const model::Ptr<api::Plan> approved = approvedBefore(plan, state);
  if (approved == nullptr || !plan.approvals().empty()) return;
  plan.set_replaces(approved->name());
  plan.clear_changed_since();
  for (std::string& line : changedSince(*approved, plan)) plan.add_changed_since(std::move(line));
}

}  // namespace gantry::delivery
