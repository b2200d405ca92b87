// SPDX-License-Identifier: Apache-2.0
#include "controller/workloads/rolling_update.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "controller/workloads/int_or_percent.h"
#include "controller/workloads/revisions.h"

namespace gantry::workloads {
namespace {

template <class Count>
int sumOf(const RolloutView& view, Count count) {
  return std::transform_reduce(view.sets.begin(), view.sets.end(), 0, std::plus(), count);
}

std::string from(const SetView& set, int to) {
  return absl::StrCat("from ", set.size, " to ", to);
}

/// Of a field that is not set (AT-DEP-01).
schema::IntOrString quarter() {
  schema::IntOrString value;
  value.set_text("25%");
  return value;
}

int takeFrom(SetView& set, int most, const char* why) {
  const int taken = std::min(set.size, most);
  if (taken > 0) set.resize(set.size - taken, absl::StrCat(why, from(set, set.size - taken)));
  return taken;
}

// Old pods that are not available help nobody; they make room first, so that a broken old revision
// cannot block a good new one.
int removeUnavailableOld(RolloutView& view, int most) {
  int removed = 0;
  for (SetView& set : view.sets) {
    if (view.isNewest(set)) continue;
    removed += takeFrom(set, std::min(most - removed, set.size - set.availableKept()),
                        "rolling update, unavailable pods first: scaled down ");
  }
  return removed;
}

int removeOld(RolloutView& view) {
  const int available = sumOf(view, [](const SetView& set) { return set.availableKept(); });
  const int most = std::max(0, available - view.minAvailable());
  int removed = 0;
  for (SetView& set : view.sets) {
    if (view.isNewest(set)) continue;
    removed += takeFrom(set, most - removed, "rolling update: scaled down ");
  }
  return removed;
}

// The ReplicaSet that follows spec.replicas alone: the only one in use, or, with none in use, the
// newest there is. Null if several are in use.
SetView* soleSet(RolloutView& view) {
  const auto inUse = [](const SetView& set) { return set.size > 0; };
  const auto count = std::ranges::count_if(view.sets, inUse);
  if (count == 1) return &*std::ranges::find_if(view.sets, inUse);
  if (count > 1 || view.sets.empty()) return nullptr;
  return view.newest() != nullptr ? view.newest() : &view.sets.back();
}

bool isSaturated(const RolloutView& view) {
  const SetView* newest = view.newest();
  return newest != nullptr && newest->size == view.desired &&
         newest->availableKept() == view.desired;
}

// How much this ReplicaSet changes when all of them together go from the former most to the new
// most.
int shareOf(const RolloutView& view, const SetView& set) {
  if (view.desired == 0) return -set.size;
  int formerMost = stampOf(set.object(), kMaxReplicas).value_or(0);
  if (formerMost == 0) formerMost = view.in.deployment.status().replicas();
  if (formerMost == 0) return 0;
  const double size = static_cast<double>(set.size) * view.maxTotal() / formerMost;
  return static_cast<int>(std::lround(size)) - set.size;
}

// Biggest first; of equals the newer first when growing, the older first when shrinking.
std::vector<SetView*> bySize(RolloutView& view, bool isGrowing) {
  std::vector<SetView*> sets;
  for (SetView& set : view.sets) {
    if (set.size > 0) sets.push_back(&set);
  }
  if (isGrowing) std::ranges::reverse(sets);
  std::ranges::stable_sort(sets, std::greater(), &SetView::size);
  return sets;
}

int leavingOf(const RolloutView& view) {
  return sumOf(view, [](const SetView& set) { return set.leaving; });
}

// Shares are blind to what works: where fewer available pods than allowed would be kept, sets with
// such pods give up less, and others more.
void keepAvailable(const RolloutView& view, const std::vector<SetView*>& sets,
                   std::vector<int>& sizes) {
  const auto kept = [&](std::size_t i) { return std::min(sizes[i], sets[i]->available); };
  int lacking = view.minAvailable();
  for (std::size_t i = 0; i < sets.size(); ++i) lacking -= kept(i);
  for (std::size_t to = 0; to < sets.size(); ++to) {
    for (std::size_t from = 0; from < sets.size(); ++from) {
      const int wanted = std::min(sets[to]->size, sets[to]->available) - sizes[to];
      const int moved = std::min({lacking, wanted, sizes[from] - kept(from)});
      if (from == to || moved <= 0) continue;
      sizes[to] += moved;
      sizes[from] -= moved;
      lacking -= moved;
    }
  }
}

bool scaleInProportion(RolloutView& view) {
  const int most = view.desired > 0 ? view.maxTotal() : 0;
  int toAdd = most - sumOf(view, [](const SetView& set) { return set.size; });
  if (toAdd > 0) toAdd = std::max(0, toAdd - leavingOf(view));
  if (toAdd == 0) return false;
  const std::vector<SetView*> sets = bySize(view, toAdd > 0);
  std::vector<int> sizes;
  int added = 0;
  for (const SetView* set : sets) {
    const int share = shareOf(view, *set);
    const int left = toAdd - added;
    const int change = toAdd > 0 ? std::min(share, left) : std::max(share, left);
    sizes.push_back(set->size + change);
    added += change;
  }
  sizes.front() = std::max(0, sizes.front() + toAdd - added);
  if (toAdd < 0) keepAvailable(view, sets, sizes);
  for (std::size_t i = 0; i < sets.size(); ++i) {
    sets[i]->resize(sizes[i], absl::StrCat("scaled in proportion ", from(*sets[i], sizes[i])));
  }
  return true;
}

}  // namespace

FencePosts resolveFencePosts(const schema::DeploymentSpec& spec) {
  const int replicas = spec.has_replicas() ? spec.replicas() : 1;
  const schema::RollingUpdateDeployment& rolling = spec.strategy().rolling_update();
  FencePosts posts;
  posts.surge = resolve(rolling.has_max_surge() ? rolling.max_surge() : quarter(), replicas, true);
  posts.unavailable = resolve(rolling.has_max_unavailable() ? rolling.max_unavailable() : quarter(),
                              replicas, false);
  // A rollout that may neither add nor take a pod would never end.
  if (posts.surge == 0 && posts.unavailable == 0) posts.unavailable = 1;
  return posts;
}

bool growNewest(RolloutView& view) {
  SetView& newest = *view.newest();
  int size = view.desired;
  if (newest.size < view.desired && !view.isRecreate) {
    // Its own pods that were about to go are there already: to keep them adds none, unless one that
    // ends is replaced beside those of the others.
    const int occupied = sumOf(view, [](const SetView& set) { return set.occupied(); });
    const int sizes = sumOf(view, [](const SetView& set) { return set.size + set.leaving; });
    const int room = view.maxTotal() - (occupied - newest.occupied());
    const int places = view.maxTotal() - (sizes - newest.size - newest.leaving);
    const int most = std::min(std::max(room, newest.active), places) - newest.leaving;
    size = std::clamp(most, newest.size, view.desired);
  }
  if (size == newest.size) return false;
  const char* direction = size > newest.size ? "scaled up " : "scaled down ";
  newest.resize(size, absl::StrCat(direction, from(newest, size)));
  return true;
}

bool shrinkOld(RolloutView& view) {
  const SetView& newest = *view.newest();
  const int total = sumOf(view, [](const SetView& set) { return set.size; });
  const int most = total - view.minAvailable() - (newest.size - newest.availableKept());
  if (most <= 0 || total == newest.size) return false;
  return removeUnavailableOld(view, most) + removeOld(view) > 0;
}

bool emptyOld(RolloutView& view) {
  int removed = 0;
  for (SetView& set : view.sets) {
    if (!view.isNewest(set)) removed += takeFrom(set, set.size, "recreate: scaled down ");
  }
  return removed > 0;
}

bool isScaled(const RolloutView& view) {
  return std::ranges::any_of(view.sets, [&](const SetView& set) {
    const std::optional<int> sizedFor = stampOf(set.object(), kDesiredReplicas);
    return set.size > 0 && sizedFor && *sizedFor != view.desired;
  });
}

bool mustWaitToScale(RolloutView& view) {
  const int to = soleSet(view) != nullptr ? view.desired : view.maxTotal();
  return sumOf(view, [](const SetView& set) { return set.size; }) < to &&
         sumOf(view, [](const SetView& set) { return set.surplus(); }) > 0;
}

bool scale(RolloutView& view) {
  if (SetView* sole = soleSet(view)) {
    // What leaves holds a place until it is gone.
    const int room = std::max(sole->size, view.maxTotal() - leavingOf(view));
    const int to = std::min(view.desired, room);
    if (sole->size == to) return false;
    sole->resize(to, absl::StrCat("scaled ", from(*sole, to)));
    return true;
  }
  if (isSaturated(view)) return emptyOld(view);
  if (view.isRecreate || !isScaled(view)) return false;
  return scaleInProportion(view);
}

}  // namespace gantry::workloads
