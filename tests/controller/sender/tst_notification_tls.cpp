// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "absl/strings/escaping.h"
#include "tests/controller/sender/notification_world.h"
#include "tests/controller/sender/receivers.h"
#include "tests/controller/sender/smtp_receiver.h"

using namespace gantry;
using namespace gantry::tests;
using World = NotificationWorld;
using Tls = SmtpReceiver::Tls;

namespace {

constexpr char kLost[] = "notification team of PlanPending was not sent: ";

sender::CurlSender::Options trusting(const TestAuthority& authority) {
  sender::CurlSender::Options options;
  options.caFile = authority.caFile();
  return options;
}

schema::Notification emailWithLogin(const std::string& server) {
  schema::Notification made = email(server, false);
  made.mutable_email()->set_user("gantry");
  refer(made.mutable_email()->mutable_password_from(), "password");
  return made;
}

void addTlsRows() {
  QTest::addColumn<Tls>("tls");
  QTest::newRow("STARTTLS") << Tls::kStartTls;
  QTest::newRow("TLS from the start") << Tls::kFromTheStart;
}

}  // namespace

/// Receivers whose certificates are of an authority of our own.
class TstNotificationTls : public QObject {
  Q_OBJECT

 private slots:
  void sendsMail_data() { addTlsRows(); }
  void sendsMail() {
    QFETCH(Tls, tls);
    const TestAuthority authority;
    SmtpReceiver receiver(tls, authority.issue());
    World world(emailWithLogin(receiver.url()), trusting(authority));
    world.setSecret("password", "passw0rd");
    world.happens(api::PENDING);
    const auto message = receiver.messages.take();
    QVERIFY(message.has_value());
    QVERIFY(message->isEncrypted);
    std::string login;
    QVERIFY(absl::Base64Unescape(message->login, &login));
    QCOMPARE(login, std::string("\0gantry\0passw0rd", 16));
    QCOMPARE(message->to, std::string("<ops@example.com><ana@example.com>"));
  }

  void posts() {
    const TestAuthority authority;
    HttpReceiver receiver(authority.issue());
    World world(webhook(receiver.url()), trusting(authority));
    world.happens(api::PENDING);
    QVERIFY(receiver.requests.take());
  }

  void refusesAnotherAuthority_data() { addTlsRows(); }
  void refusesAnotherAuthority() {
    QFETCH(Tls, tls);
    const TestAuthority authority;
    const TestAuthority another;
    SmtpReceiver receiver(tls, another.issue());
    World world(emailWithLogin(receiver.url()), trusting(authority));
    world.setSecret("password", "passw0rd");
    world.happens(api::PENDING);
    const auto remark = world.remarks.take();
    QVERIFY(remark.has_value());
    QVERIFY2(absl::StartsWith(*remark, absl::StrCat(kLost, "its certificate is not trusted: ")),
             remark->c_str());
    QVERIFY(neitherLoginNorMail(receiver));
  }

  void refusesAnotherAuthorityOfAWebhook() {
    const TestAuthority authority;
    const TestAuthority another;
    HttpReceiver receiver(another.issue());
    World world(webhook(receiver.url()), trusting(authority));
    world.happens(api::PENDING);
    const auto remark = world.remarks.take();
    QVERIFY(remark.has_value());
    QVERIFY2(absl::StartsWith(*remark, absl::StrCat(kLost, "its certificate is not trusted: ")),
             remark->c_str());
    QVERIFY(!receiver.requests.take(std::chrono::milliseconds(0)));
  }

  void trustsOnlyTheAuthoritiesOfTheSystemByItself() {
    const TestAuthority authority;
    HttpReceiver receiver(authority.issue());
    World world(webhook(receiver.url()));
    world.happens(api::PENDING);
    const auto remark = world.remarks.take();
    QVERIFY(remark.has_value());
    QVERIFY2(absl::StrContains(*remark, "its certificate is not trusted"), remark->c_str());
    QVERIFY(!receiver.requests.take(std::chrono::milliseconds(0)));
  }

