// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "controller/network/services.h"

using namespace gantry;
using namespace gantry::network;

namespace {

model::Ptr<model::Pod> pod(const char* name, const char* ip, bool isReady, bool isGoing = false,
                           int namedPort = 8080) {
  model::Pod result;
  result.ns = "shop";
  result.name = name;
  result.uid = name;
  result.nodeName = "node-1";
  result.phase = model::PodPhase::kRunning;
  if (isGoing) result.deletedAt = base::fromUnixMs(1);
  auto shape = std::make_shared<schema::PodTemplateSpec>();
  (*shape->mutable_metadata()->mutable_labels())["app"] = "dockchat";
  (*shape->mutable_metadata()->mutable_labels())["tier"] = "frontend";
  if (namedPort != 0) {
    schema::ContainerPort& port = *shape->mutable_spec()->add_containers()->add_ports();
    port.set_name("http");
    port.set_container_port(namedPort);
  }
  result.shape = shape;
  auto status = std::make_shared<schema::PodStatus>();
  status->set_pod_ip(ip);
  schema::Condition& ready = *status->add_conditions();
  ready.set_type("Ready");
  ready.set_status(isReady ? "True" : "False");
  result.status = status;
  return std::make_shared<const model::Pod>(result);
}

schema::Service service(const char* type = "ClusterIP") {
  schema::Service result;
  result.mutable_metadata()->set_name("front-web");
  result.mutable_metadata()->set_namespace_("shop");
  result.mutable_spec()->set_type(type);
  (*result.mutable_spec()->mutable_selector())["app"] = "dockchat";
  (*result.mutable_spec()->mutable_selector())["tier"] = "frontend";
  schema::ServicePort& port = *result.mutable_spec()->add_ports();
  port.set_port(9500);
  port.set_protocol("TCP");
  port.mutable_target_port()->set_number(5000);
  return result;
}

QStringList textOf(const api::Endpoints& endpoints) {
  QStringList lines;
  for (const auto& address : endpoints.addresses()) {
    lines << QString("%1 %2%3%4")
                 .arg(address.pod().c_str(), address.ip().c_str(), address.ready() ? " ready" : "",
                      address.terminating() ? " terminating" : "");
  }
  return lines;
}

constexpr char kRange[] = "10.96.0.0/16";

}  // namespace

/// AT-SVC-01 to 06, and the ranges of nodes.
class TstServices : public QObject {
  Q_OBJECT

 private slots:
  void addressesInOrder();
  void onlyPodsWithAllLabels();
  void podsWithoutAddressAreLeftOut();
  void notReadyAddressesCanBePublished();
  void noSelectorNoAddresses();
  void externalNameHasNoAddresses();
  void targetPorts_data();
  void targetPorts();
  void namedPortsDifferByPod();
  void allocates_data();
  void allocates();
  void lowestFreeAddress();
  void explicitValues_data();
  void explicitValues();
  void givenValuesStay();
  void nodePortsGoAwayWithTheType();
  void upperBandOfNodePortsFirst();
  void exhausted();
  void oneNodePortForTwoProtocols();
  void podCidrs_data();
  void podCidrs();
};

void TstServices::addressesInOrder() {
  const auto endpoints = endpointsFor(
      service(),
      {pod("c", "10.0.0.3", false), pod("b", "10.0.0.2", true, true), pod("a", "10.0.0.1", true)});
  QCOMPARE(textOf(endpoints),
           QStringList({"a 10.0.0.1 ready", "b 10.0.0.2 terminating", "c 10.0.0.3"}));
  QCOMPARE(endpoints.name(), std::string("front-web"));
  QCOMPARE(endpoints.namespace_(), std::string("shop"));
  QCOMPARE(endpoints.ports(0).target_port(), 5000);
}

void TstServices::onlyPodsWithAllLabels() {
  model::Pod half = *pod("half", "10.0.0.1", true);
  auto shape = std::make_shared<schema::PodTemplateSpec>(*half.shape);
  shape->mutable_metadata()->mutable_labels()->erase("tier");
  half.shape = shape;
  model::Pod foreign = *pod("foreign", "10.0.0.2", true);
  foreign.ns = "other";
  const auto endpoints = endpointsFor(service(), {std::make_shared<const model::Pod>(half),
                                                  std::make_shared<const model::Pod>(foreign)});
  QVERIFY(endpoints.addresses().empty());
}

void TstServices::podsWithoutAddressAreLeftOut() {
  model::Pod ended = *pod("ended", "10.0.0.2", true);
  ended.phase = model::PodPhase::kFailed;
  const auto endpoints =
      endpointsFor(service(), {pod("new", "", false), std::make_shared<const model::Pod>(ended)});
  QVERIFY(endpoints.addresses().empty());
}

void TstServices::notReadyAddressesCanBePublished() {
  schema::Service published = service();
  published.mutable_spec()->set_publish_not_ready_addresses(true);
  QCOMPARE(textOf(endpointsFor(published, {pod("a", "10.0.0.1", false)})),
           QStringList({"a 10.0.0.1 ready"}));
}

