// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/network/nft_service_proxy.h"

#include <sched.h>
#include <unistd.h>

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTest>
#include <map>
#include <memory>

#include "runtime-agent/network/cni_config.h"
#include "tests/runtime-agent/network/endpoints.h"

using namespace gantry;
using namespace gantry::agent;
using gantry::test::service;

// The node is a network namespace that this process moves into; pods and a machine outside are
// namespaces that live as long as the processes in them. All of it ends with the test.
namespace {

constexpr const char* kOutsideAddress = "192.0.2.9";
constexpr const char* kNodeAddress = "192.0.2.1";

struct Output {
  int exitCode = -1;
  QString text;
};

Output run(const QStringList& command, const QProcessEnvironment& environment = {},
           const QByteArray& input = {}) {
  QProcess process;
  process.setProcessChannelMode(QProcess::MergedChannels);
  if (!environment.isEmpty()) process.setProcessEnvironment(environment);
  process.start(command[0], command.mid(1));
  process.write(input);
  process.closeWriteChannel();
  process.waitForFinished(30'000);
  return {process.exitCode(), QString::fromUtf8(process.readAll())};
}

// Fails the test if the command does.
QString must(const QString& command) {
  const Output output = run(command.split(' '));
  if (output.exitCode != 0) qWarning("%s: %s", qPrintable(command), qPrintable(output.text));
  return output.text;
}

// A process in a new network namespace; it says "ready" once it is there.
class Namespace {
 public:
  Namespace() {
    process_.start("unshare",
                   {"--net", "sh", "-c", "ip link set lo up; echo ready; exec sleep 600"});
    if (!process_.waitForReadyRead(30'000)) qFatal("no network namespace");
  }
  ~Namespace() {
    process_.kill();
    process_.waitForFinished();
  }

  QString pid() const { return QString::number(process_.processId()); }
  QStringList inside(const QStringList& command) const {
    return QStringList{"nsenter", "--net=/proc/" + pid() + "/ns/net"} + command;
  }

 private:
  QProcess process_;
};

// Answers every request on port 8080 with its first argument and the caller's address; says so when
// it listens.
constexpr const char* kServer = R"(
import socket, sys
server = socket.create_server(("", 8080))
print("ready", flush=True)
while True:
    client, caller = server.accept()
    client.recv(65536)
    client.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + (sys.argv[1] + " " + caller[0]).encode())
    client.close()
)";

class WebServer {
 public:
  WebServer(const Namespace& space, const QString& name) {
    const QStringList command = space.inside({"/usr/bin/python3", "-c", kServer, name});
    process_.start(command[0], command.mid(1));
    if (!process_.waitForReadyRead(30'000)) {
      qWarning("%s", process_.readAllStandardError().data());
    }
  }
  ~WebServer() {
    process_.kill();
    process_.waitForFinished();
  }

 private:
  QProcess process_;
};

// A pod: a namespace that the CNI plugins join to the node, with a web server that tells the pod's
// name to whoever asks.
class PodNamespace {
 public:
  PodNamespace(const QString& name, const QString& pluginConfig) : name_(name) {
    environment_ = QProcessEnvironment::systemEnvironment();
    environment_.insert("CNI_CONTAINERID", name);
    environment_.insert("CNI_NETNS", "/proc/" + namespace_.pid() + "/ns/net");
    environment_.insert("CNI_IFNAME", "eth0");
    environment_.insert("CNI_PATH", "/usr/lib/cni");
    config_ = pluginConfig.toUtf8();
    environment_.insert("CNI_COMMAND", "ADD");
    const Output added = run({"/usr/lib/cni/ptp"}, environment_, config_);
    const QRegularExpressionMatch found =
        QRegularExpression(R"("address":\s*"([0-9.]+)/)").match(added.text);
    if (!found.hasMatch()) qWarning("%s", qPrintable(added.text));
    address_ = found.captured(1);

    server_ = std::make_unique<WebServer>(namespace_, name);
  }
  ~PodNamespace() {
    environment_.insert("CNI_COMMAND", "DEL");
    run({"/usr/lib/cni/ptp"}, environment_, config_);
  }

  std::string address() const { return address_.toStdString(); }
  QString name() const { return name_; }
  const Namespace& space() const { return namespace_; }

 private:
  QString name_;
  Namespace namespace_;
  std::unique_ptr<WebServer> server_;
  QProcessEnvironment environment_;
  QByteArray config_;
  QString address_;
};

// Who answers at the address, and whom he took the caller for: "pod-a 10.244.0.1"; else what curl
// says of the connection.
QString askFully(const QString& target, const Namespace* from = nullptr) {
  const QStringList command = {"curl", "-s", "-v",       "--max-time",  "10",
                               "-o",   "-",  "--stderr", "/dev/stdout", "http://" + target + "/"};
  const Output output = run(from ? from->inside(command) : command);
  const auto answer = QRegularExpression(R"((pod-[a-z]|outside) [0-9.]+)").match(output.text);
  return answer.hasMatch() ? answer.captured(0) : output.text;
}

// Who answers.
QString ask(const QString& target, const Namespace* from = nullptr) {
  return askFully(target, from).section(' ', 0, 0, QString::SectionDefault);
}

bool isRefused(const QString& target, const Namespace* from = nullptr) {
  return askFully(target, from).contains("failed: Connection refused");
}

std::map<QString, int> askOften(const QString& target, int times, const Namespace* from = nullptr) {
  std::map<QString, int> answers;
  for (int i = 0; i < times; ++i) ++answers[ask(target, from)];
  return answers;
}

}  // namespace

class TstNftServiceProxy : public QObject {
  Q_OBJECT

  std::unique_ptr<QTemporaryDir> folder_;
  std::unique_ptr<Namespace> outside_;
  std::unique_ptr<WebServer> outsideServer_;
  std::vector<std::unique_ptr<PodNamespace>> pods_;
  NftServiceProxy proxy_{"gantrytest"};

  void apply(const std::vector<api::Endpoints>& services) {
    const absl::Status status = proxy_.apply(services, "10.244.0.0/16");
    QVERIFY2(status.ok(), std::string(status.message()).c_str());
  }
  std::vector<std::string> addresses() const {
    std::vector<std::string> all;
    for (const auto& pod : pods_) all.push_back(pod->address());
    return all;
  }

 private slots:
  void initTestCase() {
    if (::geteuid() != 0) QSKIP("needs root");
    QCOMPARE(::unshare(CLONE_NEWNET), 0);
    folder_ = std::make_unique<QTemporaryDir>();
    must("ip link set lo up");
    // The world: a machine on the node's link, which is also the way to everywhere else.
    outside_ = std::make_unique<Namespace>();
    must("ip link add uplink type veth peer name eth0 netns " + outside_->pid());
    must(QString("ip address add %1/24 dev uplink").arg(kNodeAddress));
    must("ip link set uplink up");
    run(outside_->inside(
        {"ip", "address", "add", QString("%1/24").arg(kOutsideAddress), "dev", "eth0"}));
    run(outside_->inside({"ip", "link", "set", "eth0", "up"}));
    outsideServer_ = std::make_unique<WebServer>(*outside_, "outside");
    must(QString("ip route add default via %1").arg(kOutsideAddress));

    const auto list = cniConfig({.name = "gantrytest",
                                 .podCidr = "10.244.0.0/24",
                                 .dataFolder = folder_->path().toStdString() + "/ipam"});
    QVERIFY(list.ok());
    // A runtime hands each plugin its part of the list, with the list's name.
    const QJsonObject all = QJsonDocument::fromJson(QByteArray::fromStdString(*list)).object();
    QJsonObject link = all["plugins"][0].toObject();
    link["name"] = all["name"];
    link["cniVersion"] = all["cniVersion"];
    const QString config = QJsonDocument(link).toJson();
    for (const char* name : {"pod-a", "pod-b", "pod-c"}) {
      pods_.push_back(std::make_unique<PodNamespace>(name, config));
      QVERIFY(!pods_.back()->address().empty());
    }
  }
  void cleanupTestCase() {
    pods_.clear();
    outsideServer_.reset();
    outside_.reset();
  }

  void podsReachEachOtherAndTheWorldSeesTheNode() {
    apply({});
    QCOMPARE(ask(QString::fromStdString(pods_[1]->address()) + ":8080", &pods_[0]->space()),
             QString("pod-b"));
    QCOMPARE(askFully(QString(kOutsideAddress) + ":8080", &pods_[0]->space()),
             QString("outside ") + kNodeAddress);
  }

  void aServiceIsSpreadOverItsReadyEndpoints() {
    api::Endpoints front = service("front", "10.96.0.1", addresses());
    front.mutable_addresses(2)->set_ready(false);
    apply({front});
    for (const Namespace* from : {static_cast<const Namespace*>(nullptr), &pods_[2]->space()}) {
      const auto answers = askOften("10.96.0.1", 40, from);
      QCOMPARE(answers.size(), 2u);
      // Each of two gets fewer than 4 of 40 about once in ten million runs.
      QVERIFY(answers.at("pod-a") > 3);
      QVERIFY(answers.at("pod-b") > 3);
    }
  }

  void aPodReachesItselfThroughItsService() {
    apply({service("own", "10.96.0.2", {pods_[0]->address()})});
    QCOMPARE(ask("10.96.0.2", &pods_[0]->space()), QString("pod-a"));
  }

  void aPodReachesItsNeighbourThroughAService() {
    apply({service("own", "10.96.0.2", {pods_[1]->address()})});
    // The neighbour sees who asked.
    QCOMPARE(askFully("10.96.0.2", &pods_[0]->space()),
             "pod-b " + QString::fromStdString(pods_[0]->address()));
  }

  void aNodePortAnswersInsideAndOutside() {
    apply({service("front", "10.96.0.1", addresses(), 30080)});
    const QString target = QString("%1:30080").arg(kNodeAddress);
    QCOMPARE(askOften(target, 40, outside_.get()).size(), 3u);
    QVERIFY(ask(target).startsWith("pod-"));
    QVERIFY(ask(target, &pods_[0]->space()).startsWith("pod-"));
  }

  void withoutEndpointsItIsRefusedAtOnce() {
    apply({service("front", "10.96.0.1", {}, 30080)});
    QVERIFY(isRefused("10.96.0.1"));
    QVERIFY(isRefused("10.96.0.1", &pods_[0]->space()));
    QVERIFY(isRefused(QString("%1:30080").arg(kNodeAddress), outside_.get()));
    // So is a port that the Service does not have.
    apply({service("front", "10.96.0.1", addresses())});
    QVERIFY(isRefused("10.96.0.1:81", &pods_[0]->space()));
  }

  void changesTakeEffectAndNothingElseIsTouched() {
    must("nft add table ip others");
    must("nft add chain ip others kept");
    apply({service("front", "10.96.0.1", {pods_[0]->address()})});
    QCOMPARE(ask("10.96.0.1"), QString("pod-a"));
    apply({service("front", "10.96.0.1", {pods_[1]->address()})});
    QCOMPARE(ask("10.96.0.1"), QString("pod-b"));
    const QString before = must("nft -a list table ip gantrytest");
    apply({service("front", "10.96.0.1", {pods_[1]->address()})});
    QCOMPARE(must("nft -a list table ip gantrytest"), before);

    api::Endpoints bad = service("front", "not an address", {});
    QVERIFY(absl::IsInvalidArgument(proxy_.apply({bad}, "10.244.0.0/16")));
    QVERIFY2(ask("10.96.0.1") == "pod-b", "a Service that is wrong changes nothing");

    QVERIFY(proxy_.remove().ok());
    QVERIFY(proxy_.remove().ok());
    const QString tables = must("nft list tables");
    QVERIFY(!tables.contains("gantrytest"));
    QVERIFY(tables.contains("others"));
  }

  void aThousandServicesAreOneTransaction() {
    std::vector<api::Endpoints> services;
    for (int i = 0; i < 1'000; ++i) {
      services.push_back(service("s" + std::to_string(i),
                                 "10.97." + std::to_string(i / 250) + "." + std::to_string(i % 250),
                                 addresses(), 31'000 + i));
    }
    QElapsedTimer timer;
    timer.start();
    apply(services);
    qInfo("1000 Services with 3 endpoints: %lld ms", timer.elapsed());
    QVERIFY(ask("10.97.3.249").startsWith("pod-"));
  }
};

QTEST_GUILESS_MAIN(TstNftServiceProxy)
#include "tst_nft_service_proxy.moc"
