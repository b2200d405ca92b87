// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTextStream>

namespace gantry::support {

/// A containerd of the test's own, with its own storage, network and processes. It lives in
/// namespaces that end with it, so that nothing is left even if the test is killed: its processes
/// are killed with it, its mounts and interfaces vanish with their last process. Needs root.
class PrivateContainerd {
 public:
  /// Empty if this machine can run one; else what is missing.
  static QString missing() {
    if (geteuid() != 0) return "needs root";
    for (const char* program : {"containerd", "runc", "ctr", "umoci", "skopeo", "unshare", "ip"}) {
      if (QStandardPaths::findExecutable(program).isEmpty())
        return QString(program) + " is missing";
    }
    return QFile::exists("/usr/lib/cni/bridge") ? "" : "the CNI plugins are missing";
  }

  /// Moves this process into a network and a mount namespace of its own. Before any thread.
  static bool isolate() {
    return ::unshare(CLONE_NEWNET | CLONE_NEWNS) == 0 &&
           ::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
           // containerd, in a namespace below, is to see what the agent mounts.
           ::mount("", "/", nullptr, MS_REC | MS_SHARED, nullptr) == 0 &&
           QProcess::execute("ip", {"link", "set", "lo", "up"}) == 0;
  }

  PrivateContainerd() : folder_(QString("/tmp/gantry-e2e-%1-XXXXXX").arg(getpid())) {
    removeStale();
    process_.setProcessChannelMode(QProcess::MergedChannels);
    process_.setStandardOutputFile(path("containerd.log"));
    process_.setChildProcessModifier([] { ::prctl(PR_SET_PDEATHSIG, SIGKILL); });
  }

  ~PrivateContainerd() {
    const QStringList containers = QDir(path("state/io.containerd.runtime.v2.task/k8s.io"))
                                       .entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    stop();
    // The kernel keeps the control groups of containers that were killed with their shims.
    for (const QString& controller :
         QDir("/sys/fs/cgroup").entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
      for (const QString& id : containers) {
        QDir().rmdir("/sys/fs/cgroup/" + controller + "/k8s.io/" + id);
      }
    }
  }

  QString path(const QString& name) const { return folder_.filePath(name); }
  std::string endpoint() const { return "unix://" + path("containerd.sock").toStdString(); }

  /// Starts it and waits until it answers. Storage is kept between stop and start.
  bool start() {
    write("config.toml", config());
    QDir().mkpath(path("cni"));
    QDir().mkpath(path("certs.d"));
    write("cni/10-test.conflist", network());
    process_.start("unshare",
                   {"--mount", "--propagation", "slave", "--pid", "--fork", "--kill-child",
                    "--mount-proc", "containerd", "--config", path("config.toml")});
    QElapsedTimer waited;
    waited.start();
    while (waited.elapsed() < 30'000) {
      if (ctr({"version"})) return true;
    }
    return false;
  }

  /// Ends it at once, with everything that runs in it: a power cut.
  void stop() {
    if (process_.state() == QProcess::NotRunning) return;
    process_.kill();
    process_.waitForFinished();
  }

  /// Builds an image of busybox with installers/image and imports it.
  bool addImage(const QString& name, const QStringList& command) {
    const QString archive = path("image.tar");
    return run(QString(GANTRY_SOURCE_DIR) + "/installers/image",
               QStringList{name, archive, "-"} + command) &&
           ctr({"-n", "k8s.io", "images", "import", archive});
  }

  QString log() const {
    QFile file(path("containerd.log"));
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll().right(4'000)) : "";
  }

 private:
  /// Storage of tests that crashed before they could remove it.
  static void removeStale() {
    for (const QString& name : QDir("/tmp").entryList({"gantry-e2e-*-*"}, QDir::Dirs)) {
      if (!QFile::exists("/proc/" + name.section('-', 2, 2)))
        QDir("/tmp/" + name).removeRecursively();
    }
  }

  bool run(const QString& program, const QStringList& arguments) {
    QProcess process;
    process.start(program, arguments);
    return process.waitForFinished(60'000) && process.exitStatus() == QProcess::NormalExit &&
           process.exitCode() == 0;
  }

  bool ctr(const QStringList& arguments) {
    return run("ctr", QStringList{"--address", path("containerd.sock")} + arguments);
  }

  void write(const QString& name, const QString& content) {
    QFile file(path(name));
    if (file.open(QIODevice::WriteOnly)) file.write(content.toUtf8());
  }

  QString config() const {
    return QString(R"(version = 2
root = "%1/root"
state = "%1/state"
[grpc]
  address = "%1/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  restrict_oom_score_adj = true
  sandbox_image = "docker.io/local/pause:1"
  stream_server_port = "0"
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "%1/cni"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "%1/certs.d"
)")
        .arg(folder_.path());
  }

  QString network() const {
    return QString(R"({"cniVersion": "0.4.0", "name": "test", "plugins": [
  {"type": "bridge", "bridge": "gantry-e2e", "isGateway": true, "hairpinMode": true,
   "ipam": {"type": "host-local", "dataDir": "%1/ipam",
            "ranges": [[{"subnet": "10.231.7.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]})")
        .arg(folder_.path());
  }

  QTemporaryDir folder_;
  QProcess process_;
};

}  // namespace gantry::support
