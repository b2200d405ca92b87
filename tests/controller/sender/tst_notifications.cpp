// SPDX-License-Identifier: Apache-2.0
#include <QElapsedTimer>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include "absl/strings/escaping.h"
#include "base/file.h"
#include "base/hmac.h"
#include "controller/access/certificate_authority.h"
#include "controller/loops/notify_loop.h"
#include "controller/sender/curl_sender.h"
#include "controller/store/memory_store.h"
#include "tests/controller/sender/receivers.h"

using namespace gantry;
using namespace gantry::tests;

namespace {

constexpr char kCommit[] = "59b20b8d5c6ff8d09518454d4dd8b7b30f095ab5";

/// Everything between the ledger and the network, for one Notification.
class World {
 public:
  explicit World(schema::Notification notification) {
    executor_.call([&] {
      ledger_ = *model::Ledger::open(store_);
      events_ = std::make_unique<loops::EventRecorder>(executor_.get(), *ledger_);
      events_->start();
      ledger_->observe([this](std::span<const model::Change> changes) {
        for (const model::Change& change : changes) {
          if (const auto* event = change.as<schema::Event>()) remarks.put(event->message());
        }
      });
      schema::Project project;
      project.mutable_metadata()->set_namespace_("gantry-system");
      project.mutable_metadata()->set_name("default");
      notification.set_name("team");
      *project.mutable_spec()->add_notifications() = std::move(notification);
      schema::Application application;
      application.mutable_metadata()->set_namespace_("gantry-system");
      application.mutable_metadata()->set_name("shop");
      put(std::move(project), std::move(application));
      sender_ = std::make_unique<sender::CurlSender>(executor_.get());
      loops::NotifyLoop::Options options;
      options.externalUrl = "https://gantry.example.com";
      options.firstDelay = base::Duration(10);
      loop_ = std::make_unique<loops::NotifyLoop>(
          loops::LoopContext{executor_.get(), *ledger_, *events_}, *sender_, options);
      loop_->start();
    });
  }
  ~World() {
    executor_.call([&] {
      loop_.reset();
      sender_.reset();
      events_.reset();
    });
  }

  void setSecret(const std::string& key, const std::string& value) {
    secret_.mutable_metadata()->set_namespace_("gantry-system");
    secret_.mutable_metadata()->set_name("notify");
    (*secret_.mutable_data())[key] = value;
    executor_.call([&] { put(secret_); });
  }

  /// A plan of the Application gets to that state.
  void happens(api::PlanState state, int number = 1) {
    api::Plan plan;
    plan.set_namespace_("gantry-system");
    plan.set_application("shop");
    plan.set_name("shop-" + std::to_string(number));
    plan.set_state(state);
    plan.mutable_revision()->set_commit(kCommit);
    plan.mutable_revision()->set_subject("Raise the replicas");
    executor_.call([&] { put(std::move(plan)); });
  }

  support::Inbox<std::string> remarks;

 private:
  template <class... T>
  void put(T... objects) {
    model::Transaction transaction(ledger_->state());
    (transaction.put(std::move(objects)), ...);
    GANTRY_CHECK(ledger_->commit(std::move(transaction)).ok());
  }

  store::MemoryStore store_;
  schema::Secret secret_;
  support::RunningExecutor executor_;
  std::unique_ptr<model::Ledger> ledger_;
  std::unique_ptr<loops::EventRecorder> events_;
  std::unique_ptr<sender::CurlSender> sender_;
  std::unique_ptr<loops::NotifyLoop> loop_;
};

void refer(schema::SecretKeyRef* reference, const char* key) {
  reference->set_secret("notify");
  reference->set_key(key);
}

schema::Notification webhook(const std::string& url) {
  schema::Notification made;
  made.mutable_webhook()->set_url(url);
  return made;
}

schema::Notification email(const std::string& server, bool allowPlain) {
  schema::Notification made;
  made.mutable_email()->set_server(server);
  made.mutable_email()->set_from("gantry@example.com");
  made.mutable_email()->add_to("ops@example.com");
  made.mutable_email()->add_to("ana@example.com");
  if (allowPlain) made.mutable_email()->set_allow_plain(true);
  return made;
}

QJsonObject json(const std::string& text) {
  return QJsonDocument::fromJson(QByteArray::fromStdString(text)).object();
}

}  // namespace

/// From the ledger to receivers on this machine.
class TstNotifications : public QObject {
  Q_OBJECT

 private slots:
  void postsToAWebhook() {
    HttpReceiver receiver;
    schema::Notification notification = webhook(receiver.url() + "/hook?x=1");
    refer(notification.mutable_webhook()->mutable_signature_from(), "key");
    World world(notification);
    world.setSecret("key", "a key of ours\n");
    world.happens(api::PENDING);
    const auto request = receiver.requests.take();
    QVERIFY(request.has_value());
    QCOMPARE(request->path, std::string("/hook"));
    QCOMPARE(request->header("Content-Type"), std::string("application/json"));
    QCOMPARE(request->header("X-Gantry-Signature-256"),
             "sha256=" + absl::BytesToHexString(base::hmacSha256("a key of ours", request->body)));
    QCOMPARE(json(request->body)["event"].toString(), QString("PlanPending"));
    QCOMPARE(json(request->body)["link"].toString(),
             QString("https://gantry.example.com/plans/gantry-system/shop-1"));
  }

