// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include <random>

#include "controller/scheduler/scheduler.h"

using namespace gantry;
using namespace gantry::scheduler;

namespace {

constexpr std::int64_t kGi = std::int64_t{1} << 30;

schema::Node node(const std::string& name, const char* cpu = "4", const char* memory = "8Gi") {
  schema::Node result;
  result.mutable_metadata()->set_name(name);
  auto& allocatable = *result.mutable_status()->mutable_allocatable();
  allocatable["cpu"].set_text(cpu);
  allocatable["memory"].set_text(memory);
  schema::Condition& ready = *result.mutable_status()->add_conditions();
  ready.set_type("Ready");
  ready.set_status("True");
  return result;
}

schema::PodSpec pod(const char* cpu = "500m", const char* memory = "1Gi") {
  schema::PodSpec spec;
  auto& requests = *spec.add_containers()->mutable_resources()->mutable_requests();
  requests["cpu"].set_text(cpu);
  requests["memory"].set_text(memory);
  return spec;
}

ClusterView viewOf(const std::vector<schema::Node>& nodes) {
  ClusterView view;
  for (const schema::Node& one : nodes) view.putNode(one);
  return view;
}

schema::Node tainted(const std::string& name, const char* key, const char* value,
                     const char* effect) {
  schema::Node result = node(name);
  schema::Taint& taint = *result.mutable_spec()->add_taints();
  taint.set_key(key);
  taint.set_value(value);
  taint.set_effect(effect);
  return result;
}

schema::Toleration toleration(const char* key, const char* op, const char* value,
                              const char* effect) {
  schema::Toleration result;
  result.set_key(key);
  result.set_operator_(op);
  result.set_value(value);
  result.set_effect(effect);
  return result;
}

}  // namespace

/// AT-SCH-01, 02 and 07, AT-POD-06.
class TstScheduler : public QObject {
  Q_OBJECT

 private slots:
  void requests();
  void limitsStandForRequests();
  void allocatable();
  void tolerations_data();
  void tolerations();
  void preferNoScheduleIsAvoided();
  void nodeSelector();
  void explanations();
  void noNodes();
  void explainsEachNode();
  void spreadsTheGroupFirst();
  void thenTheLeastRequestedShare();
  void tiesGoToTheName();
  void podsFillANode();
  void podsWithoutRequestsFitWhereNothingIsFree();
  void viewFollowsDifferences();
  void comingBackANodeIsAsFull();
  void neverBeyondCapacity();
};

void TstScheduler::requests() {
  schema::PodSpec spec = pod("300m", "1Gi");
  auto& second = *spec.add_containers()->mutable_resources()->mutable_requests();
  second["cpu"].set_text("200m");
  auto& init = *spec.add_init_containers()->mutable_resources()->mutable_requests();
  init["cpu"].set_text("400m");
  init["memory"].set_text("3Gi");
  QVERIFY(requestsOf(spec) == (Resources{500, 3 * kGi, 1}));
}

void TstScheduler::limitsStandForRequests() {
  schema::PodSpec spec;
  auto& resources = *spec.add_containers()->mutable_resources();
  (*resources.mutable_limits())["cpu"].set_text("2");
  (*resources.mutable_limits())["memory"].set_text("2Gi");
  (*resources.mutable_requests())["cpu"].set_text("1");
  QVERIFY(requestsOf(spec) == (Resources{1000, 2 * kGi, 1}));
}

void TstScheduler::allocatable() {
  schema::Node one = node("a");
  one.mutable_status()->mutable_allocatable()->erase("cpu");
  (*one.mutable_status()->mutable_capacity())["cpu"].set_text("6");
  QVERIFY(allocatableOf(one) == (Resources{6000, 8 * kGi, 110}));
  (*one.mutable_status()->mutable_allocatable())["pods"].set_text("20");
  QCOMPARE(allocatableOf(one).pods, 20);
}