void TstServices::noSelectorNoAddresses() {
  schema::Service bare = service();
  bare.mutable_spec()->clear_selector();
  QVERIFY(endpointsFor(bare, {pod("a", "10.0.0.1", true)}).addresses().empty());
}

void TstServices::externalNameHasNoAddresses() {
  QVERIFY(endpointsFor(service("ExternalName"), {pod("a", "10.0.0.1", true)}).addresses().empty());
}

void TstServices::targetPorts_data() {
  QTest::addColumn<int>("number");
  QTest::addColumn<QByteArray>("name");
  QTest::addColumn<int>("expected");
  QTest::newRow("a number") << 5000 << QByteArray() << 5000;
  QTest::newRow("not set: the Service's port") << 0 << QByteArray() << 9500;
  QTest::newRow("a name, the same in all pods") << 0 << QByteArray("http") << 8080;
}

void TstServices::targetPorts() {
  QFETCH(int, number);
  QFETCH(QByteArray, name);
  schema::Service one = service();
  auto& target = *one.mutable_spec()->mutable_ports(0)->mutable_target_port();
  target.Clear();
  if (number != 0) target.set_number(number);
  if (!name.isEmpty()) target.set_text(name.toStdString());
  const auto endpoints =
      endpointsFor(one, {pod("a", "10.0.0.1", true), pod("b", "10.0.0.2", true)});
  QTEST(endpoints.ports(0).target_port(), "expected");
  QVERIFY(endpoints.ports(0).targets().empty());
}

void TstServices::namedPortsDifferByPod() {
  schema::Service named = service();
  named.mutable_spec()->mutable_ports(0)->mutable_target_port()->set_text("http");
  const auto endpoints = endpointsFor(
      named, {pod("a", "10.0.0.1", true, false, 8080), pod("b", "10.0.0.2", true, false, 9090),
              pod("c", "10.0.0.3", true, false, 0)});
  const auto& targets = endpoints.ports(0).targets();
  QCOMPARE(QList<int>(targets.begin(), targets.end()), QList<int>({8080, 9090, 0}));
}

void TstServices::allocates_data() {
  QTest::addColumn<QByteArray>("type");
  QTest::addColumn<QByteArray>("namedIp");
  QTest::addColumn<QByteArray>("ip");
  QTest::addColumn<int>("nodePort");
  QTest::newRow("ClusterIP") << QByteArray("ClusterIP") << QByteArray() << QByteArray("10.96.0.1")
                             << 0;
  QTest::newRow("NodePort") << QByteArray("NodePort") << QByteArray() << QByteArray("10.96.0.1")
                            << 30086;
  QTest::newRow("LoadBalancer has both")
      << QByteArray("LoadBalancer") << QByteArray() << QByteArray("10.96.0.1") << 30086;
  QTest::newRow("headless") << QByteArray("ClusterIP") << QByteArray("None") << QByteArray("None")
                            << 0;
  QTest::newRow("ExternalName") << QByteArray("ExternalName") << QByteArray() << QByteArray() << 0;
  QTest::newRow("a named address")
      << QByteArray("ClusterIP") << QByteArray("10.96.4.4") << QByteArray("10.96.4.4") << 0;
}

void TstServices::allocates() {
  QFETCH(QByteArray, type);
  QFETCH(QByteArray, namedIp);
  schema::Service wanted = service(type.constData());
  wanted.mutable_spec()->set_cluster_ip(namedIp.toStdString());
  const auto given = allocate(wanted, {}, kRange);
  QVERIFY(given.ok());
  QTEST(QByteArray::fromStdString(given->spec().cluster_ip()), "ip");
  QTEST(given->spec().ports(0).node_port(), "nodePort");
}

void TstServices::lowestFreeAddress() {
  const auto given = allocate(service(), {{"10.96.0.1", "10.96.0.3"}, {}}, kRange);
  QCOMPARE(given->spec().cluster_ip(), std::string("10.96.0.2"));
}

void TstServices::explicitValues_data() {
  QTest::addColumn<QByteArray>("ip");
  QTest::addColumn<int>("nodePort");
  QTest::addColumn<int>("code");
  const auto row = [](const char* name, const char* ip, int port, absl::StatusCode code) {
    QTest::newRow(name) << QByteArray(ip) << port << static_cast<int>(code);
  };
  row("free ones are kept", "10.96.0.9", 30010, absl::StatusCode::kOk);
  row("an address that is taken", "10.96.0.1", 0, absl::StatusCode::kAlreadyExists);
  row("an address of another range", "10.97.0.1", 0, absl::StatusCode::kInvalidArgument);
  row("not an address", "front", 0, absl::StatusCode::kInvalidArgument);
  row("a port that is taken", "", 30001, absl::StatusCode::kAlreadyExists);
  row("a port below the range", "", 29999, absl::StatusCode::kInvalidArgument);
  row("a port above the range", "", 32768, absl::StatusCode::kInvalidArgument);
  row("the last port of the range", "", 32767, absl::StatusCode::kOk);
}

