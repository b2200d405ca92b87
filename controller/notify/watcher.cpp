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
constexpr char kSelfHealCause[] = "self-heal";

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

// Who has suspended it, and when; empty if nobody has.
std::string suspensionOf(const schema::Application& application) {
  if (!application.status().has_suspension()) return "";
  const schema::Suspension& suspension = application.status().suspension();
  return absl::StrCat(suspension.by(), " ", suspension.at().unix_ms());
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
    plansChanged();
    for (const model::Change& change : changes_) {
      if (const auto* record = change.as<api::AuditRecord>()) recordChanged(*record);
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

  /// Older ones first: the last word on a commit is that on its newest plan.
  void plansChanged() {
    std::vector<std::pair<const api::Plan*, bool>> plans;
    for (const model::Change& change : changes_) {
      if (const auto* plan = change.as<api::Plan>()) plans.emplace_back(plan, change.erased);
    }
    std::ranges::stable_sort(plans, {},
                             [](const auto& each) { return numberOf(each.first->name()); });
    for (const auto& [plan, erased] : plans) planChanged(*plan, erased);
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
        if (isApplied(plan)) tellHealthAgain(applicationOf(plan));
        return;
      case api::APPLIED:
        if (Notice* notice = tellPlan(
                plan, plan.cause() == kRollbackCause ? event::kRolledBack : event::kApplied)) {
          notice->by = plan.initiator();
          notice->reason = plan.reason();
        }
        // It begins no line of history that would have its own health.
        if (plan.cause() == kSelfHealCause) tellHealthAgain(applicationOf(plan));
        return;
      case api::FAILED:
        known.failedCommit = plan.revision().commit();
        if (Notice* notice = tellPlan(plan, event::kSyncFailed)) notice->reason = plan.message();
        return;
      default:
        return;
    }
  }

  /// What runs is of the plan's commit.
  bool isApplied(const api::Plan& plan) const {
    const auto* application = state_.applications.find(applicationOf(plan));
    return application != nullptr &&
           application->status().applied().commit() == plan.revision().commit();
  }

  /// What was just told is not the last word on the commit that runs.
  void tellHealthAgain(const model::Name& name) {
    known_[name].health.clear();
    touched_.insert(name);
  }

  void recordChanged(const api::AuditRecord& record) {
    std::int64_t& last = known_[applicationOf(record)].lastRecord;
    // One of an Application of that name before may still be on its way to Git.
    if (record.number() <= last || record.exported()) return;
    last = record.number();
    if (record.action() != "override") return;
    schema::Revision revision;
    revision.set_commit(record.commit());
    Notice* notice = tell(applicationOf(record), event::kOverridden, revision);
    if (notice == nullptr) return;
    notice->plan = record.plan();
    notice->by = record.by();
    notice->reason = record.reason();
    const auto* plan = state_.plans.find({record.namespace_(), record.plan()});
    if (plan == nullptr) return;
    notice->revision = plan->revision();
    notice->summary = absl::StrCat("went past: ", absl::StrJoin(plan->override().gates(), "; "));
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
    const auto* application = state_.applications.find(name);
    if (application->status().applied().commit() == hold.commit()) tellHealthAgain(name);
    const api::AuditRecord* record = recordOf(name, "lift-hold");
    notice->by = record == nullptr ? "" : record->by();
    if (record != nullptr) notice->reason = record->reason();
  }

  /// Of what somebody has just done; null if nobody has.
  const api::AuditRecord* recordOf(const model::Name& name, const char* action) const {
    for (const model::Change& change : changes_) {
      const auto* record = change.as<api::AuditRecord>();
      if (record != nullptr && record->action() == action && applicationOf(*record) == name) {
        return record;
      }
    }
    return nullptr;
  }

  void applicationChanged(const schema::Application& application) {
    Known& known = known_[model::nameOf(application)];
    rollbackChanged(application, known);
    suspensionChanged(application, known);
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

  void suspensionChanged(const schema::Application& application, Known& known) {
    const std::string now = suspensionOf(application);
    if (std::exchange(known.suspension, now) == now) return;
    const model::Name name = model::nameOf(application);
    Notice* notice = tell(name, now.empty() ? event::kResumed : event::kSuspended,
                          application.status().applied());
    if (notice == nullptr) return;
    if (now.empty()) {
      const api::AuditRecord* record = recordOf(name, "resume");
      notice->by = record == nullptr ? "" : record->by();
      notice->reason = record == nullptr ? "the time has run out" : record->reason();
      notice->summary = "what Git holds is applied again";
      return;
    }
    const schema::Suspension& suspension = application.status().suspension();
    notice->by = suspension.by();
    notice->reason = suspension.reason();
    notice->summary =
        suspension.has_expires_at()
            ? absl::StrCat("nothing is applied until ",
                           base::formatRfc3339(base::fromUnixMs(suspension.expires_at().unix_ms())))
            : "nothing is applied until it is resumed";
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

void Watcher::note(const api::AuditRecord& record) {
  std::int64_t& last = known_[applicationOf(record)].lastRecord;
  last = std::max(last, record.number());
}

void Watcher::note(const schema::Application& application) {
  Known& known = known_[model::nameOf(application)];
  known.rollingBack = application.status().has_rollback();
  known.suspension = suspensionOf(application);
  known.problems = problemsOf(application);
  known.health = healthOf(application, known.latest.get());
}

void Watcher::start(const model::State& state) {
  for (const auto& [name, entry] : state.plans.entries()) note(*entry.object);
  for (const auto& [name, entry] : state.history.entries()) note(entry.object);
  for (const auto& [name, entry] : state.holds.entries()) note(*entry.object);
  for (const auto& [name, entry] : state.audit.entries()) note(*entry.object);
  for (const auto& [name, entry] : state.applications.entries()) note(*entry.object);
}

std::vector<Notice> Watcher::observe(std::span<const model::Change> changes,
                                     const model::State& state, base::Timestamp now) {
  return Round(*this, changes, state, now).run();
}

}  // namespace gantry::notify