void TstScheduler::tolerations_data() {
  QTest::addColumn<QByteArray>("effect");
  QTest::addColumn<QByteArrayList>("toleration");
  QTest::addColumn<bool>("fits");
  const auto row = [](const char* name, const char* effect, QByteArrayList parts, bool fits) {
    QTest::newRow(name) << QByteArray(effect) << parts << fits;
  };
  row("NoSchedule without toleration", "NoSchedule", {}, false);
  row("NoExecute without toleration", "NoExecute", {}, false);
  row("PreferNoSchedule without toleration", "PreferNoSchedule", {}, true);
  row("no operator is Equal", "NoSchedule", {"gpu", "", "yes", "NoSchedule"}, true);
  row("Equal with another value", "NoSchedule", {"gpu", "Equal", "no", "NoSchedule"}, false);
  row("Exists with the key", "NoSchedule", {"gpu", "Exists", "", "NoSchedule"}, true);
  row("Exists with another key", "NoSchedule", {"ssd", "Exists", "", "NoSchedule"}, false);
  row("Exists without key is all", "NoExecute", {"", "Exists", "", ""}, true);
  row("no effect is all effects", "NoExecute", {"gpu", "Equal", "yes", ""}, true);
  row("another effect", "NoExecute", {"gpu", "Equal", "yes", "NoSchedule"}, false);
}

void TstScheduler::tolerations() {
  QFETCH(QByteArray, effect);
  QFETCH(QByteArrayList, toleration);
  schema::PodSpec spec = pod();
  if (!toleration.isEmpty()) {
    *spec.add_tolerations() = ::toleration(toleration[0].constData(), toleration[1].constData(),
                                           toleration[2].constData(), toleration[3].constData());
  }
  const ClusterView view = viewOf({tainted("a", "gpu", "yes", effect.constData())});
  const Placement placement = place(view, spec, "g");
  QTEST(!placement.node.empty(), "fits");
  if (placement.node.empty()) {
    QCOMPARE(placement.explanation, "0 of 1 nodes fit: 1 tainted gpu=yes:" + effect.toStdString());
  }
}

void TstScheduler::preferNoScheduleIsAvoided() {
  ClusterView view = viewOf({tainted("a", "old", "", "PreferNoSchedule"), node("b")});
  view.addPod("1", "b", {3000, kGi, 1}, "g");
  QCOMPARE(place(view, pod(), "g").node, std::string("b"));
}

void TstScheduler::nodeSelector() {
  schema::Node ssd = node("b");
  (*ssd.mutable_metadata()->mutable_labels())["disk"] = "ssd";
  schema::PodSpec spec = pod();
  (*spec.mutable_node_selector())["disk"] = "ssd";
  QCOMPARE(place(viewOf({node("a"), ssd}), spec, "g").node, std::string("b"));
  QCOMPARE(place(viewOf({node("a")}), spec, "g").explanation,
           std::string("0 of 1 nodes fit: 1 without label disk=ssd"));
}

void TstScheduler::explanations() {
  schema::Node cordoned = node("c");
  cordoned.mutable_spec()->set_unschedulable(true);
  schema::Node draining = node("d");
  draining.mutable_spec()->mutable_drain()->set_by("ann");
  schema::Node silent = node("e");
  silent.mutable_status()->mutable_conditions(0)->set_status("Unknown");
  ClusterView view = viewOf({node("a", "4", "2Gi"), node("b", "4", "1228Mi"), cordoned, draining,
                             silent, node("f", "250m", "8Gi"),
                             tainted("g", "gpu", "yes", "NoSchedule"), node("h", "4", "1Gi")});
  view.addPod("1", "a", {100, kGi, 1}, "other");
  const Placement placement = place(view, pod("500m", "2Gi"), "g");
  QVERIFY(placement.node.empty());
  QCOMPARE(placement.explanation,
           std::string("0 of 8 nodes fit: 3 too little memory (wants 2Gi, 1.1Gi free at most), "
                       "2 cordoned, 1 not ready, 1 tainted gpu=yes:NoSchedule, "
                       "1 too little CPU (wants 500m, 250m free at most)"));
}

void TstScheduler::noNodes() {
  QCOMPARE(place(ClusterView(), pod(), "g").explanation, std::string("there are no nodes"));
}

void TstScheduler::explainsEachNode() {
  schema::Node cordoned = node("c");
  cordoned.mutable_spec()->set_unschedulable(true);
  const auto reasons =
      explain(viewOf({node("a"), node("b", "1", "512Mi"), cordoned}), pod("500m", "1Gi"));
  QCOMPARE(reasons.size(), 2u);
  QCOMPARE(reasons.at("b"), std::string("too little memory (wants 1Gi, 512Mi free)"));
  QCOMPARE(reasons.at("c"), std::string("cordoned"));
}

void TstScheduler::spreadsTheGroupFirst() {
  ClusterView view = viewOf({node("a"), node("b"), node("c")});
  view.addPod("1", "a", {100, kGi, 1}, "g");
  view.addPod("2", "b", {100, kGi, 1}, "g");
  // c is nearly full of others, and still has none of the group.
  view.addPod("3", "c", {3000, 6 * kGi, 1}, "other");
  const Placement placement = place(view, pod(), "g");
  QCOMPARE(placement.node, std::string("c"));
  QCOMPARE(
      placement.explanation,
      std::string("3 of 3 nodes fit; this one has 0 pods of the group and will be 87% requested"));
}

