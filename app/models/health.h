// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QString>
#include <vector>

#include "app/client/health.h"
#include "app/client/live_cache.h"

namespace gantry::models {

using client::Tone;

/// "✔", "◐", "▲", "✖", "·": the shape that goes with a tone's colour.
QString toneMark(Tone tone);

// app/client/health.h decides; these are its answers as the desktop shows them. Pure.

struct PodHealth {
  int ready = 0;
  int containers = 0;
  int restarts = 0;
  QString status;
  Tone tone = Tone::kNeutral;
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
  QString status;
  Tone tone = Tone::kNeutral;
  QString why;

  /// Pods of an older template are still to be replaced.
  bool isReplacing() const { return updated < wanted || total > updated; }
};
DeploymentHealth deploymentHealth(const schema::Deployment& deployment);

struct JobHealth {
  QString completions;
  QString status;
  Tone tone = Tone::kNeutral;
  QString why;
  /// "12s", "3m"; empty before it has started.
  QString duration;
};
/// As of now.
JobHealth jobHealth(const schema::Job& job);

struct NodeHealth {
  bool ready = false;
  QString status;
  Tone tone = Tone::kNeutral;
  QString why;
};
NodeHealth nodeHealth(const schema::Node& node);

using client::applicationTone;

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