void TstServices::explicitValues() {
  QFETCH(QByteArray, ip);
  QFETCH(int, nodePort);
  schema::Service wanted = service("NodePort");
  wanted.mutable_spec()->set_cluster_ip(ip.toStdString());
  wanted.mutable_spec()->mutable_ports(0)->set_node_port(nodePort);
  const auto given = allocate(wanted, {{"10.96.0.1"}, {30001}}, kRange);
  QTEST(static_cast<int>(given.status().code()), "code");
  if (!given.ok()) return;
  if (!ip.isEmpty()) QCOMPARE(given->spec().cluster_ip(), ip.toStdString());
  QCOMPARE(given->spec().ports(0).node_port(), nodePort);
}

void TstServices::givenValuesStay() {
  schema::Service before = service("NodePort");
  before.mutable_spec()->set_cluster_ip("10.96.3.3");
  before.mutable_spec()->mutable_ports(0)->set_node_port(31000);
  const auto given = allocate(service("NodePort"), {}, kRange, &before);
  QCOMPARE(given->spec().cluster_ip(), std::string("10.96.3.3"));
  QCOMPARE(given->spec().ports(0).node_port(), 31000);
}

void TstServices::nodePortsGoAwayWithTheType() {
  schema::Service before = service("NodePort");
  before.mutable_spec()->mutable_ports(0)->set_node_port(31000);
  QCOMPARE(allocate(service(), {}, kRange, &before)->spec().ports(0).node_port(), 0);
}

void TstServices::upperBandOfNodePortsFirst() {
  Allocations taken;
  for (int port = 30086; port <= 32767; ++port) taken.nodePorts.insert(port);
  const auto given = allocate(service("NodePort"), taken, kRange);
  QCOMPARE(given->spec().ports(0).node_port(), 30000);
}

void TstServices::exhausted() {
  QVERIFY(absl::IsResourceExhausted(
      allocate(service(), {{"10.96.0.1", "10.96.0.2"}, {}}, "10.96.0.0/30").status()));
  Allocations taken;
  for (int port = 30000; port <= 32767; ++port) taken.nodePorts.insert(port);
  QVERIFY(absl::IsResourceExhausted(allocate(service("NodePort"), taken, kRange).status()));
  QVERIFY(absl::IsInvalidArgument(allocate(service(), {}, "10.96.0.0").status()));
}

void TstServices::oneNodePortForTwoProtocols() {
  schema::Service dns = service("NodePort");
  dns.mutable_spec()->mutable_ports(0)->set_node_port(30053);
  *dns.mutable_spec()->add_ports() = dns.spec().ports(0);
  QVERIFY(absl::IsInvalidArgument(allocate(dns, {}, kRange).status()));
  dns.mutable_spec()->mutable_ports(1)->set_protocol("UDP");
  QVERIFY(allocate(dns, {}, kRange).ok());
}

void TstServices::podCidrs_data() {
  QTest::addColumn<QByteArray>("cluster");
  QTest::addColumn<int>("bits");
  QTest::addColumn<QStringList>("taken");
  QTest::addColumn<QByteArray>("given");
  const auto row = [](const char* name, const char* cluster, int bits, QStringList taken,
                      const char* given) {
    QTest::newRow(name) << QByteArray(cluster) << bits << taken << QByteArray(given);
  };
  row("the first", "10.244.0.0/16", 24, {}, "10.244.0.0/24");
  row("a gap is filled", "10.244.0.0/16", 24, {"10.244.0.0/24", "10.244.2.0/24"}, "10.244.1.0/24");
  row("by number, not by text", "10.244.0.0/16", 24,
      {"10.244.0.0/24", "10.244.1.0/24", "10.244.10.0/24"}, "10.244.2.0/24");
  row("larger ones are stepped over", "10.244.0.0/16", 24, {"10.244.0.0/22"}, "10.244.4.0/24");
  row("smaller ones block", "10.244.0.0/16", 24, {"10.244.0.128/25"}, "10.244.1.0/24");
  row("foreign ones do not matter", "10.244.0.0/16", 24, {"10.10.0.0/24"}, "10.244.0.0/24");
  row("the last", "10.244.0.0/23", 24, {"10.244.0.0/24"}, "10.244.1.0/24");
  row("none left", "10.244.0.0/23", 24, {"10.244.0.0/24", "10.244.1.0/24"}, "RESOURCE_EXHAUSTED");
  row("the end of all addresses", "255.255.255.0/24", 25, {"255.255.255.0/25"},
      "255.255.255.128/25");
  row("no block is larger than the cluster", "10.244.0.0/16", 15, {}, "INVALID_ARGUMENT");
  row("not a range", "10.244.0.0", 24, {}, "INVALID_ARGUMENT");
}

void TstServices::podCidrs() {
  QFETCH(QByteArray, cluster);
  QFETCH(int, bits);
  QFETCH(QStringList, taken);
  std::set<std::string> ranges;
  for (const QString& one : taken) ranges.insert(one.toStdString());
  const auto given = allocatePodCidr(cluster.toStdString(), bits, ranges);
  QTEST(QByteArray::fromStdString(given.ok() ? *given
                                             : absl::StatusCodeToString(given.status().code())),
        "given");
}

QTEST_GUILESS_MAIN(TstServices)
#include "tst_services.moc"
