// SPDX-License-Identifier: Apache-2.0
#include "controller/server/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/text_serializer.h>

#include <chrono>
#include <map>

#include "base/status.h"

namespace gantry::server {
namespace {

using Labels = std::map<std::string, std::string>;
using Counts = std::map<Labels, std::size_t>;

// A synced commit takes from a tenth of a millisecond on fast flash to a second on a bad disk.
const prometheus::Histogram::BucketBoundaries kCommitBuckets = {
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1};

prometheus::MetricFamily gauge(std::string name, std::string help, const Counts& counts) {
  prometheus::MetricFamily family{
      std::move(name), std::move(help), prometheus::MetricType::Gauge, {}};
  for (const auto& [labels, count] : counts) {
    prometheus::ClientMetric& metric = family.metric.emplace_back();
    for (const auto& [key, value] : labels) metric.label.push_back({key, value});
    metric.gauge.value = static_cast<double>(count);
  }
  return family;
}

// Every phase is there, also with no pod, so that a graph falls to zero instead of breaking off.
Counts podsByPhase(const model::State& state) {
  Counts counts;
  for (const model::PodPhase phase : {model::PodPhase::kPending, model::PodPhase::kRunning,
                                      model::PodPhase::kSucceeded, model::PodPhase::kFailed}) {
    counts[{{"phase", model::phaseName(phase)}}] = 0;
  }
  for (const auto& [name, entry] : state.pods.entries()) {
    ++counts[{{"phase", model::phaseName(entry.object->phase)}}];
  }
  return counts;
}

Counts nodesByReadiness(const model::State& state) {
  Counts counts = {{{{"ready", "false"}}, 0}, {{{"ready", "true"}}, 0}};
  for (const auto& [name, entry] : state.nodes.entries()) {
    bool ready = false;
    for (const schema::Condition& condition : entry.object->status().conditions()) {
      if (condition.type() == "Ready") ready = condition.status() == "True";
    }
    ++counts[{{"ready", ready ? "true" : "false"}}];
  }
  return counts;
}

Counts applications(const model::State& state) {
  Counts counts;
  for (const auto& [name, entry] : state.applications.entries()) {
    const schema::ApplicationStatus& status = entry.object->status();
    ++counts[{{"sync", status.sync()}, {"health", status.health()}}];
  }
  return counts;
}

Counts plansByState(const model::State& state) {
  Counts counts;
  for (const auto& [name, entry] : state.plans.entries()) {
    ++counts[{{"state", api::PlanState_Name(entry.object->state())}}];
  }
  return counts;
}

}  // namespace

Metrics::Metrics()
    : commitSeconds_(prometheus::BuildHistogram()
                         .Name("gantry_store_commit_seconds")
                         .Help("How long commits to the store took")
                         .Register(registry_)
                         .Add({}, kCommitBuckets)),
      commits_(prometheus::BuildCounter()
                   .Name("gantry_store_commits_total")
                   .Help("Commits to the store, by result")
                   .Register(registry_)),
      loopLag_(prometheus::BuildGauge()
                   .Name("gantry_loop_lag_seconds")
                   .Help("How long after its time the controller's thread ran its last timer")
                   .Register(registry_)
                   .Add({})),
      webhooks_(prometheus::BuildCounter()
                    .Name("gantry_webhooks_total")
                    .Help("Push webhooks, by provider and by what came of them")
                    .Register(registry_)) {}

void Metrics::commitDone(std::chrono::nanoseconds took, bool ok) {
  commitSeconds_.Observe(std::chrono::duration<double>(took).count());
  commits_.Add({{"result", ok ? "ok" : "error"}}).Increment();
}

void Metrics::webhookAnswered(const webhooks::Answer& answer) {
  webhooks_.Add({{"provider", answer.provider}, {"result", answer.result}}).Increment();
}

void Metrics::loopWas(base::Duration late) {
  loopLag_.Set(std::chrono::duration<double>(late).count());
}

void Metrics::watchLoop(base::Executor& executor) {
  const base::Instant due = executor.now() + std::chrono::seconds(1);
  executor.postAt(due, [this, &executor, due] {
    loopWas(executor.now() - due);
    watchLoop(executor);
  });
}

std::string Metrics::render(const model::State& state, std::size_t agents,
                            std::size_t watchers) const {
  std::vector<prometheus::MetricFamily> families = registry_.Collect();
  families.push_back(gauge("gantry_pods", "Pods, by phase", podsByPhase(state)));
  families.push_back(gauge("gantry_nodes", "Nodes, by readiness", nodesByReadiness(state)));
  families.push_back(
      gauge("gantry_applications", "Applications, by sync and health", applications(state)));
  families.push_back(gauge("gantry_plans", "Plans, by state", plansByState(state)));
  families.push_back(gauge("gantry_agent_sessions", "Agents that are connected", {{{}, agents}}));
  families.push_back(gauge("gantry_watchers", "Open watches", {{{}, watchers}}));
  families.push_back(gauge("gantry_state_revision", "Revision of the last commit",
                           {{{}, static_cast<std::size_t>(state.revision)}}));
  return prometheus::TextSerializer().Serialize(families);
}

absl::StatusOr<std::int64_t> MeasuredStore::commit(const std::vector<store::Write>& batch) {
  const auto begin = std::chrono::steady_clock::now();
  auto result = inner_.commit(batch);
  // A conflict is an answer, not a fault of the store.
  metrics_.commitDone(std::chrono::steady_clock::now() - begin,
                      result.ok() || absl::IsAborted(result.status()));
  return result;
}

}  // namespace gantry::server
