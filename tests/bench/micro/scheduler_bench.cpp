// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "controller/scheduler/scheduler.h"

namespace gantry::bench {
namespace {

constexpr int kNodes = 5'000;
constexpr int kPodsPerGroup = 10;
constexpr int kNodeHolds = 100;

schema::Node node(int index) {
  schema::Node made;
  made.mutable_metadata()->set_name(absl::StrCat("node-", index));
  auto& allocatable = *made.mutable_status()->mutable_allocatable();
  allocatable["cpu"].set_text("32");
  allocatable["memory"].set_text("128Gi");
  schema::Condition& ready = *made.mutable_status()->add_conditions();
  ready.set_type("Ready");
  ready.set_status("True");
  return made;
}

scheduler::ClusterView emptyCluster() {
  scheduler::ClusterView view;
  for (int index = 0; index < kNodes; ++index) view.putNode(node(index));
  return view;
}

/// One placement an iteration; the cluster fills with groups of ten pods that are spread.
void place(benchmark::State& state) {
  schema::PodSpec spec;
  auto& requests = *spec.add_containers()->mutable_resources()->mutable_requests();
  requests["cpu"].set_text("250m");
  requests["memory"].set_text("512Mi");
  const scheduler::Resources wanted = scheduler::requestsOf(spec);
  scheduler::ClusterView view = emptyCluster();
  int pod = 0;
  for (auto _ : state) {
    if (pod == kNodes * kNodeHolds) {
      state.PauseTiming();
      view = emptyCluster();
      pod = 0;
      state.ResumeTiming();
    }
    const std::string group = absl::StrCat("group-", pod / kPodsPerGroup);
    const scheduler::Placement placement = scheduler::place(view, spec, group);
    GANTRY_CHECK(!placement.node.empty());
    view.addPod(absl::StrCat("pod-", pod), placement.node, wanted, group);
    ++pod;
  }
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK(place)->Name("place_on_5000_nodes")->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace gantry::bench
