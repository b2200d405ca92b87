// SPDX-License-Identifier: Apache-2.0
#include <QTemporaryDir>
#include <QTest>

#include <httplib.h>
#include <sys/stat.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "app/client/await.h"
#include "app/client/connection.h"
#include "app/client/context.h"
#include "base/file.h"
#include "controller/server/daemon.h"

using namespace gantry;
using namespace gantry::server;

namespace {

DaemonOptions optionsFor(const std::filesystem::path& directory) {
  DaemonOptions options;
  options.dataDir = directory;
  options.listen = "127.0.0.1:0";
  options.httpListen = "127.0.0.1:0";
  options.clusterName = "test";
  options.gitProgram = "/nonexistent/gantry-git";
  return options;
}

/// Made by age-keygen, for this test only.
constexpr const char* kAgeKey =
    "# a comment\nAGE-SECRET-KEY-1R26QY6MXQVRP5JVZDAYDEHNAXUHXTCJAGE38QA9QM7GTJE22TTGSHTK679\n";

/// A daemon that runs, on a thread of its own.
class Running {
 public:
  explicit Running(const std::filesystem::path& directory) : Running(optionsFor(directory)) {}
  explicit Running(DaemonOptions options) {
    auto opened = Daemon::open(std::move(options));
    if (!opened.ok()) qFatal("%s", opened.status().ToString().c_str());
    daemon_ = *std::move(opened);
    const absl::Status started = daemon_->start();
    if (!started.ok()) qFatal("%s", started.ToString().c_str());
    thread_ = std::thread([this] { daemon_->run(); });
  }
  ~Running() {
    daemon_->stop();
    thread_.join();
  }
  Daemon& operator*() { return *daemon_; }

  absl::StatusOr<api::ServerInfo> askAs(client::Context context) {
    context.server = absl::StrCat("127.0.0.1:", daemon_->port());
    const auto connection = client::connect(context);
    return client::await(*connection, &client::Connection::getServerInfo,
                         api::GetServerInfoRequest());
  }
  httplib::Result get(const char* path) {
    return httplib::Client("127.0.0.1", daemon_->httpPort()).Get(path);
  }
  httplib::Result post(const char* path, const httplib::Headers& headers, const char* body) {
    return httplib::Client("127.0.0.1", daemon_->httpPort())
        .Post(path, headers, body, "application/json");
  }

 private:
  std::unique_ptr<Daemon> daemon_;
  std::thread thread_;
};

unsigned modeOf(const std::filesystem::path& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 0777u : 0;
}

}  // namespace

