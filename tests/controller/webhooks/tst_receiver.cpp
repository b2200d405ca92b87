// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <map>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "base/file.h"
#include "controller/webhooks/receiver.h"

using namespace gantry;
using namespace gantry::webhooks;
using HeaderMap = std::map<std::string, std::string>;
Q_DECLARE_METATYPE(HeaderMap)

namespace {

constexpr char kOld[] = "an old secret of ours";
constexpr char kNew[] = "0123456789abcdef0123456789abcdef";

std::string payload(const std::string& name) {
  return *base::readFile(GANTRY_SOURCE_DIR "/tests/controller/webhooks/payloads/" + name + ".json");
}

std::string hmac(const std::string& key, const std::string& body) {
  unsigned char digest[32];
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(body.data()), body.size(), digest, nullptr);
  return absl::BytesToHexString(std::string(reinterpret_cast<char*>(digest), sizeof digest));
}

Headers headersOf(const HeaderMap& map) {
  return [map](std::string_view name) {
    const auto found = map.find(std::string(name));
    return found == map.end() ? std::string() : found->second;
  };
}

Receiver receiver() {
  return Receiver(*Secrets::parse(std::string(kOld) + "\n\n  " + kNew + "\r\n", "hooks.txt"));
}

/// The headers that `provider` sends with `body`, with the proof made from `secret`.
HeaderMap delivery(const std::string& provider, const std::string& secret,
                   const std::string& body) {
  if (provider == "github") {
    return {{"X-GitHub-Event", "push"}, {"X-Hub-Signature-256", "sha256=" + hmac(secret, body)}};
  }
  if (provider == "gitlab") return {{"X-Gitlab-Event", "Push Hook"}, {"X-Gitlab-Token", secret}};
  if (provider == "gitea") {
    // It sends GitHub's headers too.
    return {{"X-Gitea-Event", "push"},
            {"X-Gitea-Signature", hmac(secret, body)},
            {"X-GitHub-Event", "push"},
            {"X-Hub-Signature-256", "sha256=" + hmac(secret, body)}};
  }
  if (provider == "forgejo") {
    return {{"X-Forgejo-Event", "push"},
            {"X-Forgejo-Signature", hmac(secret, body)},
            {"X-Gitea-Event", "push"}};
  }
  const std::string key = provider == "bitbucket-cloud" ? "repo:push" : "repo:refs_changed";
  return {{"X-Event-Key", key}, {"X-Hub-Signature", "sha256=" + hmac(secret, body)}};
}

void addProviders() {
  QTest::addColumn<QString>("provider");
  QTest::addColumn<QString>("file");
  QTest::newRow("GitHub") << "github" << "github-push";
  QTest::newRow("GitLab") << "gitlab" << "gitlab-push";
  QTest::newRow("Gitea") << "gitea" << "gitea-push";
  QTest::newRow("Forgejo") << "forgejo" << "gitea-push";
  QTest::newRow("Bitbucket Cloud") << "bitbucket-cloud" << "bitbucket-cloud-push";
  QTest::newRow("Bitbucket Server") << "bitbucket-server" << "bitbucket-server-push";
}

}  // namespace

class TstReceiver : public QObject {
  Q_OBJECT

 private slots:
  void takesAPushThatIsProven_data() { addProviders(); }
  void takesAPushThatIsProven() {
    QFETCH(QString, provider);
    QFETCH(QString, file);
    const std::string body = payload(file.toStdString());
    for (const char* secret : {kOld, kNew}) {
      const Answer answer =
          receiver().receive(headersOf(delivery(provider.toStdString(), secret, body)), body);
      QCOMPARE(answer.status, 202);
      QCOMPARE(answer.result, "accepted");
      QCOMPARE(QString(answer.provider), provider == "forgejo" ? "gitea" : provider);
      QVERIFY(answer.hint.has_value());
      QVERIFY(!answer.hint->repositories.empty());
    }
  }

  void refusesEveryOtherWithoutAReason_data() { addProviders(); }
  void refusesEveryOtherWithoutAReason() {
    QFETCH(QString, provider);
    QFETCH(QString, file);
    const std::string body = payload(file.toStdString());
    HeaderMap good = delivery(provider.toStdString(), kNew, body);
    std::vector<HeaderMap> bad = {
        delivery(provider.toStdString(), "another secret, not ours", body),
        delivery(provider.toStdString(), "", body)};
    for (const auto& [name, value] : good) {
      if (absl::StrContains(name, "Event")) continue;
      for (const std::string& other :
           {std::string(), value.substr(0, value.size() - 1), value + "0", "sha256=" + value,
            std::string(value.size(), 'z'), value.substr(0, value.size() - 1) + "!"}) {
        HeaderMap changed = good;
        // All that prove anything, since Gitea sends more than one.
        for (auto& [header, text] : changed) {
          if (!absl::StrContains(header, "Event")) text = other;
        }
        bad.push_back(std::move(changed));
      }
    }
    for (const HeaderMap& headers : bad) {
      const Answer answer = receiver().receive(headersOf(headers), body);
      QCOMPARE(answer.status, 401);
      QCOMPARE(answer.text, std::string("unauthorized"));
      QCOMPARE(answer.result, "bad_signature");
      QVERIFY(!answer.hint);
    }
    if (provider == "gitlab") return;
    const Answer changedBody = receiver().receive(headersOf(good), body + " ");
    QCOMPARE(changedBody.status, 401);
  }

