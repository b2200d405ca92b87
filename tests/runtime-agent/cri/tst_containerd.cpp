// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include <map>
#include <memory>
#include <string>

#include "runtime-agent/cri/cri_runtime.h"
#include "runtime-agent/logs/log_files.h"
#include "runtime-agent/node/log_rotation.h"
#include "runtime-agent/pods/agent.h"
#include "runtime-agent/probes/net_prober.h"
#include "runtime-agent/volumes/disk_volumes.h"
#include "tests/support/agent_parts.h"
#include "tests/support/private_containerd.h"
#include "tests/support/running_executor.h"

using namespace gantry;
using namespace gantry::agent;

namespace {

constexpr int kPatienceMs = 60'000;
constexpr char kImage[] = "docker.io/local/web:1";

/// A pod that serves its ConfigMap over HTTP.
schema::Pod webPod(const std::string& name) {
  schema::Pod pod;
  pod.mutable_metadata()->set_name(name);
  pod.mutable_metadata()->set_namespace_("shop");
  pod.mutable_metadata()->set_uid("uid-" + name);
  schema::PodSpec& spec = *pod.mutable_spec();
  spec.set_restart_policy("Always");
  spec.set_termination_grace_period_seconds(1);
  schema::Volume* volume = spec.add_volumes();
  volume->set_name("pages");
  volume->mutable_config_map()->set_name("pages");
  schema::Container& web = *spec.add_containers();
  web.set_name("web");
  web.set_image(kImage);
  web.add_command("/bin/sh");
  web.add_args("-c");
  web.add_args("echo serving $(COLOUR) as $POD_IP; exec busybox httpd -f -p 80 -h /pages");
  (*web.mutable_resources()->mutable_limits())["memory"].set_text("32Mi");
  (*web.mutable_resources()->mutable_limits())["cpu"].set_text("250m");
  schema::EnvVar* colour = web.add_env();
  colour->set_name("COLOUR");
  colour->mutable_value_from()->mutable_config_map_key_ref()->set_name("pages");
  colour->mutable_value_from()->mutable_config_map_key_ref()->set_key("colour");
  schema::EnvVar* ip = web.add_env();
  ip->set_name("POD_IP");
  ip->mutable_value_from()->mutable_field_ref()->set_field_path("status.podIP");
  schema::VolumeMount* mount = web.add_volume_mounts();
  mount->set_name("pages");
  mount->set_mount_path("/pages");
  schema::Probe& probe = *web.mutable_readiness_probe();
  probe.mutable_http_get()->set_path("/index.html");
  probe.mutable_http_get()->mutable_port()->set_number(80);
  probe.set_period_seconds(1);
  return pod;
}

}  // namespace

/// The agent on a containerd of the test's own: real sandboxes, networks, images, processes.
class TstContainerd : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase();
  void cleanup();
  void cleanupTestCase();
  void runsAPodThatAnswers();
  void setsLimits();
  void restartsWhatIsKilledAndNothingElse();
  void adoptsWhatRuns();
  void saysWhyAnImageCannotBePulled();
  void runsInitContainersFirst();
  void rotatesALogThatGrows();
  void replacesAPodAfterAPowerCut();
  void leavesNothingBehind();

 private:
  void startAgent();
  void stopAgent();
  void want(const schema::Pod& pod, bool stop = false);
  void stopAll();
  schema::PodStatus status(const std::string& name);
  bool isReady(const std::string& name);
  bool isGone(const std::string& name);
  /// Of the container's first process, in this process's view.
  qint64 processOf(const std::string& name);

  std::unique_ptr<support::PrivateContainerd> containerd_;
  std::unique_ptr<support::RunningExecutor> executor_;
  std::unique_ptr<CriRuntime> runtime_;
  std::unique_ptr<NetProber> prober_;
  std::unique_ptr<DiskVolumes> volumes_;
  support::FakeServiceProxy proxy_;
  support::FakeCheckpoint checkpoint_;
  std::unique_ptr<support::FakeLink> link_;
  std::unique_ptr<Agent> agent_;
  api::WantedSet wanted_;
};

