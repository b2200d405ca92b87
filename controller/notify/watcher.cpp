// SPDX-License-Identifier: Apache-2.0
#include "controller/notify/watcher.h"

#include <algorithm>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/notify/text.h"

namespace gantry::notify {
namespace {

constexpr char kRollbackCause[] = "rollback";

bool isOpen(api::PlanState state) {
  return state < api::APPLIED;
}

// "shop-production-12" → 12.
std::int64_t numberOf(const std::string& plan) {
  std::int64_t number = 0;
  if (!absl::SimpleAtoi(plan.substr(plan.rfind('-') + 1), &number)) return 0;
  return number;
}

model::Name applicationOf(const auto& record) {
  return {record.namespace_(), record.application()};
}

// What the health of an Application says of the newest line of its history: nothing while its
// rollout runs.
std::string healthOf(const schema::Application& application, const api::HistoryEntry* latest) {
  if (latest == nullptr) return "";
  if (latest->outcome() != event::kHealthy && latest->outcome() != event::kDegraded) return "";
  const std::string& health = application.status().health();
  return health == event::kHealthy || health == event::kDegraded ? health : "";
}

// What is wrong, by type. Git that cannot be read is one problem whatever the commit.
std::map<std::string, std::string> problemsOf(const schema::Application& application) {
  std::map<std::string, std::string> problems;
  for (const schema::Condition& condition : application.status().conditions()) {
    const bool isSource = condition.type() == "Source";
    problems[condition.type()] = isSource ? "" : application.status().observed().commit();
  }
  return problems;
}

std::string approvers(const api::Plan& plan) {
  return absl::StrJoin(plan.approvals(), ", ", [](std::string* out, const api::Approval& each) {
    absl::StrAppend(out, each.by());
  });
}

}  // namespace

/// One call of observe.
class Watcher::Round {
 public:
  Round(Watcher& watcher, std::span<const model::Change> changes, const model::State& state,
        base::Timestamp now)
      : known_(watcher.known_), changes_(changes), state_(state), now_(now) {}

  std::vector<Notice> run() {
    for (const model::Change& change : changes_) {
      if (const auto* plan = change.as<api::Plan>()) planChanged(*plan, change.erased);
      if (const auto* hold = change.as<api::Hold>()) holdChanged(*hold, change.erased);
      if (const auto* application = change.as<schema::Application>()) {
        touched_.insert(model::nameOf(*application));
      }
      const auto* entry = std::get_if<model::Ptr<api::HistoryEntry>>(&change.object);
      if (entry != nullptr && !change.erased) entryChanged(*entry);
    }
    for (const model::Name& name : touched_) {
      if (const auto* application = state_.applications.find(name)) {
        applicationChanged(*application);
      } else {
        known_.erase(name);
      }
    }
    return std::move(notices_);
  }

 private:
  /// Nothing is told of an Application that is gone, or was told in this round already.
  Notice* tell(const model::Name& name, const char* event, const schema::Revision& revision) {
    const schema::Application* application = state_.applications.find(name);
    if (application == nullptr || !told_.insert({name, event}).second) return nullptr;
    Notice& notice = notices_.emplace_back();
    notice.event = event;
    notice.application = name;
    notice.project = application->spec().project();
    if (notice.project.empty()) notice.project = "default";
    notice.environment = application->spec().environment();
    notice.revision = revision;
    notice.at = now_;
    return &notice;
  }

  Notice* tellPlan(const api::Plan& plan, const char* event) {
    Notice* notice = tell(applicationOf(plan), event, plan.revision());
    if (notice != nullptr) {
      notice->plan = plan.name();
      notice->summary = summaryOf(plan);
    }
    return notice;
  }

  void planChanged(const api::Plan& plan, bool erased) {
    Known& known = known_[applicationOf(plan)];
    const auto open = known.open.find(plan.name());
    const bool wasOpen = open != known.open.end();
    const bool isNew = !wasOpen && numberOf(plan.name()) > known.lastPlan;
    const api::PlanState before = wasOpen ? open->second : api::PLAN_STATE_UNSPECIFIED;
    if (wasOpen && (erased || !isOpen(plan.state()))) known.open.erase(open);
    if (erased || (!wasOpen && !isNew) || before == plan.state()) return;
    known.lastPlan = std::max(known.lastPlan, numberOf(plan.name()));
    if (isOpen(plan.state())) known.open[plan.name()] = plan.state();
    tellState(plan, known);
  }

  void tellState(const api::Plan& plan, Known& known) {
    switch (plan.state()) {
      case api::PENDING:
        if (Notice* notice = tellPlan(plan, event::kPlanPending)) notice->reason = plan.message();
        return;
      case api::APPROVED:
        if (Notice* notice = tellPlan(plan, event::kPlanApproved)) notice->by = approvers(plan);
        return;
      case api::REJECTED:
        if (Notice* notice = tellPlan(plan, event::kPlanRejected)) {
          notice->by = plan.rejected_by();
          notice->reason = plan.rejected_reason();
        }
        return;
      case api::SUPERSEDED:
        if (Notice* notice = tellPlan(plan, event::kPlanSuperseded)) {
          notice->reason = plan.message();
        }
        return;
      case api::APPLIED:
        if (Notice* notice = tellPlan(
                plan, plan.cause() == kRollbackCause ? event::kRolledBack : event::kApplied)) {
          notice->by = plan.initiator();
          notice->reason = plan.reason();
        }
        return;
      case api::FAILED:
        known.failedCommit = plan.revision().commit();
        if (Notice* notice = tellPlan(plan, event::kSyncFailed)) notice->reason = plan.message();
        return;
      default:
        return;
    }
  }

