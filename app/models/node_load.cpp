// SPDX-License-Identifier: Apache-2.0
#include "app/models/node_load.h"

#include <cmath>

#include "manifests/decode/quantity.h"

namespace gantry::models {
namespace {

using Amounts = google::protobuf::Map<std::string, schema::Quantity>;

qint64 amount(const Amounts& amounts, const char* resource, bool inMillis) {
  const auto found = amounts.find(resource);
  if (found == amounts.end()) return 0;
  return inMillis ? manifests::millisOf(found->second) : manifests::unitsOf(found->second);
}

}  // namespace

NodeLoad::NodeLoad(client::LiveCache& cache) : cache_(cache) {
  for (const auto& [key, pod] : cache.table(client::Kind::kPod)) take(key);
  subscription_ = cache.observe(client::Kind::kPod, [this](const client::Changes& changes) {
    for (const client::Key& key : changes.removed) drop(key);
    for (const client::Key& key : changes.added) take(key);
    for (const client::Key& key : changes.changed) {
      drop(key);
      take(key);
    }
    emit changed();
  });
}

void NodeLoad::take(const client::Key& key) {
  const client::ObjectPtr object = cache_.find(client::Kind::kPod, key);
  const schema::Pod& pod = object->pod();
  const bool ended = pod.status().phase() == "Succeeded" || pod.status().phase() == "Failed";
  if (pod.spec().node_name().empty() || ended) return;
  Share share{.node = pod.spec().node_name()};
  for (const schema::Container& container : pod.spec().containers()) {
    share.cpuMillis += amount(container.resources().requests(), "cpu", true);
    share.memoryBytes += amount(container.resources().requests(), "memory", false);
  }
  NodeUsage& sum = sums_[share.node];
  sum.cpuMillis += share.cpuMillis;
  sum.memoryBytes += share.memoryBytes;
  ++sum.pods;
  shares_[key] = std::move(share);
}

void NodeLoad::drop(const client::Key& key) {
  const auto found = shares_.find(key);
  if (found == shares_.end()) return;
  NodeUsage& sum = sums_[found->second.node];
  sum.cpuMillis -= found->second.cpuMillis;
  sum.memoryBytes -= found->second.memoryBytes;
  --sum.pods;
  shares_.erase(found);
}

NodeUsage NodeLoad::of(const schema::Node& node) const {
  const auto found = sums_.find(node.metadata().name());
  NodeUsage usage = found == sums_.end() ? NodeUsage() : found->second;
  const Amounts& allocatable = node.status().allocatable();
  usage.cpuMillisAllocatable = amount(allocatable, "cpu", true);
  usage.memoryBytesAllocatable = amount(allocatable, "memory", false);
  usage.podsAllocatable = amount(allocatable, "pods", false);
  return usage;
}

QString formatCpu(qint64 millis) {
  if (std::abs(millis) < 1000 && millis != 0) return QStringLiteral("%1m").arg(millis);
  return QString::number(double(millis) / 1000, 'g', 3);
}

QString formatMemory(qint64 bytes) {
  const double mib = double(bytes) / (1024 * 1024);
  if (std::abs(mib) >= 1024) return QStringLiteral("%1 GiB").arg(mib / 1024, 0, 'f', 1);
  return QStringLiteral("%1 MiB").arg(mib, 0, 'f', 0);
}

}  // namespace gantry::models