void TstContainerd::initTestCase() {
  if (const QString missing = support::PrivateContainerd::missing(); !missing.isEmpty()) {
    QSKIP(qPrintable(missing));
  }
  QVERIFY(support::PrivateContainerd::isolate());
  containerd_ = std::make_unique<support::PrivateContainerd>();
  QVERIFY2(containerd_->start(), qPrintable(containerd_->log()));
  QVERIFY(containerd_->addImage("docker.io/local/pause:1", {"sleep", "2147483647"}));
  QVERIFY(containerd_->addImage(kImage, {"sh"}));
  executor_ = std::make_unique<support::RunningExecutor>();
  executor_->call([this] {
    runtime_ = std::make_unique<CriRuntime>(executor_->get(), containerd_->endpoint());
    prober_ = std::make_unique<NetProber>(executor_->get(), *runtime_);
    return 0;
  });
  volumes_ = std::make_unique<DiskVolumes>(containerd_->path("volumes").toStdString());
  schema::ConfigMap* pages = wanted_.add_config_maps();
  pages->mutable_metadata()->set_name("pages");
  pages->mutable_metadata()->set_namespace_("shop");
  (*pages->mutable_data())["index.html"] = "hello";
  (*pages->mutable_data())["colour"] = "red";
  startAgent();
}

void TstContainerd::cleanup() {
  if (containerd_ && QTest::currentTestFailed()) qWarning("%s", qPrintable(containerd_->log()));
}

void TstContainerd::cleanupTestCase() {
  if (!executor_) return;
  stopAgent();
  executor_->call([this] {
    prober_.reset();
    runtime_.reset();
    return 0;
  });
  executor_.reset();
  containerd_.reset();
}

void TstContainerd::startAgent() {
  executor_->call([this] {
    link_ = std::make_unique<support::FakeLink>();
    Agent::Options options;
    options.node = "node-1";
    options.address = "10.231.7.1";
    options.podLogRoot = containerd_->path("logs").toStdString();
    options.relistInterval = base::Duration(200);
    options.discardLog = [](const std::string& path) {
      QDir(QString::fromStdString(path)).removeRecursively();
    };
    agent_ = std::make_unique<Agent>(executor_->get(), *runtime_, *prober_, *volumes_, proxy_,
                                     checkpoint_, *link_, options);
    agent_->start(schema::NodeStatus(), {});
    return 0;
  });
  QTRY_VERIFY_WITH_TIMEOUT(executor_->call([this] { return link_->dialled(); }), kPatienceMs);
  executor_->call([this] {
    link_->connect();
    return 0;
  });
}

void TstContainerd::stopAgent() {
  executor_->call([this] {
    agent_.reset();
    return 0;
  });
}

void TstContainerd::want(const schema::Pod& pod, bool stop) {
  executor_->call([&] {
    api::WantedPod* wanted = nullptr;
    for (api::WantedPod& each : *wanted_.mutable_pods()) {
      if (each.pod().metadata().uid() == pod.metadata().uid()) wanted = &each;
    }
    if (wanted == nullptr) wanted = wanted_.add_pods();
    *wanted->mutable_pod() = pod;
    wanted->set_stop(stop);
    api::ControllerMessage message;
    *message.mutable_wanted() = wanted_;
    link_->receive(message);
    return 0;
  });
}

void TstContainerd::stopAll() {
  const api::WantedSet wanted = wanted_;
  for (const api::WantedPod& each : wanted.pods()) {
    want(each.pod(), true);
    QTRY_VERIFY_WITH_TIMEOUT(isGone(each.pod().metadata().name()), kPatienceMs);
  }
  wanted_.clear_pods();
}

schema::PodStatus TstContainerd::status(const std::string& name) {
  return executor_->call([&] { return link_->observed["uid-" + name].status(); });
}

bool TstContainerd::isReady(const std::string& name) {
  const schema::PodStatus seen = status(name);
  for (const schema::Condition& each : seen.conditions()) {
    if (each.type() == "Ready") return each.status() == "True";
  }
  return false;
}

bool TstContainerd::isGone(const std::string& name) {
  return executor_->call([&] { return link_->observed["uid-" + name].gone(); });
}

qint64 TstContainerd::processOf(const std::string& name) {
  const std::string id = status(name).container_statuses(0).container_id();
  QFile file(QString("/sys/fs/cgroup/memory/k8s.io/%1/cgroup.procs").arg(id.c_str()));
  return file.open(QIODevice::ReadOnly) ? file.readLine().trimmed().toLongLong() : 0;
}

