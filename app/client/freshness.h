// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/time.h"

namespace gantry::client {

/// How far what is on screen can be trusted.
enum class Freshness {
  kConnecting,  ///< Nothing was ever shown.
  kLive,
  kLagging,  ///< Connected, but what arrived is not shown yet.
  kStale,    ///< Nothing heard for a while; a new connection is being tried.
  kOffline,  ///< Stale for long; the last snapshot is shown.
  kResync,   ///< Connected again, the difference is being fetched.
};

/// What the freshness is decided from.
struct LinkFacts {
  bool hasSnapshot = false;
  bool inSnapshot = false;
  int snapshotProgress = 100;
  /// The stream stands, as far as the transport knows.
  bool connected = false;
  /// Tries since the last message.
  int attempts = 0;
  /// When the last message came; none if never.
  std::optional<base::Instant> lastHeard;
  /// When the oldest message that is not shown yet came.
  std::optional<base::Instant> oldestPending;
  /// Why the last stream ended; empty while all is well.
  std::string error;
};

struct FreshnessReport {
  Freshness state = Freshness::kConnecting;
  /// Age of what is shown: since the last message, or since the oldest one that is not shown yet.
  base::Duration age{0};
  int attempts = 0;
  int progress = 100;
  std::string error;

  /// Actions are offered in this state only.
  bool isLive() const { return state == Freshness::kLive; }
};

/// The server sends a heartbeat every 2 s: silence of 3 s is a fault.
inline constexpr base::Duration kStaleAfter = std::chrono::seconds(3);
inline constexpr base::Duration kOfflineAfter = std::chrono::seconds(60);
/// What arrived longer ago than this and is not shown yet is a lag.
inline constexpr base::Duration kLaggingAfter = std::chrono::seconds(1);

/// Pure.
FreshnessReport judgeFreshness(const LinkFacts& facts, base::Instant now);

}  // namespace gantry::client
