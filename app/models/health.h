// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QString>
#include <vector>

#include "app/client/live_cache.h"

namespace gantry::models {

/// How something fares; never shown by colour alone.
enum class Tone { Neutral, Good, Busy, Warning, Bad };

/// "✔", "◐", "▲", "✖", "·": the shape that goes with a tone's colour.
QString toneMark(Tone tone);

/// What a person wants to know of a pod. Pure, as are all below.
struct PodHealth {
  int ready = 0;
  int containers = 0;
  int restarts = 0;
  /// "Running", "CrashLoopBackOff", "Terminating", …
  QString status;
  Tone tone = Tone::Neutral;
  /// The cause in one sentence; empty when all is well.
  QString why;

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
  /// "Complete", "Rolling out", "Paused", "Stuck", "Degraded".
  QString status;
  Tone tone = Tone::Neutral;
  QString why;

  /// Pods of an older template are still to be replaced.
  bool isRollingOut() const { return updated < wanted || total > updated; }
};
DeploymentHealth deploymentHealth(const schema::Deployment& deployment);

struct NodeHealth {
  bool ready = false;
  /// "Ready", "Not ready", "Cordoned", "Draining", "Drained".
  QString status;
  Tone tone = Tone::Neutral;
  QString why;
};
NodeHealth nodeHealth(const schema::Node& node);

Tone applicationTone(const schema::Application& application);

/// The pods of one Deployment: those of its newest template apart from those before.
struct RolloutPods {
  std::vector<client::ObjectPtr> newPods;
  std::vector<client::ObjectPtr> oldPods;
  /// Image of the newest template's first container, and of the one before.
  QString newImage;
  QString oldImage;
};
RolloutPods rolloutPods(const client::LiveCache& cache, const client::Key& deployment);

}  // namespace gantry::models
