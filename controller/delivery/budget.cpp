// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/budget.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/delivery/settings.h"
#include "manifests/resource.h"

namespace gantry::delivery {
namespace {

using Changes = std::vector<api::PlannedChange>;

/// The deletions of what the Application has not applied itself.
Changes takenAlong(const schema::Application& application, const Changes& changes) {
  std::set<manifests::ObjectKey> inventory;
  for (const schema::InventoryItem& item : application.status().inventory()) {
    inventory.insert({item.kind(), item.namespace_(), item.name()});
  }
  Changes taken;
  std::ranges::copy_if(changes, std::back_inserter(taken), [&](const api::PlannedChange& change) {
    return change.action() == api::DELETE &&
           !inventory.contains({change.kind(), change.namespace_(), change.name()});
  });
  return taken;
}

std::string tooMany(const schema::DeletionBudget& budget, int deleted, int all) {
  // As in manifests/schema/gantry.proto; a stored Application may be older than the defaults.
  constexpr int kMaxObjects = 10;
  constexpr int kMaxPercent = 50;
  const int maxObjects = budget.has_max_objects() ? budget.max_objects() : kMaxObjects;
  const int maxPercent = budget.has_max_percent() ? budget.max_percent() : kMaxPercent;
  const std::string what =
      absl::StrCat("deletes ", deleted, " of ", all, " objects, more than the ");
  if (deleted > maxObjects) {
    return absl::StrCat(what, maxObjects, " that syncPolicy.deletionBudget allows");
  }
  if (deleted > 1 && deleted * 100 > all * maxPercent) {
    return absl::StrCat(what, maxPercent, " % that syncPolicy.deletionBudget allows");
  }
  return {};
}

}  // namespace

std::string overBudget(const schema::Application& application, const Changes& changes) {
  const Changes taken = takenAlong(application, changes);
  const auto count = static_cast<int>(taken.size());
  const auto deleted =
      static_cast<int>(std::ranges::count(changes, api::DELETE, &api::PlannedChange::action));
  std::vector<std::string> why;
  const std::string many = tooMany(application.spec().sync_policy().deletion_budget(), deleted,
                                   application.status().inventory_size() + count);
  if (!many.empty()) why.push_back(many);
  if (!taken.empty()) {
    const api::PlannedChange& first = taken.front();
    const manifests::ObjectKey key{first.kind(), first.namespace_(), first.name()};
    why.push_back(absl::StrCat("takes along ", count, count == 1 ? " object" : " objects", " that ",
                               fullName(application), " has not applied: ", key.toString(), " ",
                               first.reason(), count > 1 ? ", …" : ""));
  }
  return absl::StrJoin(why, "; ");
}

}  // namespace gantry::delivery