void TstContainerd::runsAPodThatAnswers() {
  want(webPod("front"));
  QTRY_VERIFY2_WITH_TIMEOUT(isReady("front"),
                            qPrintable(QString::fromStdString(status("front").DebugString())),
                            kPatienceMs);
  const schema::PodStatus seen = status("front");
  QVERIFY(QString::fromStdString(seen.pod_ip()).startsWith("10.231.7."));
  QCOMPARE(seen.phase(), std::string("Running"));
  QFile log(containerd_->path("logs/shop_front_uid-front/web/0.log"));
  QTRY_VERIFY_WITH_TIMEOUT(log.size() > 0, kPatienceMs);
  QVERIFY(log.open(QIODevice::ReadOnly));
  QVERIFY(log.readAll().contains(QString("serving red as %1").arg(seen.pod_ip().c_str()).toUtf8()));
}

void TstContainerd::setsLimits() {
  const QString id = status("front").container_statuses(0).container_id().c_str();
  QFile memory("/sys/fs/cgroup/memory/k8s.io/" + id + "/memory.limit_in_bytes");
  if (!memory.open(QIODevice::ReadOnly)) QSKIP("this machine has no cgroup v1 memory controller");
  QCOMPARE(memory.readAll().trimmed(), QByteArray("33554432"));
  QFile quota("/sys/fs/cgroup/cpu/k8s.io/" + id + "/cpu.cfs_quota_us");
  QVERIFY(quota.open(QIODevice::ReadOnly));
  QCOMPARE(quota.readAll().trimmed(), QByteArray("25000"));
}

void TstContainerd::restartsWhatIsKilledAndNothingElse() {
  want(webPod("back"));
  QTRY_VERIFY_WITH_TIMEOUT(isReady("back"), kPatienceMs);
  const std::string other = status("back").container_statuses(0).container_id();
  const std::string before = status("front").container_statuses(0).container_id();
  const qint64 process = processOf("front");
  if (process == 0) QSKIP("this machine has no cgroup v1 memory controller");
  QCOMPARE(::kill(static_cast<pid_t>(process), SIGKILL), 0);
  QTRY_VERIFY_WITH_TIMEOUT(status("front").container_statuses(0).container_id() != before,
                           kPatienceMs);
  QTRY_VERIFY_WITH_TIMEOUT(isReady("front"), kPatienceMs);
  QCOMPARE(status("front").container_statuses(0).restart_count(), 1);
  QCOMPARE(status("front").container_statuses(0).last_state().terminated().exit_code(), 137);
  QCOMPARE(status("back").container_statuses(0).container_id(), other);
  QCOMPARE(status("back").container_statuses(0).restart_count(), 0);
}

void TstContainerd::adoptsWhatRuns() {
  const qint64 front = processOf("front");
  const qint64 back = processOf("back");
  for (int i = 0; i < 5; ++i) {
    stopAgent();
    startAgent();
    QVERIFY(isReady("front"));
    want(webPod("front"));
  }
  QTRY_VERIFY_WITH_TIMEOUT(isReady("back"), kPatienceMs);
  QCOMPARE(processOf("front"), front);
  QCOMPARE(processOf("back"), back);
  QCOMPARE(status("front").container_statuses(0).restart_count(), 1);
  executor_->call([this] {
    for (const auto& [uid, statuses] : link_->statuses) {
      for (const schema::PodStatus& each : statuses) {
        if (!each.container_statuses(0).ready()) qFatal("%s became unready", uid.c_str());
      }
    }
    return 0;
  });
}

void TstContainerd::saysWhyAnImageCannotBePulled() {
  schema::Pod pod = webPod("lost");
  pod.mutable_spec()->mutable_containers(0)->set_image("127.0.0.1:1/nowhere/lost:1");
  want(pod);
  const auto waiting = [this] {
    const schema::PodStatus seen = status("lost");
    return seen.container_statuses_size() == 0 ? schema::ContainerStateWaiting()
                                               : seen.container_statuses(0).state().waiting();
  };
  QTRY_COMPARE_WITH_TIMEOUT(waiting().reason(), std::string("ImagePullBackOff"), kPatienceMs);
  QVERIFY(QString::fromStdString(waiting().message()).contains("127.0.0.1:1"));
}

