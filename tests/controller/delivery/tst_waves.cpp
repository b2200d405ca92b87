// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "controller/delivery/deletions.h"
#include "controller/delivery/plan_state.h"
#include "controller/delivery/waves.h"
#include "tests/controller/delivery/sample.h"

using namespace gantry;
using namespace gantry::tests;

/// In which steps a plan is applied, and what each waits for.
class TstWaves : public QObject {
  Q_OBJECT

 private:
  /// "CREATE 1 ConfigMap/a; DELETE 0 ConfigMap/b; PreSync 0 Job/migrate".
  static api::Plan planOf(const QString& text) {
    api::Plan plan;
    plan.set_namespace_("gantry-system");
    plan.set_application("shop");
    plan.set_name("shop-12");
    plan.set_cause(delivery::kCauseSync);
    plan.mutable_revision()->set_rendered_hash("hash");
    for (const QString& line : text.split("; ", Qt::SkipEmptyParts)) {
      const QStringList words = line.split(' ');
      const QStringList object = words[2].split('/');
      api::PlannedChange& change = *plan.add_changes();
      api::ChangeAction action = api::CREATE;
      if (!api::ChangeAction_Parse(words[0].toStdString(), &action)) {
        change.set_hook(words[0].toStdString());
      }
      change.set_action(action);
      change.set_wave(words[1].toInt());
      change.set_kind(object[0].toStdString());
      change.set_namespace_("shop");
      change.set_name(object[1].toStdString());
    }
    return plan;
  }
  static QString shown(const google::protobuf::RepeatedPtrField<api::Wave>& waves) {
    QStringList lines;
    for (const api::Wave& wave : waves) {
      lines << QString("%1 %2 %3")
                   .arg(QString::fromStdString(wave.phase()))
                   .arg(wave.number())
                   .arg(QString::fromStdString(wave.state()));
    }
    return lines.join("; ");
  }

 private slots:
  void stepsOfAPlan_data() {
    QTest::addColumn<QString>("changes");
    QTest::addColumn<bool>("several");
    QTest::addColumn<QString>("waves");
    QTest::newRow("all in one")
        << "CREATE 0 ConfigMap/a; UPDATE 0 ConfigMap/b; DELETE 0 ConfigMap/c" << false
        << "Sync 0 Waiting; Prune 0 Waiting";
    QTest::newRow("all in another one")
        << "CREATE 7 ConfigMap/a; UPDATE 7 ConfigMap/b" << false << "Sync 7 Waiting";
    QTest::newRow("in order, the negative ones first")
        << "CREATE 10 ConfigMap/a; CREATE -1 ConfigMap/b; UPDATE 2 ConfigMap/c" << true
        << "Sync -1 Waiting; Sync 2 Waiting; Sync 10 Waiting";
    QTest::newRow("deletions last, downwards")
        << "DELETE -1 ConfigMap/a; DELETE 3 ConfigMap/b; UPDATE 5 ConfigMap/c" << true
        << "Sync 5 Waiting; Prune 3 Waiting; Prune -1 Waiting";
    QTest::newRow("hooks around it")
        << "PostSync 0 Job/smoke; PreSync 1 Job/b; PreSync -1 Job/a; UPDATE 0 ConfigMap/c; "
           "SyncFail 0 Job/page"
        << true << "PreSync -1 Waiting; PreSync 1 Waiting; Sync 0 Waiting; PostSync 0 Waiting";
  }
  void stepsOfAPlan() {
    QFETCH(QString, changes);
    api::Plan plan = planOf(changes);
    const auto waves = delivery::wavesOf(plan);
    plan.mutable_waves()->Assign(waves.begin(), waves.end());
    QTEST(delivery::hasWaves(plan), "several");
    QTEST(shown(plan.waves()), "waves");
    for (const char* cause : {delivery::kCauseRollback, delivery::kCauseSelfHeal}) {
      plan.set_cause(cause);
      QVERIFY(!delivery::hasWaves(plan));
    }
  }

