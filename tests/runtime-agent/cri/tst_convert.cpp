// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "runtime-agent/cri/convert.h"

using namespace gantry::agent;

class TstConvert : public QObject {
  Q_OBJECT

 private slots:
  void hidesTheHostFromUnprivilegedContainers();
  void givesPrivilegedContainersEverything();
  void mapsPorts_data();
  void mapsPorts();
  void knowsItsContainersByTheirLabels();
  void hostNetworkHasNoHostname();
};

void TstConvert::hidesTheHostFromUnprivilegedContainers() {
  const auto config = cri::containerConfig(SandboxSpec(), ContainerSpec());
  const auto& security = config.linux().security_context();
  QVERIFY(security.masked_paths_size() > 5);
  QVERIFY(security.readonly_paths_size() > 3);
  QCOMPARE(security.seccomp().profile_type(), runtime::v1::SecurityProfile::RuntimeDefault);
  QCOMPARE(security.namespace_options().pid(), runtime::v1::CONTAINER);
  QVERIFY(!security.has_run_as_user());
}

void TstConvert::givesPrivilegedContainersEverything() {
  ContainerSpec spec;
  spec.privileged = true;
  spec.runAsUser = 0;
  const auto config = cri::containerConfig(SandboxSpec(), spec);
  QCOMPARE(config.linux().security_context().masked_paths_size(), 0);
  QCOMPARE(config.linux().security_context().seccomp().profile_type(),
           runtime::v1::SecurityProfile::Unconfined);
  QVERIFY(config.linux().security_context().has_run_as_user());
}

void TstConvert::mapsPorts_data() {
  QTest::addColumn<QString>("protocol");
  QTest::addColumn<int>("number");
  QTest::newRow("TCP") << "TCP" << 0;
  QTest::newRow("UDP") << "UDP" << 1;
  QTest::newRow("SCTP") << "SCTP" << 2;
}

void TstConvert::mapsPorts() {
  QFETCH(QString, protocol);
  SandboxSpec spec;
  spec.portMappings.push_back({protocol.toStdString(), 80, 8'080, "127.0.0.1"});
  const auto config = cri::sandboxConfig(spec);
  QTEST(int(config.port_mappings(0).protocol()), "number");
  QCOMPARE(config.port_mappings(0).host_port(), 8'080);
}

void TstConvert::knowsItsContainersByTheirLabels() {
  runtime::v1::Container container;
  container.mutable_metadata()->set_name("main");
  container.mutable_metadata()->set_attempt(3);
  container.set_state(runtime::v1::CONTAINER_EXITED);
  (*container.mutable_labels())["gantry.dev/pod-uid"] = "uid";
  (*container.mutable_labels())["gantry.dev/container-name"] = "main";
  (*container.mutable_labels())["gantry.dev/spec-hash"] = "abc";
  SeenContainer seen = cri::seenContainer(container);
  QCOMPARE(seen.podUid, std::string("uid"));
  QCOMPARE(seen.name, std::string("main"));
  QCOMPARE(seen.specHash, std::string("abc"));
  QCOMPARE(seen.attempt, 3u);
  QVERIFY(seen.phase == ContainerPhase::kExited);
  runtime::v1::ContainerStatus status;
  status.set_exit_code(137);
  status.set_reason("OOMKilled");
  status.set_finished_at(1'767'225'600'000'000'000);
  cri::addDetails(status, seen);
  QCOMPARE(seen.exitCode, 137);
  QCOMPARE(seen.reason, std::string("OOMKilled"));
  QCOMPARE(gantry::base::formatRfc3339(seen.finishedAt), std::string("2026-01-01T00:00:00Z"));
}

void TstConvert::hostNetworkHasNoHostname() {
  SandboxSpec spec;
  spec.hostname = "front";
  QCOMPARE(cri::sandboxConfig(spec).hostname(), std::string("front"));
  spec.hostNetwork = true;
  QCOMPARE(cri::sandboxConfig(spec).hostname(), std::string());
}

QTEST_GUILESS_MAIN(TstConvert)
#include "tst_convert.moc"
