// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/checkers/wave_checker.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/sim/checkers/health.h"

namespace gantry::sim {
namespace {

using manifests::ObjectKey;

/// As it was before the commit.
const schema::Application* applicationBefore(const Commit& commit, const api::Plan& plan) {
  const model::Name name{plan.namespace_(), plan.application()};
  for (const Touched& touched : commit.touched) {
    if (touched.name != name) continue;
    if (const auto* before = Touched::in<schema::Application>(touched.before)) return before;
  }
  return commit.view.find<schema::Application>(name);
}

bool isTouched(const Commit& commit, const ObjectKey& key) {
  return std::ranges::any_of(commit.touched, [&](const Touched& touched) {
    return touched.kind == key.kind && touched.name == model::Name{key.ns, key.name};
  });
}

/// The wave of what is deleted is the one that it says itself, before it goes.
int waveOfDeleted(const Commit& commit, const api::PlannedChange& change) {
  for (const Touched& touched : commit.touched) {
    if (touched.kind != change.kind()) continue;
    if (touched.name != model::Name{change.namespace_(), change.name()}) continue;
    if (const auto* before = fromGit(touched.before)) return waveOf(*before);
  }
  const auto* live = findObject(commit.view, {change.kind(), change.namespace_(), change.name()});
  return live == nullptr ? 0 : waveOf(*live);
}

bool isFinished(const View& view, const ObjectKey& key) {
  const auto* job = view.find<schema::Job>({key.ns, key.name});
  return job == nullptr || hasSucceeded(*job) || hasFailed(*job);
}

}  // namespace

WaveChecker::Phase WaveChecker::phaseOf(const std::string& hook) {
  if (hook == "PreSync") return Phase::kPreSync;
  return hook == "PostSync" ? Phase::kPostSync : Phase::kSyncFail;
}

std::string WaveChecker::titleOf(const Rank& rank) {
  const char* const names[] = {"PreSync", "wave", "pruning", "PostSync", "SyncFail"};
  const auto& [phase, number] = rank;
  return absl::StrCat(names[static_cast<int>(phase)], " ",
                      phase == Phase::kPrune ? -number : number);
}

WaveChecker::Stages WaveChecker::stagesOf(const Commit& commit, const api::Plan& plan) {
  Stages stages;
  const schema::Application* application = applicationBefore(commit, plan);
  if (application == nullptr) return stages;
  const DesiredSet& wanted = rendering_.at(*application, plan.revision().commit());
  for (const api::PlannedChange& change : plan.changes()) {
    if (!change.hook().empty()) continue;
    const ObjectKey key{change.kind(), change.namespace_(), change.name()};
    if (change.action() == api::DELETE) {
      stages[{Phase::kPrune, -waveOfDeleted(commit, change)}].steps.push_back({key, true});
    } else if (const auto found = wanted.find(key); found != wanted.end()) {
      stages[{Phase::kSync, found->second.wave}].steps.push_back({key});
    }
  }
  // The same content again needs no hooks.
  const schema::Revision& applied = application->status().applied();
  const bool isWhole = !applied.commit().empty() && !applied.rendered_hash().empty();
  if (isWhole && rendering_.at(*application, applied.commit()) == wanted) return stages;
  for (const auto& [key, desired] : wanted) {
    if (desired.hook.empty()) continue;
    const ObjectKey job{key.kind, key.ns, hookJobOf(plan.name(), key.name)};
    stages[{phaseOf(desired.hook), desired.wave}].steps.push_back({job});
  }
  return stages;
}

bool WaveChecker::isAnyBad(const Commit& commit, const Stages& stages) {
  for (const auto& [rank, stage] : stages) {
    if (std::get<Phase>(rank) == Phase::kSyncFail) continue;
    for (const Step& step : stage.steps) {
      if (step.wasBad) return true;
      if (step.isBegun && !step.isDeleted && isBad(commit.view, step.key)) return true;
    }
  }
  return false;
}

// In this commit, if one of its objects is written.
std::optional<std::string> WaveChecker::begin(const Commit& commit, const Rank& rank,
                                              Stages& stages) {
  Stage& stage = stages.at(rank);
  for (Step& step : stage.steps) {
    if (step.isBegun || !isTouched(commit, step.key)) continue;
    step.isBegun = true;
    if (std::get<Phase>(rank) == Phase::kSyncFail) {
      if (isAnyBad(commit, stages)) continue;
      return absl::StrCat("ran ", step.key.toString(), " although nothing has failed");
    }
    for (const auto& [earlier, other] : stages) {
      if (earlier >= rank) break;
      if (other.isDone) continue;
      return absl::StrCat("went on to ", titleOf(rank), " with ", step.key.toString(), " before ",
                          titleOf(earlier), " was done");
    }
  }
  return std::nullopt;
}

std::optional<std::string> WaveChecker::checkAtOnce(const Stages& stages) {
  for (const auto& [rank, stage] : stages) {
    const auto& [phase, number] = rank;
    if (phase != Phase::kSync && phase != Phase::kPrune) {
      return absl::StrCat("did not run ", stage.steps.front().key.toString());
    }
    const int wave = phase == Phase::kPrune ? -number : number;
    const auto& [firstPhase, firstNumber] = stages.begin()->first;
    const int first = firstPhase == Phase::kPrune ? -firstNumber : firstNumber;
    if (wave != first) return absl::StrCat("was applied at once, waves ", first, " and ", wave);
  }
  return std::nullopt;
}

std::optional<std::string> WaveChecker::checkEnd(const Commit& commit, const api::Plan& plan,
                                                 const Stages& stages) {
  for (const auto& [rank, stage] : stages) {
    const bool isCleanUp = std::get<Phase>(rank) == Phase::kSyncFail;
    for (const Step& step : stage.steps) {
      if (plan.state() == api::APPLIED && isCleanUp == step.isBegun) {
        return absl::StrCat("is applied, ", isCleanUp ? "and has run " : "but has not begun ",
                            step.key.toString());
      }
      if (plan.state() == api::FAILED && isCleanUp &&
          !(step.isBegun && isFinished(commit.view, step.key))) {
        return absl::StrCat("has failed, but has not run ", step.key.toString());
      }
    }
    if (plan.state() == api::APPLIED && !isCleanUp && !stage.isDone) {
      return absl::StrCat("is applied before ", titleOf(rank), " was done");
    }
  }
  return std::nullopt;
}

void WaveChecker::follow(const Commit& commit, Stages& stages) {
  for (auto& [rank, stage] : stages) {
    for (Step& step : stage.steps) {
      step.wasBad |= step.isBegun && !step.isDeleted && isBad(commit.view, step.key);
    }
    if (stage.isDone) continue;
    stage.isDone = std::ranges::all_of(stage.steps, [&](const Step& step) {
      if (!step.isBegun) return false;
      return step.isDeleted ? findObject(commit.view, step.key) == nullptr
                            : isHealthy(commit.view, step.key);
    });
    // Those after it have not begun.
    if (!stage.isDone) return;
  }
}

std::optional<std::string> WaveChecker::checkPlan(const Commit& commit, const Touched& touched) {
  const auto* plan = Touched::in<api::Plan>(touched.after);
  if (plan == nullptr || plan->cause() != "sync") return std::nullopt;
  if (!plans_.contains(touched.name)) {
    const auto* before = Touched::in<api::Plan>(touched.before);
    if (before != nullptr && before->state() >= api::APPLYING) return std::nullopt;
    if (plan->state() == api::APPLIED) return checkAtOnce(stagesOf(commit, *plan));
    if (plan->state() != api::APPLYING) return std::nullopt;
    plans_[touched.name] = stagesOf(commit, *plan);
  }
  // Another plan has taken over, and may have begun with this very commit.
  if (plan->state() == api::SUPERSEDED) {
    plans_.erase(touched.name);
    return std::nullopt;
  }
  Stages& stages = plans_.at(touched.name);
  for (const auto& [rank, stage] : stages) {
    if (auto broken = begin(commit, rank, stages)) return broken;
  }
  if (plan->state() == api::APPLYING) return std::nullopt;
  auto broken = checkEnd(commit, *plan, stages);
  plans_.erase(touched.name);
  return broken;
}

std::optional<std::string> WaveChecker::check(const Commit& commit) {
  bool isConcerned = false;
  for (const Touched& touched : commit.touched) {
    isConcerned |= fromGit(touched.before) != nullptr || fromGit(touched.after) != nullptr;
    if (commit.isStrangers) continue;
    if (auto broken = checkPlan(commit, touched)) {
      return absl::StrCat("plan ", touched.name.name, " ", *broken);
    }
  }
  if (!isConcerned) return std::nullopt;
  for (auto& [name, stages] : plans_) follow(commit, stages);
  return std::nullopt;
}

}  // namespace gantry::sim
