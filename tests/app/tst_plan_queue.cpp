// SPDX-License-Identifier: Apache-2.0
// How plans follow each other, and what each comes to.
#include <QTest>

#include "app/client/plan_outline.h"
#include "app/client/plan_queue.h"

using namespace gantry;

namespace {

api::Plan makePlan(const std::string& name, api::PlanState state, int createdAt,
                   const std::string& cause = "sync") {
  api::Plan plan;
  plan.set_namespace_("gantry");
  plan.set_name(name);
  plan.set_application(name.substr(0, name.rfind('-')));
  plan.set_state(state);
  plan.set_cause(cause);
  plan.mutable_created_at()->set_unix_ms(createdAt);
  return plan;
}

void put(client::LiveCache& cache, const api::Plan& plan) {
  auto object = std::make_shared<api::Object>();
  *object->mutable_plan() = plan;
  client::Batch batch;
  batch.objects[{client::Kind::kPlan, client::keyOf(*object)}] = object;
  cache.apply(batch);
}

api::PlannedChange& addChange(api::Plan& plan, const std::string& name, api::ChangeAction action,
                              int wave = 0, const std::string& hook = {}) {
  api::PlannedChange& change = *plan.add_changes();
  change.set_kind(hook.empty() ? "ConfigMap" : "Job");
  change.set_namespace_("shop");
  change.set_name(name);
  change.set_action(action);
  change.set_wave(wave);
  change.set_hook(hook);
  return change;
}

}  // namespace

class TstPlanQueue : public QObject {
  Q_OBJECT

 private slots:
  void whatFailedWaitsUntilThereIsANewerPlan() {
    client::LiveCache cache;
    const api::Plan failed = makePlan("shop-9", api::FAILED, 1);
    put(cache, failed);
    put(cache, makePlan("shop-8", api::APPLIED, 0));
    put(cache, makePlan("other-1", api::PENDING, 5));
    QVERIFY(client::isInQueue(cache, failed));
    QVERIFY(!client::isInQueue(cache, makePlan("shop-8", api::APPLIED, 0)));
    // What puts drift back is no answer to what failed.
    put(cache, makePlan("shop-10", api::APPLIED, 2, "self-heal"));
    QVERIFY(client::isInQueue(cache, failed));
    // Made in the same moment: ten is more than nine.
    put(cache, makePlan("shop-11", api::PENDING, 1));
    QVERIFY(!client::isInQueue(cache, failed));
    QVERIFY(client::isInQueue(cache, makePlan("shop-11", api::PENDING, 1)));
  }

  void whatWasSupersededHasASuccessor() {
    client::LiveCache cache;
    const api::Plan old = makePlan("shop-1", api::SUPERSEDED, 1);
    put(cache, old);
    QVERIFY(client::successorOf(cache, old) == nullptr);
    put(cache, makePlan("shop-2", api::APPLYING, 2));
    put(cache, makePlan("shop-3", api::PENDING, 3));
    put(cache, makePlan("shop-4", api::APPLIED, 4));
    QCOMPARE(client::successorOf(cache, old)->plan().name(), std::string("shop-3"));
    QVERIFY(client::successorOf(cache, makePlan("shop-1", api::APPLIED, 1)) == nullptr);
  }

  void whatIsDifferentIsSaid() {
    api::Plan before = makePlan("shop-1", api::SUPERSEDED, 1);
    before.mutable_revision()->set_commit("8f2c1a9d40");
    addChange(before, "same", api::UPDATE).set_after_hash("h1");
    addChange(before, "other", api::UPDATE).set_after_hash("h1");
    addChange(before, "gone", api::CREATE);
    api::Plan after = makePlan("shop-2", api::PENDING, 2);
    after.mutable_revision()->set_commit("9b1e77c3fa");
    after.mutable_revision()->set_subject("Front 2.1.0");
    addChange(after, "same", api::UPDATE).set_after_hash("h1");
    addChange(after, "other", api::UPDATE).set_after_hash("h2");
    addChange(after, "new", api::CREATE);
    using Lines = std::vector<std::string>;
    QCOMPARE(client::changedBetween(before, after),
             (Lines{"it is of commit 9b1e77c \"Front 2.1.0\", not of 8f2c1a9 \"\"",
                    "ConfigMap shop/other differs from what was shown",
                    "ConfigMap shop/new was not in it", "ConfigMap shop/gone is no longer in it"}));
    after.add_changed_since("what the controller says");
    after.set_replaces("shop-0");
    QCOMPARE(client::changedBetween(before, after).size(), 4U);
    QCOMPARE(client::changedBetween(before, before),
             Lines{"its digest is another, though no object differs"});
    after.set_replaces("shop-1");
    QCOMPARE(client::changedBetween(before, after), Lines{"what the controller says"});
  }

  void hooksAreCountedApart() {
    api::Plan plan = makePlan("shop-1", api::PENDING, 1);
    addChange(plan, "a", api::CREATE);
    addChange(plan, "b", api::UPDATE);
    addChange(plan, "c", api::DELETE);
    addChange(plan, "d", api::CREATE, 0, "PreSync");
    const auto [created, changed, deleted, hooks] = client::countChanges(plan);
    QCOMPARE((std::vector{created, changed, deleted, hooks}), (std::vector{1, 1, 1, 1}));
    QCOMPARE(client::stepsOf(plan).front().title, std::string("PreSync 0"));
    QCOMPARE(client::stepsOf(plan).back().title, std::string("Prune 0"));
  }

  void podsAreGroupedByOwnerAndPlace() {
    api::PlanEffect effect;
    const auto place = [&](const std::string& owner, const std::string& node,
                           const std::string& why = {}) {
      api::PlannedPod& pod = *effect.add_placements();
      pod.set_owner(owner);
      pod.set_node(node);
      pod.set_explanation(why);
    };
    place("Deployment/shop/front", "", "no room");
    place("Deployment/shop/front", "b", "most room of 2 nodes");
    place("Deployment/shop/front", "b", "most room of 1 node");
    place("Deployment/shop/back", "a");
    const std::vector<client::PodsOfOwner> pods = client::podsByOwner(effect);
    QCOMPARE(pods.size(), 2U);
    QCOMPARE(pods[1].owner, std::string("Deployment/shop/front"));
    QCOMPARE(pods[1].places.size(), 2U);
    QCOMPARE(pods[1].places[0].count, 2);
    QCOMPARE(pods[1].places[0].where(), std::string("on b"));
    QCOMPARE(pods[1].places[1].where(), std::string("without a place (no room)"));
  }
};

QTEST_GUILESS_MAIN(TstPlanQueue)
#include "tst_plan_queue.moc"