  void postsToSlack() {
    HttpReceiver receiver;
    schema::Notification notification;
    refer(notification.mutable_slack()->mutable_url_from(), "url");
    World world(notification);
    world.setSecret("url", receiver.url() + "/services/T0KEN");
    world.happens(api::APPLIED);
    const auto request = receiver.requests.take();
    QVERIFY(request.has_value());
    QCOMPARE(request->path, std::string("/services/T0KEN"));
    const QString text = json(request->body)["text"].toString();
    QVERIFY2(text.startsWith("shop: Applied"), qPrintable(text));
    QVERIFY(text.endsWith("https://gantry.example.com/plans/gantry-system/shop-1"));
  }

  void setsCommitStatus_data() {
    QTest::addColumn<QString>("provider");
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("header");
    QTest::addColumn<QString>("value");
    QTest::newRow("GitHub") << "github" << "/repos/acme/shop/statuses/" << "Authorization"
                            << "Bearer t0ken";
    // The server decodes what it is asked for.
    QTest::newRow("GitLab") << "gitlab" << "/projects/acme/shop/statuses/" << "PRIVATE-TOKEN"
                            << "t0ken";
    QTest::newRow("Gitea") << "gitea" << "/repos/acme/shop/statuses/" << "Authorization"
                           << "token t0ken";
  }
  void setsCommitStatus() {
    QFETCH(QString, provider);
    QFETCH(QString, path);
    QFETCH(QString, header);
    QFETCH(QString, value);
    HttpReceiver receiver;
    schema::Notification notification;
    schema::CommitStatusTarget& target = *notification.mutable_commit_status();
    target.set_provider(provider.toStdString());
    target.set_api_url(receiver.url());
    target.set_repository("acme/shop");
    refer(target.mutable_token_from(), "token");
    World world(notification);
    world.setSecret("token", "t0ken\n");
    world.happens(api::PENDING);
    world.happens(api::APPLIED);
    for (const char* state : {"pending", provider == "gitlab" ? "running" : "pending"}) {
      const auto request = receiver.requests.take();
      QVERIFY(request.has_value());
      QCOMPARE(QString::fromStdString(request->path), path + kCommit);
      QCOMPARE(QString::fromStdString(request->header(header.toStdString())), value);
      QCOMPARE(json(request->body)["state"].toString(), QString(state));
    }
  }

  void sendsMail() {
    SmtpReceiver receiver;
    schema::Notification notification = email(receiver.url(), true);
    notification.mutable_email()->set_user("gantry");
    refer(notification.mutable_email()->mutable_password_from(), "password");
    World world(notification);
    world.setSecret("password", "passw0rd");
    world.happens(api::PENDING);
    const auto message = receiver.messages.take();
    QVERIFY(message.has_value());
    QVERIFY(absl::StartsWith(message->from, "<gantry@example.com>"));
    QCOMPARE(message->to, std::string("<ops@example.com><ana@example.com>"));
    std::string login;
    QVERIFY(absl::Base64Unescape(message->login, &login));
    QCOMPARE(login, std::string("\0gantry\0passw0rd", 16));
    QVERIFY(absl::StrContains(message->data, "\nTo: <ops@example.com>,\n <ana@example.com>\n"));
    const std::size_t body = message->data.find("\n\n");
    const QByteArray text =
        QByteArray::fromBase64(QByteArray::fromStdString(message->data.substr(body)));
    QVERIFY2(text.startsWith("shop: PlanPending\n"), text.constData());
  }

  void sendsNoMailInTheClearUnlessAllowed() {
    SmtpReceiver receiver;
    World world(email(receiver.url(), false));
    world.happens(api::PENDING);
    const auto remark = world.remarks.take();
    QVERIFY(remark.has_value());
    QVERIFY2(absl::StrContains(*remark, "notification team of PlanPending was not sent: "),
             remark->c_str());
    while (const auto command = receiver.commands.take(std::chrono::milliseconds(0))) {
      QVERIFY2(!absl::StartsWith(*command, "MAIL"), command->c_str());
    }
  }

  void givesUpOnAnAddressThatTheMailServerRefuses() {
    SmtpReceiver receiver;
    receiver.answerRecipients("550 no such user");
    World world(email(receiver.url(), true));
    world.happens(api::PENDING);
    QCOMPARE(*world.remarks.take(),
             std::string("notification team of PlanPending was not sent: answered SMTP 550"));
  }

  void triesAgainAfterAnErrorOfTheServer() {
    HttpReceiver receiver;
    receiver.answer({500, 503, 429, 200});
    World world(webhook(receiver.url()));
    world.happens(api::PENDING);
    std::string first;
    for (int i = 0; i < 4; ++i) {
      const auto request = receiver.requests.take();
      QVERIFY(request.has_value());
      if (i == 0) first = request->header("X-Gantry-Delivery");
      // A receiver can tell that it has it already.
      QCOMPARE(request->header("X-Gantry-Delivery"), first);
    }
    QVERIFY(!first.empty());
    QVERIFY(!world.remarks.take(std::chrono::milliseconds(50)));
  }

