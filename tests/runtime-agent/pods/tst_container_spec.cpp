// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "runtime-agent/pods/container_spec.h"
#include "runtime-agent/pods/service_environment.h"

using namespace gantry;
using namespace gantry::agent;

namespace {

schema::Pod shopPod() {
  schema::Pod pod;
  pod.mutable_metadata()->set_name("front-1");
  pod.mutable_metadata()->set_namespace_("shop");
  pod.mutable_metadata()->set_uid("uid-1");
  (*pod.mutable_metadata()->mutable_labels())["app"] = "front";
  pod.mutable_spec()->add_containers()->set_name("main");
  return pod;
}

void setAmount(google::protobuf::Map<std::string, schema::Quantity>* amounts, const char* resource,
               const QString& text) {
  if (!text.isEmpty()) (*amounts)[resource].set_text(text.toStdString());
}

/// What a container of `pod` is made from; holds what the inputs refer to.
struct Inputs {
  schema::Pod pod = shopPod();
  ConfigSources sources;
  std::vector<api::Endpoints> services;
  NodeFacts node{"node-1", "10.0.0.1", "/logs", 4'000, 8'000'000'000};
  std::map<std::string, std::string> volumes;
  ImageInfo image{"sha256:1", std::nullopt, ""};

  schema::Container& main() { return *pod.mutable_spec()->mutable_containers(0); }

  absl::StatusOr<ContainerSpec> make() {
    return makeContainerSpec(main(), 0,
                             {{pod, sources, services, node, "10.244.0.9"}, volumes, image});
  }

  void set(const char* name, const char* value) {
    schema::EnvVar* variable = main().add_env();
    variable->set_name(name);
    variable->set_value(value);
  }

  std::string value(const std::string& name) {
    const absl::StatusOr<ContainerSpec> spec = make();
    if (!spec.ok()) return std::string(spec.status().message());
    for (const auto& [key, text] : spec->env) {
      if (key == name) return text;
    }
    return "(not set)";
  }
};

}  // namespace

class TstContainerSpec : public QObject {
  Q_OBJECT

 private slots:
  void setsLimits_data();
  void setsLimits();
  void expandsVariables_data();
  void expandsVariables();
  void namesTheQosClass_data();
  void namesTheQosClass();
  void readsFieldsOfThePod_data();
  void readsFieldsOfThePod();
  void dividesResources_data();
  void dividesResources();
  void laterVariablesWin();
  void expandsWhatWasDefinedBefore();
  void saysWhatIsMissing();
  void leavesOutWhatIsOptional();
  void offersServices();
  void namesServiceVariables();
  void headlessServicesHaveNone();
  void checksRunAsNonRoot_data();
  void checksRunAsNonRoot();
  void hashChangesWithTheContainer();
  void makesASandbox();
};