  void nextStepOfAPlan_data() {
    QTest::addColumn<QString>("live");
    QTest::addColumn<QString>("job");
    QTest::addColumn<QString>("states");
    QTest::addColumn<QString>("stop");
    QTest::addColumn<QString>("waves");
    QTest::addColumn<QString>("begun");
    QTest::addColumn<QString>("state");
    QTest::addColumn<QString>("message");
    const char* all = "Waiting Waiting Waiting";
    QTest::newRow("the first begins") << "" << "" << all << ""
                                      << "PreSync 0 Progressing; Sync 0 Waiting; Sync 1 Waiting"
                                      << "migrate" << "APPLYING" << "PreSync 0 has begun";
    QTest::newRow("nothing begins while there is a reason")
        << "" << "" << all << "held" << "PreSync 0 Waiting; Sync 0 Waiting; Sync 1 Waiting" << ""
        << "APPLYING" << "PreSync 0 does not begin: held";
    QTest::newRow("a hook that runs is waited for")
        << "" << "Active" << "Progressing Waiting Waiting" << ""
        << "PreSync 0 Progressing; Sync 0 Waiting; Sync 1 Waiting" << "" << "APPLYING"
        << "PreSync 0 waits for Job/shop/migrate-12: 0 of 1 pods have succeeded, 0 active, 0 "
           "failed";
    QTest::newRow("the next begins when it is complete")
        << "" << "Complete" << "Progressing Waiting Waiting" << ""
        << "PreSync 0 Done; Sync 0 Progressing; Sync 1 Waiting" << "a" << "APPLYING"
        << "wave 0 has begun";
    QTest::newRow("a hook that is gone has failed")
        << "" << "" << "Progressing Waiting Waiting" << ""
        << "PreSync 0 Failed; Sync 0 Waiting; Sync 1 Waiting; SyncFail 0 Progressing" << "page"
        << "APPLYING" << "SyncFail 0 has begun";
    QTest::newRow("what failed is told of, whatever stops it")
        << "" << "Failed" << "Progressing Waiting Waiting" << "held"
        << "PreSync 0 Failed; Sync 0 Waiting; Sync 1 Waiting; SyncFail 0 Progressing" << "page"
        << "APPLYING" << "SyncFail 0 has begun";
    QTest::newRow("what is to be made is there already")
        << "a" << "Complete" << "Progressing Waiting Waiting" << ""
        << "PreSync 0 Done; Sync 0 Waiting; Sync 1 Waiting" << "" << "SUPERSEDED"
        << "ConfigMap/shop/a exists meanwhile; in: PreSync 0; not in: wave 0, wave 1: planned anew";
    QTest::newRow("what was put is gone")
        << "" << "Complete" << "Done Progressing Waiting" << ""
        << "PreSync 0 Done; Sync 0 Failed; Sync 1 Waiting; SyncFail 0 Progressing" << "page"
        << "APPLYING" << "SyncFail 0 has begun";
    QTest::newRow("the last begins") << "a" << "Complete" << "Done Progressing Waiting" << ""
                                     << "PreSync 0 Done; Sync 0 Done; Sync 1 Progressing" << "b"
                                     << "APPLYING" << "wave 1 has begun";
    QTest::newRow("all is in") << "a b" << "Complete" << "Done Done Progressing" << ""
                               << "PreSync 0 Done; Sync 0 Done; Sync 1 Done" << "" << "APPLIED"
                               << "4 changes applied in 3 waves";
  }
  void nextStepOfAPlan() {
    QFETCH(QString, live);
    QFETCH(QString, job);
    QFETCH(QString, states);
    QFETCH(QString, stop);
    Sample sample;
    for (const QString& name : live.split(' ', Qt::SkipEmptyParts)) {
      schema::ConfigMap map;
      map.mutable_metadata()->set_namespace_("shop");
      map.mutable_metadata()->set_name(name.toStdString());
      sample.put(map);
    }
    if (!job.isEmpty()) {
      schema::Job hook;
      hook.mutable_metadata()->set_namespace_("shop");
      hook.mutable_metadata()->set_name("migrate-12");
      hook.mutable_spec()->set_completions(1);
      schema::Condition& condition = *hook.mutable_status()->add_conditions();
      condition.set_type(job.toStdString());
      condition.set_status("True");
      sample.put(hook);
    }
    api::Plan plan = planOf(
        "PreSync 0 Job/migrate; CREATE 0 ConfigMap/a; CREATE 1 ConfigMap/b; SyncFail 0 Job/page");
    plan.set_state(api::APPLYING);
    const auto waves = delivery::wavesOf(plan);
    plan.mutable_waves()->Assign(waves.begin(), waves.end());
    for (int i = 0; i < 3; ++i) {
      plan.mutable_waves(i)->set_state(states.split(' ')[i].toStdString());
    }
    manifests::RenderedSet set;
    set.hash = "hash";
    const delivery::WaveStep step =
        delivery::nextStep(plan, &set, stop.toStdString(), sample.state(), base::fromUnixMs(1));
    QStringList begun;
    for (const auto& change : step.changes) begun << QString::fromStdString(change.name());
    QTEST(shown(step.plan.waves()), "waves");
    QTEST(begun.join(' '), "begun");
    QTEST(QString::fromStdString(api::PlanState_Name(step.plan.state())), "state");
    QTEST(QString::fromStdString(step.plan.message()), "message");
  }

  void whatRendersToSomethingElseIsPlannedAnew() {
    Sample sample;
    api::Plan plan = planOf("CREATE 0 ConfigMap/a; CREATE 1 ConfigMap/b");
    plan.set_state(api::APPLYING);
    const auto waves = delivery::wavesOf(plan);
    plan.mutable_waves()->Assign(waves.begin(), waves.end());
    const auto unknown = delivery::nextStep(plan, nullptr, "", sample.state(), base::fromUnixMs(1));
    QCOMPARE(unknown.plan.state(), api::APPLYING);
    QVERIFY(unknown.changes.empty());
    manifests::RenderedSet set;
    set.hash = "another";
    const auto step = delivery::nextStep(plan, &set, "", sample.state(), base::fromUnixMs(1));
    QCOMPARE(step.plan.state(), api::SUPERSEDED);
    QVERIFY(step.changes.empty());
  }

