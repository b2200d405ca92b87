// SPDX-License-Identifier: Apache-2.0
#include <QTest>
#include <random>

#include "controller/model/deletion.h"
#include "controller/model/ledger.h"
#include "controller/store/memory_store.h"

using namespace gantry;
using model::Ledger;
using model::Name;
using model::Pod;
using model::Transaction;

namespace {

// A store that fails when told to, before or after it has written.
class FailingStore final : public store::Store {
 public:
  absl::StatusOr<std::vector<store::Record>> list(std::string_view prefix) override {
    return memory.list(prefix);
  }
  absl::StatusOr<std::int64_t> commit(const std::vector<store::Write>& batch) override {
    if (!before.ok()) return before;
    auto revision = memory.commit(batch);
    if (!after.ok()) return after;
    return revision;
  }

  store::MemoryStore memory;
  absl::Status before;
  absl::Status after;
};

schema::ConfigMap configMap(const std::string& name, const std::string& value) {
  schema::ConfigMap map;
  map.mutable_metadata()->set_namespace_("shop");
  map.mutable_metadata()->set_name(name);
  (*map.mutable_data())["key"] = value;
  return map;
}

Pod makePod(const std::string& name, const std::string& owner = "rs-uid") {
  schema::PodTemplateSpec shape;
  (*shape.mutable_metadata()->mutable_labels())["app"] = "front";
  shape.mutable_spec()->add_containers()->set_name("web");
  Pod pod;
  pod.ns = "shop";
  pod.name = name;
  pod.uid = "uid-" + name;
  pod.ownerKind = owner.empty() ? "" : "ReplicaSet";
  pod.ownerName = owner.empty() ? "" : "front-1";
  pod.ownerUid = owner;
  pod.shape = std::make_shared<schema::PodTemplateSpec>(shape);
  pod.status = std::make_shared<schema::PodStatus>();
  return pod;
}

absl::Status commitOne(Ledger& ledger, auto object) {
  Transaction transaction(ledger.state());
  transaction.put(std::move(object));
  return ledger.commit(std::move(transaction));
}

}  // namespace

class TstLedger : public QObject {
  Q_OBJECT

