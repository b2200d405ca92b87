// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "manifests/schema/apps.pb.h"
#include "manifests/schema/batch.pb.h"
#include "manifests/schema/core.pb.h"
#include "manifests/schema/gantry.pb.h"

namespace gantry::client {

/// How something fares; never shown by colour alone.
enum class Tone { kNeutral, kGood, kBusy, kWarning, kBad };

/// What a person wants to know of a pod. Pure, as are all below.
struct PodHealth {
  int ready = 0;
  int containers = 0;
  int restarts = 0;
  /// "Running", "CrashLoopBackOff", "Terminating", …
  std::string status;
  Tone tone = Tone::kNeutral;
  /// The cause in one sentence; empty when all is well.
  std::string why;

  bool isReady() const { return containers > 0 && ready == containers; }
};
PodHealth podHealth(const schema::Pod& pod);

struct DeploymentHealth {
  int wanted = 0;
  int updated = 0;
  int ready = 0;
  int available = 0;
  int total = 0;
  bool paused = false;
  /// "Complete", "Rolling out", "Paused", "Stuck"; "Not ready": all is rolled out, but pods are not
  /// available. Whether that makes an Application Degraded, the controller says.
  std::string status;
  Tone tone = Tone::kNeutral;
  std::string why;

  bool isRollingOut() const { return updated < wanted || total > updated || available < wanted; }
};
DeploymentHealth deploymentHealth(const schema::Deployment& deployment);

struct JobHealth {
  /// "1/3"; "1" where spec.completions is not set.
  std::string completions;
  /// "Complete", "Failed", "Suspended", "Running", "Backing off", "Waiting".
  std::string status;
  Tone tone = Tone::kNeutral;
  std::string why;
  /// From its start to its end, or to `now`; nothing before it has started.
  std::optional<base::Duration> duration;
};
JobHealth jobHealth(const schema::Job& job, base::Timestamp now);

struct NodeHealth {
  bool ready = false;
  /// "Ready", "Not ready", "Cordoned", "Draining".
  std::string status;
  Tone tone = Tone::kNeutral;
  std::string why;
};
NodeHealth nodeHealth(const schema::Node& node);

Tone applicationTone(const schema::Application& application);

}  // namespace gantry::client
