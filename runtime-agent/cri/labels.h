// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the agent writes on its sandboxes and containers, and knows them again by. A restarted agent
// adopts what carries these labels, so they never change their meaning.
namespace gantry::agent::labels {

/// On everything of ours: its value is kManagedBy.
inline constexpr char kManaged[] = "gantry.dev/managed-by";
inline constexpr char kManagedBy[] = "gantry-agent";

inline constexpr char kPodUid[] = "gantry.dev/pod-uid";
inline constexpr char kPodName[] = "gantry.dev/pod-name";
inline constexpr char kPodNamespace[] = "gantry.dev/pod-namespace";
inline constexpr char kContainerName[] = "gantry.dev/container-name";
inline constexpr char kSpecHash[] = "gantry.dev/spec-hash";

/// On a container whose terminationMessagePolicy is FallbackToLogsOnError.
inline constexpr char kMessageOrLog[] = "gantry.dev/termination-message-or-log";

}  // namespace gantry::agent::labels
