// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/volumes/disk_volumes.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <QTest>
#include <fstream>

#include "base/file.h"
#include "runtime-agent/volumes/mounts.h"

using namespace gantry;
using namespace gantry::agent;
namespace fs = std::filesystem;

namespace {

constexpr long kTmpfsMagic = 0x01021994;

schema::Pod pod(const std::string& uid = "uid-1") {
  schema::Pod pod;
  pod.mutable_metadata()->set_uid(uid);
  pod.mutable_metadata()->set_namespace_("shop");
  return pod;
}

schema::Volume& add(schema::Pod& pod, const std::string& name) {
  schema::Volume* volume = pod.mutable_spec()->add_volumes();
  volume->set_name(name);
  return *volume;
}

struct stat about(const std::string& path) {
  struct stat result{};
  if (::stat(path.c_str(), &result) != 0) qWarning("no %s", path.c_str());
  return result;
}

bool isTmpfs(const std::string& path) {
  struct statfs result{};
  return ::statfs(path.c_str(), &result) == 0 && result.f_type == kTmpfsMagic;
}

}  // namespace

class TstDiskVolumes : public QObject {
  Q_OBJECT

  std::unique_ptr<QTemporaryDir> folder_;
  std::unique_ptr<DiskVolumes> volumes_;

  // The paths of the pod's volumes; a failed test if they cannot be made.
  std::map<std::string, std::string> prepare(const schema::Pod& pod,
                                             const ConfigSources& sources = {}) {
    const auto paths = volumes_->prepare(pod, sources);
    if (!paths.ok()) {
      QTest::qFail(std::string(paths.status().message()).c_str(), __FILE__, __LINE__);
      return {};
    }
    return *paths;
  }
  fs::path root() const { return folder_->path().toStdString(); }

