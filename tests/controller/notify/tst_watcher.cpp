// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "base/check.h"
#include "controller/notify/watcher.h"
#include "controller/store/memory_store.h"

using namespace gantry;
using namespace gantry::notify;

namespace {

constexpr char kCommit[] = "59b20b8d5c6ff8d09518454d4dd8b7b30f095ab5";
constexpr char kOther[] = "709d658dc5b6d6afcd46049c2f332ee3f515a67d";
constexpr base::Timestamp kNow{};

/// A ledger in which things happen, and what was told of them.
class World {
 public:
  World() {
    ledger_ = *model::Ledger::open(store_);
    ledger_->observe([this](std::span<const model::Change> changes) {
      for (Notice& notice : watcher_.observe(changes, ledger_->state(), kNow)) {
        notices.push_back(std::move(notice));
      }
    });
  }
  /// A new process over the same store, to which nothing has happened yet.
  void start() {
    watcher_ = Watcher();
    watcher_.start(ledger_->state());
    notices.clear();
  }

  template <class... T>
  void put(T... objects) {
    model::Transaction transaction(ledger_->state());
    (transaction.put(std::move(objects)), ...);
    GANTRY_CHECK(ledger_->commit(std::move(transaction)).ok());
  }
  template <class T>
  void erase(const std::string& name) {
    model::Transaction transaction(ledger_->state());
    transaction.erase<T>({"gantry-system", name});
    GANTRY_CHECK(ledger_->commit(std::move(transaction)).ok());
  }

  /// The events since it was last asked.
  QStringList told() {
    QStringList events;
    for (const Notice& notice : std::exchange(notices, {})) {
      events << QString::fromStdString(notice.event);
    }
    return events;
  }

  std::vector<Notice> notices;

 private:
  store::MemoryStore store_;
  std::unique_ptr<model::Ledger> ledger_;
  Watcher watcher_;
};

schema::Application application(const std::string& health = "Healthy") {
  schema::Application made;
  made.mutable_metadata()->set_namespace_("gantry-system");
  made.mutable_metadata()->set_name("shop");
  made.mutable_spec()->set_project("acme");
  made.mutable_status()->set_health(health);
  made.mutable_status()->mutable_observed()->set_commit(kCommit);
  return made;
}

api::Plan plan(int number, api::PlanState state, const std::string& commit = kCommit) {
  api::Plan made;
  made.set_namespace_("gantry-system");
  made.set_application("shop");
  made.set_name("shop-" + std::to_string(number));
  made.mutable_revision()->set_commit(commit);
  made.mutable_revision()->set_author("Ana");
  made.set_state(state);
  made.add_changes()->set_action(api::UPDATE);
  return made;
}

api::HistoryEntry entry(int number, const std::string& outcome) {
  api::HistoryEntry made;
  made.set_namespace_("gantry-system");
  made.set_application("shop");
  made.set_name("shop-" + std::to_string(number));
  made.set_plan(made.name());
  made.mutable_revision()->set_commit(kCommit);
  made.set_outcome(outcome);
  return made;
}

schema::Application withProblem(const std::string& type, const std::string& message,
                                const std::string& commit = kCommit) {
  schema::Application made = application();
  made.mutable_status()->mutable_observed()->set_commit(commit);
  schema::Condition& condition = *made.mutable_status()->add_conditions();
  condition.set_type(type);
  condition.set_message(message);
  return made;
}

api::Hold hold() {
  api::Hold made;
  made.set_namespace_("gantry-system");
  made.set_application("shop");
  made.set_name("shop-7");
  made.set_commit(kCommit);
  made.set_by("bo");
  made.set_reason("readiness 503");
  return made;
}

api::AuditRecord record(int number, const std::string& action) {
  api::AuditRecord made;
  made.set_namespace_("gantry-system");
  made.set_application("shop");
  made.set_name("shop-" + std::to_string(number));
  made.set_number(number);
  made.set_action(action);
  made.set_by("bo");
  made.set_reason("it is done");
  return made;
}

}  // namespace

class TstWatcher : public QObject {
  Q_OBJECT

