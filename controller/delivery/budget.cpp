// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/budget.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace gantry::delivery {

std::string overBudget(const schema::Application& application,
                       const std::vector<api::PlannedChange>& changes) {
  // As in manifests/schema/gantry.proto; a stored Application may be older than the defaults.
  constexpr int kMaxObjects = 10;
  constexpr int kMaxPercent = 50;
  const schema::DeletionBudget& budget = application.spec().sync_policy().deletion_budget();
  const int maxObjects = budget.has_max_objects() ? budget.max_objects() : kMaxObjects;
  const int maxPercent = budget.has_max_percent() ? budget.max_percent() : kMaxPercent;
  const auto deleted =
      static_cast<int>(std::ranges::count(changes, api::DELETE, &api::PlannedChange::action));
  const int all = application.status().inventory_size();
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

}  // namespace gantry::delivery
