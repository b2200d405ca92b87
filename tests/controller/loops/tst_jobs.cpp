// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "controller/workloads/job.h"
#include "tests/controller/loops/cluster.h"

using namespace gantry;
using std::chrono::seconds;
using tests::Cluster;
using Phase = workloads::JobState::Phase;

namespace {

const delivery::Caller kAna{"ana"};

/// Applies a Job as Git would.
void apply(Cluster& cluster, int completions, int parallelism,
           const std::function<void(schema::Job&)>& adjust = {}) {
  schema::Job job;
  if (const auto* before = cluster.state().jobs.find({"shop", "migrate"})) job = *before;
  schema::ObjectMeta& metadata = *job.mutable_metadata();
  metadata.set_name("migrate");
  metadata.set_namespace_("shop");
  metadata.set_uid("uid-of-migrate");
  metadata.set_generation(metadata.generation() + 1);
  schema::JobSpec& spec = *job.mutable_spec();
  spec.set_completions(completions);
  spec.set_parallelism(parallelism);
  spec.set_backoff_limit(6);
  schema::PodTemplateSpec& shape = *spec.mutable_template_();
  (*shape.mutable_metadata()->mutable_labels())["app"] = "migrate";
  shape.mutable_spec()->set_restart_policy("Never");
  shape.mutable_spec()->clear_containers();
  schema::Container& container = *shape.mutable_spec()->add_containers();
  container.set_name("migrate");
  container.set_image("migrate:1");
  if (adjust) adjust(job);
  cluster.put(std::move(job));
}

const schema::Job* find(const Cluster& cluster) {
  return cluster.state().jobs.find({"shop", "migrate"});
}

bool is(const Cluster& cluster, Phase phase) {
  return find(cluster) != nullptr && workloads::jobState(*find(cluster)).phase == phase;
}

int activePods(const Cluster& cluster) {
  int active = 0;
  for (const auto& pod : cluster.pods("migrate")) active += model::isActive(*pod);
  return active;
}

}  // namespace

class TstJobs : public QObject {
  Q_OBJECT

 private slots:
  void aJobRunsToItsEndAndIsNotRunAgain() {
    Cluster cluster(2);
    cluster.agents.exits = [](const schema::Pod&) { return 0; };
    apply(cluster, 5, 2);
    QVERIFY(cluster.runUntil([&] {
      if (activePods(cluster) > 2) cluster.broken.push_back("more than two at a time");
      return is(cluster, Phase::kComplete);
    }));
    QVERIFY(cluster.broken.empty());
    QCOMPARE(find(cluster)->status().succeeded(), 5);
    cluster.run(seconds(60));
    QVERIFY(cluster.hasEvent("CompletionsReached"));
    // Its pods stay for their logs; none is started again.
    QCOMPARE(cluster.pods("migrate").size(), 5u);
    for (const auto& [uid, starts] : cluster.agents.starts()) QCOMPARE(starts, 1);
    const auto pod = cluster.pods("migrate").front();
    QCOMPARE(pod->ownerKind, "Job");
    QCOMPARE(toSchema(*pod).metadata().owner_references(0).api_version(), "batch/v1");
    for (const auto& [key, value] : find(cluster)->spec().selector().match_labels()) {
      QCOMPARE(pod->labels().at(key), value);
    }
    cluster.remove("Job", {"shop", "migrate"});
    QVERIFY(cluster.runUntil([&] { return cluster.pods("migrate").empty(); }));
  }

  void failuresBackOffUntilTheLimit() {
    Cluster cluster(1);
    cluster.agents.exits = [](const schema::Pod&) { return 1; };
    const base::Timestamp begin = cluster.executor.wallNow();
    apply(cluster, 1, 1, [](auto& job) { job.mutable_spec()->set_backoff_limit(2); });
    QVERIFY(cluster.runUntil([&] { return is(cluster, Phase::kFailed); }));
    // After 10 and 20 s, and what each pod takes to end.
    const base::Duration took = cluster.executor.wallNow() - begin;
    QVERIFY(took > seconds(30) && took < seconds(36));
    QCOMPARE(find(cluster)->status().failed(), 3);
    QCOMPARE(cluster.pods("migrate").size(), 3u);
    cluster.run(seconds(1));
    QVERIFY(cluster.hasEvent("BackoffLimitExceeded"));
  }

  void theCountOutlivesTheController() {
    Cluster cluster(1);
    int runs = 0;
    cluster.agents.exits = [&](const schema::Pod&) { return ++runs < 3 ? 1 : 0; };
    apply(cluster, 1, 1);
    for (int i = 1; i <= 2; ++i) {
      QVERIFY(cluster.runUntil([&] { return find(cluster)->status().failed() == i; }));
      cluster.killController();
      cluster.startController();
    }
    QVERIFY(cluster.runUntil([&] { return is(cluster, Phase::kComplete); }));
    QCOMPARE(find(cluster)->status().failed(), 2);
    QCOMPARE(find(cluster)->status().succeeded(), 1);
    QCOMPARE(runs, 3);
  }

