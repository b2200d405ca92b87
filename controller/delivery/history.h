// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "controller/api/records.pb.h"

namespace gantry::delivery {

/// The line of history that applying `plan` begins.
api::HistoryEntry beginHistory(const api::Plan& plan, base::Timestamp now);

/// The entry with what is now known of its rollout; nothing if it stays as it is. A rollout ends
/// Healthy or Degraded; one that missed its deadline may still become Healthy, and a revision that
/// was Healthy once keeps that, whatever happens to it later. `healthy_at` and `healthy_for_ms` say
/// since when, and for how long without a break, it has been healthy. `wasWatched`: since it was
/// looked at last, which this controller has done; if not, nobody knows for how long what is no
/// longer healthy has been so, and none of that counts.
std::optional<api::HistoryEntry> followRollout(const api::HistoryEntry& entry,
                                               const std::string& health, base::Timestamp now,
                                               bool wasWatched);

/// The entry once its plan has failed on the way.
api::HistoryEntry failRollout(const api::HistoryEntry& entry, base::Timestamp now);

/// The entry once another revision took its place; nothing if it stays as it is.
std::optional<api::HistoryEntry> supersede(const api::HistoryEntry& entry, base::Timestamp now);

}  // namespace gantry::delivery