class TstDaemon : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    directory_ = std::make_unique<QTemporaryDir>();
    data_ = std::filesystem::path(directory_->path().toStdString()) / "controller";
  }

  void writesACompleteContextAtTheFirstStart() {
    Running running(data_);
    const auto contexts = client::loadContexts(data_ / "admin.context");
    QVERIFY2(contexts.ok(), contexts.status().ToString().c_str());
    QCOMPARE(contexts->currentContext, std::string("test"));
    QCOMPARE(contexts->contexts[0].server, absl::StrCat("127.0.0.1:", (*running).port()));
    const auto info = running.askAs(contexts->contexts[0]);
    QVERIFY2(info.ok(), info.status().ToString().c_str());
    QCOMPARE(info->identity(), std::string("admin"));
    QCOMPARE(info->cluster(), std::string("test"));
    QCOMPARE(info->roles_size(), 4);
  }

  void keepsItsSecretsFromOthers() {
    Running running(data_);
    QCOMPARE(modeOf(data_), 0700u);
    for (const char* file : {"admin.context", "ca.pem", "secrets.key", "gantry.db"}) {
      QCOMPARE(modeOf(data_ / file), 0600u);
    }
  }

  void knowsItsPeopleAfterARestart() {
    {
      Running first(data_);
    }
    const std::string text = *base::readFile(data_ / "admin.context");
    Running second(data_);
    QCOMPARE(*base::readFile(data_ / "admin.context"), text);
    QVERIFY(second.askAs(client::parseContexts(text)->contexts[0]).ok());
  }

  void isAloneInItsDirectory() {
    Running running(data_);
    const auto second = Daemon::open(optionsFor(data_));
    QCOMPARE(second.status().code(), absl::StatusCode::kFailedPrecondition);
  }

  void readsTheKeysForEncryptedFilesAtTheStart() {
    DaemonOptions options = optionsFor(data_);
    options.sopsAgeKeyFile = data_.parent_path() / "keys.txt";
    QCOMPARE(Daemon::open(options).status().code(), absl::StatusCode::kNotFound);
    QVERIFY(base::writeFileAtomically(options.sopsAgeKeyFile, "AGE-SECRET-KEY-1XYZ\n").ok());
    const absl::Status damaged = Daemon::open(options).status();
    QCOMPARE(damaged.code(), absl::StatusCode::kInvalidArgument);
    QVERIFY(damaged.message().find("keys.txt:1: ") != absl::string_view::npos);
    QVERIFY(damaged.message().find("XYZ") == absl::string_view::npos);
    QVERIFY(base::writeFileAtomically(options.sopsAgeKeyFile, kAgeKey).ok());
    QVERIFY(Daemon::open(options).ok());
  }

  void looksAtTheAuthoritiesOfThoseWhoAreNotifiedAtTheStart() {
    DaemonOptions options = optionsFor(data_);
    const std::filesystem::path file = data_.parent_path() / "authorities.pem";
    options.notificationCaFile = file;
    QCOMPARE(Daemon::open(options).status().code(), absl::StatusCode::kNotFound);
    QVERIFY(base::writeFileAtomically(file, "no certificate\n").ok());
    const absl::Status damaged = Daemon::open(options).status();
    QCOMPARE(damaged.code(), absl::StatusCode::kInvalidArgument);
    QVERIFY(damaged.message().find("authorities.pem: ") != absl::string_view::npos);
  }

  void servesWebhooksOnlyWithASecret() {
    const std::filesystem::path file = data_.parent_path() / "hooks.txt";
    QVERIFY(base::writeFileAtomically(file, "short\n").ok());
    DaemonOptions options = optionsFor(data_);
    options.webhookSecretFile = file;
    const absl::Status bad = Daemon::open(options).status();
    QCOMPARE(bad.code(), absl::StatusCode::kInvalidArgument);
    QVERIFY(bad.message().find("hooks.txt:1: ") != absl::string_view::npos);
    QVERIFY(base::writeFileAtomically(file, "0123456789abcdef\n").ok());
    const httplib::Headers push = {{"X-Gitlab-Event", "Push Hook"},
                                   {"X-Gitlab-Token", "0123456789abcdef"}};
    const char* body = R"({"project": {"web_url": "https://git.example.com/x"}})";
    {
      Running with(options);
      const auto taken = with.post("/hooks/git", push, body);
      QVERIFY(taken);
      QCOMPARE(taken->status, 202);
      const auto metrics = with.get("/metrics");
      QVERIFY(metrics);
      QVERIFY(
          metrics->body.find("gantry_webhooks_total{provider=\"gitlab\",result=\"accepted\"} 1") !=
          std::string::npos);
    }
    Running without(data_);
    const auto refused = without.post("/hooks/git", push, body);
    QVERIFY(refused);
    QCOMPARE(refused->status, 404);
  }

  void saysWhenAPortIsTaken() {
    Running running(data_);
    DaemonOptions options = optionsFor(data_.parent_path() / "other");
    options.listen = absl::StrCat("127.0.0.1:", (*running).port());
    const auto second = Daemon::open(options);
    QVERIFY(second.ok());
    QCOMPARE((*second)->start().code(), absl::StatusCode::kUnavailable);
  }

  void issuesContextsWhileItRuns() {
    Running running(data_);
    IssueOptions options;
    options.dataDir = data_;
    options.identity = {"ana", access::Role::kApprover};
    const auto text = issueContext(options);
    QVERIFY2(text.ok(), text.status().ToString().c_str());
    const auto info = running.askAs(client::parseContexts(*text)->contexts[0]);
    QVERIFY2(info.ok(), info.status().ToString().c_str());
    QCOMPARE(info->identity(), std::string("ana"));
    QCOMPARE(info->roles_size(), 3);
  }

  void issuesNothingWhereNoControllerHasStarted() {
    IssueOptions options;
    options.dataDir = data_;
    options.identity = {"ana", access::Role::kViewer};
    QCOMPARE(issueContext(options).status().code(), absl::StatusCode::kNotFound);
    QVERIFY(!std::filesystem::exists(data_ / "ca.pem"));
  }

  void answersThoseWhoLookAfterIt_data() {
    QTest::addColumn<QString>("path");
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("part");
    QTest::newRow("alive") << "/healthz" << 200 << "ok";
    QTest::newRow("ready") << "/readyz" << 200 << "ready";
    QTest::newRow("metrics of commits") << "/metrics" << 200 << "gantry_store_commit_seconds_count";
    QTest::newRow("metrics of pods") << "/metrics" << 200 << "gantry_pods{phase=\"Running\"} 0";
    QTest::newRow("nothing else") << "/" << 404 << "";
  }
  void answersThoseWhoLookAfterIt() {
    QFETCH(QString, path);
    QFETCH(int, status);
    QFETCH(QString, part);
    Running running(data_);
    const auto response = running.get(path.toUtf8());
    QVERIFY(response);
    QCOMPARE(response->status, status);
    QVERIFY2(QString::fromStdString(response->body).contains(part), response->body.c_str());
  }

  void isNotReadyWhileItsThreadDoesNotAnswer() {
    auto opened = Daemon::open(optionsFor(data_));
    QVERIFY(opened.ok());
    QVERIFY((*opened)->start().ok());
    // Nobody has called run.
    const auto response = httplib::Client("127.0.0.1", (*opened)->httpPort()).Get("/readyz");
    QVERIFY(response);
    QCOMPARE(response->status, 503);
    (*opened)->stop();
  }

  void readsRootRepositories_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("url");
    QTest::addColumn<QString>("branch");
    QTest::addColumn<QString>("path");
    QTest::newRow("a URL") << "https://git.example.com/x.git" << "https://git.example.com/x.git"
                           << "main" << "";
    QTest::newRow("a URL with a port and a branch")
        << "https://git.example.com:8443/x#stable" << "https://git.example.com:8443/x"
        << "stable" << "";
    QTest::newRow("a path with branch and folder")
        << "/srv/x.git#main:apps/all" << "/srv/x.git" << "main" << "apps/all";
  }
  void readsRootRepositories() {
    QFETCH(QString, text);
    QFETCH(QString, url);
    QFETCH(QString, branch);
    QFETCH(QString, path);
    QCOMPARE(*parseRootRepository(text.toStdString()),
             (RootRepository{url.toStdString(), branch.toStdString(), path.toStdString()}));
  }

  void refusesWhatIsNoRepository() {
    for (const char* text : {"", "#main", "x#"}) {
      QCOMPARE(parseRootRepository(text).status().code(), absl::StatusCode::kInvalidArgument);
    }
  }

 private:
  std::unique_ptr<QTemporaryDir> directory_;
  std::filesystem::path data_;
};

QTEST_GUILESS_MAIN(TstDaemon)
#include "tst_daemon.moc"