 private slots:
  void initTestCase() {
    if (::geteuid() != 0) QSKIP("needs root");
  }
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    volumes_ = std::make_unique<DiskVolumes>(root());
  }
  void cleanup() {
    // Also after a failed test, before the folder is deleted.
    if (folder_) QVERIFY(unmountBelow(root()).ok());
  }

  void anEmptyDirOnDiskIsForEverybodyAndKeepsItsFiles() {
    schema::Pod p = pod();
    add(p, "data").mutable_empty_dir();
    add(p, "no-source");
    const auto paths = prepare(p);
    QCOMPARE(about(paths.at("data")).st_mode & 07777, 0777u);
    QVERIFY(!isTmpfs(paths.at("data")) || isTmpfs(folder_->path().toStdString()));
    QVERIFY(fs::is_directory(paths.at("no-source")));
    QVERIFY(base::writeFileAtomically(paths.at("data") + "/x", "1").ok());
    QCOMPARE(prepare(p), paths);
    QVERIFY(fs::exists(paths.at("data") + "/x"));
  }

  void anEmptyDirInMemoryHasItsLimit() {
    schema::Pod p = pod();
    schema::EmptyDirVolumeSource* source = add(p, "cache").mutable_empty_dir();
    source->set_medium("Memory");
    source->mutable_size_limit()->set_text("1Mi");
    const std::string path = prepare(p).at("cache");
    QVERIFY(isTmpfs(path));
    QVERIFY(base::writeFileAtomically(path + "/small", std::string(500'000, 'x')).ok());
    const auto full = base::writeFileAtomically(path + "/big", std::string(2'000'000, 'x'));
    QVERIFY(absl::IsResourceExhausted(full));
    QCOMPARE(prepare(p).at("cache"), path);
    QVERIFY2(fs::exists(path + "/small"), "mounted once, not again on top");
  }

  void secretsAreOnTmpfsAndConfigMapsFollowTheirSource() {
    schema::Pod p = pod();
    add(p, "login").mutable_secret()->set_secret_name("login");
    add(p, "conf").mutable_config_map()->set_name("front");
    ConfigSources sources;
    (*sources.secrets["shop/login"].mutable_data())["password"] = "hunter2";
    (*sources.configMaps["shop/front"].mutable_data())["title"] = "v1";
    const auto paths = prepare(p, sources);
    QVERIFY(isTmpfs(paths.at("login")));
    QCOMPARE(*base::readFile(paths.at("login") + "/password"), std::string("hunter2"));
    QCOMPARE(*base::readFile(paths.at("conf") + "/title"), std::string("v1"));

    (*sources.configMaps["shop/front"].mutable_data())["title"] = "v2";
    prepare(p, sources);
    QCOMPARE(*base::readFile(paths.at("conf") + "/title"), std::string("v2"));
  }

  void aMissingConfigMapIsNamedWithItsVolume() {
    schema::Pod p = pod();
    add(p, "conf").mutable_config_map()->set_name("front");
    const auto paths = volumes_->prepare(p, {});
    QVERIFY(absl::IsFailedPrecondition(paths.status()));
    QCOMPARE(std::string(paths.status().message()),
             std::string("volume conf: ConfigMap shop/front does not exist"));
  }

  void filesBelongToTheFsGroup() {
    schema::Pod p = pod();
    p.mutable_spec()->mutable_security_context()->set_fs_group(4321);
    add(p, "data").mutable_empty_dir();
    schema::SecretVolumeSource* secret = add(p, "login").mutable_secret();
    secret->set_secret_name("login");
    secret->set_default_mode(0400);
    ConfigSources sources;
    (*sources.secrets["shop/login"].mutable_data())["password"] = "x";
    const auto paths = prepare(p, sources);
    QCOMPARE(about(paths.at("data")).st_gid, 4321u);
    QVERIFY(about(paths.at("data")).st_mode & S_ISGID);
    const struct stat file = about(paths.at("login") + "/password");
    QCOMPARE(file.st_gid, 4321u);
    QCOMPARE(file.st_mode & 07777, 0440u);
    QCOMPARE(prepare(p, sources), paths);
  }

  void hostPathsAreChecked_data() {
    QTest::addColumn<QString>("type");
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("good");
    const auto row = [](const char* title, const char* type, const char* name, bool good) {
      QTest::newRow(title) << type << name << good;
    };
    row("no type asks nothing", "", "missing", true);
    row("a Directory that is one", "Directory", "folder", true);
    row("a Directory that is a file", "Directory", "file", false);
    row("a Directory that is missing", "Directory", "missing", false);
    row("a DirectoryOrCreate that is missing", "DirectoryOrCreate", "missing/deep", true);
    row("a DirectoryOrCreate that is a file", "DirectoryOrCreate", "file", false);
    row("a File that is one", "File", "file", true);
    row("a File that is missing", "File", "missing", false);
    row("a FileOrCreate that is missing", "FileOrCreate", "missing", true);
    row("a Socket that is a file", "Socket", "file", false);
    row("a CharDevice that is a file", "CharDevice", "file", false);
    row("an unknown type", "Door", "file", false);
    row("a path that climbs", "", "../x", false);
  }
  void hostPathsAreChecked() {
    QFETCH(QString, type);
    QFETCH(QString, name);
    QFETCH(bool, good);
    QTemporaryDir host;
    const fs::path base = host.path().toStdString();
    fs::create_directory(base / "folder");
    std::ofstream(base / "file") << "kept";
    const std::string path = (base / name.toStdString()).string();
    schema::Pod p = pod();
    schema::HostPathVolumeSource* source = add(p, "host").mutable_host_path();
    source->set_path(path);
    source->set_type(type.toStdString());
    const auto paths = volumes_->prepare(p, {});
    QVERIFY2(paths.ok() == good, std::string(paths.status().message()).c_str());
    if (good) QCOMPARE(paths->at("host"), path);
    if (good && type.endsWith("OrCreate")) {
      QCOMPARE(fs::is_directory(path), type.startsWith("Directory"));
    }
    QVERIFY(volumes_->remove("uid-1").ok());
    QVERIFY2(fs::exists(base / "file"), "the host's own files stay");
  }

  void removeUnmountsAndDeletesOnePodOnly() {
    schema::Pod p = pod(), other = pod("uid-2");
    for (schema::Pod* each : {&p, &other}) {
      add(*each, "cache").mutable_empty_dir()->set_medium("Memory");
      add(*each, "data").mutable_empty_dir();
    }
    const auto paths = prepare(p), otherPaths = prepare(other);
    // A file that is still open does not keep the volume.
    std::ofstream open(paths.at("cache") + "/open");
    open << "x" << std::flush;
    QVERIFY(volumes_->remove("uid-1").ok());
    QVERIFY(!fs::exists(root() / "uid-1"));
    QVERIFY(*isMountPoint(otherPaths.at("cache")));
    QVERIFY(volumes_->remove("uid-1").ok());
    QVERIFY(volumes_->remove("uid-2").ok());
    QVERIFY(fs::is_empty(root()));
  }

  void namesThatLeadOutAreRefused() {
    schema::Pod p = pod("../../etc");
    QVERIFY(absl::IsInvalidArgument(volumes_->prepare(p, {}).status()));
    QVERIFY(absl::IsInvalidArgument(volumes_->remove("..")));
    QVERIFY(absl::IsInvalidArgument(volumes_->remove("")));
    schema::Pod q = pod();
    add(q, "../x").mutable_empty_dir();
    QVERIFY(absl::IsInvalidArgument(volumes_->prepare(q, {}).status()));
  }
};

QTEST_GUILESS_MAIN(TstDiskVolumes)
#include "tst_disk_volumes.moc"