void TstContainerSpec::setsLimits_data() {
  QTest::addColumn<QString>("request");
  QTest::addColumn<QString>("limit");
  QTest::addColumn<qint64>("shares");
  QTest::addColumn<qint64>("quota");
  QTest::newRow("250m both") << "250m" << "250m" << qint64(256) << qint64(25'000);
  QTest::newRow("the smallest") << "1m" << "1m" << qint64(2) << qint64(1'000);
  QTest::newRow("a limit stands for the request") << "" << "2" << qint64(2'048) << qint64(200'000);
  QTest::newRow("a request alone has no quota") << "500m" << "" << qint64(512) << qint64(0);
  QTest::newRow("nothing set gets the smallest share") << "" << "" << qint64(2) << qint64(0);
}

void TstContainerSpec::setsLimits() {
  QFETCH(QString, request);
  QFETCH(QString, limit);
  schema::Container container;
  setAmount(container.mutable_resources()->mutable_requests(), "cpu", request);
  setAmount(container.mutable_resources()->mutable_limits(), "cpu", limit);
  setAmount(container.mutable_resources()->mutable_limits(), "memory", "64Mi");
  ContainerSpec spec;
  setLimits(container, spec);
  QTEST(qint64(spec.cpuShares), "shares");
  QTEST(qint64(spec.cpuQuotaUs), "quota");
  QCOMPARE(spec.memoryLimitBytes, std::int64_t(64) << 20);
}

void TstContainerSpec::expandsVariables_data() {
  QTest::addColumn<QString>("text");
  QTest::addColumn<QString>("result");
  QTest::newRow("a known one") << "x-$(A)-y" << "x-1-y";
  QTest::newRow("an unknown one stays") << "$(C)" << "$(C)";
  QTest::newRow("two dollars are one") << "$$(A)" << "$(A)";
  QTest::newRow("three dollars") << "$$$(A)" << "$1";
  QTest::newRow("one after another") << "$(A)$(B)" << "12";
  QTest::newRow("not closed") << "$(A" << "$(A";
  QTest::newRow("a dollar at the end") << "a$" << "a$";
  QTest::newRow("a shell's own") << "${A} $A" << "${A} $A";
  QTest::newRow("values are not expanded again") << "$(LOOP)" << "$(A)";
}

void TstContainerSpec::expandsVariables() {
  QFETCH(QString, text);
  const std::map<std::string, std::string> values{{"A", "1"}, {"B", "2"}, {"LOOP", "$(A)"}};
  QTEST(QString::fromStdString(expandVariables(text.toStdString(), values)), "result");
}

void TstContainerSpec::namesTheQosClass_data() {
  QTest::addColumn<QString>("cpuRequest");
  QTest::addColumn<QString>("cpuLimit");
  QTest::addColumn<QString>("memoryRequest");
  QTest::addColumn<QString>("memoryLimit");
  QTest::addColumn<QString>("qos");
  QTest::newRow("nothing set") << "" << "" << "" << "" << "BestEffort";
  QTest::newRow("all equal") << "1" << "1" << "1Gi" << "1Gi" << "Guaranteed";
  QTest::newRow("equal in other words") << "1000m" << "1" << "1024Mi" << "1Gi" << "Guaranteed";
  QTest::newRow("limits alone") << "" << "1" << "" << "1Gi" << "Guaranteed";
  QTest::newRow("one is missing") << "1" << "1" << "" << "" << "Burstable";
  QTest::newRow("request below limit") << "500m" << "1" << "1Gi" << "1Gi" << "Burstable";
}

void TstContainerSpec::namesTheQosClass() {
  QFETCH(QString, cpuRequest);
  QFETCH(QString, cpuLimit);
  QFETCH(QString, memoryRequest);
  QFETCH(QString, memoryLimit);
  schema::PodSpec spec;
  schema::ResourceRequirements* resources = spec.add_containers()->mutable_resources();
  setAmount(resources->mutable_requests(), "cpu", cpuRequest);
  setAmount(resources->mutable_limits(), "cpu", cpuLimit);
  setAmount(resources->mutable_requests(), "memory", memoryRequest);
  setAmount(resources->mutable_limits(), "memory", memoryLimit);
  QTEST(QString::fromStdString(qosClass(spec)), "qos");
}

void TstContainerSpec::readsFieldsOfThePod_data() {
  QTest::addColumn<QString>("path");
  QTest::addColumn<QString>("result");
  QTest::newRow("name") << "metadata.name" << "front-1";
  QTest::newRow("namespace") << "metadata.namespace" << "shop";
  QTest::newRow("uid") << "metadata.uid" << "uid-1";
  QTest::newRow("node") << "spec.nodeName" << "node-1";
  QTest::newRow("address") << "status.podIP" << "10.244.0.9";
  QTest::newRow("host") << "status.hostIP" << "10.0.0.1";
  QTest::newRow("label") << "metadata.labels['app']" << "front";
  QTest::newRow("annotation that is not there") << "metadata.annotations['x']" << "";
  QTest::newRow("unknown") << "spec.foo" << "fieldPath \"spec.foo\" is not supported";
}

void TstContainerSpec::readsFieldsOfThePod() {
  QFETCH(QString, path);
  Inputs inputs;
  inputs.set("X", "");
  inputs.main().mutable_env(0)->mutable_value_from()->mutable_field_ref()->set_field_path(
      path.toStdString());
  QTEST(QString::fromStdString(inputs.value("X")), "result");
}

void TstContainerSpec::dividesResources_data() {
  QTest::addColumn<QString>("resource");
  QTest::addColumn<QString>("divisor");
  QTest::addColumn<QString>("result");
  QTest::newRow("cores are rounded up") << "limits.cpu" << "" << "1";
  QTest::newRow("millicores") << "limits.cpu" << "1m" << "250";
  QTest::newRow("bytes") << "requests.memory" << "" << "67108864";
  QTest::newRow("mebibytes") << "requests.memory" << "1Mi" << "64";
  QTest::newRow("no limit is the node's") << "limits.memory" << "1M" << "8000";
}

void TstContainerSpec::dividesResources() {
  QFETCH(QString, resource);
  QFETCH(QString, divisor);
  Inputs inputs;
  setAmount(inputs.main().mutable_resources()->mutable_limits(), "cpu", "250m");
  setAmount(inputs.main().mutable_resources()->mutable_requests(), "memory", "64Mi");
  inputs.set("X", "");
  auto* selector = inputs.main().mutable_env(0)->mutable_value_from()->mutable_resource_field_ref();
  selector->set_resource(resource.toStdString());
  if (!divisor.isEmpty()) selector->mutable_divisor()->set_text(divisor.toStdString());
  QTEST(QString::fromStdString(inputs.value("X")), "result");
}

void TstContainerSpec::laterVariablesWin() {
  Inputs inputs;
  schema::ConfigMap paint;
  (*paint.mutable_data())["COLOUR"] = "from the map";
  (*paint.mutable_data())["SHAPE"] = "round";
  inputs.sources.configMaps["shop/paint"] = paint;
  inputs.main().add_env_from()->mutable_config_map_ref()->set_name("paint");
  inputs.set("COLOUR", "first");
  inputs.set("COLOUR", "last");
  QCOMPARE(inputs.value("COLOUR"), std::string("last"));
  QCOMPARE(inputs.value("SHAPE"), std::string("round"));
  QCOMPARE(inputs.make()->env.size(), std::size_t(2));
}

void TstContainerSpec::expandsWhatWasDefinedBefore() {
  Inputs inputs;
  inputs.set("URL", "http://$(HOST):$(PORT)");
  inputs.set("HOST", "front");
  inputs.set("WHOLE", "http://$(HOST)");
  inputs.main().add_command("run");
  inputs.main().add_args("--to=$(WHOLE)");
  QCOMPARE(inputs.value("URL"), std::string("http://$(HOST):$(PORT)"));
  QCOMPARE(inputs.value("WHOLE"), std::string("http://front"));
  QCOMPARE(inputs.make()->args.at(0), std::string("--to=http://front"));
}

void TstContainerSpec::saysWhatIsMissing() {
  Inputs inputs;
  inputs.main().add_env_from()->mutable_secret_ref()->set_name("keys");
  QCOMPARE(inputs.make().status().code(), absl::StatusCode::kFailedPrecondition);
  QCOMPARE(inputs.value("X"), std::string("Secret \"keys\" not found"));
  inputs.sources.secrets["shop/keys"];
  inputs.set("X", "");
  auto* selector = inputs.main().mutable_env(0)->mutable_value_from()->mutable_secret_key_ref();
  selector->set_name("keys");
  selector->set_key("token");
  QCOMPARE(inputs.value("X"), std::string("key \"token\" not found in Secret \"keys\""));
}

void TstContainerSpec::leavesOutWhatIsOptional() {
  Inputs inputs;
  inputs.main().add_env_from()->mutable_config_map_ref()->set_optional(true);
  inputs.set("X", "");
  inputs.main().mutable_env(0)->mutable_value_from()->mutable_config_map_key_ref()->set_optional(
      true);
  QCOMPARE(inputs.value("X"), std::string("(not set)"));
}

void TstContainerSpec::offersServices() {
  Inputs inputs;
  for (const char* ns : {"shop", "elsewhere"}) {
    api::Endpoints& service = inputs.services.emplace_back();
    service.set_name(std::string("back-") + ns);
    service.set_namespace_(ns);
    service.set_cluster_ip("10.96.0.7");
    service.add_ports()->set_port(80);
    service.mutable_ports(0)->set_name("http");
    service.mutable_ports(0)->set_protocol("TCP");
  }
  QCOMPARE(inputs.value("BACK_SHOP_SERVICE_HOST"), std::string("10.96.0.7"));
  QCOMPARE(inputs.value("BACK_SHOP_SERVICE_PORT"), std::string("80"));
  QCOMPARE(inputs.value("BACK_SHOP_SERVICE_PORT_HTTP"), std::string("80"));
  QCOMPARE(inputs.value("BACK_SHOP_PORT"), std::string("tcp://10.96.0.7:80"));
  QCOMPARE(inputs.value("BACK_SHOP_PORT_80_TCP_ADDR"), std::string("10.96.0.7"));
  QCOMPARE(inputs.value("BACK_ELSEWHERE_SERVICE_HOST"), std::string("(not set)"));
  inputs.pod.mutable_spec()->set_enable_service_links(false);
  QCOMPARE(inputs.value("BACK_SHOP_SERVICE_HOST"), std::string("(not set)"));
}

void TstContainerSpec::namesServiceVariables() {
  api::Endpoints service;
  service.set_name("front-web");
  service.set_cluster_ip("10.96.0.7");
  service.add_ports()->set_name("web-ui");
  service.mutable_ports(0)->set_port(9'500);
  service.add_ports()->set_name("dns");
  service.mutable_ports(1)->set_port(53);
  service.mutable_ports(1)->set_protocol("UDP");
  QStringList lines;
  for (const auto& [name, value] : serviceEnvironment({service})) {
    lines << QString("%1=%2").arg(name.c_str(), value.c_str());
  }
  QCOMPARE(lines,
           QStringList(
               {"FRONT_WEB_SERVICE_HOST=10.96.0.7", "FRONT_WEB_SERVICE_PORT=9500",
                "FRONT_WEB_SERVICE_PORT_WEB_UI=9500", "FRONT_WEB_SERVICE_PORT_DNS=53",
                "FRONT_WEB_PORT=tcp://10.96.0.7:9500",
                "FRONT_WEB_PORT_9500_TCP=tcp://10.96.0.7:9500", "FRONT_WEB_PORT_9500_TCP_PROTO=tcp",
                "FRONT_WEB_PORT_9500_TCP_PORT=9500", "FRONT_WEB_PORT_9500_TCP_ADDR=10.96.0.7",
                "FRONT_WEB_PORT_53_UDP=udp://10.96.0.7:53", "FRONT_WEB_PORT_53_UDP_PROTO=udp",
                "FRONT_WEB_PORT_53_UDP_PORT=53", "FRONT_WEB_PORT_53_UDP_ADDR=10.96.0.7"}));
}

void TstContainerSpec::headlessServicesHaveNone() {
  api::Endpoints service;
  service.set_cluster_ip("None");
  service.add_ports()->set_port(80);
  QVERIFY(serviceEnvironment({service}).empty());
}

void TstContainerSpec::checksRunAsNonRoot_data() {
  QTest::addColumn<int>("runAs");
  QTest::addColumn<int>("imageUid");
  QTest::addColumn<QString>("imageUser");
  QTest::addColumn<bool>("allowed");
  QTest::newRow("a user of the manifest") << 1'000 << -1 << "" << true;
  QTest::newRow("root by the manifest") << 0 << 1'000 << "" << false;
  QTest::newRow("a user of the image") << -1 << 1'000 << "" << true;
  QTest::newRow("root by default") << -1 << -1 << "" << false;
  QTest::newRow("a name says nothing") << -1 << -1 << "web" << false;
}

void TstContainerSpec::checksRunAsNonRoot() {
  QFETCH(int, runAs);
  QFETCH(int, imageUid);
  QFETCH(QString, imageUser);
  Inputs inputs;
  inputs.main().mutable_security_context()->set_run_as_non_root(true);
  if (runAs >= 0) inputs.main().mutable_security_context()->set_run_as_user(runAs);
  if (imageUid >= 0) inputs.image.uid = imageUid;
  inputs.image.userName = imageUser.toStdString();
  QTEST(inputs.make().ok(), "allowed");
}

void TstContainerSpec::hashChangesWithTheContainer() {
  Inputs inputs;
  setAmount(inputs.main().mutable_resources()->mutable_limits(), "cpu", "1");
  setAmount(inputs.main().mutable_resources()->mutable_limits(), "memory", "1Gi");
  const std::string hash = specHash(inputs.main());
  QCOMPARE(specHash(schema::Container(inputs.main())), hash);
  inputs.main().set_image("other:2");
  QVERIFY(specHash(inputs.main()) != hash);
}

void TstContainerSpec::makesASandbox() {
  Inputs inputs;
  inputs.pod.mutable_metadata()->set_name(std::string(62, 'a') + "-b");
  schema::ContainerPort* port = inputs.main().add_ports();
  port->set_container_port(80);
  port->set_host_port(8'080);
  inputs.main().add_ports()->set_container_port(81);
  const SandboxSpec spec = makeSandboxSpec(inputs.pod, 2, inputs.node);
  QCOMPARE(spec.hostname, std::string(62, 'a'));
  QCOMPARE(spec.portMappings.size(), std::size_t(1));
  QCOMPARE(spec.portMappings.front().hostPort, 8'080);
  QCOMPARE(spec.attempt, 2u);
  QVERIFY(spec.labels.contains("gantry.dev/pod-uid"));
}

QTEST_GUILESS_MAIN(TstContainerSpec)
#include "tst_container_spec.moc"
