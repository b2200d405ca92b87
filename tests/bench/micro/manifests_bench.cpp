// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include "base/check.h"
#include "manifests/decode/decode.h"
#include "manifests/defaults/defaults.h"
#include "manifests/diff/diff.h"
#include "tests/bench/micro/sample_manifests.h"
#include "tests/controller/delivery/sample.h"

namespace gantry::bench {
namespace {

constexpr int kObjects = 10'000;

std::vector<manifests::Resource> decodeAll(const std::vector<manifests::SourceFile>& files) {
  std::vector<manifests::Resource> resources;
  for (const manifests::SourceFile& file : files) {
    const manifests::Decoded decoded = manifests::decode(file.content, file.path);
    for (const manifests::Resource& each : decoded.resources) {
      std::shared_ptr<google::protobuf::Message> message(each.message().New());
      message->CopyFrom(each.message());
      manifests::applyDefaults(*message);
      resources.push_back(each.with(std::move(message)));
    }
  }
  GANTRY_CHECK(resources.size() == kObjects);
  return resources;
}

/// Every object differs in its image.
void decodeDefaultsDiff(benchmark::State& state) {
  const auto before = decodeAll(sampleManifests(kObjects, 1));
  const auto files = sampleManifests(kObjects, 2);
  for (auto _ : state) {
    const auto after = decodeAll(files);
    for (std::size_t index = 0; index < after.size(); ++index) {
      const auto changes = manifests::diff(&before[index].message(), &after[index].message());
      GANTRY_CHECK(changes.size() == 1);
    }
  }
  state.SetItemsProcessed(state.iterations() * kObjects);
}

/// What an Application costs when Git and the cluster are as they were: the set is rendered
/// already.
void lookAgain(benchmark::State& state) {
  tests::Sample sample;
  const auto set = manifests::renderFolder(sampleManifests(kObjects, 1), "shop");
  GANTRY_CHECK(set.ok());
  sample.apply(set);
  for (auto _ : state) {
    const auto planned = delivery::planChanges(sample.application, set, sample.state());
    GANTRY_CHECK(planned.changes.empty() && planned.errors.empty());
  }
  state.SetItemsProcessed(state.iterations() * kObjects);
}

BENCHMARK(decodeDefaultsDiff)->Name("decode_defaults_diff_10000")->Unit(benchmark::kMillisecond);
BENCHMARK(lookAgain)->Name("look_again_10000_unchanged")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace gantry::bench
