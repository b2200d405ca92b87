// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "controller/model/state.h"

namespace gantry::delivery {

/// The records of one Application.

/// Its plans and its history, newest first.
std::vector<model::Ptr<api::Plan>> plansOf(const model::State& state,
                                           const model::Name& application);
std::vector<model::Ptr<api::HistoryEntry>> historyOf(const model::State& state,
                                                     const model::Name& application);

/// What people have decided about it, newest first.
std::vector<model::Ptr<api::AuditRecord>> auditOf(const model::State& state,
                                                  const model::Name& application);

/// The plan that waits; there is at most one. Null if none.
model::Ptr<api::Plan> openPlan(const model::State& state, const model::Name& application);

/// The plan that is being applied in waves; there is at most one, and another may wait beside it.
/// Null if none.
model::Ptr<api::Plan> applyingPlan(const model::State& state, const model::Name& application);

/// "shop-production-12": above every number used before. A HistoryEntry has the name of its plan, a
/// Hold that of the history entry which it undoes.
std::string nextPlanName(const model::State& state, const model::Name& application);

/// The hold that keeps a revision from being applied: of its commit, or of the same content under
/// another commit. Null if none.
const api::Hold* findHold(const model::State& state, const model::Name& application,
                          const schema::Revision& revision);

/// "shop-production-1a2b3c4d": for a hold of a commit that no rollback undoes.
std::string holdName(const model::Name& application, const schema::Revision& revision);

/// "held by ana: wrong pool size (hold shop-production-7); lift it with …".
std::string holdMessage(const api::Hold& hold);

/// The first eight digits of a commit, as people write it.
std::string shortCommit(const schema::Revision& revision);

/// How many finished plans and history entries of an Application are kept.
inline constexpr std::size_t kKeptRecords = 50;
/// How many plans that put drift back are kept beside them.
inline constexpr std::size_t kKeptRepairs = 10;

}  // namespace gantry::delivery