  void answersTests() {
    const std::string body = payload("github-ping");
    HeaderMap headers = delivery("github", kNew, body);
    headers["X-GitHub-Event"] = "ping";
    Answer answer = receiver().receive(headersOf(headers), body);
    QCOMPARE(answer.status, 200);
    QCOMPARE(answer.result, "ping");
    headers["X-Hub-Signature-256"] = "sha256=" + hmac("another secret, not ours", body);
    QCOMPARE(receiver().receive(headersOf(headers), body).status, 401);

    answer =
        receiver().receive(headersOf({{"X-Event-Key", "diagnostics:ping"}}), "{\"test\":true}");
    QCOMPARE(answer.status, 200);
    QVERIFY(!answer.hint);
  }

  void passesOverOtherEvents() {
    const std::string body = "{\"action\": \"opened\"}";
    HeaderMap headers = delivery("github", kNew, body);
    headers["X-GitHub-Event"] = "pull_request";
    const Answer answer = receiver().receive(headersOf(headers), body);
    QCOMPARE(answer.status, 200);
    QCOMPARE(answer.result, "ignored");
    QVERIFY(!answer.hint);
  }

  void saysWhatIsWrongWithABodyOnlyToWhoProvesHimself() {
    const std::string body = "payload=%7B%7D";
    const Answer answer = receiver().receive(headersOf(delivery("github", kNew, body)), body);
    QCOMPARE(answer.status, 400);
    QCOMPARE(answer.result, "bad_body");
    QVERIFY(absl::StrContains(answer.text, "application/json"));
  }

  void refusesBeforeTheBodyIsRead() {
    const Headers github = headersOf({{"X-GitHub-Event", "push"}});
    QVERIFY(!Receiver::refuse(github, kLargestBody));
    QCOMPARE(Receiver::refuse(github, kLargestBody + 1)->status, 413);
    QCOMPARE(Receiver::refuse(headersOf({}), 10)->status, 400);
  }

  // Behind a reverse proxy all have one address.
  void whatIsNotProvenCostsTheProviderNothing() {
    Receiver strict = receiver();
    const std::string body = payload("github-push");
    const Headers proven = headersOf(delivery("github", kNew, body));
    const Headers forged = headersOf(delivery("github", "another secret, not ours", body));
    const auto send = [&](const Headers& headers, const std::string& remote) {
      return strict.count(strict.receive(headers, body), remote, {});
    };
    Answer answer;
    for (int i = 0; i < 100; ++i) answer = send(forged, "192.0.2.1");
    QCOMPARE(answer.status, 429);
    QCOMPARE(answer.result, "rate_limited");
    QCOMPARE(answer.provider, "github");
    QCOMPARE(send(forged, "192.0.2.2").status, 401);
    // What is refused by its headers is not proven either.
    QCOMPARE(strict.count(*Receiver::refuse(headersOf({}), 10), "192.0.2.1", {}).status, 429);
    QCOMPARE(send(proven, "192.0.2.1").status, 202);
    for (int i = 0; i < 100; ++i) answer = send(proven, "192.0.2.1");
    QCOMPARE(answer.status, 429);
    QVERIFY(!answer.hint);
    QCOMPARE(send(proven, "192.0.2.2").status, 202);
  }

  void readsSecretsAndNamesThePlaceOfBadOnes_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("message");
    QTest::newRow("nothing") << "" << "hooks.txt: there is no webhook secret in it";
    QTest::newRow("only empty lines") << "\n  \n" << "hooks.txt: there is no webhook secret in it";
    QTest::newRow("too short") << "0123456789abcdef\n\nhunter2\n"
                               << "hooks.txt:3: the webhook secret has fewer than 16 characters";
  }
  void readsSecretsAndNamesThePlaceOfBadOnes() {
    QFETCH(QString, text);
    QFETCH(QString, message);
    const absl::Status status = Secrets::parse(text.toStdString(), "hooks.txt").status();
    QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
    QVERIFY2(absl::StartsWith(status.message(), message.toStdString()), status.ToString().c_str());
    QVERIFY(!absl::StrContains(status.message(), "hunter2"));
  }

  void knowsTheSignatureOfAVectorOfRfc4231() {
    // Its test case 6: a key of 131 bytes of 0xaa.
    const auto secrets = Secrets::parse(std::string(131, '\xaa'), "x");
    QVERIFY(secrets.ok());
    QVERIFY(
        secrets->haveSigned("Test Using Larger Than Block-Size Key - Hash Key First",
                            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
  }
};

QTEST_GUILESS_MAIN(TstReceiver)
#include "tst_receiver.moc"
