// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/review.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "controller/delivery/records.h"

namespace gantry::delivery {
namespace {

std::map<std::string, const api::PlannedChange*> byObject(const api::Plan& plan) {
  std::map<std::string, const api::PlannedChange*> changes;
  for (const api::PlannedChange& change : plan.changes()) {
    changes[absl::StrCat(change.kind(), "/", change.namespace_(), "/", change.name())] = &change;
  }
  return changes;
}

const char* verb(const api::PlannedChange& change) {
  switch (change.action()) {
    case api::CREATE:
      return "is created";
    case api::DELETE:
      return "is deleted";
    default:
      return "is changed";
  }
}

bool same(const api::PlannedChange& a, const api::PlannedChange& b) {
  return a.action() == b.action() && a.before_hash() == b.before_hash() &&
         a.after_hash() == b.after_hash();
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
      lines.push_back(absl::StrCat("new: ", key, " ", verb(*change)));
    } else if (!same(*found->second, *change)) {
      lines.push_back(absl::StrCat("differs: ", key, " ", verb(*change), " in another way"));
    }
  }
  for (const auto& [key, change] : old) {
    if (!now.contains(key)) {
      lines.push_back(absl::StrCat("gone: ", key, " no longer ", verb(*change)));
    }
  }
  return lines;
}

void rememberApproved(api::Plan& plan, const api::Plan& open, const model::State& state) {
  const std::string& name = open.approvals().empty() ? open.replaces() : open.name();
  const api::Plan* approved = state.plans.find({open.namespace_(), name});
  if (approved == nullptr) return;
  plan.set_replaces(name);
  plan.clear_changed_since();
  for (std::string& line : changedSince(*approved, plan)) plan.add_changed_since(std::move(line));
}

}  // namespace gantry::delivery
