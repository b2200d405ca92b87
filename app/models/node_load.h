// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QObject>
#include <QString>
#include <map>
#include <string>

#include "app/client/live_cache.h"

namespace gantry::models {

/// What the pods on a node have requested, and what the node has to give.
struct NodeUsage {
  qint64 cpuMillis = 0;
  qint64 memoryBytes = 0;
  qint64 pods = 0;
  qint64 cpuMillisAllocatable = 0;
  qint64 memoryBytesAllocatable = 0;
  qint64 podsAllocatable = 0;
};

/// Keeps the sums of requests per node, pod by pod as they change. GUI thread.
class NodeLoad : public QObject {
  Q_OBJECT

 public:
  explicit NodeLoad(client::LiveCache& cache);

  NodeUsage of(const schema::Node& node) const;

 signals:
  /// The sums of some nodes differ.
  void changed();

 private:
  struct Share {
    std::string node;
    qint64 cpuMillis = 0;
    qint64 memoryBytes = 0;
  };
  void take(const client::Key& pod);
  void drop(const client::Key& pod);

  const client::LiveCache& cache_;
  std::map<client::Key, Share> shares_;
  std::map<std::string, NodeUsage> sums_;
  client::LiveCache::Subscription subscription_;
};

/// "1.5", "250m".
QString formatCpu(qint64 millis);
/// "1.5 GiB", "512 MiB".
QString formatMemory(qint64 bytes);

}  // namespace gantry::models
