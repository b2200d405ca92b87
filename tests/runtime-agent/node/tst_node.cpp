// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include <vector>

#include "runtime-agent/node/leave.h"
#include "runtime-agent/node/machine.h"
#include "runtime-agent/node/options.h"
#include "tests/support/fake_runtime.h"
#include "tests/support/manual_executor.h"

using namespace gantry;
using namespace gantry::agent;

namespace {

std::optional<AgentOptions> parse(const QString& line, int& exitCode) {
  std::vector<std::string> words = {"gantry-agent"};
  for (const QString& each : line.split(' ', Qt::SkipEmptyParts)) {
    words.push_back(each.toStdString());
  }
  std::vector<char*> argv;
  for (std::string& each : words) argv.push_back(each.data());
  return parseOptions(static_cast<int>(argv.size()), argv.data(), exitCode);
}

}  // namespace

class TstNode : public QObject {
  Q_OBJECT

 private slots:
  void keepsAReserve_data();
  void keepsAReserve();
  void readsThisMachine();
  void ownLabelsWin();
  void facesTheController();
  void readsTheCommandLine();
  void refusesMistakes_data();
  void refusesMistakes();
  void leavesNothingInTheRuntime();
};

void TstNode::keepsAReserve_data() {
  QTest::addColumn<int>("cpus");
  QTest::addColumn<qint64>("memoryMi");
  QTest::addColumn<QString>("cpu");
  QTest::addColumn<QString>("memory");
  QTest::newRow("a large machine") << 8 << qint64(32'768) << "7900m" << "32512Mi";
  QTest::newRow("a small machine") << 1 << qint64(1'000) << "900m" << "900Mi";
}

void TstNode::keepsAReserve() {
  QFETCH(int, cpus);
  QFETCH(qint64, memoryMi);
  Machine machine;
  machine.cpus = cpus;
  machine.memoryBytes = memoryMi << 20;
  schema::NodeStatus status = nodeStatus(machine, "10.0.0.1");
  QTEST(QString::fromStdString((*status.mutable_allocatable())["cpu"].text()), "cpu");
  QTEST(QString::fromStdString((*status.mutable_allocatable())["memory"].text()), "memory");
  QCOMPARE((*status.mutable_capacity())["pods"].text(), std::string("110"));
  QCOMPARE(status.address(), std::string("10.0.0.1"));
}

void TstNode::readsThisMachine() {
  const Machine machine = readMachine();
  QVERIFY(machine.cpus > 0);
  QVERIFY(machine.memoryBytes > 1 << 20);
  QVERIFY(!machine.hostname.empty());
  QCOMPARE(machine.operatingSystem, std::string("linux"));
  QVERIFY(!machine.kernelVersion.empty());
}

void TstNode::ownLabelsWin() {
  const auto labels =
      nodeLabels(readMachine(), "node-1", {{"zone", "a"}, {"kubernetes.io/os", "x"}});
  QCOMPARE(labels.at("zone"), std::string("a"));
  QCOMPARE(labels.at("kubernetes.io/os"), std::string("x"));
  QCOMPARE(labels.at("kubernetes.io/hostname"), std::string("node-1"));
}

void TstNode::facesTheController() {
  QCOMPARE(addressTowards("127.0.0.1:7400"), std::string("127.0.0.1"));
  QCOMPARE(addressTowards("no port"), std::string());
}

void TstNode::readsTheCommandLine() {
  int exitCode = 0;
  const auto options = parse(
      "--controller c:7400 --token t --node-name n --labels a=1,b=2 --labels c=3 --log-level debug",
      exitCode);
  QVERIFY(options.has_value());
  QCOMPARE(options->controller, std::string("c:7400"));
  QCOMPARE(options->nodeName, std::string("n"));
  QCOMPARE(options->labels.size(), std::size_t(3));
  QVERIFY(options->logLevel == base::LogLevel::kDebug);
  QVERIFY(!options->leave);
  const auto leaving = parse("leave --data-dir /d --nft-table t", exitCode);
  QVERIFY(leaving && leaving->leave);
  QCOMPARE(leaving->dataDir, std::string("/d"));
}

void TstNode::refusesMistakes_data() {
  QTest::addColumn<QString>("line");
  QTest::newRow("no controller") << "--token t";
  QTest::newRow("a label without a value") << "--controller c:1 --labels zone";
  QTest::newRow("an unknown option") << "--controller c:1 --speed 9";
  QTest::newRow("an unknown level") << "--controller c:1 --log-level loud";
}

void TstNode::refusesMistakes() {
  QFETCH(QString, line);
  int exitCode = 0;
  QVERIFY(!parse(line, exitCode).has_value());
  QVERIFY(exitCode != 0);
}

void TstNode::leavesNothingInTheRuntime() {
  support::ManualExecutor executor;
  support::FakeRuntime runtime(executor);
  for (const char* uid : {"a", "b"}) {
    SandboxSpec spec;
    spec.podUid = uid;
    runtime.runSandbox(spec, [](const absl::StatusOr<SeenSandbox>&) {});
  }
  executor.advance(std::chrono::seconds(1));
  std::optional<absl::Status> left;
  leaveRuntime(runtime, [&](absl::Status status) { left = std::move(status); });
  executor.advance(std::chrono::seconds(1));
  QVERIFY(left && left->ok());
  QVERIFY(runtime.sandboxes().empty());
  runtime.down = true;
  leaveRuntime(runtime, [&](absl::Status status) { left = std::move(status); });
  executor.advance(std::chrono::seconds(1));
  QVERIFY(absl::IsUnavailable(*left));
}

QTEST_GUILESS_MAIN(TstNode)
#include "tst_node.moc"
