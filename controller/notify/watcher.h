// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "controller/model/ledger.h"
#include "controller/notify/notice.h"

namespace gantry::notify {

/// Tells what happened from what changed in the ledger: each change of state once. It remembers the
/// state that was last told of, which after a start is what the ledger holds, so that a restart
/// tells nothing again. Time is an argument.
class Watcher {
 public:
  /// Takes note of what is there. Once, before observe.
  void start(const model::State& state);

  /// What the changes of one commit come to. `state` has them already.
  std::vector<Notice> observe(std::span<const model::Change> changes, const model::State& state,
                              base::Timestamp now);

 private:
  struct Known {
    /// Number of the newest plan, and the states of those that have not ended.
    std::int64_t lastPlan = 0;
    std::map<std::string, api::PlanState> open;
    /// The newest line of history.
    model::Ptr<api::HistoryEntry> latest;
    /// Healthy or Degraded, of `latest`; empty: neither was told.
    std::string health;
    /// What is wrong, by the type of the condition, with the commit that it is about.
    std::map<std::string, std::string> problems;
    /// Of the plan that failed last.
    std::string failedCommit;
    bool rollingBack = false;
    std::set<std::string> holds;
    /// Who has suspended it, and when; empty: nobody.
    std::string suspension;
    /// Number of the newest audit record.
    std::int64_t lastRecord = 0;
  };
  class Round;

  void note(const api::Plan& plan);
  void note(const model::Ptr<api::HistoryEntry>& entry);
  void note(const api::Hold& hold);
  void note(const api::AuditRecord& record);
  void note(const schema::Application& application);

  std::map<model::Name, Known> known_;
};

}  // namespace gantry::notify
