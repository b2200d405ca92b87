// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/time.h"
#include "manifests/schema/core.pb.h"
#include "runtime-agent/pods/pod_record.h"

namespace gantry::agent {

/// The status of a pod as it is reported: phase, conditions and containers, as kubelet computes
/// them (AT-POD-04). `record.pod.status()` is the one before: start time, address, and the times of
/// conditions that have not changed are taken over from it, and a pod that has ended stays so.
/// Pure.
schema::PodStatus buildStatus(const PodRecord& record, const std::string& hostIp, base::Instant now,
                              base::Timestamp wallNow);

/// When the status changes although nothing happens; nothing if never.
std::optional<base::Instant> statusRevisit(const PodRecord& record, base::Instant now);

}  // namespace gantry::agent