  void aSuspendedJobGoesOnWhereItWas() {
    Cluster cluster(1);
    apply(cluster, 2, 2);
    QVERIFY(cluster.runUntil([&] { return find(cluster)->status().active() == 2; }));
    apply(cluster, 2, 2, [](auto& job) { job.mutable_spec()->set_suspend(true); });
    QVERIFY(cluster.runUntil([&] { return cluster.pods("migrate").empty(); }));
    QVERIFY(is(cluster, Phase::kSuspended));
    cluster.agents.exits = [](const schema::Pod&) { return 0; };
    apply(cluster, 2, 2, [](auto& job) { job.mutable_spec()->set_suspend(false); });
    QVERIFY(cluster.runUntil([&] { return is(cluster, Phase::kComplete); }));
    QCOMPARE(find(cluster)->status().failed(), 0);
  }

  void aDrainMovesWhatRunsAndForgetsNothing() {
    Cluster cluster(2);
    // The first pod ends, the others run on until they may end too.
    bool mayEnd = false;
    std::string first;
    cluster.agents.exits = [&](const schema::Pod& pod) -> std::optional<int> {
      if (first.empty()) first = pod.metadata().uid();
      return mayEnd || pod.metadata().uid() == first ? std::optional(0) : std::nullopt;
    };
    apply(cluster, 4, 2, [](auto& job) { job.mutable_spec()->set_backoff_limit(0); });
    QVERIFY(cluster.runUntil([&] {
      return find(cluster)->status().succeeded() == 1 && find(cluster)->status().active() == 2;
    }));
    cluster.run(seconds(5));
    api::NodeRequest request;
    request.set_node("node-1");
    request.set_reason("new disk");
    QVERIFY(cluster.controller->drain(kAna, request).ok());
    QVERIFY(cluster.runUntil([&] { return cluster.state().podsOnNode("node-1").empty(); }));
    mayEnd = true;
    // Those that run on the other node already do not end any more.
    for (const auto& pod : cluster.pods("migrate")) {
      if (model::isActive(*pod)) cluster.remove("Pod", {pod->ns, pod->name});
    }
    QVERIFY(cluster.runUntil([&] { return is(cluster, Phase::kComplete); }));
    QCOMPARE(find(cluster)->status().succeeded(), 4);
    QCOMPARE(find(cluster)->status().failed(), 0);
  }

  void aLostNodeIsNoFailure() {
    Cluster cluster(3);
    apply(cluster, 1, 1, [](auto& job) { job.mutable_spec()->set_backoff_limit(0); });
    QVERIFY(cluster.runUntil([&] {
      return !cluster.pods("migrate").empty() && !cluster.pods("migrate")[0]->nodeName.empty();
    }));
    const std::string node = cluster.pods("migrate")[0]->nodeName;
    cluster.agents.exits = [](const schema::Pod&) { return 0; };
    cluster.agents.setPower(node, false);
    QVERIFY(cluster.runUntil([&] { return is(cluster, Phase::kComplete); }, seconds(1'000)));
    QCOMPARE(find(cluster)->status().failed(), 0);
  }

  void afterItsTimeAJobGoesWithItsPods() {
    Cluster cluster(1);
    cluster.agents.exits = [](const schema::Pod&) { return 0; };
    apply(cluster, 1, 1, [](auto& job) { job.mutable_spec()->set_ttl_seconds_after_finished(20); });
    QVERIFY(cluster.runUntil([&] { return is(cluster, Phase::kComplete); }));
    cluster.run(seconds(19));
    QVERIFY(find(cluster) != nullptr);
    QVERIFY(cluster.runUntil([&] { return find(cluster) == nullptr; }, seconds(2)));
    QVERIFY(cluster.runUntil([&] { return cluster.pods("migrate").empty(); }));
  }

  void whatAnApplicationHoldsStays() {
    Cluster cluster(1);
    cluster.agents.exits = [](const schema::Pod&) { return 0; };
    schema::Application application;
    application.mutable_metadata()->set_namespace_("gantry-system");
    application.mutable_metadata()->set_name("shop");
    schema::InventoryItem& item = *application.mutable_status()->add_inventory();
    item.set_kind("Job");
    item.set_namespace_("shop");
    item.set_name("migrate");
    cluster.put(application);
    apply(cluster, 1, 1, [](auto& job) {
      job.mutable_spec()->set_ttl_seconds_after_finished(5);
      (*job.mutable_metadata()->mutable_annotations())["gantry.dev/application"] =
          "gantry-system/shop";
    });
    QVERIFY(cluster.runUntil(
        [&] { return is(cluster, Phase::kComplete) && cluster.pods("migrate").empty(); }));
    cluster.run(seconds(60));
    QVERIFY(is(cluster, Phase::kComplete));
    QVERIFY(cluster.pods("migrate").empty());
    // Let go by the Application, its time is over.
    cluster.remove("Application", {"gantry-system", "shop"});
    QVERIFY(cluster.runUntil([&] { return find(cluster) == nullptr; }));
  }
};

QTEST_GUILESS_MAIN(TstJobs)
#include "tst_jobs.moc"