  void entryChanged(const model::Ptr<api::HistoryEntry>& entry) {
    const model::Name name = applicationOf(*entry);
    Known& known = known_[name];
    const bool isNew =
        known.latest == nullptr || numberOf(known.latest->name()) < numberOf(entry->name());
    if (!isNew && known.latest->name() != entry->name()) return;
    if (isNew) known.health.clear();
    known.latest = entry;
    touched_.insert(name);
  }

  void holdChanged(const api::Hold& hold, bool erased) {
    const model::Name name = applicationOf(hold);
    std::set<std::string>& holds = known_[name].holds;
    const bool isNews = erased ? holds.erase(hold.name()) > 0 : holds.insert(hold.name()).second;
    if (!isNews) return;
    schema::Revision revision;
    revision.set_commit(hold.commit());
    Notice* notice = tell(name, erased ? event::kHoldLifted : event::kHoldSet, revision);
    if (notice == nullptr) return;
    notice->by = hold.by();
    notice->reason = hold.reason();
    notice->summary = absl::StrCat("commit ", hold.commit().substr(0, 8),
                                   erased ? " may be applied again" : " is not applied any more");
    if (!erased) return;
    notice->by.clear();
    for (const model::Change& change : changes_) {
      const auto* record = change.as<api::AuditRecord>();
      if (record == nullptr || record->action() != "lift-hold" || applicationOf(*record) != name) {
        continue;
      }
      notice->by = record->by();
      notice->reason = record->reason();
    }
  }

  void applicationChanged(const schema::Application& application) {
    Known& known = known_[model::nameOf(application)];
    rollbackChanged(application, known);
    problemsChanged(application, known);
    const std::string health = healthOf(application, known.latest.get());
    if (health.empty() || health == known.health) return;
    known.health = health;
    const bool isHealthy = health == event::kHealthy;
    Notice* notice = tell(model::nameOf(application),
                          isHealthy ? event::kHealthy : event::kDegraded, known.latest->revision());
    if (notice == nullptr) return;
    notice->plan = known.latest->plan();
    notice->summary = isHealthy ? "all that was applied is ready" : "what was applied is not ready";
    if (!isHealthy) notice->reason = application.status().message();
  }

  void rollbackChanged(const schema::Application& application, Known& known) {
    const bool now = application.status().has_rollback();
    if (std::exchange(known.rollingBack, now) || !now) return;
    const schema::PendingRollback& rollback = application.status().rollback();
    Notice* notice =
        tell(model::nameOf(application), event::kRollbackBegun, application.status().applied());
    if (notice == nullptr) return;
    notice->by = rollback.by();
    notice->reason = rollback.reason();
    notice->summary = absl::StrCat("back to ", rollback.target().commit().substr(0, 8), " (",
                                   rollback.target().subject(), ")");
  }

  void problemsChanged(const schema::Application& application, Known& known) {
    std::map<std::string, std::string> problems = problemsOf(application);
    std::swap(problems, known.problems);
    for (const schema::Condition& condition : application.status().conditions()) {
      const std::string& commit = known.problems[condition.type()];
      const auto before = problems.find(condition.type());
      const bool isKnown = before != problems.end() && before->second == commit;
      const bool failed = condition.type() == "Apply" && commit == known.failedCommit;
      if (isKnown || failed) continue;
      Notice* notice =
          tell(model::nameOf(application), event::kSyncFailed, application.status().observed());
      if (notice != nullptr) notice->reason = condition.message();
    }
  }

  std::map<model::Name, Known>& known_;
  std::span<const model::Change> changes_;
  const model::State& state_;
  base::Timestamp now_;
  std::vector<Notice> notices_;
  std::set<model::Name> touched_;
  std::set<std::pair<model::Name, std::string>> told_;
};

void Watcher::note(const api::Plan& plan) {
  Known& known = known_[applicationOf(plan)];
  known.lastPlan = std::max(known.lastPlan, numberOf(plan.name()));
  if (isOpen(plan.state())) known.open[plan.name()] = plan.state();
  if (plan.state() == api::FAILED) known.failedCommit = plan.revision().commit();
}

void Watcher::note(const model::Ptr<api::HistoryEntry>& entry) {
  Known& known = known_[applicationOf(*entry)];
  if (known.latest == nullptr || numberOf(known.latest->name()) < numberOf(entry->name())) {
    known.latest = entry;
  }
}

void Watcher::note(const api::Hold& hold) {
  known_[applicationOf(hold)].holds.insert(hold.name());
}

void Watcher::note(const schema::Application& application) {
  Known& known = known_[model::nameOf(application)];
  known.rollingBack = application.status().has_rollback();
  known.problems = problemsOf(application);
  known.health = healthOf(application, known.latest.get());
}

void Watcher::start(const model::State& state) {
  for (const auto& [name, entry] : state.plans.entries()) note(*entry.object);
  for (const auto& [name, entry] : state.history.entries()) note(entry.object);
  for (const auto& [name, entry] : state.holds.entries()) note(*entry.object);
  for (const auto& [name, entry] : state.applications.entries()) note(*entry.object);
}

std::vector<Notice> Watcher::observe(std::span<const model::Change> changes,
                                     const model::State& state, base::Timestamp now) {
  return Round(*this, changes, state, now).run();
}

}  // namespace gantry::notify
