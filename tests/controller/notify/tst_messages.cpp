// SPDX-License-Identifier: Apache-2.0
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include "absl/strings/escaping.h"
#include "controller/notify/target.h"
#include "controller/notify/text.h"
#include "controller/notify/waiting.h"

using namespace gantry;
using namespace gantry::notify;

namespace {

constexpr char kCommit[] = "59b20b8d5c6ff8d09518454d4dd8b7b30f095ab5";

Notice notice(const std::string& event = "PlanPending") {
  Notice made;
  made.event = event;
  made.application = {"gantry-system", "shop-production"};
  made.project = "default";
  made.environment = "production";
  made.revision.set_commit(kCommit);
  made.revision.set_author("Ana");
  made.revision.set_author_email("ana@example.com");
  made.revision.set_subject("Raise the replicas");
  made.plan = "shop-production-12";
  made.summary = "3 changes";
  made.reason = "waits for 2 approvals";
  made.at = base::fromUnixMs(1'767'225'600'000);
  return made;
}

/// Secrets that are called as their keys.
absl::StatusOr<std::string> secret(const schema::SecretKeyRef& reference) {
  if (reference.key() == "missing") return absl::FailedPreconditionError("there is no key missing");
  if (reference.key() == "url") return std::string("https://hooks.example.com/T0KEN");
  return reference.key();
}

schema::Notification commitStatusOf(const std::string& provider) {
  schema::Notification made;
  schema::CommitStatusTarget& target = *made.mutable_commit_status();
  target.set_provider(provider);
  target.set_api_url("https://git.example.com/api/");
  target.set_repository("acme/shop");
  target.mutable_token_from()->set_key("t0ken");
  return made;
}

schema::Notification email() {
  schema::Notification made;
  schema::EmailTarget& target = *made.mutable_email();
  target.set_server("smtp://mail.example.com:587");
  target.set_from("gantry@example.com");
  target.add_to("ops@example.com");
  target.add_to("ana@example.com");
  target.set_user("gantry");
  target.mutable_password_from()->set_key("passw0rd");
  return made;
}

absl::StatusOr<std::optional<Outgoing>> message(const schema::Notification& notification,
                                                const Notice& about) {
  return messageFor(notification, about, "id-1", "https://gantry.example.com", secret);
}

HttpPost post(const schema::Notification& notification, const Notice& about = notice()) {
  const auto made = message(notification, about);
  if (!made.ok() || !made->has_value()) qFatal("%s", made.status().ToString().c_str());
  return std::get<HttpPost>(**made);
}

QJsonObject json(const std::string& text) {
  return QJsonDocument::fromJson(QByteArray::fromStdString(text)).object();
}

std::string header(const HttpPost& sent, const std::string& name) {
  for (const auto& [each, value] : sent.headers) {
    if (each == name) return value;
  }
  return {};
}

}  // namespace

class TstMessages : public QObject {
  Q_OBJECT

 private slots:
  void fillsTemplates_data() {
    QTest::addColumn<QString>("pattern");
    QTest::addColumn<QString>("text");
    QTest::newRow("every name")
        << "{{application}} {{event}} {{revision}} {{author}}: {{summary}}, "
           "{{reason}} {{link}}"
        << "shop-production PlanPending 59b20b8d Ana: 3 changes, waits for "
           "2 approvals https://x/plans/gantry-system/shop-production-12";
    QTest::newRow("who and where") << "{{plan}} of {{project}} in {{environment}} by {{by}}"
                                   << "shop-production-12 of acme in production by ana";
    QTest::newRow("none") << "a plan waits" << "a plan waits";
    QTest::newRow("unknown") << "{{secret}} {{ application }}" << "{{secret}} {{ application }}";
    QTest::newRow("not closed") << "{{event}} {{link" << "PlanPending {{link";
    QTest::newRow("braces") << "{{{event}}}" << "{{{event}}}";
    QTest::newRow("empty ends") << "{{event}}" << "PlanPending";
  }
  void fillsTemplates() {
    QFETCH(QString, pattern);
    QFETCH(QString, text);
    Notice about = notice();
    about.project = "acme";
    about.environment = "production";
    about.by = "ana";
    QCOMPARE(QString::fromStdString(textOf(about, pattern.toStdString(), linkTo(about, "https://x"),
                                           [](auto value) { return std::string(value); })),
             text);
  }

