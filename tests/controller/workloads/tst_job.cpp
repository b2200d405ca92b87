// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include <functional>

#include "controller/workloads/job.h"

using namespace gantry;
using namespace gantry::workloads;
using namespace std::chrono_literals;
using Phase = JobState::Phase;
using enum model::PodPhase;

namespace {

const base::Timestamp kNow = base::fromUnixMs(10'000'000);

/// A pod of the Job.
struct Sketch {
  const char* name = "";
  model::PodPhase phase = kRunning;
  bool isTold = false;
  bool isCounted = false;
  int restarts = 0;
  int exitCode = 0;
};

model::Ptr<model::Pod> podOf(const Sketch& sketch) {
  model::Pod pod;
  pod.ns = "shop";
  pod.name = sketch.name;
  pod.nodeName = "node-1";
  pod.phase = sketch.phase;
  pod.counted = sketch.isCounted;
  if (sketch.isTold) pod.deletedAt = kNow - 1s;
  pod.shape = std::make_shared<schema::PodTemplateSpec>();
  auto status = std::make_shared<schema::PodStatus>();
  schema::ContainerStatus& container = *status->add_container_statuses();
  container.set_name("migrate");
  container.set_restart_count(sketch.restarts);
  if (sketch.exitCode != 0) {
    container.mutable_state()->mutable_terminated()->set_exit_code(sketch.exitCode);
  }
  pod.status = status;
  return std::make_shared<const model::Pod>(pod);
}

using Adjust = std::function<void(schema::Job&)>;

/// With the defaults, begun 100 s ago.
schema::Job jobOf(const Adjust& adjust) {
  schema::Job job;
  job.mutable_metadata()->set_namespace_("shop");
  job.mutable_metadata()->set_name("migrate");
  job.mutable_metadata()->set_uid("job-1");
  job.mutable_spec()->set_completions(1);
  job.mutable_spec()->set_parallelism(1);
  job.mutable_spec()->set_backoff_limit(6);
  job.mutable_spec()->mutable_template_()->mutable_spec()->set_restart_policy("Never");
  job.mutable_status()->mutable_start_time()->set_unix_ms(base::toUnixMs(kNow - 100s));
  if (adjust) adjust(job);
  return job;
}

void finish(schema::Job& job, const char* type, base::Duration ago) {
  schema::Condition& condition = *job.mutable_status()->add_conditions();
  condition.set_type(type);
  condition.set_status("True");
  condition.mutable_last_transition_time()->set_unix_ms(base::toUnixMs(kNow - ago));
}

void setFailures(schema::Job& job, int inARow, base::Duration ago) {
  job.mutable_status()->set_failed(inARow);
  job.mutable_status()->set_failures_in_a_row(inARow);
  job.mutable_status()->mutable_last_failure_time()->set_unix_ms(base::toUnixMs(kNow - ago));
}

JobPlan plan(const Adjust& adjust, const std::vector<Sketch>& sketches,
             bool isInInventory = false) {
  const schema::Job job = jobOf(adjust);
  std::vector<model::Ptr<model::Pod>> pods;
  for (const Sketch& sketch : sketches) pods.push_back(podOf(sketch));
  return planJob({job, pods, isInInventory, kNow});
}

/// What a plan does, in words: "create 2; delete a b; count c; erase; look after 10".
QString words(const JobPlan& plan) {
  QStringList parts;
  if (plan.create > 0) parts << QString("create %1").arg(plan.create);
  QStringList deleted{"delete"}, counted{"count"};
  for (const DeletePod& each : plan.deletions) deleted << each.name.name.c_str();
  for (const model::Name& each : plan.counted) counted << each.name.c_str();
  if (deleted.size() > 1) parts << deleted.join(' ');
  if (counted.size() > 1) parts << counted.join(' ');
  if (plan.erase) parts << "erase";
  if (plan.revisitAt) {
    parts << QString("look after %1").arg((*plan.revisitAt - kNow).count() / 1000);
  }
  return parts.join("; ");
}

QString conditions(const schema::JobStatus& status) {
  QStringList all;
  for (const schema::Condition& each : status.conditions()) {
    all << QString("%1=%2 %3")
               .arg(each.type().c_str(), each.status().c_str(), each.reason().c_str());
  }
  return all.join(", ");
}

}  // namespace

