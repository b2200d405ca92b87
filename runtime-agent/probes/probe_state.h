// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "manifests/schema/core.pb.h"
#include "runtime-agent/probes/prober.h"

namespace gantry::agent {

enum class ProbeKind { kStartup, kLiveness, kReadiness };

/// "Startup", "Liveness", "Readiness": as events and messages begin.
std::string_view probeKindName(ProbeKind kind);

/// How long one try may take: timeoutSeconds, default 1 s (AT-PRB-01).
base::Duration probeTimeout(const schema::Probe& probe);

/// What a result leads to.
enum class ProbeVerdict {
  kNone,
  /// started() or ready() has changed.
  kChanged,
  /// A liveness or startup probe failed as often as it may: kill the container. No more probes are
  /// due; make a new ContainerProbes for the container that replaces it.
  kKill,
};

/// The probes of one running container: when each is due, and what their results mean. Pure:
/// decides, carries nothing out. A value; one a container run, made when the container is seen
/// running.
///
/// Rules (AT-PRB-01 to AT-PRB-08): the first try is initialDelaySeconds after the container's
/// start, then one every periodSeconds; one try at a time. The startup probe holds the other two
/// back until it succeeds, and ends then. A result counts only after successThreshold or
/// failureThreshold of its kind in a row; kUnknown counts neither way and breaks no row.
class ContainerProbes {
 public:
  /// What was known of this very container run before the agent was restarted.
  struct Known {
    bool started = false;
    bool ready = false;
  };

  ContainerProbes(const schema::Container& container, base::Instant startedAt,
                  std::optional<Known> known = std::nullopt);

  /// Whether the startup probe has succeeded; true without one.
  bool started() const;

  /// Whether the container takes traffic: true without a readiness probe once started; with one,
  /// false until it succeeds.
  bool ready() const;

  /// The probes that are to be tried now. Each counts as under way until finish() is called for it.
  std::vector<ProbeKind> takeDue(base::Instant now);

  /// When takeDue() has something again; nothing while all wait for results or none is left.
  std::optional<base::Instant> nextDue() const;

  /// The result of a try that takeDue() gave.
  ProbeVerdict finish(ProbeKind kind, ProbeOutcome outcome, base::Instant now);

  /// The probe's definition. Only for a kind that takeDue() gave.
  const schema::Probe& probe(ProbeKind kind) const;

 private:
  struct State {
    std::optional<schema::Probe> probe;
    base::Instant due;
    bool underWay = false;
    bool good = false;
    ProbeOutcome last = ProbeOutcome::kUnknown;
    int inARow = 0;
  };

  State& state(ProbeKind kind) { return states_[static_cast<std::size_t>(kind)]; }
  const State& state(ProbeKind kind) const { return states_[static_cast<std::size_t>(kind)]; }
  /// Whether the probe is tried at all at this stage of the container's life.
  bool active(ProbeKind kind) const;

  std::array<State, 3> states_;
  bool killed_ = false;
};

}  // namespace gantry::agent
