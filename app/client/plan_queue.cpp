// SPDX-License-Identifier: Apache-2.0
#include "app/client/plan_queue.h"

#include <functional>
#include <map>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "app/client/plan_outline.h"
#include "app/client/review.h"

namespace gantry::client {
namespace {

/// Numbers rise: of two that were made in the same moment the longer name is the newer one.
auto ageOf(const api::Plan& plan) {
  return std::tuple(plan.created_at().unix_ms(), plan.name().size(), plan.name());
}

ObjectPtr newestOf(const LiveCache& cache, const std::string& ns, const std::string& application,
                   const std::function<bool(const api::Plan&)>& fits) {
  const Table& table = cache.table(Kind::kPlan);
  ObjectPtr newest;
  for (auto it = table.lower_bound({ns, ""}); it != table.end() && it->first.ns == ns; ++it) {
    const api::Plan& plan = it->second->plan();
    if (plan.application() != application || !fits(plan)) continue;
    if (newest == nullptr || ageOf(newest->plan()) < ageOf(plan)) newest = it->second;
  }
  return newest;
}

std::string named(const schema::Revision& revision) {
  return absl::StrCat(revision.commit().substr(0, 7), " \"", revision.subject(), "\"");
}

}  // namespace

ObjectPtr newestPlan(const LiveCache& cache, const std::string& ns,
                     const std::string& application) {
  return newestOf(cache, ns, application,
                  [](const api::Plan& plan) { return plan.cause() != "self-heal"; });
}

bool isInQueue(const LiveCache& cache, const api::Plan& plan) {
  if (isOpen(plan)) return true;
  if (plan.state() != api::FAILED) return false;
  const ObjectPtr newest = newestPlan(cache, plan.namespace_(), plan.application());
  return newest != nullptr && newest->plan().name() == plan.name();
}

ObjectPtr successorOf(const LiveCache& cache, const api::Plan& plan) {
  if (plan.state() != api::SUPERSEDED) return nullptr;
  return newestOf(cache, plan.namespace_(), plan.application(),
                  [](const api::Plan& other) { return isOpen(other); });
}

std::vector<std::string> changedBetween(const api::Plan& before, const api::Plan& after) {
  if (!after.changed_since().empty() && after.replaces() == before.name()) {
    return {after.changed_since().begin(), after.changed_since().end()};
  }
  std::vector<std::string> lines;
  if (before.revision().commit() != after.revision().commit()) {
    lines.push_back(absl::StrCat("it is of commit ", named(after.revision()), ", not of ",
                                 named(before.revision())));
  }
  std::map<std::string, const api::PlannedChange*> old;
  for (const api::PlannedChange& change : before.changes()) old[objectName(change)] = &change;
  for (const api::PlannedChange& change : after.changes()) {
    const std::string name = objectName(change);
    const auto found = old.find(name);
    if (found == old.end()) {
      lines.push_back(absl::StrCat(name, " was not in it"));
      continue;
    }
    const bool same = found->second->action() == change.action() &&
                      versionOf(*found->second) == versionOf(change);
    if (!same) lines.push_back(absl::StrCat(name, " differs from what was shown"));
    old.erase(found);
  }
  for (const auto& [name, change] : old) {
    lines.push_back(absl::StrCat(name, " is no longer in it"));
  }
  if (lines.empty()) lines.emplace_back("its digest is another, though no object differs");
  return lines;
}

}  // namespace gantry::client