void TstContainerd::runsInitContainersFirst() {
  schema::Pod pod = webPod("staged");
  schema::PodSpec& spec = *pod.mutable_spec();
  schema::Volume* shared = spec.add_volumes();
  shared->set_name("shared");
  shared->mutable_empty_dir()->set_medium("Memory");
  schema::Container& init = *spec.add_init_containers();
  init.set_name("prepare");
  init.set_image(kImage);
  for (const char* word : {"/bin/sh", "-c", "echo prepared > /shared/index.html"}) {
    init.add_command(word);
  }
  for (schema::Container* each : {&init, spec.mutable_containers(0)}) {
    schema::VolumeMount* mount = each->add_volume_mounts();
    mount->set_name("shared");
    mount->set_mount_path("/shared");
  }
  spec.mutable_containers(0)->set_args(
      1, "exec busybox httpd -f -p 80 -h /shared || cat /shared/index.html");
  want(pod);
  QTRY_VERIFY2_WITH_TIMEOUT(isReady("staged"),
                            qPrintable(QString::fromStdString(status("staged").DebugString())),
                            kPatienceMs);
  QCOMPARE(status("staged").init_container_statuses(0).state().terminated().reason(),
           std::string("Completed"));
}

void TstContainerd::rotatesALogThatGrows() {
  schema::Pod pod = webPod("talker");
  schema::Container& talker = *pod.mutable_spec()->mutable_containers(0);
  talker.clear_readiness_probe();
  talker.set_args(1, "i=0; while true; do i=$((i+1)); echo $i; sleep 0.02; done");
  want(pod);
  QTRY_VERIFY_WITH_TIMEOUT(isReady("talker"), kPatienceMs);

  auto rotation = executor_->call([this] {
    return std::make_unique<LogRotation>(
        executor_->get(), *runtime_,
        LogRotation::Options{.maxBytes = 2'000, .maxFiles = 3, .interval = base::Duration(300)});
  });
  const QString folder = containerd_->path("logs/shop_talker_uid-talker/web");
  const auto names = [&] { return QDir(folder).entryList({"0.log*"}, QDir::Files, QDir::Name); };
  const auto numbers = [&](const QString& name) {
    QFile file(folder + '/' + name);
    std::vector<int> found;
    if (!file.open(QIODevice::ReadOnly)) return found;
    for (const QByteArray& line : file.readAll().split('\n')) {
      if (!line.isEmpty()) found.push_back(line.split(' ').last().toInt());
    }
    return found;
  };
  // Three files, of which the oldest does not begin at the beginning: one was deleted.
  const auto oldestIsGone = [&] {
    const std::vector<int> oldest =
        names().size() == 3 ? numbers(names().at(1)) : std::vector<int>();
    return !oldest.empty() && oldest.front() > 1;
  };
  QTRY_VERIFY_WITH_TIMEOUT(oldestIsGone(), kPatienceMs);
  executor_->call([&] {
    rotation.reset();
    return 0;
  });
  // Nothing that was printed is lost between two files.
  std::vector<int> all;
  for (const std::filesystem::path& file : attemptFiles(folder.toStdString(), 0)) {
    for (const int number : numbers(QString::fromStdString(file.filename()))) all.push_back(number);
  }
  QVERIFY(all.size() > 20);
  for (std::size_t i = 1; i < all.size(); ++i) QCOMPARE(all[i], all[i - 1] + 1);
}

void TstContainerd::replacesAPodAfterAPowerCut() {
  const std::string before = status("front").container_statuses(0).container_id();
  containerd_->stop();
  QVERIFY2(containerd_->start(), qPrintable(containerd_->log()));
  QTRY_VERIFY_WITH_TIMEOUT(status("front").container_statuses(0).container_id() != before,
                           kPatienceMs);
  QTRY_VERIFY_WITH_TIMEOUT(isReady("front") && isReady("back"), kPatienceMs);
  QVERIFY(status("front").container_statuses(0).restart_count() >= 2);
}

void TstContainerd::leavesNothingBehind() {
  stopAll();
  support::Inbox<absl::StatusOr<RuntimeState>> answer;
  executor_->call([&] {
    runtime_->list([&](absl::StatusOr<RuntimeState> state) { answer.put(std::move(state)); });
    return 0;
  });
  const auto state = answer.take();
  QVERIFY(state && state->ok());
  QVERIFY((*state)->sandboxes.empty());
  QVERIFY((*state)->containers.empty());
  QVERIFY(QDir(containerd_->path("volumes")).isEmpty());
  QVERIFY(QDir(containerd_->path("logs")).isEmpty());
  QVERIFY(QDir(containerd_->path("ipam/test")).entryList({"10.*"}, QDir::Files).isEmpty());
}

QTEST_GUILESS_MAIN(TstContainerd)
#include "tst_containerd.moc"
