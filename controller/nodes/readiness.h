// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "controller/model/state.h"

namespace gantry::nodes {

/// What this controller has heard of a node's agent.
struct Contact {
  /// For how long the agent has said nothing, or, if it was never heard, for how long this
  /// controller has been listening.
  base::Duration silence{0};
  /// When that began, for people.
  base::Timestamp silentSince;
  /// What the agent last said of itself; nothing if it was not heard since this controller started.
  std::optional<schema::NodeStatus> report;
};

enum class Readiness {
  /// The agent is heard and says that pods can run.
  kReady,
  /// The agent is heard and says that they cannot.
  kNotReady,
  /// The agent has been silent for longer than its lease.
  kLost,
  /// Nothing is known yet: the controller has just started, and the lease that it gave runs. The
  /// record stays as it is.
  kUnheard,
};

Readiness readinessOf(const Contact& contact, base::Duration lease);

/// The status that a node's record shall have: what the agent says of itself, and the controller's
/// word on the condition Ready, which is Unknown with the reason AgentSilent once the lease is
/// over. A condition's time is when its status last changed. The time of the last heartbeat is
/// written with other changes, or when it is five minutes old (as AT-NOD-01), not with every
/// heartbeat. Pure.
schema::NodeStatus statusFor(const schema::Node& node, const Contact& contact, base::Duration lease,
                             base::Timestamp now);

/// The condition Ready of a node; null if it has none.
const schema::Condition* readyCondition(const schema::Node& node);

/// Whether its condition Ready is True.
bool isReady(const schema::Node& node);

}  // namespace gantry::nodes
