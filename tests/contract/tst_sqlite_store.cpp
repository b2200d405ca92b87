// SPDX-License-Identifier: Apache-2.0
// What the SQLite store promises beyond the contract: it outlives kill -9, has one owner, and says
// what is wrong with its file.
#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QTemporaryDir>
#include <QTest>
#include <fstream>

#include "controller/store/sqlite_store.h"

using gantry::store::SqliteStore;
using gantry::store::Write;

namespace {

// Commits pairs of equal values for ever, and writes the number of each acknowledged batch.
[[noreturn]] void commitUntilKilled(const std::string& file, int acknowledgements) {
  auto store = SqliteStore::open(file);
  if (!store.ok()) _exit(1);
  std::int64_t version = 0;
  for (const auto& record : *(*store)->list("/left")) version = record.version;
  for (int number = 1;; ++number) {
    const std::string value = std::to_string(number) + std::string(5'000, '.');
    const auto revision = (*store)->commit({{"/left", value, version}, {"/right", value, version}});
    if (!revision.ok()) _exit(2);
    version = *revision;
    if (::write(acknowledgements, &number, sizeof number) != sizeof number) _exit(3);
  }
}

// Fills a small file system with one store; returns 0 if all went as promised.
int fillDisk(const std::string& folder) {
  auto store = SqliteStore::open(folder + "/state.db");
  if (!store.ok()) return 10;
  std::int64_t last = 0;
  absl::Status error;
  for (int number = 0; number < 1'000 && error.ok(); ++number) {
    const auto revision =
        (*store)->commit({{"/" + std::to_string(number), std::string(20'000, 'x'), 0}});
    if (revision.ok()) last = *revision;
    error = revision.status();
  }
  if (!absl::IsResourceExhausted(error)) return 11;
  if (error.message().find("free space") == std::string::npos) return 12;
  const auto records = (*store)->list("/");
  if (!records.ok() || records->size() != static_cast<std::size_t>(last)) return 13;
  // With space again it goes on where it was.
  ::unlink((folder + "/ballast").c_str());
  if (!(*store)->commit({{"/after", "x", 0}}).ok()) return 14;
  return 0;
}

}  // namespace

class TstSqliteStore : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir folder_;
  std::string path(const char* name) const { return folder_.filePath(name).toStdString(); }

 private slots:
  void whatWasAcknowledgedSurvivesKill9() {
    for (int round = 0; round < 10; ++round) {
      const std::string file = path(("kill" + std::to_string(round)).c_str());
      int pipe[2];
      QCOMPARE(::pipe(pipe), 0);
      const pid_t child = ::fork();
      if (child == 0) {
        ::close(pipe[0]);
        commitUntilKilled(file, pipe[1]);
      }
      ::close(pipe[1]);
      int acknowledged = 0;
      for (int i = 0; i < 5 + 7 * round; ++i) {
        QCOMPARE(::read(pipe[0], &acknowledged, sizeof acknowledged),
                 static_cast<ssize_t>(sizeof acknowledged));
      }
      ::kill(child, SIGKILL);
      int more = 0;
      while (::read(pipe[0], &more, sizeof more) == sizeof more) acknowledged = more;
      ::close(pipe[0]);
      QCOMPARE(::waitpid(child, nullptr, 0), child);

      const auto store = SqliteStore::open(file);
      QVERIFY2(store.ok(), store.status().ToString().c_str());
      const auto records = *(*store)->list("/");
      QCOMPARE(records.size(), 2u);
      QCOMPARE(records[0].value, records[1].value);
      QVERIFY(std::stoi(records[0].value) >= acknowledged);
      const std::int64_t version = records[0].version;
      QVERIFY(*(*store)->commit({{"/left", "x", version}}) > version);
    }
  }

  void isReopenedWithWhatItHeld() {
    std::int64_t revision = 0;
    {
      const auto store = SqliteStore::open(path("reopen"));
      revision = *(*store)->commit({{"/a", "1", 0}});
      revision = *(*store)->commit({{"/a", std::nullopt, revision}});
    }
    const auto store = SqliteStore::open(path("reopen"));
    QVERIFY((*store)->list("/")->empty());
    QCOMPARE(*(*store)->commit({{"/a", "1", 0}}), revision + 1);
  }

  void refusesASecondController() {
    const auto first = SqliteStore::open(path("locked"));
    QVERIFY(first.ok());
    int report[2];
    QCOMPARE(::pipe(report), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      const auto second = SqliteStore::open(path("locked"));
      const std::string text = second.status().ToString();
      _exit(::write(report[1], text.data(), text.size()) < 0);
    }
    ::close(report[1]);
    std::string text(1'000, '\0');
    text.resize(std::max<ssize_t>(0, ::read(report[0], text.data(), text.size())));
    ::close(report[0]);
    QCOMPARE(::waitpid(child, nullptr, 0), child);
    QVERIFY2(text.starts_with("FAILED_PRECONDITION"), text.c_str());
    QVERIFY2(text.find("another controller has it open") != std::string::npos, text.c_str());
    QVERIFY((*first)->commit({{"/a", "1", 0}}).ok());
  }

  void isReadableByItsOwnerOnly() {
    const auto store = SqliteStore::open(path("private"));
    QVERIFY((*store)->commit({{"/a", "1", 0}}).ok());
    for (const char* suffix : {"", "-wal"}) {
      struct stat info{};
      QCOMPARE(::stat((path("private") + suffix).c_str(), &info), 0);
      QCOMPARE(info.st_mode & 0777, 0600u);
    }
  }

  void saysWhatIsWrongWithTheFile_data() {
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("expected");
    QTest::newRow("not a database") << QByteArray(5'000, 'x') << "restore it from a backup";
    QTest::newRow("cut short") << QByteArray("SQLite format 3\0\x10", 17) << "restore it";
  }
  void saysWhatIsWrongWithTheFile() {
    QFETCH(QByteArray, content);
    QFETCH(QString, expected);
    std::ofstream(path("wrong"), std::ios::binary) << content.toStdString();
    const auto store = SqliteStore::open(path("wrong"));
    QCOMPARE(store.status().code(), absl::StatusCode::kDataLoss);
    QVERIFY2(QString::fromStdString(std::string(store.status().message())).contains(expected),
             store.status().ToString().c_str());
  }

  void aDamagedPageIsFoundWhenItIsOpened() {
    {
      const auto store = SqliteStore::open(path("damaged"));
      for (int i = 0; i < 50; ++i) {
        QVERIFY((*store)->commit({{"/" + std::to_string(i), std::string(3'000, 'x'), 0}}).ok());
      }
    }
    std::fstream file(path("damaged"), std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(4096 * 3);
    file << std::string(4096 * 4, '\x7f');
    file.close();
    const auto store = SqliteStore::open(path("damaged"));
    QCOMPARE(store.status().code(), absl::StatusCode::kDataLoss);
  }

  void aFolderThatIsNotThereIsNamed() {
    const auto store = SqliteStore::open(path("none/state.db"));
    QCOMPARE(store.status().code(), absl::StatusCode::kNotFound);
    QVERIFY(store.status().message().find("none/state.db") != std::string::npos);
  }

  void aFullDiskLosesNothingAndIsSaid() {
    const std::string folder = path("small");
    QCOMPARE(::mkdir(folder.c_str(), 0700), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      // A mount namespace of its own: the small file system goes with the process.
      if (::unshare(CLONE_NEWNS) != 0) _exit(77);
      if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) _exit(77);
      if (::mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=2m") != 0) _exit(77);
      std::ofstream(folder + "/ballast") << std::string(500'000, '.');
      _exit(fillDisk(folder));
    }
    int status = 0;
    QCOMPARE(::waitpid(child, &status, 0), child);
    QVERIFY(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77) QSKIP("needs the right to mount a small file system");
    QCOMPARE(WEXITSTATUS(status), 0);
  }
};

QTEST_GUILESS_MAIN(TstSqliteStore)
#include "tst_sqlite_store.moc"