  void refusesACertificateForAnotherHost_data() { addTlsRows(); }
  void refusesACertificateForAnotherHost() {
    QFETCH(Tls, tls);
    const TestAuthority authority;
    SmtpReceiver receiver(tls, authority.issue({"mail.example.com"}));
    // Not even where a server without encryption were good enough.
    schema::Notification notification = emailWithLogin(receiver.url());
    notification.mutable_email()->set_allow_plain(true);
    World world(notification, trusting(authority));
    world.setSecret("password", "passw0rd");
    world.happens(api::PENDING);
    QCOMPARE(*world.remarks.take(),
             absl::StrCat(kLost, "its certificate is for another host name"));
    QVERIFY(neitherLoginNorMail(receiver));
  }

  void refusesAServerWithoutStartTls() {
    const TestAuthority authority;
    SmtpReceiver receiver;
    World world(emailWithLogin(receiver.url()), trusting(authority));
    world.setSecret("password", "passw0rd");
    world.happens(api::PENDING);
    QCOMPARE(*world.remarks.take(),
             absl::StrCat(kLost, "the server offers no encryption (STARTTLS)"));
    QVERIFY(neitherLoginNorMail(receiver));
  }

  void saysThatALoginIsRefused() {
    const TestAuthority authority;
    SmtpReceiver receiver(Tls::kStartTls, authority.issue());
    receiver.answerLogins("535 5.7.8 no");
    World world(emailWithLogin(receiver.url()), trusting(authority));
    world.setSecret("password", "passw0rd");
    world.happens(api::PENDING);
    QCOMPARE(*world.remarks.take(),
             absl::StrCat(kLost, "answered SMTP 535: user and password are not accepted"));
    QVERIFY(!receiver.messages.take(std::chrono::milliseconds(0)));
  }

  void readsTheFileOfAuthoritiesForEachConnection() {
    const TestAuthority authority;
    const TestAuthority another;
    SmtpReceiver receiver(Tls::kStartTls, authority.issue());
    sender::CurlSender::Options options;
    options.caFile = authority.folder() / "in-use.pem";
    QVERIFY(base::writeFileAtomically(options.caFile, *base::readFile(another.caFile())).ok());
    World world(email(receiver.url(), false), options);
    world.happens(api::PENDING);
    QVERIFY(absl::StrContains(*world.remarks.take(), "not trusted"));
    QVERIFY(base::writeFileAtomically(options.caFile, *base::readFile(another.caFile()) +
                                                          *base::readFile(authority.caFile()))
                .ok());
    world.happens(api::APPLIED);
    QVERIFY(receiver.messages.take());
  }

  void checksTheFileOfAuthorities() {
    const TestAuthority authority;
    const std::string file = authority.folder() / "x.pem";
    const std::string certificate = *base::readFile(authority.caFile());
    QCOMPARE(sender::checkCaFile(file).code(), absl::StatusCode::kNotFound);
    QVERIFY(sender::checkCaFile(authority.caFile()).ok());
    const std::string wrong[] = {"", "no certificate",
                                 certificate +
                                     "-----BEGIN CERTIFICATE-----\nAAAA\n"
                                     "-----END CERTIFICATE-----\n"};
    for (const std::string& text : wrong) {
      QVERIFY(base::writeFileAtomically(file, text).ok());
      const absl::Status status = sender::checkCaFile(file);
      QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
      QVERIFY(absl::StartsWith(status.message(), file + ": "));
    }
  }

 private:
  static bool neitherLoginNorMail(SmtpReceiver& receiver) {
    while (const auto command = receiver.commands.take(std::chrono::milliseconds(0))) {
      if (absl::StartsWith(*command, "AUTH") || absl::StartsWith(*command, "MAIL")) return false;
    }
    return true;
  }
};

QTEST_GUILESS_MAIN(TstNotificationTls)
#include "tst_notification_tls.moc"
