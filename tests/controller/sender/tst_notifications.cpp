// SPDX-License-Identifier: Apache-2.0
#include <QElapsedTimer>
#include <QTest>

#include "absl/strings/escaping.h"
#include "base/hmac.h"
#include "tests/controller/sender/listener.h"
#include "tests/controller/sender/notification_world.h"
#include "tests/controller/sender/receivers.h"
#include "tests/controller/sender/smtp_receiver.h"

using namespace gantry;
using namespace gantry::tests;
using World = NotificationWorld;

namespace {

/// Takes connections and says nothing.
class SilentReceiver {
 public:
  ~SilentReceiver() {
    if (client_ >= 0) ::close(client_);
  }

  std::string url() const { return absl::StrCat("http://127.0.0.1:", listener_.port()); }
  /// Waits until somebody has connected.
  void accept() { client_ = listener_.accept(); }

 private:
  Listener listener_;
  int client_ = -1;
};

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
    QTest::addColumn<QString>("base");
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("header");
    QTest::addColumn<QString>("value");
    QTest::newRow("GitHub") << "github" << "" << "/repos/acme/shop/statuses/" << "Authorization"
                            << "Bearer t0ken";
    QTest::newRow("GitHub Enterprise") << "github" << "/api/v3" << "/repos/acme/shop/statuses/"
                                       << "Authorization" << "Bearer t0ken";
    // The server decodes what it is asked for.
    QTest::newRow("GitLab") << "gitlab" << "/api/v4/" << "/projects/acme/shop/statuses/"
                            << "PRIVATE-TOKEN" << "t0ken";
    QTest::newRow("Gitea") << "gitea" << "/api/v1" << "/repos/acme/shop/statuses/"
                           << "Authorization" << "token t0ken";
  }
  void setsCommitStatus() {
    QFETCH(QString, provider);
    QFETCH(QString, base);
    QFETCH(QString, path);
    QFETCH(QString, header);
    QFETCH(QString, value);
    HttpReceiver receiver;
    schema::Notification notification;
    schema::CommitStatusTarget& target = *notification.mutable_commit_status();
    target.set_provider(provider.toStdString());
    target.set_api_url(receiver.url() + base.toStdString());
    target.set_repository("acme/shop");
    refer(target.mutable_token_from(), "token");
    World world(notification);
    world.setSecret("token", "t0ken\n");
    world.happens(api::PENDING);
    world.happens(api::APPLIED);
    for (const char* state : {"pending", provider == "gitlab" ? "running" : "pending"}) {
      const auto request = receiver.requests.take();
      QVERIFY(request.has_value());
      if (base.endsWith('/')) base.chop(1);
      QCOMPARE(QString::fromStdString(request->path), base + path + kCommit);
      QCOMPARE(QString::fromStdString(request->header(header.toStdString())), value);
      QCOMPARE(json(request->body)["state"].toString(), QString(state));
      QCOMPARE(json(request->body)["target_url"].toString(),
               QString("https://gantry.example.com/plans/gantry-system/shop-1"));
      // GitHub answers 403 to who does not say what it is.
      QVERIFY(request->header("User-Agent").starts_with("gantry/"));
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
    HttpReceiver elsewhere;
    HttpReceiver receiver;
    receiver.answer({307});
    receiver.setHeader("Location", elsewhere.url() + "/hook");
    World world(webhook(receiver.url()));
    world.happens(api::PENDING);
    const auto remark = world.remarks.take();
    QVERIFY(remark.has_value());
    QVERIFY2(absl::StrContains(*remark, "redirect"), remark->c_str());
    QVERIFY(receiver.requests.take());
    QVERIFY(!elsewhere.requests.take(std::chrono::milliseconds(50)));
  }

  void leavesAReceiverAloneForAsLongAsItAsks() {
    HttpReceiver receiver;
    receiver.answer({429});
    receiver.setHeader("Retry-After", "1");
    World world(webhook(receiver.url()));
    world.happens(api::PENDING);
    QVERIFY(receiver.requests.take());
    QElapsedTimer timer;
    timer.start();
    QVERIFY(receiver.requests.take());
    // By itself it would have come after 10 ms.
    QVERIFY2(timer.elapsed() > 900, qPrintable(QString::number(timer.elapsed())));
  }

  void goesOnAfterARestart() {
    HttpReceiver receiver;
    receiver.answer({503});
    receiver.setHeader("Retry-After", "3600");
    World world(webhook(receiver.url()));
    world.happens(api::PENDING);
    const auto before = receiver.requests.take();
    QVERIFY(before.has_value());
    world.restart();
    const auto after = receiver.requests.take();
    QVERIFY(after.has_value());
    QCOMPARE(after->header("X-Gantry-Delivery"), before->header("X-Gantry-Delivery"));
    QCOMPARE(after->body, before->body);
    QVERIFY(!receiver.requests.take(std::chrono::milliseconds(50)));
  }

  void goesThroughTheProxyOfTheEnvironment() {
    HttpReceiver proxy;
    qputenv("http_proxy", QByteArray::fromStdString(proxy.url()));
    {
      World world(webhook("http://hooks.example.com/here"));
      world.happens(api::PENDING);
      const auto request = proxy.requests.take();
      QVERIFY(request.has_value());
      QCOMPARE(request->header("Host"), std::string("hooks.example.com"));
    }
    qunsetenv("http_proxy");
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

  void stopsWhileAReceiverIsSilent() {
    SilentReceiver silent;
    QElapsedTimer timer;
    {
      World world(webhook(silent.url()));
      world.happens(api::PENDING);
      // It is being sent to once somebody has connected.
      silent.accept();
      timer.start();
    }
    QVERIFY2(timer.elapsed() < 20'000, qPrintable(QString::number(timer.elapsed())));
  }

  void keepsNobodyWaitingForThoseWhoAreSilent() {
    SilentReceiver silent;
    HttpReceiver receiver;
    support::RunningExecutor executor;
    sender::CurlSender::Options options;
    options.timeout = std::chrono::seconds(2);
    sender::CurlSender sender(executor.get(), options);
    support::Inbox<absl::Status> late;
    support::Inbox<absl::Status> results;
    const int count = 20;
    QElapsedTimer timer;
    timer.start();
    for (int i = 0; i < count; ++i) {
      sender.send(notify::HttpPost{silent.url(), {}, "{}", ""},
                  [&](const notify::SendResult& result) { late.put(result.status); });
    }
    sender.send(notify::HttpPost{receiver.url(), {}, "{}", ""},
                [&](const notify::SendResult& result) { results.put(result.status); });
    const auto result = results.take();
    QVERIFY(result && result->ok());
    QVERIFY(!late.take(std::chrono::milliseconds(0)));
    for (int i = 0; i < count; ++i) {
      const auto given = late.take();
      QVERIFY(given && absl::IsDeadlineExceeded(*given));
    }
    // All at once, not one after the other.
    QVERIFY2(timer.elapsed() < 20'000, qPrintable(QString::number(timer.elapsed())));
  }
};

QTEST_GUILESS_MAIN(TstNotifications)
#include "tst_notifications.moc"