 private slots:
  void tellsTheWayOfAPlan() {
    World world;
    world.put(application());
    world.start();
    api::Plan waiting = plan(1, api::PENDING);
    waiting.set_message("waits for 2 approvals");
    world.put(waiting);
    QCOMPARE(world.notices.size(), std::size_t{1});
    QCOMPARE(world.notices[0].event, std::string("PlanPending"));
    QCOMPARE(world.notices[0].project, std::string("acme"));
    QCOMPARE(world.notices[0].plan, std::string("shop-1"));
    QCOMPARE(world.notices[0].summary, std::string("1 change"));
    QCOMPARE(world.notices[0].reason, std::string("waits for 2 approvals"));
    world.told();
    // The first of two approvals changes the record and not its state.
    waiting.add_approvals()->set_by("ana");
    world.put(waiting);
    QCOMPARE(world.told(), QStringList());
    waiting.add_approvals()->set_by("bo");
    waiting.set_state(api::APPROVED);
    world.put(waiting);
    QCOMPARE(world.notices[0].by, std::string("ana, bo"));
    QCOMPARE(world.told(), QStringList{"PlanApproved"});
    waiting.set_state(api::APPLYING);
    world.put(waiting);
    QCOMPARE(world.told(), QStringList());
    waiting.set_state(api::APPLIED);
    world.put(waiting, entry(1, "Progressing"));
    QCOMPARE(world.told(), QStringList{"Applied"});
    world.put(entry(1, "Healthy"));
    QCOMPARE(world.told(), QStringList{"Healthy"});
  }

  void tellsHowAPlanEnds_data() {
    QTest::addColumn<int>("state");
    QTest::addColumn<QString>("cause");
    QTest::addColumn<QString>("event");
    QTest::newRow("applied") << int{api::APPLIED} << "sync" << "Applied";
    QTest::newRow("a rollback") << int{api::APPLIED} << "rollback" << "RolledBack";
    QTest::newRow("rejected") << int{api::REJECTED} << "sync" << "PlanRejected";
    QTest::newRow("superseded") << int{api::SUPERSEDED} << "sync" << "PlanSuperseded";
    QTest::newRow("failed") << int{api::FAILED} << "sync" << "SyncFailed";
  }
  void tellsHowAPlanEnds() {
    QFETCH(int, state);
    QFETCH(QString, cause);
    QFETCH(QString, event);
    for (const bool wasPending : {true, false}) {
      World world;
      world.put(application());
      world.start();
      if (wasPending) world.put(plan(1, api::PENDING));
      world.told();
      api::Plan ended = plan(1, static_cast<api::PlanState>(state));
      ended.set_cause(cause.toStdString());
      world.put(ended);
      QCOMPARE(world.told(), QStringList{event});
      // The record is touched again; what has ended is not told again.
      ended.set_message("cleaned up");
      world.put(ended);
      QCOMPARE(world.told(), QStringList());
    }
  }

  void doesNotTellOldHealthOfANewRevision() {
    World world;
    world.put(application(), entry(1, "Healthy"));
    world.start();
    // The health is still that from before when the new revision is applied.
    world.put(application(), plan(2, api::APPLIED), entry(2, "Progressing"));
    QCOMPARE(world.told(), QStringList{"Applied"});
    world.put(application("Progressing"));
    QCOMPARE(world.told(), QStringList());
    world.put(application(), entry(2, "Healthy"));
    QCOMPARE(world.told(), QStringList{"Healthy"});
  }

  void tellsEachChangeOfHealthOnce() {
    World world;
    world.put(application(), entry(1, "Healthy"));
    world.start();
    schema::Application sick = application("Degraded");
    sick.mutable_status()->set_message("Deployment front: 0 of 2 pods are ready");
    world.put(sick);
    QCOMPARE(world.notices[0].reason, std::string("Deployment front: 0 of 2 pods are ready"));
    QCOMPARE(world.told(), QStringList{"Degraded"});
    sick.mutable_status()->set_message("Deployment front: 1 of 2 pods is ready");
    world.put(sick);
    world.put(application("Progressing"));
    world.put(sick);
    QCOMPARE(world.told(), QStringList());
    world.put(application());
    QCOMPARE(world.told(), QStringList{"Healthy"});
  }

