// SPDX-License-Identifier: Apache-2.0
#include <QTest>
#include <random>

#include "controller/loops/wanted.h"
#include "controller/model/deletion.h"
#include "controller/model/ledger.h"
#include "controller/store/memory_store.h"
#include "manifests/resource.h"
#include "tests/support/wanted_mirror.h"

using namespace gantry;
using loops::NodeWants;
using model::Name;
using support::WantedMirror;

namespace {

// A change of anything that a node may need, or not.
class RandomChanges {
 public:
  RandomChanges(model::Ledger& ledger, int seed) : ledger_(ledger), random_(seed) {}

  void step() {
    model::Transaction transaction(ledger_.state());
    switch (random_() % 8) {
      case 0:
      case 1:
        putPod(transaction);
        break;
      case 2:
        tellPodToGo(transaction);
        break;
      case 3:
        transaction.erase<model::Pod>(name("pod", 8));
        break;
      case 4:
        put<schema::ConfigMap>(transaction, "config");
        break;
      case 5:
        put<schema::Secret>(transaction, "secret");
        break;
      case 6:
        transaction.erase<schema::ConfigMap>(name("config", 4));
        break;
      default:
        endpoints(transaction);
        break;
    }
    GANTRY_CHECK_OK(ledger_.commit(std::move(transaction)));
  }

 private:
  static void GANTRY_CHECK_OK(const absl::Status& status) {
    if (!status.ok()) qFatal("%s", status.ToString().c_str());
  }

  Name name(const char* what, int most) {
    return {random_() % 4 ? "shop" : "other", what + std::to_string(random_() % most)};
  }

  void putPod(model::Transaction& transaction) {
    const Name at = name("pod", 8);
    if (ledger_.state().pods.find(at) != nullptr) return;
    auto shape = std::make_shared<schema::PodTemplateSpec>();
    schema::Container& container = *shape->mutable_spec()->add_containers();
    container.add_env_from()->mutable_config_map_ref()->set_name(name("config", 4).name);
    container.add_env()->mutable_value_from()->mutable_secret_key_ref()->set_name(
        name("secret", 4).name);
    schema::Volume& volume = *shape->mutable_spec()->add_volumes();
    volume.mutable_config_map()->set_name(name("config", 4).name);
    model::Pod pod;
    pod.ns = at.ns;
    pod.name = at.name;
    pod.uid = "uid-" + std::to_string(++uid_);
    pod.shape = shape;
    pod.status = std::make_shared<schema::PodStatus>();
    pod.nodeName = random_() % 3 ? "node-1" : "node-2";
    transaction.put(std::move(pod));
  }

  void tellPodToGo(model::Transaction& transaction) {
    const model::Pod* pod = ledger_.state().pods.find(name("pod", 8));
    if (pod != nullptr) model::beginPodDeletion(transaction, *pod, "test", base::fromUnixMs(1));
  }

  template <class T>
  void put(model::Transaction& transaction, const char* what) {
    const Name at = name(what, 4);
    T object;
    object.mutable_metadata()->set_namespace_(at.ns);
    object.mutable_metadata()->set_name(at.name);
    (*object.mutable_data())["key"] = std::to_string(random_());
    transaction.put(std::move(object));
  }

  void endpoints(model::Transaction& transaction) {
    const Name at = name("service", 3);
    if (random_() % 3 == 0) return transaction.erase<api::Endpoints>(at);
    api::Endpoints endpoints;
    endpoints.set_namespace_(at.ns);
    endpoints.set_name(at.name);
    endpoints.set_cluster_ip(std::to_string(random_()));
    transaction.put(std::move(endpoints));
  }

