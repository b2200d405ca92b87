// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/probes/probe_state.h"

#include <algorithm>

#include "base/check.h"

namespace gantry::agent {
namespace {

constexpr std::array kKinds = {ProbeKind::kStartup, ProbeKind::kLiveness, ProbeKind::kReadiness};

base::Duration seconds(std::int32_t count) {
  return std::chrono::seconds(count);
}

// Manifests arrive with defaults filled in; these hold for what does not come from a manifest.
base::Duration period(const schema::Probe& probe) {
  return seconds(probe.period_seconds() > 0 ? probe.period_seconds() : 10);
}

int threshold(const schema::Probe& probe, ProbeOutcome outcome) {
  if (outcome == ProbeOutcome::kSuccess) return std::max(1, probe.success_threshold());
  return probe.failure_threshold() > 0 ? probe.failure_threshold() : 3;
}

}  // namespace

std::string_view probeKindName(ProbeKind kind) {
  switch (kind) {
    case ProbeKind::kStartup:
      return "Startup";
    case ProbeKind::kLiveness:
      return "Liveness";
    case ProbeKind::kReadiness:
      return "Readiness";
  }
  return "";
}

base::Duration probeTimeout(const schema::Probe& probe) {
  return seconds(std::max(1, probe.timeout_seconds()));
}

ContainerProbes::ContainerProbes(const schema::Container& container, base::Instant startedAt,
                                 std::optional<Known> known) {
  if (container.has_startup_probe()) {
    state(ProbeKind::kStartup).probe = container.startup_probe();
  }
  if (container.has_liveness_probe()) {
    state(ProbeKind::kLiveness).probe = container.liveness_probe();
  }
  if (container.has_readiness_probe()) {
    state(ProbeKind::kReadiness).probe = container.readiness_probe();
  }
  for (State& each : states_) {
    each.good = !each.probe.has_value();
    if (each.probe)
      each.due = startedAt + seconds(std::max(0, each.probe->initial_delay_seconds()));
  }
  if (known && known->started) state(ProbeKind::kStartup).good = true;
  if (known && known->ready) state(ProbeKind::kReadiness).good = true;
}

bool ContainerProbes::started() const {
  return state(ProbeKind::kStartup).good;
}

bool ContainerProbes::ready() const {
  return started() && state(ProbeKind::kReadiness).good;
}

bool ContainerProbes::active(ProbeKind kind) const {
  return !killed_ && state(kind).probe && (kind == ProbeKind::kStartup) != started();
}

std::vector<ProbeKind> ContainerProbes::takeDue(base::Instant now) {
  std::vector<ProbeKind> due;
  for (const ProbeKind kind : kKinds) {
    State& each = state(kind);
    if (!active(kind) || each.underWay || each.due > now) continue;
    each.underWay = true;
    each.due = now;
    due.push_back(kind);
  }
  return due;
}

std::optional<base::Instant> ContainerProbes::nextDue() const {
  std::optional<base::Instant> next;
  for (const ProbeKind kind : kKinds) {
    const State& each = state(kind);
    if (!active(kind) || each.underWay) continue;
    next = next ? std::min(*next, each.due) : each.due;
  }
  return next;
}

ProbeVerdict ContainerProbes::finish(ProbeKind kind, ProbeOutcome outcome, base::Instant now) {
  State& each = state(kind);
  GANTRY_CHECK(each.underWay);
  each.underWay = false;
  // A try that took longer than the period is followed by the next at once, as with a ticker.
  each.due = std::max(now, each.due + period(*each.probe));
  if (killed_ || outcome == ProbeOutcome::kUnknown) return ProbeVerdict::kNone;

  each.inARow = outcome == each.last ? each.inARow + 1 : 1;
  each.last = outcome;
  if (each.inARow < threshold(*each.probe, outcome)) return ProbeVerdict::kNone;

  const bool good = outcome == ProbeOutcome::kSuccess;
  if (!good && kind != ProbeKind::kReadiness) {
    killed_ = true;
    return ProbeVerdict::kKill;
  }
  if (each.good == good || kind == ProbeKind::kLiveness) return ProbeVerdict::kNone;
  each.good = good;
  return ProbeVerdict::kChanged;
}

const schema::Probe& ContainerProbes::probe(ProbeKind kind) const {
  GANTRY_CHECK(state(kind).probe.has_value());
  return *state(kind).probe;
}

}  // namespace gantry::agent
