// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/logs/log_reader.h"

#include <QTest>
#include <fstream>
#include <random>
#include <thread>

#include "base/time.h"
#include "runtime-agent/logs/log_files.h"
#include "runtime-agent/logs/tail.h"
#include "tests/support/running_executor.h"

using namespace gantry;
using namespace gantry::agent;
namespace fs = std::filesystem;

namespace {

std::string record(int second, const std::string& text, char tag = 'F') {
  return base::formatRfc3339(base::fromUnixMs(second * 1'000)) + " stdout " + tag + " " + text +
         "\n";
}

void append(const fs::path& file, const std::string& text) {
  std::ofstream(file, std::ios::app) << text << std::flush;
}

std::string texts(const std::vector<LoggedLine>& lines) {
  std::string all;
  for (const LoggedLine& line : lines) all += (all.empty() ? "" : " ") + line.text;
  return all;
}

}  // namespace

class TstLogReader : public QObject {
  Q_OBJECT

  std::unique_ptr<QTemporaryDir> folder_;

  fs::path web() const { return fs::path(folder_->path().toStdString()) / "web"; }
  LogRequest request() const {
    LogRequest request;
    request.containerFolder = web();
    return request;
  }
  static std::string read(const LogRequest& request) {
    std::vector<LoggedLine> all;
    const absl::Status status = readLog(request, {}, [&](std::vector<LoggedLine> lines) {
      all.insert(all.end(), lines.begin(), lines.end());
      return true;
    });
    return status.ok() ? texts(all) : std::string(status.message());
  }

 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    fs::create_directory(web());
  }

  void theWholeLogRotatedPartsFirst() {
    append(web() / "0.log.20260101-000002", record(2, "b"));
    append(web() / "0.log.20260101-000001", record(1, "a"));
    append(web() / "0.log.20260101-000000.gz", "packed");
    append(web() / "0.log",
           "damaged\n" + record(3, "c", 'P') + record(4, "d") + record(5, "e", 'P'));
    QCOMPARE(read(request()), std::string("a b cd e"));
  }

  void tail_data() {
    QTest::addColumn<int>("lines");
    QTest::addColumn<QString>("expected");
    QTest::newRow("none") << 0 << "";
    QTest::newRow("one") << 1 << "f";
    QTest::newRow("a line in parts is one") << 2 << "cde f";
    QTest::newRow("into the rotated file") << 3 << "b cde f";
    QTest::newRow("exactly all") << 4 << "a b cde f";
    QTest::newRow("more than there is") << 100 << "a b cde f";
    QTest::newRow("all") << -1 << "a b cde f";
  }
  void tail() {
    QFETCH(int, lines);
    QFETCH(QString, expected);
    append(web() / "0.log.1", record(1, "a") + record(2, "b"));
    append(web() / "0.log",
           record(3, "c", 'P') + record(3, "d", 'P') + record(3, "e") + record(6, "f"));
    LogRequest wanted = request();
    wanted.tailLines = lines;
    QCOMPARE(QString::fromStdString(read(wanted)), expected);
  }

  void tailMatchesReadingAllOfIt() {
    for (std::uint32_t seed = 1; seed <= 40; ++seed) {
      init();
      std::mt19937 random(seed);
      std::vector<std::string> all;
      for (int file = 0; file < 3; ++file) {
        const fs::path path = web() / (file == 2 ? "0.log" : "0.log." + std::to_string(file));
        append(path, "");
        for (int i = static_cast<int>(random() % 40); i > 0; --i) {
          // Some are longer than the block that is read at once.
          const std::string text(1 + random() % (random() % 10 == 0 ? 70'000 : 50), 'x');
          append(path, record(1, text));
          all.push_back(std::to_string(text.size()));
        }
      }
      LogRequest wanted = request();
      wanted.maxLineBytes = 100'000;
      wanted.tailLines = static_cast<int>(random() % 60);
      std::vector<std::string> got;
      QVERIFY(readLog(wanted, {}, [&](const std::vector<LoggedLine>& lines) {
                for (const LoggedLine& line : lines)
                  got.push_back(std::to_string(line.text.size()));
                return true;
              }).ok());
      const auto count =
          std::min<std::size_t>(all.size(), static_cast<std::size_t>(wanted.tailLines));
      QVERIFY2(got == std::vector<std::string>(all.end() - static_cast<std::ptrdiff_t>(count),
                                               all.end()),
               qPrintable(QString("seed %1").arg(seed)));
    }
  }

  void sinceLeavesOutWhatIsNotLater() {
    append(web() / "0.log", record(1, "a") + record(2, "b") + record(3, "c"));
    LogRequest wanted = request();
    wanted.sinceMs = 2'000;
    QCOMPARE(read(wanted), std::string("c"));
  }

  void previousIsTheRunBeforeTheLast() {
    append(web() / "2.log", record(1, "old"));
    append(web() / "10.log", record(2, "new"));
    LogRequest wanted = request();
    QCOMPARE(read(wanted), std::string("new"));
    wanted.previous = true;
    QCOMPARE(read(wanted), std::string("old"));
    fs::remove(web() / "2.log");
    QCOMPARE(read(wanted), std::string("container web has no earlier run"));
    fs::remove_all(web());
    wanted.previous = false;
    QCOMPARE(read(wanted), std::string("container web has not started yet"));
  }

  void aSinkThatHasEnoughEndsTheReading() {
    for (int i = 0; i < 5'000; ++i) append(web() / "0.log", record(1, "x"));
    std::size_t taken = 0;
    QVERIFY(readLog(request(), {}, [&](const std::vector<LoggedLine>& lines) {
              taken += lines.size();
              return false;
            }).ok());
    QVERIFY(taken > 0 && taken < 5'000);
  }

  void followGoesThroughRotationRestartAndEndsWithThePod() {
    append(web() / "0.log", record(1, "a") + record(2, "b"));
    support::Inbox<std::string> lines;
    absl::Status status;
    std::thread reader([&] {
      LogRequest wanted = request();
      wanted.follow = true;
      wanted.tailLines = 1;
      status = readLog(wanted, {}, [&](const std::vector<LoggedLine>& batch) {
        for (const LoggedLine& line : batch) lines.put(line.text);
        return true;
      });
      lines.put("(end)");
    });
    QCOMPARE(lines.take().value_or(""), std::string("b"));
    append(web() / "0.log", record(3, "c"));
    QCOMPARE(lines.take().value_or(""), std::string("c"));

    // A record that is written in two goes is one line.
    const std::string split = record(4, "whole");
    append(web() / "0.log", split.substr(0, 20));
    append(web() / "0.log", split.substr(20));
    QCOMPARE(lines.take().value_or(""), std::string("whole"));

    // Rotation: the file is renamed, written to a little longer, then a new one is opened.
    fs::rename(web() / "0.log", web() / "0.log.20260101-000000");
    append(web() / "0.log.20260101-000000", record(5, "late"));
    append(web() / "0.log", record(6, "fresh"));
    QCOMPARE(lines.take().value_or(""), std::string("late"));
    QCOMPARE(lines.take().value_or(""), std::string("fresh"));

    append(web() / "0.log", record(7, "last words", 'P'));
    append(web() / "1.log", record(8, "again"));
    QCOMPARE(lines.take().value_or(""), std::string("last words"));
    QCOMPARE(lines.take().value_or(""), std::string("again"));

    fs::remove_all(web());
    QCOMPARE(lines.take().value_or(""), std::string("(end)"));
    reader.join();
    QVERIFY(status.ok());
  }

  void followEndsWhenAskedTo() {
    append(web() / "0.log", record(1, "a"));
    support::Inbox<std::string> lines;
    std::jthread reader([&](std::stop_token stop) {
      LogRequest wanted = request();
      wanted.follow = true;
      (void)readLog(wanted, std::move(stop), [&](const std::vector<LoggedLine>& batch) {
        lines.put(texts(batch));
        return true;
      });
      lines.put("(end)");
    });
    QCOMPARE(lines.take().value_or(""), std::string("a"));
    reader.request_stop();
    QCOMPARE(lines.take().value_or(""), std::string("(end)"));
  }

  void namesFollowKubelet() {
    QCOMPARE(podLogFolder("/var/log/pods", "shop", "front-1", "uid"),
             fs::path("/var/log/pods/shop_front-1_uid"));
    QCOMPARE(containerLogPath("web", 3), std::string("web/3.log"));
  }
};

QTEST_GUILESS_MAIN(TstLogReader)
#include "tst_log_reader.moc"
