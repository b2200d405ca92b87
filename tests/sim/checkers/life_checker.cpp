// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/checkers/life_checker.h"

#include "absl/strings/str_cat.h"

namespace gantry::sim {
namespace {

int rankOf(const std::string& phase) {
  if (phase == "Running") return 1;
  return phase == "Succeeded" || phase == "Failed" ? 2 : 0;
}

bool isFinal(api::PlanState state) {
  return state >= api::APPLIED;
}

/// States only rise, and the last stays; but what was approved waits again when an approval no
/// longer counts.
bool mayFollow(api::PlanState next, api::PlanState before) {
  if (isFinal(before)) return next == before;
  return next >= before || (next == api::PENDING && before == api::APPROVED);
}

}  // namespace

std::optional<std::string> LifeChecker::checkPod(const model::Pod* before,
                                                 const model::Pod* after) {
  if (before != nullptr && (after == nullptr || after->uid != before->uid)) {
    goneUids_.insert(before->uid);
  }
  if (after == nullptr) return std::nullopt;
  if (goneUids_.contains(after->uid)) {
    return absl::StrCat("the uid of pod ", after->name, " is that of one that is gone");
  }
  if (before == nullptr || before->uid != after->uid) return std::nullopt;
  const std::string& from = before->status->phase();
  const std::string& to = after->status->phase();
  if (rankOf(to) < rankOf(from) || (rankOf(from) == 2 && from != to)) {
    return absl::StrCat("the phase of pod ", after->name, " went from ", from, " to ", to);
  }
  if (!before->nodeName.empty() && before->nodeName != after->nodeName) {
    return absl::StrCat("pod ", after->name, " moved from ", before->nodeName, " to ",
                        after->nodeName);
  }
  if (before->deletedAt && !after->deletedAt) {
    return absl::StrCat("pod ", after->name, " came back although it was told to go");
  }
  return std::nullopt;
}

std::optional<std::string> LifeChecker::check(const Commit& commit) {
  for (const Touched& touched : commit.touched) {
    if (auto broken = checkPod(Touched::in<model::Pod>(touched.before),
                               Touched::in<model::Pod>(touched.after))) {
      return broken;
    }
    const auto* plan = Touched::in<api::Plan>(touched.before);
    const auto* newer = Touched::in<api::Plan>(touched.after);
    if (plan != nullptr && newer != nullptr && !mayFollow(newer->state(), plan->state())) {
      return absl::StrCat("plan ", plan->name(), " went from ", api::PlanState_Name(plan->state()),
                          " to ", api::PlanState_Name(newer->state()));
    }
    const auto* deployment = Touched::in<schema::Deployment>(touched.before);
    const auto* grown = Touched::in<schema::Deployment>(touched.after);
    if (deployment != nullptr && grown != nullptr &&
        deployment->metadata().uid() == grown->metadata().uid() &&
        grown->metadata().generation() < deployment->metadata().generation()) {
      return absl::StrCat("the generation of Deployment ", touched.name.name, " fell");
    }
  }
  return std::nullopt;
}

}  // namespace gantry::sim