class TstJob : public QObject {
  Q_OBJECT

 private slots:
  void step_data() {
    QTest::addColumn<Adjust>("adjust");
    QTest::addColumn<std::vector<Sketch>>("pods");
    QTest::addColumn<QString>("does");
    QTest::addColumn<QString>("says");
    const auto row = [](const char* name, Adjust adjust, std::vector<Sketch> pods, const char* does,
                        const char* says = "") {
      QTest::newRow(name) << std::move(adjust) << std::move(pods) << QString(does) << QString(says);
    };
    const auto sized = [](int completions, int parallelism, int succeeded = 0) {
      return [=](schema::Job& job) {
        job.mutable_spec()->set_completions(completions);
        job.mutable_spec()->set_parallelism(parallelism);
        job.mutable_status()->set_succeeded(succeeded);
      };
    };
    const auto queue = [](int parallelism) {
      return [=](schema::Job& job) {
        job.mutable_spec()->clear_completions();
        job.mutable_spec()->set_parallelism(parallelism);
      };
    };

    row("one pod is made", {}, {}, "create 1");
    row("and no second one while it runs", {}, {{"a"}}, "");
    row("as many at a time as parallelism says", sized(5, 2), {{"a"}}, "create 1");
    row("no more than are still to succeed", sized(5, 3, 4), {}, "create 1");
    row("a success is counted and makes room for the next", sized(3, 1), {{"a", kSucceeded}},
        "create 1; count a");
    row("what is counted is not counted again", sized(3, 1, 1), {{"a", kSucceeded, false, true}},
        "create 1");
    row("the last success completes", sized(3, 1, 2), {{"a", kSucceeded}}, "count a",
        "Complete=True CompletionsReached");
    row("none to complete is complete at once", sized(0, 1), {}, "",
        "Complete=True CompletionsReached");
    row("what is too much is told to go", sized(5, 1), {{"a"}, {"b", kPending}}, "delete b");
    row("no parallelism, no pods", sized(5, 0), {{"a"}}, "delete a");

    row("a queue of work has all its pods at once", queue(3), {{"a"}}, "create 2");
    row("and begins none after the first success", queue(3), {{"a", kSucceeded}, {"b"}}, "count a");
    row(
        "it is complete when the last has ended",
        [&](schema::Job& job) {
          queue(3)(job);
          job.mutable_status()->set_succeeded(1);
        },
        {{"a", kSucceeded, false, true}, {"b", kSucceeded}}, "count b",
        "Complete=True CompletionsReached");

    row("a failure is replaced after 10 s", {}, {{"a", kFailed}}, "count a; look after 10");
    row(
        "the second after 20 s", [](auto& job) { setFailures(job, 1, 60s); }, {{"a", kFailed}},
        "count a; look after 20");
    row(
        "two at once count as two", [&](schema::Job& job) { sized(5, 2)(job); },
        {{"a", kFailed}, {"b", kFailed}}, "count a b; look after 20");
    row(
        "6 min are the longest",
        [](auto& job) {
          job.mutable_spec()->set_backoff_limit(100);
          setFailures(job, 30, 100s);
        },
        {}, "look after 260");
    row(
        "the pod comes when the time is over", [](auto& job) { setFailures(job, 1, 10s); }, {},
        "create 1");
    row(
        "a success in between ends the back-off",
        [&](schema::Job& job) {
          sized(5, 1)(job);
          setFailures(job, 3, 1s);
        },
        {{"a", kSucceeded}}, "create 1; count a");
    row(
        "beyond the limit it has failed, and what runs goes",
        [&](schema::Job& job) {
          sized(5, 2)(job);
          job.mutable_spec()->set_backoff_limit(0);
        },
        {{"a", kFailed}, {"b"}}, "delete b; count a", "Failed=True BackoffLimitExceeded");
    row(
        "at the limit it has not", [](auto& job) { job.mutable_spec()->set_backoff_limit(1); },
        {{"a", kFailed}}, "count a; look after 10");
    const auto onFailure = [](int limit) {
      return [=](schema::Job& job) {
        job.mutable_spec()->mutable_template_()->mutable_spec()->set_restart_policy("OnFailure");
        job.mutable_spec()->set_backoff_limit(limit);
      };
    };
    row("OnFailure: restarts of the container count", onFailure(2), {{.name = "a", .restarts = 2}},
        "delete a", "Failed=True BackoffLimitExceeded");
    row("OnFailure: up to the limit", onFailure(2), {{.name = "a", .restarts = 1}}, "");
    row("OnFailure: without a limit no restart is allowed", onFailure(0),
        {{.name = "a", .restarts = 1}}, "delete a", "Failed=True BackoffLimitExceeded");
    row("OnFailure: but a first run", onFailure(0), {{"a"}}, "");

    row("a pod that is told to go is replaced at once, and is no failure", {},
        {{"a", kRunning, true}}, "create 1");
    row("whatever it ends as", {}, {{"a", kFailed, true}, {"b", kSucceeded, true}}, "create 1");

    row(
        "the deadline is looked for",
        [](auto& job) { job.mutable_spec()->set_active_deadline_seconds(130); }, {{"a"}},
        "look after 30");
    row(
        "past it the Job has failed",
        [](auto& job) { job.mutable_spec()->set_active_deadline_seconds(100); }, {{"a"}},
        "delete a", "Failed=True DeadlineExceeded");
    row(
        "it cuts a back-off short",
        [](auto& job) {
          job.mutable_spec()->set_active_deadline_seconds(105);
          setFailures(job, 1, 1s);
        },
        {}, "look after 5");
    row(
        "what is complete is complete, late or not",
        [](auto& job) {
          job.mutable_spec()->set_active_deadline_seconds(50);
          job.mutable_spec()->set_backoff_limit(0);
        },
        {{"a", kFailed}, {"b", kSucceeded}}, "count a b", "Complete=True CompletionsReached");

    row(
        "suspended, its pods go", [](auto& job) { job.mutable_spec()->set_suspend(true); }, {{"a"}},
        "delete a", "Suspended=True JobSuspended");
    row(
        "and it is not past its deadline then",
        [](auto& job) {
          job.mutable_spec()->set_suspend(true);
          job.mutable_spec()->set_active_deadline_seconds(50);
          job.mutable_status()->clear_start_time();
        },
        {}, "", "Suspended=True JobSuspended");
    row(
        "resumed, it goes on",
        [](auto& job) {
          schema::Condition& suspended = *job.mutable_status()->add_conditions();
          suspended.set_type("Suspended");
          suspended.set_status("True");
        },
        {}, "create 1", "Suspended=False JobResumed");

    row(
        "a finished Job makes nothing", [](auto& job) { finish(job, "Failed", 60s); }, {}, "",
        "Failed=True ");
    row(
        "its time to live is awaited",
        [](auto& job) {
          finish(job, "Complete", 60s);
          job.mutable_spec()->set_ttl_seconds_after_finished(100);
        },
        {{"a", kSucceeded, false, true}}, "look after 40", "Complete=True ");
    row(
        "after it the Job goes",
        [](auto& job) {
          finish(job, "Failed", 60s);
          job.mutable_spec()->set_ttl_seconds_after_finished(60);
        },
        {{"a", kFailed, false, true}}, "erase", "Failed=True ");
    row(
        "at once, if it is 0",
        [](auto& job) { job.mutable_spec()->set_ttl_seconds_after_finished(0); },
        {{"a", kSucceeded}}, "count a; erase", "Complete=True CompletionsReached");
  }