  void tellsProblemsOnceARevision() {
    World world;
    world.put(application());
    world.start();
    world.put(withProblem("Render", "shop/front.yaml:3:1: unknown field"));
    QCOMPARE(world.notices[0].reason, std::string("shop/front.yaml:3:1: unknown field"));
    QCOMPARE(world.told(), QStringList{"SyncFailed"});
    world.put(withProblem("Render", "the same, in other words"));
    QCOMPARE(world.told(), QStringList());
    world.put(withProblem("Render", "still wrong", kOther));
    QCOMPARE(world.told(), QStringList{"SyncFailed"});
    world.put(application());
    world.put(withProblem("Render", "wrong again", kOther));
    QCOMPARE(world.told(), QStringList{"SyncFailed"});
  }

  void tellsAFailedPlanAndItsProblemOnce() {
    World world;
    world.put(application());
    world.start();
    world.put(plan(1, api::FAILED));
    world.put(withProblem("Apply", "there is no such namespace"));
    QCOMPARE(world.told(), QStringList{"SyncFailed"});
  }

  void tellsGitThatIsAwayOnce() {
    World world;
    world.put(application());
    world.start();
    world.put(withProblem("Source", "timed out"));
    world.put(withProblem("Source", "refused", kOther));
    QCOMPARE(world.told(), QStringList{"SyncFailed"});
  }

  void tellsRollbacks() {
    World world;
    world.put(application());
    world.start();
    schema::Application rolling = application();
    schema::PendingRollback& rollback = *rolling.mutable_status()->mutable_rollback();
    rollback.set_by("bo");
    rollback.set_reason("readiness 503");
    world.put(rolling, hold());
    QCOMPARE(world.notices[1].by, std::string("bo"));
    QCOMPARE(world.notices[1].reason, std::string("readiness 503"));
    QCOMPARE(world.told(), (QStringList{"HoldSet", "RollbackBegun"}));
    rolling.mutable_status()->set_message("the push is on its way");
    world.put(rolling);
    QCOMPARE(world.told(), QStringList());
  }

  void tellsWhoLiftedAHold() {
    World world;
    world.put(application());
    world.start();
    world.put(hold());
    world.put(hold());
    QCOMPARE(world.told(), QStringList{"HoldSet"});
    world.erase<api::Hold>("shop-7");
    QCOMPARE(world.notices[0].by, std::string());
    QCOMPARE(world.told(), QStringList{"HoldLifted"});
  }

  void tellsAgainThatAPlanWaitsWhoseApprovalNoLongerCounts() {
    World world;
    world.put(application(), plan(1, api::APPROVED));
    world.start();
    api::Plan waiting = plan(1, api::PENDING);
    waiting.set_message("waits: 0 of 1 approvals; ana's approval no longer counts");
    world.put(waiting);
    QCOMPARE(world.notices[0].reason, waiting.message());
    QCOMPARE(world.told(), QStringList{"PlanPending"});
    world.put(plan(1, api::APPROVED));
    QCOMPARE(world.told(), QStringList{"PlanApproved"});
  }

  void tellsOfTheNewestPlanLast() {
    World world;
    world.put(application(), plan(9, api::PENDING));
    world.start();
    world.put(plan(10, api::PENDING), plan(9, api::SUPERSEDED));
    QCOMPARE(world.told(), (QStringList{"PlanSuperseded", "PlanPending"}));
  }

  void tellsTheHealthOfWhatRunsAgain_data() {
    QTest::addColumn<QString>("what");
    QTest::addColumn<QStringList>("events");
    QTest::newRow("drift that waited is gone")
        << "superseded" << QStringList{"PlanSuperseded", "Healthy"};
    QTest::newRow("drift is put back") << "healed" << QStringList{"Applied", "Healthy"};
    QTest::newRow("a hold of it is lifted") << "lifted" << QStringList{"HoldLifted", "Healthy"};
    QTest::newRow("a plan of another commit is replaced")
        << "other" << QStringList{"PlanSuperseded"};
  }
  void tellsTheHealthOfWhatRunsAgain() {
    QFETCH(QString, what);
    World world;
    schema::Application shop = application();
    shop.mutable_status()->mutable_applied()->set_commit(kCommit);
    const std::string commit = what == "other" ? kOther : kCommit;
    world.put(shop, entry(1, "Healthy"), plan(2, api::PENDING, commit), hold());
    world.start();
    api::Plan ended = plan(2, what == "healed" ? api::APPLIED : api::SUPERSEDED, commit);
    if (what == "healed") ended.set_cause("self-heal");
    if (what == "lifted") {
      world.erase<api::Hold>("shop-7");
    } else {
      world.put(ended);
    }
    QTEST(world.told(), "events");
  }

