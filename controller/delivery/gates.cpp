// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/gates.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/delivery/budget.h"
#include "controller/delivery/dependencies.h"
#include "controller/delivery/project.h"
#include "controller/delivery/promotion.h"
#include "controller/delivery/quorum.h"
#include "controller/delivery/suspension.h"
#include "controller/delivery/windows.h"

namespace gantry::delivery {
namespace {

class GateList {
 public:
  GateList(const api::Plan& plan, bool overridden) : plan_(plan), overridden_(overridden) {}

  api::Gate& add(const char* kind, const std::string& closed, bool mayBeOverridden = false) {
    api::Gate& gate = result_.gates.emplace_back();
    gate.set_kind(kind);
    gate.set_open(closed.empty());
    gate.set_message(closed);
    if (!gate.open() && mayBeOverridden && overridden_) {
      gate.set_open(true);
      gate.set_message(absl::StrCat("overridden by ", plan_.override().by(), ": ",
                                    plan_.override().reason(), " (", closed, ")"));
    }
    gate.set_may_be_overridden(mayBeOverridden && !gate.open());
    return gate;
  }

  void mayChangeAt(const std::optional<base::Timestamp>& at) {
    if (at && (!result_.changesAt || *at < *result_.changesAt)) result_.changesAt = at;
  }

  Gates take() { return std::move(result_); }

 private:
  const api::Plan& plan_;
  const bool overridden_;
  Gates result_;
};

}  // namespace

bool isOverridden(const api::Plan& plan, const schema::Application& application,
                  const model::State& state) {
  const api::Override& order = plan.override();
  return plan.has_override() && order.digest() == plan.digest() &&
         authorise(application, {order.by(), order.as_admin()}, kMayOverride, state).ok();
}

bool Gates::open() const {
  return std::ranges::all_of(gates, &api::Gate::open);
}

std::string Gates::waitsFor() const {
  const auto closed = std::ranges::find(gates, false, &api::Gate::open);
  return closed == gates.end() ? std::string() : closed->message();
}

Gates gatesOf(const api::Plan& plan, const schema::Application& application,
              const model::State& state, base::Timestamp now) {
  GateList list(plan, isOverridden(plan, application, state));
  if (isSuspended(application, now)) {
    list.add("suspension", suspensionMessage(application.status().suspension()));
    list.mayChangeAt(suspensionEnds(application));
  }
  std::string approvals;
  for (const Quorum& quorum : quorumsOf(plan, application)) {
    const std::string missing = missingApprovals(plan, quorum, state, now);
    if (quorum.loosens.empty()) approvals = missing;
    list.add("approval", missing);
  }
  list.mayChangeAt(nextExpiry(plan, application, state, now));
  const std::string budget =
      overBudget(application, {plan.changes().begin(), plan.changes().end()});
  if (!budget.empty()) {
    api::Gate& gate = list.add("deletion-budget", approvals.empty() ? "" : budget);
    if (gate.open()) gate.set_message(budget);
  }
  if (const auto windows = windowsOf(application, state); !windows.empty()) {
    const WindowState window = windowStateAt(windows, now);
    api::Gate& gate = list.add("window", window.message, true);
    if (window.changesAt && !gate.open()) {
      gate.mutable_opens_at()->set_unix_ms(base::toUnixMs(*window.changesAt));
    }
    list.mayChangeAt(window.changesAt);
  }
  if (application.spec().has_promotion()) {
    api::Gate& gate = list.add("promotion", notPromoted(application, plan.revision(), state, now));
    if (gate.open()) gate.set_message(unproven(application, plan, state));
    list.mayChangeAt(promoted(application, state, now).changesAt);
  }
  if (!application.spec().depends_on().empty()) {
    api::Gate& gate = list.add("dependency", blockedBy(application, state, now), true);
    if (gate.message().empty()) {
      gate.set_message(absl::StrCat("on ", absl::StrJoin(application.spec().depends_on(), ", ")));
    }
  }
  if (plan.initiator().empty()) list.add("sync", "waits for `gantry sync`");
  return list.take();
}

std::string mayNotTouch(const schema::Application& application, const model::State& state,
                        base::Timestamp now) {
  if (isSuspended(application, now)) {
    return suspensionMessage(application.status().suspension());
  }
  return windowStateAt(windowsOf(application, state), now).message;
}

}  // namespace gantry::delivery
