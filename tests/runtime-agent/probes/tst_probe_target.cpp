// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/probes/probe_target.h"

#include <QTest>
#include <algorithm>

using namespace gantry;
using namespace gantry::agent;

class TstProbeTarget : public QObject {
  Q_OBJECT

 private slots:
  void healthyIsFrom200To399_data() {
    QTest::addColumn<int>("status");
    QTest::addColumn<bool>("healthy");
    for (const auto& [status, healthy] : std::vector<std::pair<int, bool>>{
             {199, false}, {200, true}, {204, true}, {399, true}, {400, false}, {503, false}}) {
      QTest::addRow("HTTP %d", status) << status << healthy;
    }
  }
  void healthyIsFrom200To399() {
    QFETCH(int, status);
    QFETCH(bool, healthy);
    QCOMPARE(isHealthy(status), healthy);
  }

  void namedPortsAreLookedUp() {
    ProbeRequest request;
    request.podIp = "10.1.2.3";
    request.ports.emplace_back().set_name("web");
    request.ports[0].set_container_port(8080);
    request.probe.mutable_http_get()->mutable_port()->set_text("web");
    request.probe.mutable_http_get()->set_path("/a?b=c");
    QCOMPARE(probeTarget(request)->url, std::string("http://10.1.2.3:8080/a?b=c"));

    request.probe.mutable_http_get()->mutable_port()->set_text("other");
    const auto missing = probeTarget(request);
    QVERIFY(absl::IsInvalidArgument(missing.status()));
    QVERIFY(missing.status().message().find("\"other\"") != std::string::npos);
  }

  void schemeHostAndIpv6() {
    ProbeRequest request;
    request.podIp = "fd00::1";
    request.probe.mutable_http_get()->mutable_port()->set_number(443);
    request.probe.mutable_http_get()->set_scheme("HTTPS");
    request.probe.mutable_http_get()->set_path("ready");
    QCOMPARE(probeTarget(request)->url, std::string("https://[fd00::1]:443/ready"));
    request.probe.mutable_http_get()->set_host("example.test");
    QCOMPARE(probeTarget(request)->url, std::string("https://example.test:443/ready"));
  }

  void headersReplaceAndRemoveOurs() {
    ProbeRequest request;
    request.podIp = "10.1.2.3";
    request.probe.mutable_http_get()->mutable_port()->set_number(80);
    const auto add = [&](const char* name, const char* value) {
      auto* header = request.probe.mutable_http_get()->add_http_headers();
      header->set_name(name);
      header->set_value(value);
    };
    add("accept", "");
    add("X-Empty", "");
    add("X-Two", "2");
    const auto headers = probeTarget(request)->headers;
    const auto has = [&](const std::string& line) {
      return std::find(headers.begin(), headers.end(), line) != headers.end();
    };
    QVERIFY(has("accept:"));
    QVERIFY(has("X-Empty;"));
    QVERIFY(has("X-Two: 2"));
    QVERIFY(!has("Accept: */*"));
    QVERIFY(headers[0].starts_with("User-Agent: kube-probe/"));
  }

  void anExecThatCouldNotBeAskedIsUnknown() {
    QCOMPARE(execOutcome(ExecResult{0, ""}).outcome, ProbeOutcome::kSuccess);
    QCOMPARE(execOutcome(ExecResult{3, ""}).outcome, ProbeOutcome::kFailure);
    QCOMPARE(execOutcome(ExecResult{3, ""}).detail, std::string("exit code 3"));
    QCOMPARE(execOutcome(absl::UnavailableError("down")).outcome, ProbeOutcome::kUnknown);
    QCOMPARE(execOutcome(absl::NotFoundError("gone")).outcome, ProbeOutcome::kUnknown);
    QCOMPARE(execOutcome(absl::DeadlineExceededError("slow")).outcome, ProbeOutcome::kFailure);
  }
};

QTEST_GUILESS_MAIN(TstProbeTarget)
#include "tst_probe_target.moc"