 private slots:
  void whatWasCommittedIsThereAfterAReload() {
    store::MemoryStore store;
    {
      const auto ledger = *Ledger::open(store);
      Pod pod = makePod("front-a");
      pod.nodeName = "node-1";
      pod.phase = model::PodPhase::kRunning;
      pod.leaving = true;
      pod.counted = true;
      pod.deletedAt = base::fromUnixMs(5'000);
      pod.deletionReason = "scaled down";
      pod.reportSequence = 7;
      QVERIFY(commitOne(*ledger, pod).ok());
      QVERIFY(commitOne(*ledger, configMap("text", "hello")).ok());
    }
    const auto ledger = *Ledger::open(store);
    const Pod* pod = ledger->state().pods.find({"shop", "front-a"});
    QVERIFY(pod);
    QCOMPARE(pod->nodeName, "node-1");
    QCOMPARE(pod->phase, model::PodPhase::kRunning);
    QVERIFY(pod->leaving);
    QVERIFY(pod->counted);
    QCOMPARE(pod->deletedAt, base::fromUnixMs(5'000));
    QCOMPARE(pod->deletionReason, "scaled down");
    QCOMPARE(pod->reportSequence, 7u);
    QVERIFY(pod->shape->metadata().annotations().empty());
    QCOMPARE(ledger->state().configMaps.find({"shop", "text"})->data().at("key"), "hello");
    QCOMPARE(ledger->state().revision, 2);
    QCOMPARE(ledger->state().configMaps.version({"shop", "text"}), 2);
  }

  void aDecisionMadeFromAnOlderStateIsAborted() {
    store::MemoryStore store;
    const auto ledger = *Ledger::open(store);
    Transaction older(ledger->state());
    older.put(configMap("text", "older"));
    older.put(configMap("other", "older"));
    QVERIFY(commitOne(*ledger, configMap("text", "newer")).ok());
    QVERIFY(absl::IsAborted(ledger->commit(std::move(older))));
    QCOMPARE(ledger->state().configMaps.find({"shop", "text"})->data().at("key"), "newer");
    QVERIFY(!ledger->state().configMaps.find({"shop", "other"}));
    QVERIFY2(ledger->storeStatus().ok(), "a conflict is no fault of the store");
  }

  void observersSeeEveryChangeOnceAfterItIsInTheState() {
    store::MemoryStore store;
    const auto ledger = *Ledger::open(store);
    std::vector<std::string> seen;
    ledger->observe([&](std::span<const model::Change> changes) {
      for (const model::Change& change : changes) {
        const bool there = ledger->state().configMaps.find(change.name) != nullptr;
        seen.push_back(std::string(change.kind) + " " + change.name.name +
                       (change.erased ? " erased" : " put") + (there ? " there" : " absent"));
      }
    });
    QVERIFY(commitOne(*ledger, configMap("b", "1")).ok());
    Transaction transaction(ledger->state());
    transaction.put(configMap("a", "1"));
    transaction.erase<schema::ConfigMap>({"shop", "b"});
    transaction.erase<schema::ConfigMap>({"shop", "never"});
    QVERIFY(ledger->commit(std::move(transaction)).ok());
    QCOMPARE(seen, (std::vector<std::string>{"ConfigMap b put there", "ConfigMap a put there",
                                             "ConfigMap b erased absent"}));
  }

  void podsOfOneOwnerShareTheirTemplateAfterAReload() {
    store::MemoryStore store;
    {
      const auto ledger = *Ledger::open(store);
      for (const char* name : {"a", "b", "c"}) QVERIFY(commitOne(*ledger, makePod(name)).ok());
      QVERIFY(commitOne(*ledger, makePod("bare", "")).ok());
    }
    const auto ledger = *Ledger::open(store);
    const auto pods = ledger->state().podsOwnedBy("rs-uid");
    QCOMPARE(pods.size(), 3u);
    QCOMPARE(pods[0]->shape.get(), pods[1]->shape.get());
    QCOMPARE(pods[0]->shape.get(), pods[2]->shape.get());
    QVERIFY(ledger->state().pods.find({"shop", "bare"})->shape != pods[0]->shape);
  }

  void aRecordThatCannotBeReadIsNamed() {
    store::MemoryStore store;
    QVERIFY(store.commit({{"/Pod/shop/front-a", "\xff\xff\xff", 0}}).ok());
    const auto ledger = Ledger::open(store);
    QCOMPARE(ledger.status().code(), absl::StatusCode::kDataLoss);
    QVERIFY(ledger.status().message().find("/Pod/shop/front-a") != std::string::npos);
  }

  void aFullDiskLeavesTheStateAsItWas() {
    FailingStore store;
    const auto ledger = *Ledger::open(store);
    store.before = absl::ResourceExhaustedError("disk full");
    QVERIFY(absl::IsResourceExhausted(commitOne(*ledger, configMap("text", "1"))));
    QVERIFY(!ledger->state().configMaps.find({"shop", "text"}));
    QVERIFY(absl::IsResourceExhausted(ledger->storeStatus()));
    store.before = absl::OkStatus();
    QVERIFY(commitOne(*ledger, configMap("text", "1")).ok());
    QVERIFY(ledger->storeStatus().ok());
  }

  void whatWasWrittenButNotAcknowledgedIsReadAgain() {
    FailingStore store;
    const auto ledger = *Ledger::open(store);
    std::vector<std::string> seen;
    ledger->observe([&](std::span<const model::Change> changes) {
      for (const model::Change& change : changes) seen.push_back(change.name.name);
    });
    store.after = absl::UnavailableError("connection lost");
    QVERIFY(absl::IsUnavailable(commitOne(*ledger, configMap("text", "1"))));
    QVERIFY(!ledger->state().configMaps.find({"shop", "text"}));
    store.after = absl::OkStatus();
    QVERIFY2(absl::IsAborted(commitOne(*ledger, configMap("text", "2"))),
             "was decided without knowing that the first is written");
    QCOMPARE(ledger->state().configMaps.find({"shop", "text"})->data().at("key"), "1");
    QCOMPARE(seen, std::vector<std::string>{"text"});
    QVERIFY(commitOne(*ledger, configMap("text", "2")).ok());
  }

  void aDecisionMadeBeforeTheStoreWasReadAgainIsAborted() {
    FailingStore store;
    const auto ledger = *Ledger::open(store);
    store.after = absl::UnavailableError("connection lost");
    QVERIFY(absl::IsUnavailable(commitOne(*ledger, configMap("text", "1"))));
    store.after = absl::OkStatus();
    QVERIFY2(absl::IsAborted(commitOne(*ledger, configMap("other", "1"))),
             "was decided from a state in which the first was not written");
    QVERIFY(commitOne(*ledger, configMap("other", "1")).ok());
  }

  void deletionBeginsAsTheKindNeeds() {
    store::MemoryStore store;
    const auto ledger = *Ledger::open(store);
    Pod bound = makePod("bound");
    bound.nodeName = "node-1";
    schema::Namespace ns;
    ns.mutable_metadata()->set_name("shop");
    QVERIFY(commitOne(*ledger, bound).ok());
    QVERIFY(commitOne(*ledger, makePod("unbound")).ok());
    QVERIFY(commitOne(*ledger, configMap("text", "1")).ok());
    QVERIFY(commitOne(*ledger, ns).ok());

    Transaction transaction(ledger->state());
    const auto begin = [&](const char* kind, const Name& name) {
      return model::beginDeletion(transaction, ledger->state(), kind, name, "removed from Git",
                                  base::fromUnixMs(1'000));
    };
    QVERIFY(begin("Pod", {"shop", "bound"}).ok());
    QVERIFY(begin("Pod", {"shop", "unbound"}).ok());
    QVERIFY(begin("ConfigMap", {"shop", "text"}).ok());
    QVERIFY(begin("Namespace", {"", "shop"}).ok());
    QVERIFY(absl::IsNotFound(begin("Deployment", {"shop", "none"})));
    QVERIFY(absl::IsInvalidArgument(begin("Node", {"", "node-1"})));
    QVERIFY(ledger->commit(std::move(transaction)).ok());

    QCOMPARE(ledger->state().pods.find({"shop", "bound"})->deletionReason, "removed from Git");
    QVERIFY(!ledger->state().pods.find({"shop", "unbound"}));
    QVERIFY(!ledger->state().configMaps.find({"shop", "text"}));
    QCOMPARE(ledger->state().namespaces.find({"", "shop"})->status().phase(), "Terminating");
  }

  // The indexes are what a walk over all objects would give, whatever was done.
  void indexesFollowTheTables_data() {
    QTest::addColumn<int>("seed");
    for (int seed = 1; seed <= 20; ++seed) QTest::addRow("seed %d", seed) << seed;
  }
  void indexesFollowTheTables() {
    QFETCH(int, seed);
    std::mt19937 random(seed);
    store::MemoryStore store;
    auto ledger = *Ledger::open(store);
    for (int step = 0; step < 200; ++step) {
      const std::string name = "pod-" + std::to_string(random() % 10);
      Transaction transaction(ledger->state());
      if (random() % 4 == 0) {
        transaction.erase<Pod>({"shop", name});
      } else {
        Pod pod = makePod(name, random() % 3 ? "owner-" + std::to_string(random() % 3) : "");
        if (random() % 3) pod.nodeName = "node-" + std::to_string(random() % 3);
        transaction.put(std::move(pod));
      }
      QVERIFY(ledger->commit(std::move(transaction)).ok());
      if (random() % 40 == 0) ledger = *Ledger::open(store);

      std::map<std::string, std::set<Name>> byOwner;
      std::map<std::string, std::set<Name>> byNode;
      for (const auto& [key, entry] : ledger->state().pods.entries()) {
        if (!entry.object->ownerUid.empty()) byOwner[entry.object->ownerUid].insert(key);
        if (!entry.object->nodeName.empty()) byNode[entry.object->nodeName].insert(key);
      }
      QCOMPARE(ledger->state().podsByOwner, byOwner);
      QCOMPARE(ledger->state().podsByNode, byNode);
    }
  }
};

QTEST_GUILESS_MAIN(TstLedger)
#include "tst_ledger.moc"
