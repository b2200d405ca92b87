// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "controller/api/records.pb.h"

namespace gantry::client {

// What a plan comes to, for the command line and the desktop alike. Pure.

/// How many objects a plan creates, changes and deletes, and how many hooks it runs. A hook is run
/// and goes: it is among none of the others.
struct ChangeCounts {
  int created = 0;
  int changed = 0;
  int deleted = 0;
  int hooks = 0;
};
ChangeCounts countChanges(const api::Plan& plan);

/// "Deployment shop/front"; a kind without namespaces has none.
std::string objectName(const api::PlannedChange& change);

/// What tells two versions of a change apart: the hashes of both sides; without them, as of a
/// preview, the text itself.
std::string versionOf(const api::PlannedChange& change);

/// Some pods of one owner that would go to the same node, or nowhere for the same reason.
struct PodPlace {
  int count = 0;
  /// Empty: they do not fit.
  std::string node;
  /// Why nowhere.
  std::string explanation;

  /// "on eu-a-01", "without a place (no node has 2Gi left)".
  std::string where() const;
};

/// Where the pods of one owner would go, those that fit first, by node.
struct PodsOfOwner {
  /// "Deployment/shop/front"
  std::string owner;
  std::vector<PodPlace> places;
};

/// By owner and node, since fifty equal lines say no more than one.
std::vector<PodsOfOwner> podsByOwner(const api::PlanEffect& effect);

/// "PodDisruptionBudget shop/front keeps 2 of 3 pods; at the lowest 1 is Ready".
std::string describeBudget(const api::DisruptionBudgetEffect& budget);

/// A step of applying a plan.
struct PlanStep {
  /// "wave 1"; "PreSync 0"; "Prune 0"; "if one fails".
  std::string title;
  /// "Deployment shop/front", in the order of the plan; of many the first.
  std::vector<std::string> objects;
  /// How many are not among them.
  std::size_t more = 0;
  /// "Progressing: Deployment/shop/back: 1 of 2 pods ready"; empty before it has begun.
  std::string state;
  /// Its wave, as the controller has it.
  api::Wave wave;
};

/// The waves of a plan in order, last the SyncFail hooks, which wait for one to fail. None if it is
/// applied at once.
std::vector<PlanStep> stepsOf(const api::Plan& plan);

}  // namespace gantry::client
