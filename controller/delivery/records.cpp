// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/records.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "controller/delivery/plan_state.h"

namespace gantry::delivery {
namespace {

std::int64_t numberOf(const std::string& recordName) {
  std::int64_t number = 0;
  const std::size_t dash = recordName.rfind('-');
  if (dash == std::string::npos || !absl::SimpleAtoi(recordName.substr(dash + 1), &number))
    return 0;
  return number;
}

/// Records are named "<application>-<number>", so they lie together in the table, mixed only with
/// those of Applications whose names begin alike.
template <class T, class Use>
void eachRecord(const model::Table<T>& table, const model::Name& application, const Use& use) {
  const std::string prefix = application.name + "-";
  for (auto it = table.entries().lower_bound({application.ns, prefix});
       it != table.entries().end() && it->first.ns == application.ns &&
       it->first.name.starts_with(prefix);
       ++it) {
    if (it->second.object->application() == application.name) use(it->second.object);
  }
}

template <class T>
std::vector<model::Ptr<T>> recordsOf(const model::Table<T>& table, const model::Name& application) {
  std::vector<model::Ptr<T>> found;
  eachRecord(table, application, [&](const model::Ptr<T>& record) { found.push_back(record); });
  std::ranges::sort(found, std::ranges::greater(),
                    [](const model::Ptr<T>& record) { return numberOf(record->name()); });
  return found;
}

}  // namespace

std::vector<model::Ptr<api::Plan>> plansOf(const model::State& state,
                                           const model::Name& application) {
  return recordsOf(state.plans, application);
}

std::vector<model::Ptr<api::HistoryEntry>> historyOf(const model::State& state,
                                                     const model::Name& application) {
  return recordsOf(state.history, application);
}

std::vector<model::Ptr<api::AuditRecord>> auditOf(const model::State& state,
                                                  const model::Name& application) {
  return recordsOf(state.audit, application);
}

model::Ptr<api::Plan> openPlan(const model::State& state, const model::Name& application) {
  for (const model::Ptr<api::Plan>& plan : plansOf(state, application)) {
    if (isOpen(*plan)) return plan;
  }
  return nullptr;
}

model::Ptr<api::Plan> applyingPlan(const model::State& state, const model::Name& application) {
  model::Ptr<api::Plan> found;
  eachRecord(state.plans, application, [&](const model::Ptr<api::Plan>& plan) {
    if (plan->state() == api::APPLYING) found = plan;
  });
  return found;
}

std::string nextPlanName(const model::State& state, const model::Name& application) {
  std::int64_t newest = 0;
  for (const auto& plan : plansOf(state, application)) {
    newest = std::max(newest, numberOf(plan->name()));
  }
  for (const auto& entry : historyOf(state, application)) {
    newest = std::max(newest, numberOf(entry->name()));
  }
  return absl::StrCat(application.name, "-", newest + 1);
}

const api::Hold* findHold(const model::State& state, const model::Name& application,
                          const schema::Revision& revision) {
  for (const model::Ptr<api::Hold>& hold : recordsOf(state.holds, application)) {
    if (hold->commit() == revision.commit() ||
        (!hold->tree_hash().empty() && hold->tree_hash() == revision.tree_hash())) {
      return state.holds.find({hold->namespace_(), hold->name()});
    }
  }
  return nullptr;
}

std::string holdName(const model::Name& application, const schema::Revision& revision) {
  return absl::StrCat(application.name, "-", shortCommit(revision));
}

std::string holdMessage(const api::Hold& hold) {
  return absl::StrCat("held by ", hold.by(), ": ", hold.reason(), " (hold ", hold.name(),
                      "); push another revision or lift the hold");
}

std::string shortCommit(const schema::Revision& revision) {
  return revision.commit().substr(0, 8);
}

}  // namespace gantry::delivery