  void step() {
    QFETCH(Adjust, adjust);
    QFETCH(std::vector<Sketch>, pods);
    const JobPlan done = plan(adjust, pods);
    QTEST(words(done), "does");
    QTEST(conditions(done.status), "says");
  }

  void whatAnApplicationHoldsStaysWithoutItsPods() {
    const JobPlan done = plan(
        [](auto& job) {
          finish(job, "Complete", 60s);
          job.mutable_spec()->set_ttl_seconds_after_finished(30);
        },
        {{"a", kSucceeded, false, true}}, true);
    QCOMPARE(words(done), "delete a");
    QVERIFY(!done.erase);
  }

  void aFailureNamesThePod_data() {
    QTest::addColumn<std::vector<Sketch>>("pods");
    QTest::addColumn<QString>("says");
    QTest::newRow("how it ended")
        << std::vector<Sketch>{{.name = "a", .phase = kFailed, .exitCode = 3}}
        << "Job has reached the specified backoff limit: a: migrate: exit code 3";
    QTest::newRow("the newest rather than one of before")
        << std::vector<Sketch>{{.name = "a", .phase = kFailed, .isCounted = true, .exitCode = 3},
                               {.name = "b", .phase = kFailed, .exitCode = 4}}
        << "Job has reached the specified backoff limit: b: migrate: exit code 4";
    QTest::newRow("not one that has succeeded")
        << std::vector<Sketch>{{.name = "a", .phase = kSucceeded}, {"b", kFailed}}
        << "Job has reached the specified backoff limit";
  }
  void aFailureNamesThePod() {
    QFETCH(std::vector<Sketch>, pods);
    const JobPlan done = plan(
        [](auto& job) {
          job.mutable_spec()->set_completions(2);
          job.mutable_spec()->set_backoff_limit(0);
        },
        pods);
    QCOMPARE(done.status.conditions_size(), 1);
    QTEST(QString::fromStdString(done.status.conditions(0).message()), "says");
  }