  void doesNotFillWhatAValueHolds() {
    Notice about = notice();
    about.reason = "{{link}}";
    QCOMPARE(
        textOf(about, "{{reason}}", "https://x", [](auto value) { return std::string(value); }),
        std::string("{{link}}"));
  }

  void saysAllOfItByItself() {
    const std::string text =
        textOf(notice(), "", "https://x/y", [](auto value) { return std::string(value); });
    QCOMPARE(QString::fromStdString(text),
             QString("shop-production: PlanPending\n3 changes\nwaits for 2 approvals\n"
                     "59b20b8d Raise the replicas (Ana)\nhttps://x/y"));
  }

  void gathersWhatPeopleRead() {
    std::vector<Notice> notices(3, notice("Degraded"));
    notices[1].application.name = "shop-<staging>";
    notices.push_back(notice("Healthy"));
    schema::Notification notification;
    notification.mutable_slack()->mutable_url_from()->set_key("url");
    QVERIFY(canBeGathered(notification) && canBeGathered(email()));
    QVERIFY(!canBeGathered(commitStatusOf("github")));
    QVERIFY(!canBeGathered(schema::Notification()));
    const auto chat = gatheredMessage(notification, notices, "id-1", "https://x", secret);
    QVERIFY(chat.ok());
    QCOMPARE(json(std::get<HttpPost>(**chat).body)["text"].toString(),
             QString("4 notifications\nDegraded (3): shop-&lt;staging&gt;, shop-production\n"
                     "Healthy (1): shop-production\nhttps://x"));
    const auto sent = gatheredMessage(email(), notices, "id-1", "", secret);
    QVERIFY(sent.ok());
    const std::string text = std::get<Mail>(**sent).message;
    QVERIFY(text.find(absl::Base64Escape("[gantry] 4 notifications")) != std::string::npos);
  }