  void tellsSuspensions() {
    World world;
    world.put(application());
    world.start();
    schema::Application suspended = application();
    schema::Suspension& suspension = *suspended.mutable_status()->mutable_suspension();
    suspension.set_by("ana");
    suspension.set_reason("database move");
    suspension.mutable_at()->set_unix_ms(1);
    world.put(suspended);
    QCOMPARE(world.notices[0].by, "ana");
    QCOMPARE(world.notices[0].reason, "database move");
    QCOMPARE(world.notices[0].summary, "nothing is applied until it is resumed");
    QCOMPARE(world.told(), QStringList{"Suspended"});
    suspended.mutable_status()->set_message("it waits");
    world.put(suspended);
    QCOMPARE(world.told(), QStringList());
    suspension.mutable_at()->set_unix_ms(2);
    suspension.mutable_expires_at()->set_unix_ms(0);
    world.put(suspended);
    QCOMPARE(world.notices[0].summary, "nothing is applied until 1970-01-01T00:00:00Z");
    QCOMPARE(world.told(), QStringList{"Suspended"});
    world.put(application(), record(1, "resume"));
    QCOMPARE(world.notices[0].by, "bo");
    QCOMPARE(world.notices[0].reason, "it is done");
    QCOMPARE(world.told(), QStringList{"Resumed"});
    world.put(suspended);
    world.told();
    world.put(application());
    QCOMPARE(world.notices[0].by, "");
    QCOMPARE(world.notices[0].reason, "the time has run out");
    QCOMPARE(world.told(), QStringList{"Resumed"});
  }

  void tellsWhoWentPastAGate() {
    World world;
    api::Plan waiting = plan(1, api::APPLYING);
    waiting.mutable_override()->add_gates("closed until Monday: month end");
    world.put(application(), waiting);
    world.start();
    api::AuditRecord order = record(1, "override");
    order.set_plan("shop-1");
    world.put(order);
    QCOMPARE(world.notices[0].by, "bo");
    QCOMPARE(world.notices[0].plan, "shop-1");
    QCOMPARE(world.notices[0].reason, "it is done");
    QCOMPARE(world.notices[0].summary, "went past: closed until Monday: month end");
    QCOMPARE(world.notices[0].revision.author(), "Ana");
    QCOMPARE(world.told(), QStringList{"Overridden"});
    order.set_exported(true);
    world.put(order);
    QCOMPARE(world.told(), QStringList());
    world.put(record(2, "approve"));
    QCOMPARE(world.told(), QStringList());
  }

  void tellsNothingAgainAfterARestart() {
    World world;
    schema::Application sick = withProblem("Apply", "no room");
    sick.mutable_status()->set_health("Degraded");
    sick.mutable_status()->mutable_rollback()->set_by("bo");
    sick.mutable_status()->mutable_suspension()->set_by("ana");
    const api::AuditRecord order = record(1, "override");
    world.start();
    world.put(sick, plan(1, api::APPLIED), plan(2, api::PENDING), entry(1, "Healthy"), hold(),
              order);
    QVERIFY(!world.told().isEmpty());
    world.start();
    world.put(sick, plan(1, api::APPLIED), plan(2, api::PENDING), entry(1, "Healthy"), hold(),
              order);
    QCOMPARE(world.told(), QStringList());
    world.put(plan(2, api::APPROVED));
    QCOMPARE(world.told(), QStringList{"PlanApproved"});
  }

  void tellsNothingOfWhatIsGone() {
    World world;
    world.put(application(), hold(), plan(1, api::PENDING));
    world.start();
    world.erase<schema::Application>("shop");
    world.put(plan(1, api::SUPERSEDED));
    world.erase<api::Hold>("shop-7");
    QCOMPARE(world.told(), QStringList());
  }

  void beginsAnewWithAnApplicationOfTheSameName() {
    World world;
    world.put(application(), plan(7, api::APPLIED), entry(7, "Healthy"));
    world.start();
    world.erase<schema::Application>("shop");
    world.erase<api::Plan>("shop-7");
    world.erase<api::HistoryEntry>("shop-7");
    world.put(application("Progressing"), plan(1, api::APPLIED), entry(1, "Progressing"));
    QCOMPARE(world.told(), QStringList{"Applied"});
  }
};

QTEST_GUILESS_MAIN(TstWatcher)
#include "tst_watcher.moc"
