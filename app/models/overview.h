// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QVariantMap>
#include <vector>

#include "app/client/live_cache.h"

namespace gantry::models {

/// What the first screen says: exceptions first, healthy things as a count. Rows are maps for QML.
struct Overview {
  int healthy = 0;
  int degraded = 0;
  int failing = 0;
  int rollouts = 0;
  int approvals = 0;
  int nodes = 0;
  int nodesDown = 0;
  int pods = 0;
  int podsNotReady = 0;
  /// id, kind, ns, name, tone, title, status, why, since, commit; worst first, then oldest.
  std::vector<QVariantMap> exceptions;
  /// id, ns, name, application, commit, subject, author, age, effect.
  std::vector<QVariantMap> plans;
  /// id, ns, name, health, tone, sync, revision, message.
  std::vector<QVariantMap> applications;
};

/// Looks at the whole cache once. Pure but for its arguments.
Overview overviewOf(const client::LiveCache& cache, qint64 nowMs);

/// The rollout page's rows, one a Deployment, those that move or are stuck first: id, ns, name,
/// status, tone, why, whyTone, paused, rolling, newImage, oldImage, newBlocks, oldBlocks,
/// failingPod. A block is a map: name, tone, tip; missing replicas are blocks without a name.
std::vector<QVariantMap> rolloutRows(const client::LiveCache& cache);

}  // namespace gantry::models
