// SPDX-License-Identifier: Apache-2.0
#include "app/client/freshness.h"

namespace gantry::client {

FreshnessReport judgeFreshness(const LinkFacts& facts, base::Instant now) {
  FreshnessReport report;
  report.attempts = facts.attempts;
  report.progress = facts.snapshotProgress;
  report.error = facts.error;
  if (facts.lastHeard) report.age = now - *facts.lastHeard;
  if (!facts.hasSnapshot) return report;

  if (facts.connected && report.age < kStaleAfter) {
    if (facts.inSnapshot) {
      report.state = Freshness::kResync;
    } else if (facts.oldestPending && now - *facts.oldestPending > kLaggingAfter) {
      report.state = Freshness::kLagging;
      report.age = now - *facts.oldestPending;
    } else {
      report.state = Freshness::kLive;
    }
    return report;
  }
  report.state = report.age < kOfflineAfter ? Freshness::kStale : Freshness::kOffline;
  return report;
}

}  // namespace gantry::client
