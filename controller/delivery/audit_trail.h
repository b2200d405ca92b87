// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/time.h"
#include "controller/model/state.h"

namespace gantry::delivery {

/// What AuditRecord.action says.
inline constexpr char kAuditApprove[] = "approve";
inline constexpr char kAuditReject[] = "reject";
inline constexpr char kAuditOverride[] = "override";
inline constexpr char kAuditApply[] = "apply";
inline constexpr char kAuditRollback[] = "rollback";
inline constexpr char kAuditHold[] = "hold";
inline constexpr char kAuditLiftHold[] = "lift-hold";
inline constexpr char kAuditSuspend[] = "suspend";
inline constexpr char kAuditResume[] = "resume";
inline constexpr char kAuditSync[] = "sync";
inline constexpr char kAuditPauseRollout[] = "pause-rollout";
inline constexpr char kAuditResumeRollout[] = "resume-rollout";

/// Somebody's decision.
struct AuditEntry {
  const char* action;
  std::string by;
  std::string commit;
  std::string reason;
  std::string plan = {};
  std::string digest = {};
};

/// Appends to the chain of one Application within one transaction, in which nothing else may.
class AuditTrail {
 public:
  AuditTrail(model::Transaction& transaction, const model::State& state, model::Name application,
             base::Timestamp now);

  void append(const AuditEntry& entry);

 private:
  model::Transaction& transaction_;
  model::Name application_;
  base::Timestamp now_;
  std::int64_t number_ = 0;
  std::string previousHash_;
};

/// An entry about a plan.
AuditEntry aboutPlan(const char* action, const std::string& by, const api::Plan& plan,
                     std::string reason);

}  // namespace gantry::delivery