  void statusCountsWhatIsSeen() {
    const JobPlan done = plan(
        [](auto& job) {
          job.mutable_spec()->set_completions(9);
          job.mutable_spec()->set_parallelism(4);
          job.mutable_status()->set_succeeded(2);
        },
        {{"a"}, {"b", kPending}, {"c", kRunning, true}, {"d", kFailed}, {"e", kSucceeded}});
    QCOMPARE(done.status.active(), 2);
    QCOMPARE(done.status.terminating(), 1);
    QCOMPARE(done.status.succeeded(), 3);
    QCOMPARE(done.status.failed(), 1);
    QVERIFY(!done.status.has_completion_time());
  }

  void timesAreThoseOfItsDecisions() {
    const JobPlan begun = plan([](auto& job) { job.mutable_status()->clear_start_time(); }, {});
    QCOMPARE(begun.status.start_time().unix_ms(), base::toUnixMs(kNow));
    const JobPlan complete = plan({}, {{"a", kSucceeded}});
    QCOMPARE(complete.status.completion_time().unix_ms(), base::toUnixMs(kNow));
    QCOMPARE(complete.status.start_time().unix_ms(), base::toUnixMs(kNow - 100s));
    const JobPlan suspended = plan([](auto& job) { job.mutable_spec()->set_suspend(true); }, {});
    QVERIFY(!suspended.status.has_start_time());
  }

  void stateSaysHowItFares() {
    const auto stateOf = [](const Adjust& adjust) { return jobState(jobOf(adjust)); };
    QCOMPARE(stateOf({}).phase, Phase::kActive);
    QCOMPARE(stateOf({}).message, "0 of 1 pods have succeeded, 0 active, 0 failed");
    QCOMPARE(stateOf([](auto& job) { finish(job, "Complete", 1s); }).phase, Phase::kComplete);
    QCOMPARE(stateOf([](auto& job) { finish(job, "Failed", 1s); }).phase, Phase::kFailed);
    QCOMPARE(stateOf([](auto& job) { job.mutable_spec()->set_suspend(true); }).phase,
             Phase::kSuspended);
    // What has ended stays so.
    QCOMPARE(stateOf([](auto& job) {
               finish(job, "Complete", 1s);
               job.mutable_spec()->set_suspend(true);
             }).phase,
             Phase::kComplete);
  }

  void podsCarryTheLabelsOfTheJob() {
    const schema::Job job = jobOf([](auto& one) {
      (*one.mutable_spec()->mutable_template_()->mutable_metadata()->mutable_labels())["app"] = "a";
    });
    const schema::PodTemplateSpec shape = podTemplateOf(job);
    QCOMPARE(shape.metadata().labels().at("app"), "a");
    QCOMPARE(shape.metadata().labels().at("batch.kubernetes.io/job-name"), "migrate");
    QCOMPARE(shape.metadata().labels().at("job-name"), "migrate");
    for (const auto& [key, value] : selectorOf(job).match_labels()) {
      QCOMPARE(shape.metadata().labels().at(key), value);
    }
    QCOMPARE(selectorOf(job).match_labels().at("batch.kubernetes.io/controller-uid"), "job-1");
  }
};

QTEST_GUILESS_MAIN(TstJob)
#include "tst_job.moc"