  void givesUpAfterSomeTries() {
    HttpReceiver receiver;
    receiver.answer(std::deque<int>(100, 500));
    World world(webhook(receiver.url() + "/T0KEN"));
    world.happens(api::PENDING);
    QCOMPARE(*world.remarks.take(),
             std::string("notification team of PlanPending was not sent: answered HTTP 500"));
    for (int i = 0; i < loops::NotifyLoop::kMostTries; ++i) QVERIFY(receiver.requests.take());
    QVERIFY(!receiver.requests.take(std::chrono::milliseconds(50)));
  }

  void givesUpAtOnceWhenTryingAgainIsOfNoUse() {
    HttpReceiver receiver;
    receiver.answer({400});
    World world(webhook(receiver.url()));
    world.happens(api::PENDING);
    QCOMPARE(*world.remarks.take(),
             std::string("notification team of PlanPending was not sent: answered HTTP 400"));
    // What comes next is sent.
    world.happens(api::APPLIED);
    QVERIFY(receiver.requests.take());
    const auto next = receiver.requests.take();
    QVERIFY(next.has_value());
    QCOMPARE(json(next->body)["event"].toString(), QString("Applied"));
  }

  void followsNoRedirect() {
    HttpReceiver receiver;
    receiver.answer({302});
    World world(webhook(receiver.url()));
    world.happens(api::PENDING);
    const auto remark = world.remarks.take();
    QVERIFY(remark.has_value());
    QVERIFY2(absl::StrContains(*remark, "redirect"), remark->c_str());
    QVERIFY(receiver.requests.take());
    QVERIFY(!receiver.requests.take(std::chrono::milliseconds(50)));
  }

  void namesNoAddressInItsRemarks() {
    World world(webhook("http://127.0.0.1:1/T0KEN"));
    world.happens(api::PENDING);
    const auto remark = world.remarks.take();
    QVERIFY(remark.has_value());
    QVERIFY2(!absl::StrContains(*remark, "T0KEN") && !absl::StrContains(*remark, "127.0.0.1"),
             remark->c_str());
  }

  void saysWhichSecretIsMissing() {
    schema::Notification notification;
    refer(notification.mutable_slack()->mutable_url_from(), "url");
    World world(notification);
    world.happens(api::PENDING);
    QCOMPARE(*world.remarks.take(),
             std::string("notification team of PlanPending was not sent: there is no key url in a "
                         "Secret gantry-system/notify"));
  }

  void trustsOnlyTheAuthoritiesOfTheSystem() {
    QTemporaryDir directory;
    const std::filesystem::path data = directory.path().toStdString();
    support::RunningExecutor clock;
    const base::Timestamp now = clock.get().wallNow();
    const auto authority = access::CertificateAuthority::open(data, now);
    QVERIFY(authority.ok());
    const auto credentials = (*authority)->issueServer({"localhost", "127.0.0.1"}, now);
    QVERIFY(credentials.ok());
    const std::string certificate = data / "server.pem";
    const std::string key = data / "server.key";
    QVERIFY(base::writeFileAtomically(certificate, credentials->certificate).ok());
    QVERIFY(base::writeFileAtomically(key, credentials->key, base::kOwnerOnly).ok());
    httplib::SSLServer server(certificate.c_str(), key.c_str());
    std::atomic<int> requests = 0;
    server.Post(".*", [&](const httplib::Request&, httplib::Response&) { ++requests; });
    const int port = server.bind_to_any_port("127.0.0.1");
    std::thread thread([&] { server.listen_after_bind(); });
    while (!server.is_running()) std::this_thread::yield();
    std::optional<std::string> remark;
    {
      World world(webhook(absl::StrCat("https://127.0.0.1:", port)));
      world.happens(api::PENDING);
      remark = world.remarks.take();
    }
    server.stop();
    thread.join();
    QVERIFY(remark.has_value());
    QVERIFY2(absl::StrContains(*remark, "certificate"), remark->c_str());
    QCOMPARE(requests.load(), 0);
  }

  void stopsWhileAReceiverIsSilent() {
    // Takes connections and says nothing.
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    QCOMPARE(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
    QCOMPARE(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
    QCOMPARE(::listen(listener, 4), 0);
    QElapsedTimer timer;
    int client = -1;
    {
      World world(webhook(absl::StrCat("http://127.0.0.1:", ntohs(address.sin_port))));
      world.happens(api::PENDING);
      // It is being sent to once somebody has connected.
      client = ::accept(listener, nullptr, nullptr);
      timer.start();
    }
    ::close(client);
    ::close(listener);
    QVERIFY(client >= 0);
    QVERIFY2(timer.elapsed() < 20'000, qPrintable(QString::number(timer.elapsed())));
  }
};

QTEST_GUILESS_MAIN(TstNotifications)
#include "tst_notifications.moc"