void TstScheduler::thenTheLeastRequestedShare() {
  ClusterView view = viewOf({node("a", "4", "8Gi"), node("b", "8", "16Gi")});
  view.addPod("1", "a", {1000, kGi, 1}, "other");
  view.addPod("2", "b", {1000, kGi, 1}, "other");
  QCOMPARE(place(view, pod(), "g").node, std::string("b"));
}

void TstScheduler::tiesGoToTheName() {
  QCOMPARE(place(viewOf({node("b"), node("a"), node("c")}), pod(), "g").node, std::string("a"));
}

void TstScheduler::podsFillANode() {
  schema::Node small = node("a");
  (*small.mutable_status()->mutable_allocatable())["pods"].set_text("1");
  ClusterView view = viewOf({small});
  view.addPod("1", "a", {0, 0, 1}, "other");
  QCOMPARE(place(view, pod(), "g").explanation, std::string("0 of 1 nodes fit: 1 full of pods"));
}

void TstScheduler::podsWithoutRequestsFitWhereNothingIsFree() {
  ClusterView view = viewOf({node("a")});
  view.addPod("1", "a", {9000, 9 * kGi, 1}, "other");
  schema::PodSpec bare;
  bare.add_containers();
  QCOMPARE(place(view, bare, "g").node, std::string("a"));
}

void TstScheduler::viewFollowsDifferences() {
  ClusterView view = viewOf({node("a")});
  view.addPod("1", "a", {100, kGi, 1}, "g");
  view.addPod("1", "a", {200, kGi, 1}, "g");
  QCOMPARE(view.nodes().at("a").used.cpuMillis, 200);
  QCOMPARE(view.podsOfGroup("g").at("a"), 1);
  view.removePod("1");
  view.removePod("1");
  QVERIFY(view.nodes().at("a").used == Resources{});
  QVERIFY(view.podsOfGroup("g").empty());
}

void TstScheduler::comingBackANodeIsAsFull() {
  ClusterView view;
  view.addPod("1", "a", {100, kGi, 1}, "g");
  view.putNode(node("a"));
  QCOMPARE(view.nodes().at("a").used.cpuMillis, 100);
  view.removeNode("a");
  QVERIFY(view.nodes().empty());
  view.addPod("2", "a", {50, kGi, 1}, "g");
  view.putNode(node("a"));
  QCOMPARE(view.nodes().at("a").used.cpuMillis, 150);
}

void TstScheduler::neverBeyondCapacity() {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    std::mt19937 random(seed);
    const auto pick = [&](int low, int high) {
      return std::uniform_int_distribution<int>(low, high)(random);
    };
    ClusterView view;
    const int nodes = pick(1, 8);
    for (int i = 0; i < nodes; ++i) {
      view.putNode(node("n" + std::to_string(i), std::to_string(pick(1, 8)).c_str(),
                        (std::to_string(pick(1, 16)) + "Gi").c_str()));
    }
    for (int i = 0; i < 200; ++i) {
      const std::string uid = std::to_string(pick(1, 60));
      view.removePod(uid);
      if (pick(0, 3) == 0) continue;
      const schema::PodSpec spec = pod((std::to_string(pick(0, 2000)) + "m").c_str(),
                                       (std::to_string(pick(0, 4000)) + "Mi").c_str());
      const std::string group = "g" + std::to_string(pick(0, 3));
      const Placement placement = place(view, spec, group);
      QCOMPARE(place(view, spec, group).node, placement.node);
      // Either a node that fits, or a reason for each of them.
      const auto reasons = explain(view, spec);
      QCOMPARE(placement.node.empty(), reasons.size() == view.nodes().size());
      if (placement.node.empty()) continue;
      QVERIFY(!reasons.contains(placement.node));
      view.addPod(uid, placement.node, requestsOf(spec), group);
      for (const auto& [name, one] : view.nodes()) {
        QVERIFY2(one.used.cpuMillis <= one.allocatable.cpuMillis &&
                     one.used.memoryBytes <= one.allocatable.memoryBytes &&
                     one.used.pods <= one.allocatable.pods,
                 qPrintable(QString("seed %1").arg(seed)));
      }
    }
  }
}

QTEST_GUILESS_MAIN(TstScheduler)
#include "tst_scheduler.moc"