  model::Ledger& ledger_;
  std::mt19937 random_;
  int uid_ = 0;
};

// Objects by name, statuses of pods aside: those are told with a whole set only.
std::map<std::string, std::string> contentOf(const WantedMirror& mirror) {
  std::map<std::string, std::string> content;
  for (const auto& [uid, pod] : mirror.pods) {
    content["pod " + uid] = pod.pod().metadata().name() + (pod.stop() ? " stop" : " run");
  }
  for (const auto& [name, map] : mirror.configMaps) {
    content["config " + name] = manifests::canonicalBytes(map);
  }
  for (const auto& [name, secret] : mirror.secrets) {
    content["secret " + name] = manifests::canonicalBytes(secret);
  }
  for (const auto& [name, service] : mirror.services) {
    content["service " + name] = service.SerializeAsString();
  }
  return content;
}

}  // namespace

class TstWanted : public QObject {
  Q_OBJECT

 private slots:
  // Whatever happens, set plus differences is what a set made now would be.
  void differencesAddUpToTheWholeSet_data() {
    QTest::addColumn<int>("seed");
    for (int seed = 1; seed <= 60; ++seed) QTest::addRow("seed %d", seed) << seed;
  }
  void differencesAddUpToTheWholeSet() {
    QFETCH(int, seed);
    store::MemoryStore store;
    const auto ledger = *model::Ledger::open(store);
    RandomChanges changes(*ledger, seed);
    for (int i = 0; i < seed % 20; ++i) changes.step();

    NodeWants wants(ledger->state(), "node-1");
    WantedMirror mirror;
    api::WantedSet set = wants.everything();
    set.set_sequence(1);
    mirror.apply(set);
    ledger->observe([&](std::span<const model::Change> all) {
      for (const model::Change& change : all) {
        if (change.as<model::Pod>()) wants.notePod(change.name);
        if (change.as<schema::ConfigMap>()) wants.noteConfigMap(change.name);
        if (change.as<schema::Secret>()) wants.noteSecret(change.name);
        if (change.as<api::Endpoints>()) wants.noteService(change.name);
      }
    });
    for (int i = 0; i < 80; ++i) {
      changes.step();
      // Several changes between two differences, too.
      if (i % 3 == 0) continue;
      if (auto diff = wants.takeDiff()) {
        diff->set_sequence(mirror.sequence + 1);
        QVERIFY(mirror.apply(*diff));
      }
      WantedMirror fresh;
      fresh.apply(NodeWants(ledger->state(), "node-1").everything());
      QCOMPARE(contentOf(mirror), contentOf(fresh));
      QVERIFY(!wants.hasNotes());
      QVERIFY2(!wants.takeDiff(), "told twice");
    }
  }

  void aNodeGetsOnlyWhatItsPodsName() {
    store::MemoryStore store;
    const auto ledger = *model::Ledger::open(store);
    model::Transaction transaction(ledger->state());
    for (const char* name : {"named", "other"}) {
      schema::Secret secret;
      secret.mutable_metadata()->set_namespace_("shop");
      secret.mutable_metadata()->set_name(name);
      transaction.put(secret);
    }
    auto shape = std::make_shared<schema::PodTemplateSpec>();
    shape->mutable_spec()->add_volumes()->mutable_secret()->set_secret_name("named");
    model::Pod pod;
    pod.ns = "shop";
    pod.name = "front";
    pod.uid = "uid";
    pod.nodeName = "node-1";
    pod.shape = shape;
    auto status = std::make_shared<schema::PodStatus>();
    status->set_pod_ip("10.244.0.5");
    pod.status = status;
    transaction.put(pod);
    QVERIFY(ledger->commit(std::move(transaction)).ok());

    const api::WantedSet first = NodeWants(ledger->state(), "node-1").everything();
    QCOMPARE(first.secrets_size(), 1);
    QCOMPARE(first.secrets(0).metadata().name(), "named");
    QCOMPARE(first.pods_size(), 1);
    // So that a restarted agent flips no readiness.
    QCOMPARE(first.pods(0).pod().status().pod_ip(), "10.244.0.5");
    QCOMPARE(NodeWants(ledger->state(), "node-2").everything().ByteSizeLong(), 0u);
  }
};

QTEST_GUILESS_MAIN(TstWanted)
#include "tst_wanted.moc"