  void aWaveThatHasMovedOnDoesNotBeginInPart() {
    Sample sample;
    schema::ConfigMap map;
    map.mutable_metadata()->set_namespace_("shop");
    map.mutable_metadata()->set_name("b");
    sample.put(map);
    api::Plan plan = planOf("CREATE 0 ConfigMap/a; CREATE 0 ConfigMap/b; CREATE 1 ConfigMap/c");
    plan.set_state(api::APPLYING);
    const auto waves = delivery::wavesOf(plan);
    plan.mutable_waves()->Assign(waves.begin(), waves.end());
    manifests::RenderedSet set;
    set.hash = "hash";
    const auto step = delivery::nextStep(plan, &set, "", sample.state(), base::fromUnixMs(1));
    QCOMPARE(step.plan.state(), api::SUPERSEDED);
    QVERIFY(step.changes.empty());
  }

  void whatHasComeIntoANamespaceStopsItsDeletion() {
    Sample sample;
    schema::Namespace ns;
    ns.mutable_metadata()->set_name("shop");
    sample.put(ns);
    schema::ConfigMap known;
    known.mutable_metadata()->set_namespace_("shop");
    known.mutable_metadata()->set_name("known");
    sample.put(known);
    api::Plan plan;
    plan.set_cause(delivery::kCauseSync);
    plan.set_state(api::APPLYING);
    plan.mutable_revision()->set_rendered_hash("hash");
    *plan.add_changes() = delivery::deletionOf(known, "goes with Namespace shop");
    *plan.add_changes() = delivery::deletionOf(ns, "removed from Git");
    const auto waves = delivery::wavesOf(plan);
    plan.mutable_waves()->Assign(waves.begin(), waves.end());
    manifests::RenderedSet set;
    set.hash = "hash";
    const auto next = [&] {
      return delivery::nextStep(plan, &set, "", sample.state(), base::fromUnixMs(1));
    };
    QCOMPARE(next().changes.size(), 2u);
    schema::ConfigMap newcomer = known;
    newcomer.mutable_metadata()->set_name("newcomer");
    sample.put(newcomer);
    QCOMPARE(next().plan.state(), api::SUPERSEDED);
    QVERIFY(next().changes.empty());
    QVERIFY2(
        next().plan.message().starts_with("ConfigMap/shop/newcomer has come into Namespace/shop"),
        next().plan.message().c_str());
  }

  void hooksAreChangesOfThePlanAndOfNothingElse() {
    Sample sample;
    const std::string job =
        ", namespace: shop}\nspec: {template: {spec: {restartPolicy: Never, "
        "containers: [{name: a, image: 'a:1'}]}}}\n---\n";
    const auto hook = [&](const char* name, const char* phase, int wave) {
      return absl::StrCat("apiVersion: batch/v1\nkind: Job\nmetadata: {name: ", name,
                          ", annotations: {gantry.dev/hook: ", phase, ", gantry.dev/sync-wave: '",
                          wave, "'}", job);
    };
    const manifests::RenderedSet set =
        rendered(absl::StrCat(hook("page", "SyncFail", -5), hook("smoke", "PostSync", 0),
                              hook("second", "PreSync", 2), hook("first", "PreSync", 1),
                              "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: greeting}\n"));
    delivery::ChangeSet planned = delivery::planChanges(sample.application, set, sample.state());
    QCOMPARE(planned.changes.size(), 1);
    QCOMPARE(
        delivery::inventoryAfter(sample.application, set, planned.changes, sample.state()).size(),
        1);
    delivery::addHooks("gantry-system/shop", set, planned.changes);
    std::vector<std::string> names;
    for (const auto& change : planned.changes) names.push_back(change.name());
    QCOMPARE(names, (std::vector<std::string>{"first", "second", "greeting", "smoke", "page"}));
    QCOMPARE(planned.changes[1].wave(), 2);
    QVERIFY(!planned.changes[1].after_hash().empty());
  }

  void theJobOfAHookIsNamedAfterThePlan() {
    const api::Plan plan = planOf("PreSync 0 Job/migrate");
    QCOMPARE(delivery::hookJobName(plan, plan.changes(0)), "migrate-12");
    api::PlannedChange longest = plan.changes(0);
    longest.set_name(std::string(63, 'a'));
    QCOMPARE(delivery::hookJobName(plan, longest), std::string(60, 'a') + "-12");
  }
};

QTEST_GUILESS_MAIN(TstWaves)
#include "tst_waves.moc"
