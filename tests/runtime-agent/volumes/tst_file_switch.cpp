// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/volumes/file_switch.h"

#include <sys/stat.h>

#include <QTest>
#include <atomic>
#include <thread>

#include "base/file.h"
#include "runtime-agent/volumes/sub_path.h"

using namespace gantry;
using namespace gantry::agent;
namespace fs = std::filesystem;

namespace {

std::string read(const fs::path& path) {
  return base::readFile(path).value_or("(unreadable)");
}

unsigned modeOf(const fs::path& path) {
  struct stat about{};
  return ::stat(path.c_str(), &about) == 0 ? about.st_mode & 07777 : 0;
}

std::size_t entries(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

}  // namespace

class TstFileSwitch : public QObject {
  Q_OBJECT

 private slots:
  void filesAppearWithContentAndMode() {
    QTemporaryDir folder;
    const fs::path root = folder.path().toStdString();
    QVERIFY(switchFiles(root, {{"a", {"1", 0640}}, {"deep/b", {"2", 0444}}}, {}).ok());
    QCOMPARE(read(root / "a"), std::string("1"));
    QCOMPARE(read(root / "deep/b"), std::string("2"));
    QCOMPARE(modeOf(root / "a"), 0640u);
    QCOMPARE(modeOf(root / "deep/b"), 0444u);
    QVERIFY(fs::is_symlink(root / "a"));
    QCOMPARE(fs::read_symlink(root / "a"), fs::path("..data/a"));
  }

  void nothingIsTouchedWhenNothingChanged() {
    QTemporaryDir folder;
    const fs::path root = folder.path().toStdString();
    const VolumeFiles files = {{"a", {"1", 0644}}};
    QVERIFY(switchFiles(root, files, {}).ok());
    const fs::path version = fs::read_symlink(root / "..data");
    QVERIFY(switchFiles(root, files, {}).ok());
    QCOMPARE(fs::read_symlink(root / "..data"), version);
    // A change of the mode alone is a change.
    QVERIFY(switchFiles(root, {{"a", {"1", 0600}}}, {}).ok());
    QCOMPARE(modeOf(root / "a"), 0600u);
  }

  void filesComeAndGo() {
    QTemporaryDir folder;
    const fs::path root = folder.path().toStdString();
    QVERIFY(switchFiles(root, {{"a", {"1"}}, {"d/b", {"2"}}}, {}).ok());
    QVERIFY(switchFiles(root, {{"c", {"3"}}}, {}).ok());
    QVERIFY(!fs::exists(fs::symlink_status(root / "a")));
    QVERIFY(!fs::exists(fs::symlink_status(root / "d")));
    QCOMPARE(read(root / "c"), std::string("3"));
    // ..data, one version, one link.
    QCOMPARE(entries(root), 3u);
    QVERIFY(switchFiles(root, {}, {}).ok());
    QCOMPARE(entries(root), 2u);
  }

  void whatACrashLeftIsRemoved() {
    QTemporaryDir folder;
    const fs::path root = folder.path().toStdString();
    fs::create_directories(root / "..version-dead");
    fs::create_symlink("..version-dead", root / "..data_next");
    fs::create_symlink("..data/old", root / "old");
    QVERIFY(switchFiles(root, {{"a", {"1"}}}, {}).ok());
    QCOMPARE(entries(root), 3u);
    QCOMPARE(read(root / "a"), std::string("1"));
  }

  // A reader that opens ..data once sees one version whole, whatever is being switched.
  void aReaderNeverSeesHalfOfAnUpdate() {
    QTemporaryDir folder;
    const fs::path root = folder.path().toStdString();
    const auto version = [](int number) {
      const std::string text = std::to_string(number);
      return VolumeFiles{{"a", {text}}, {"b", {text}}};
    };
    QVERIFY(switchFiles(root, version(0), {}).ok());
    std::atomic<bool> done = false;
    std::atomic<int> torn = 0, whole = 0;
    std::thread reader([&] {
      while (!done || whole == 0) {
        std::error_code error;
        const fs::path current = root / fs::read_symlink(root / "..data", error);
        const auto a = base::readFile(current / "a"), b = base::readFile(current / "b");
        // A version that was already replaced may be gone; that is not half of one.
        if (error || !a.ok() || !b.ok()) continue;
        ++(*a == *b ? whole : torn);
      }
    });
    for (int i = 1; i <= 100; ++i) QVERIFY(switchFiles(root, version(i), {}).ok());
    done = true;
    reader.join();
    QCOMPARE(torn.load(), 0);
    QVERIFY(whole.load() > 0);
  }

  void aSubPathStaysInTheVolume() {
    QTemporaryDir folder, outside;
    const std::string root = fs::canonical(folder.path().toStdString()).string();
    QVERIFY(switchFiles(root, {{"a", {"1"}}}, {}).ok());
    // Through the symlinks of the switch to the file itself.
    const auto file = resolveSubPath(root, "a");
    QVERIFY2(file.ok(), std::string(file.status().message()).c_str());
    QCOMPARE(read(*file), std::string("1"));
    QVERIFY(file->starts_with(root + "/..version-"));

    QCOMPARE(resolveSubPath(root, "new/folder").value_or(""), root + "/new/folder");
    QVERIFY(fs::is_directory(root + "/new/folder"));

    fs::create_symlink(outside.path().toStdString(), root + "/out");
    fs::create_symlink("../..", root + "/up");
    for (const char* bad : {"out", "out/new", "up", "../x", "/etc"}) {
      QVERIFY2(absl::IsInvalidArgument(resolveSubPath(root, bad).status()), bad);
    }
    QVERIFY(fs::is_empty(outside.path().toStdString()));
  }
};

QTEST_GUILESS_MAIN(TstFileSwitch)
#include "tst_file_switch.moc"
