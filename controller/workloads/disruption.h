// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "controller/model/state.h"
#include "manifests/selector.h"

/// PodDisruptionBudgets: how many of the pods that they select must stay. As Kubernetes' disruption
/// controller counts (pkg/controller/disruption), but that a bare Pod is wanted once, and of a Job
/// the pods that have not ended. Pure.
namespace gantry::workloads {

/// Whether the budget is for a pod of `ns` with these labels.
bool selects(const schema::PodDisruptionBudget& budget, const std::string& ns,
             const manifests::Labels& labels);

/// How many pods must be Ready when so many are wanted. Percentages round up.
int desiredHealthy(const schema::PodDisruptionBudgetSpec& spec, int expected);

/// What the budget comes to now. Walks the pods of its namespace once.
schema::PodDisruptionBudgetStatus disruptionStatus(const schema::PodDisruptionBudget& budget,
                                                   const model::State& state);

/// A budget that does not let a pod go.
struct InTheWay {
  /// "shop/front"
  std::string budget;
  /// "keeps 2 of 2 pods, 2 are Ready"
  std::string explanation;
};

/// "PodDisruptionBudget shop/front keeps 2 of 2 pods, 2 are Ready"
std::string describe(const InTheWay& budget);

/// Takes pods one after the other, as far as all budgets that select them allow it.
class Disruptions {
 public:
  explicit Disruptions(const model::State& state) : state_(state) {}

  /// Takes the pod out of its budgets. If some do not allow that nothing changes, and the answer
  /// is which.
  std::vector<InTheWay> take(const model::Pod& pod);

 private:
  struct Budget {
    model::Ptr<schema::PodDisruptionBudget> object;
    schema::PodDisruptionBudgetStatus status;
  };
  std::vector<Budget>& budgetsOf(const std::string& ns);

  const model::State& state_;
  std::map<std::string, std::vector<Budget>> byNamespace_;
};

}  // namespace gantry::workloads