  void boundsWhatItGathers() {
    std::vector<Notice> notices;
    for (int i = 0; i < 2'000; ++i) {
      notices.push_back(notice("Degraded"));
      notices.back().application.name = "an-application-with-a-long-name-" + std::to_string(i);
    }
    const auto plain = [](auto value) { return std::string(value); };
    const std::string text = gatheredText(notices, "", plain);
    QVERIFY(text.starts_with("2000 notifications\nDegraded (2000): "));
    QVERIFY(text.ends_with("…"));
    QVERIFY(text.size() < 2'100);
  }

  void linksOnlyWithAnExternalUrl() {
    QCOMPARE(linkTo(notice(), ""), std::string());
    Notice about = notice();
    about.plan.clear();
    QCOMPARE(linkTo(about, "https://x"),
             std::string("https://x/applications/gantry-system/shop-production"));
  }

  void postsSignedJson() {
    schema::Notification notification;
    notification.mutable_webhook()->set_url("https://example.com/hook");
    notification.mutable_webhook()->mutable_signature_from()->set_key("key");
    const HttpPost sent = post(notification);
    QCOMPARE(sent.url, std::string("https://example.com/hook"));
    QCOMPARE(header(sent, "X-Gantry-Event"), std::string("PlanPending"));
    QCOMPARE(header(sent, "X-Gantry-Delivery"), std::string("id-1"));
    QVERIFY(header(sent, "X-Gantry-Signature-256").starts_with("sha256="));
    const QJsonObject body = json(sent.body);
    QCOMPARE(body["application"].toString(), QString("shop-production"));
    QCOMPARE(body["namespace"].toString(), QString("gantry-system"));
    QCOMPARE(body["environment"].toString(), QString("production"));
    QCOMPARE(body["at"].toString(), QString("2026-01-01T00:00:00Z"));
    QCOMPARE(body["revision"].toObject()["authorEmail"].toString(), QString("ana@example.com"));
    QCOMPARE(body["link"].toString(),
             QString("https://gantry.example.com/plans/gantry-system/shop-production-12"));
    // Fields are there also if they are empty.
    QVERIFY(body.contains("by"));
  }

  void keepsSlackFromReadingMarkup() {
    schema::Notification notification;
    notification.mutable_slack()->mutable_url_from()->set_key("url");
    Notice about = notice();
    about.revision.set_subject("<!channel> & <https://evil.example|click>");
    const QString text = json(post(notification, about).body)["text"].toString();
    QVERIFY2(text.contains("&lt;!channel&gt; &amp; &lt;https"), qPrintable(text));
    QVERIFY(!text.contains('<'));
  }

  void setsCommitStatus_data() {
    QTest::addColumn<QString>("provider");
    QTest::addColumn<QString>("event");
    QTest::addColumn<QString>("state");
    QTest::addColumn<QString>("description");
    const QList<std::tuple<QString, QString, QString, QString>> rows = {
        {"PlanPending", "pending", "pending", "pending approval"},
        {"PlanApproved", "pending", "pending", "approved"},
        {"PlanRejected", "failure", "failed", "rejected"},
        {"PlanSuperseded", "error", "canceled", "superseded"},
        {"HoldSet", "failure", "failed", "held"},
        {"HoldLifted", "error", "canceled", "no longer held"},
        {"Applied", "pending", "running", "syncing"},
        {"RolledBack", "pending", "running", "syncing"},
        {"Healthy", "success", "success", "healthy"},
        {"Degraded", "failure", "failed", "degraded"},
        {"SyncFailed", "failure", "failed", "sync failed"},
    };
    for (const auto& [event, gitHub, gitLab, description] : rows) {
      QTest::newRow(qPrintable("GitHub, " + event)) << "github" << event << gitHub << description;
      QTest::newRow(qPrintable("Gitea, " + event)) << "gitea" << event << gitHub << description;
      QTest::newRow(qPrintable("GitLab, " + event)) << "gitlab" << event << gitLab << description;
    }
  }
  void setsCommitStatus() {
    QFETCH(QString, provider);
    QFETCH(QString, event);
    QFETCH(QString, state);
    QFETCH(QString, description);
    Notice about = notice(event.toStdString());
    about.reason.clear();
    const HttpPost sent = post(commitStatusOf(provider.toStdString()), about);
    const QJsonObject body = json(sent.body);
    const bool isGitLab = provider == "gitlab";
    QCOMPARE(body["state"].toString(), state);
    QCOMPARE(body["description"].toString(), description);
    QCOMPARE(body[isGitLab ? "name" : "context"].toString(), QString("gantry/shop-production"));
    QCOMPARE(body["target_url"].toString(),
             QString("https://gantry.example.com/plans/gantry-system/shop-production-12"));
    QCOMPARE(QString::fromStdString(sent.url),
             (isGitLab ? QString("https://git.example.com/api/projects/acme%2Fshop/statuses/")
                       : QString("https://git.example.com/api/repos/acme/shop/statuses/")) +
                 kCommit);
    if (isGitLab) QCOMPARE(header(sent, "PRIVATE-TOKEN"), std::string("t0ken"));
    if (provider == "github") QCOMPARE(header(sent, "Authorization"), std::string("Bearer t0ken"));
    if (provider == "gitea") QCOMPARE(header(sent, "Authorization"), std::string("token t0ken"));
  }

  void setsNoCommitStatusForTheRest() {
    for (const char* event : {"RollbackBegun", "Suspended", "Resumed", "Overridden"}) {
      const auto made = message(commitStatusOf("github"), notice(event));
      QVERIFY(made.ok());
      QVERIFY(!made->has_value());
    }
    Notice about = notice();
    about.revision.set_commit("../../secrets");
    QVERIFY(!message(commitStatusOf("github"), about)->has_value());
  }

  void shortensDescriptions() {
    Notice about = notice("SyncFailed");
    about.reason = std::string(100, 'x') + std::string(60, '\xc3') + "\xa4";
    about.reason = "ä" + std::string(50, 'x');
    for (int i = 0; i < 60; ++i) about.reason += "ä";
    const QString text = json(post(commitStatusOf("github"), about).body)["description"].toString();
    QVERIFY(text.toUtf8().size() <= 140);
    QVERIFY(text.endsWith("ä…"));
  }

  void keepsToWhatProvidersTake_data() {
    QTest::addColumn<QString>("provider");
    QTest::addColumn<QStringList>("states");
    // docs.github.com/rest/commits/statuses, docs.gitlab.com/api/commits, gitea.com/api/swagger.
    QTest::newRow("GitHub") << "github" << QStringList{"error", "failure", "pending", "success"};
    QTest::newRow("GitLab") << "gitlab"
                            << QStringList{"pending", "running", "success", "failed", "canceled"};
    QTest::newRow("Gitea") << "gitea"
                           << QStringList{"pending", "success", "error", "failure", "warning"};
  }
  void keepsToWhatProvidersTake() {
    QFETCH(QString, provider);
    QFETCH(QStringList, states);
    const bool isGitLab = provider == "gitlab";
    QStringList fields = {isGitLab ? "name" : "context", "description", "state", "target_url"};
    std::ranges::sort(fields);
    for (const char* event : {"PlanPending", "PlanApproved", "PlanRejected", "Applied", "Healthy",
                              "Degraded", "SyncFailed", "RolledBack"}) {
      Notice about = notice(event);
      about.reason = std::string(4'000, 'x');
      const QJsonObject body = json(post(commitStatusOf(provider.toStdString()), about).body);
      QCOMPARE(body.keys(), fields);
      QVERIFY2(states.contains(body["state"].toString()), event);
      QVERIFY(body["description"].toString().size() <= 140);
      QVERIFY(body["target_url"].toString().startsWith("https://"));
      QVERIFY(body["target_url"].toString().size() <= 255);
      QVERIFY(body[isGitLab ? "name" : "context"].toString().size() <= 255);
    }
  }

  void leavesOutLinks_data() {
    QTest::addColumn<QString>("provider");
    QTest::addColumn<int>("length");
    QTest::addColumn<bool>("isLinked");
    for (const char* provider : {"github", "gitlab", "gitea"}) {
      QTest::addRow("%s, none", provider) << provider << 0 << false;
      QTest::addRow("%s, short", provider) << provider << 30 << true;
      // GitLab takes no more than 255.
      QTest::addRow("%s, long", provider) << provider << 300 << (provider != std::string("gitlab"));
    }
  }
  void leavesOutLinks() {
    QFETCH(QString, provider);
    QFETCH(int, length);
    QFETCH(bool, isLinked);
    std::string url;
    if (length > 0) url = "https://" + std::string(static_cast<std::size_t>(length) - 8, 'x');
    const auto made =
        messageFor(commitStatusOf(provider.toStdString()), notice(), "id-1", url, secret);
    QVERIFY(made.ok());
    // An empty one is not taken either.
    QCOMPARE(json(std::get<HttpPost>(**made).body).contains("target_url"), isLinked);
  }

  void writesMail() {
    const auto made = message(email(), notice());
    QVERIFY2(made.ok(), made.status().ToString().c_str());
    const Mail sent = std::get<Mail>(**made);
    QCOMPARE(sent.password, std::string("passw0rd"));
    const QString text = QString::fromStdString(sent.message);
    QVERIFY(
        text.startsWith("Date: Thu, 01 Jan 2026 00:00:00 +0000\r\nFrom: <gantry@example.com>\r\n"
                        "To: <ops@example.com>,\r\n <ana@example.com>\r\n"));
    QVERIFY(text.contains("\r\nMessage-ID: <id-1@gantry>\r\n"));
    const QByteArray body = text.mid(text.indexOf("\r\n\r\n")).toUtf8();
    QVERIFY(QByteArray::fromBase64(body).startsWith("shop-production: PlanPending\n"));
    for (const QString& line : text.split("\r\n")) {
      QVERIFY2(line.size() <= 78, qPrintable(line));
      QVERIFY(!line.contains('\n'));
    }
  }

  void keepsWhatWaits() {
    Waiting waiting = {"team", "id-1", notice()};
    waiting.notice.by = "bo";
    Waiting back;
    QVERIFY(decode(encode(waiting), back));
    QCOMPARE(back.notification, waiting.notification);
    const auto before = messageFor(email(), waiting.notice, waiting.id, "https://x", secret);
    const auto after = messageFor(email(), back.notice, back.id, "https://x", secret);
    QVERIFY(std::get<Mail>(**before).message == std::get<Mail>(**after).message);
    schema::Notification notification;
    notification.mutable_webhook()->set_url("https://example.com/hook");
    QCOMPARE(post(notification, back.notice).body, post(notification, waiting.notice).body);
    QVERIFY(!decode("no record", back));
  }

  void letsNoValueEndAHeader() {
    Notice about = notice("x\r\nBcc: evil@example.com");
    const auto made = message(email(), about);
    QVERIFY(made.ok());
    QVERIFY(std::get<Mail>(**made).message.find("Bcc:") == std::string::npos);
  }

  void refusesBadTargetsWithoutQuotingThem_data() {
    QTest::addColumn<QString>("url");
    for (const char* url : {"file:///etc/passwd?T0KEN", "gopher://x/T0KEN", "https://x/\r\nT0KEN",
                            "T0KEN", "", "https://x/ T0KEN"}) {
      QTest::newRow(url) << url;
    }
  }
  void refusesBadTargetsWithoutQuotingThem() {
    QFETCH(QString, url);
    const absl::Status status = checkedUrl(url.toStdString()).status();
    QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
    QVERIFY(status.message().find("T0KEN") == absl::string_view::npos);
  }

  void refusesBadAddresses() {
    for (const char* address : {"ops", "a@b\r\nRCPT TO:<c@d>", "<a@b>", "a@b,c@d", "a b@c"}) {
      schema::Notification notification = email();
      notification.mutable_email()->set_to(0, address);
      QCOMPARE(message(notification, notice()).status().code(), absl::StatusCode::kInvalidArgument);
    }
  }

  void saysWhichSecretIsMissing() {
    schema::Notification notification;
    notification.mutable_slack()->mutable_url_from()->set_key("missing");
    QCOMPARE(message(notification, notice()).status().code(),
             absl::StatusCode::kFailedPrecondition);
  }

  void knowsWhoWantsToKnow() {
    schema::Notification notification;
    QVERIFY(isWanted(notification, notice()));
    notification.add_on("Healthy");
    QVERIFY(!isWanted(notification, notice()));
    notification.add_on("PlanPending");
    QVERIFY(isWanted(notification, notice()));
    notification.add_applications("*-staging");
    QVERIFY(!isWanted(notification, notice()));
    notification.add_applications("shop-*");
    QVERIFY(isWanted(notification, notice()));
  }

  void judgesAnswers_data() {
    QTest::addColumn<int>("status");
    QTest::addColumn<int>("code");
    const auto row = [](int status, absl::StatusCode code) {
      QTest::newRow(qPrintable(QString::number(status))) << status << static_cast<int>(code);
    };
    for (const int status : {200, 201, 202, 204}) row(status, absl::StatusCode::kOk);
    for (const int status : {301, 302, 307, 400, 401, 403, 404, 410, 422}) {
      row(status, absl::StatusCode::kInvalidArgument);
    }
    for (const int status : {408, 425, 429, 502, 503, 504}) {
      row(status, absl::StatusCode::kUnavailable);
    }
    for (const int status : {500, 501, 507}) row(status, absl::StatusCode::kInternal);
  }
  void judgesAnswers() {
    QFETCH(int, status);
    QFETCH(int, code);
    const absl::Status judged =
        judge({}, {status, std::chrono::seconds(0), "a body with T0KEN"}).status;
    QCOMPARE(static_cast<int>(judged.code()), code);
    QVERIFY(judged.message().find("T0KEN") == absl::string_view::npos);
  }

  void takesAStatusThatGitLabHasAlreadyForDone() {
    const HttpPost sent = post(commitStatusOf("gitlab"));
    const HttpAnswer already = {400, std::chrono::seconds(0),
                                "{\"message\":\"Cannot transition status via :enqueue\"}"};
    QVERIFY(judge(sent, already).status.ok());
    QVERIFY(!judge(sent, {400, std::chrono::seconds(0), "{\"message\":\"bad\"}"}).status.ok());
    QVERIFY(!judge(post(commitStatusOf("github")), already).status.ok());
  }

  void takesARefusalForAWhileForALimit() {
    // docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
    const SendResult limited = judge({}, {403, std::chrono::seconds(60), ""});
    QCOMPARE(limited.status.code(), absl::StatusCode::kUnavailable);
    QVERIFY(limited.retryAfter == std::chrono::seconds(60));
    QCOMPARE(judge({}, {404, std::chrono::seconds(60), ""}).status.code(),
             absl::StatusCode::kInvalidArgument);
  }
};

QTEST_GUILESS_MAIN(TstMessages)
#include "tst_messages.moc"
