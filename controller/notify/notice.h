// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/time.h"
#include "controller/model/state.h"

namespace gantry::notify {

/// What people can be told of; Notification.on in manifests/schema/gantry.proto.
namespace event {
inline constexpr char kPlanPending[] = "PlanPending";
inline constexpr char kPlanApproved[] = "PlanApproved";
inline constexpr char kPlanRejected[] = "PlanRejected";
inline constexpr char kPlanSuperseded[] = "PlanSuperseded";
inline constexpr char kApplied[] = "Applied";
inline constexpr char kHealthy[] = "Healthy";
inline constexpr char kDegraded[] = "Degraded";
inline constexpr char kSyncFailed[] = "SyncFailed";
inline constexpr char kRollbackBegun[] = "RollbackBegun";
inline constexpr char kRolledBack[] = "RolledBack";
inline constexpr char kHoldSet[] = "HoldSet";
inline constexpr char kHoldLifted[] = "HoldLifted";
inline constexpr char kSuspended[] = "Suspended";
inline constexpr char kResumed[] = "Resumed";
inline constexpr char kOverridden[] = "Overridden";
}  // namespace event

/// One thing that happened to an Application.
struct Notice {
  std::string event;
  model::Name application;
  std::string project;
  std::string environment;
  schema::Revision revision;
  /// Name of the Plan; empty: it is about none.
  std::string plan;
  /// Who did it; empty: nobody but the controller.
  std::string by;
  /// What it comes to, in one sentence. Without secrets.
  std::string summary;
  /// What somebody said, or what went wrong.
  std::string reason;
  base::Timestamp at;
};

}  // namespace gantry::notify
