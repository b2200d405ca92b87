// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/network/service_rules.h"

#include <QTest>
#include <functional>

#include "tests/runtime-agent/network/endpoints.h"

using namespace gantry;
using namespace gantry::agent;
using gantry::test::service;

namespace {

std::string rules(const std::vector<api::Endpoints>& services) {
  return serviceRules(services, "10.244.0.0/16", "gantry").value_or("(error)");
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

class TstServiceRules : public QObject {
  Q_OBJECT

 private slots:
  void readyEndpointsShareAService() {
    api::Endpoints front = service("front", "10.96.0.1", {"10.244.0.3", "10.244.0.2"}, 30080);
    front.add_addresses()->set_ip("10.244.0.9");  // Not ready.
    const std::string text = rules({front});
    QVERIFY(has(text, "numgen random mod 2 map { 0 : 10.244.0.2 . 8080, 1 : 10.244.0.3 . 8080 }"));
    QVERIFY(has(text, "10.96.0.1 . tcp . 80 : goto service-shop/front/tcp/80"));
    QVERIFY(has(text, "tcp . 30080 : goto service-shop/front/tcp/80"));
    QVERIFY(!has(text, "10.244.0.9"));
  }

  void namedPortsDifferByPod() {
    api::Endpoints front =
        service("front", "10.96.0.1", {"10.244.0.2", "10.244.0.3", "10.244.0.4"});
    for (const int target : {8080, 0, 9090}) front.mutable_ports(0)->add_targets(target);
    const std::string text = rules({front});
    QVERIFY(has(text, "mod 2 map { 0 : 10.244.0.2 . 8080, 1 : 10.244.0.4 . 9090 }"));
  }

  void withoutEndpointsPortsAreClosed() {
    const std::string text = rules({service("front", "10.96.0.1", {}, 30080)});
    QVERIFY(!has(text, "dnat ip to"));
    QVERIFY(has(text, "elements = { tcp . 30080 }"));
    QVERIFY(has(text, "elements = { 10.96.0.1 }"));
  }

  void headlessServicesHaveNoAddress() {
    const std::string text = rules({service("db", "None", {"10.244.0.2"})});
    QVERIFY(!has(text, "None"));
    QVERIFY(!has(text, "goto service-"));
  }

  void orderSaysNothing() {
    const api::Endpoints a = service("a", "10.96.0.1", {"10.244.0.2", "10.244.0.3"});
    const api::Endpoints turned = service("a", "10.96.0.1", {"10.244.0.3", "10.244.0.2"});
    const api::Endpoints b = service("b", "10.96.0.2", {"10.244.0.4"}, 30001);
    QCOMPARE(rules({a, b}), rules({b, turned}));
    QVERIFY(rules({a}) != rules({a, b}));
  }

  void nothingUncheckedGetsIntoACommand_data() {
    QTest::addColumn<int>("row");
    int row = 0;
    for (const char* name : {"a name", "a namespace", "a cluster address", "an endpoint's address",
                             "a protocol", "a port", "a node port", "a target port"}) {
      QTest::newRow(name) << row++;
    }
  }
  void nothingUncheckedGetsIntoACommand() {
    QFETCH(int, row);
    const std::vector<std::function<void(api::Endpoints&)>> changes = {
        [](api::Endpoints& s) { s.set_name("x { } ; flush ruleset"); },
        [](api::Endpoints& s) { s.set_namespace_("A/b"); },
        [](api::Endpoints& s) { s.set_cluster_ip("10.96.0.1; flush ruleset"); },
        [](api::Endpoints& s) { s.mutable_addresses(0)->set_ip("fd00::1"); },
        [](api::Endpoints& s) { s.mutable_ports(0)->set_protocol("ICMP"); },
        [](api::Endpoints& s) { s.mutable_ports(0)->set_port(0); },
        [](api::Endpoints& s) { s.mutable_ports(0)->set_node_port(70'000); },
        [](api::Endpoints& s) { s.mutable_ports(0)->set_target_port(-1); },
    };
    api::Endpoints bad = service("front", "10.96.0.1", {"10.244.0.2"}, 30080);
    QVERIFY(serviceRules({bad}, "10.244.0.0/16", "gantry").ok());
    changes.at(static_cast<std::size_t>(row))(bad);
    QVERIFY(absl::IsInvalidArgument(serviceRules({bad}, "10.244.0.0/16", "gantry").status()));
  }

  void theClusterRangeIsChecked() {
    QVERIFY(!has(serviceRules({}, "", "gantry").value(), "224.0.0.0/4"));
    for (const char* bad : {"10.0.0.0", "10.0.0.0/33", "10.0.0.0/ 8", "x/8", "10.0.0.0/8; x"}) {
      QVERIFY2(absl::IsInvalidArgument(serviceRules({}, bad, "gantry").status()), bad);
    }
  }
};

QTEST_GUILESS_MAIN(TstServiceRules)
#include "tst_service_rules.moc"
