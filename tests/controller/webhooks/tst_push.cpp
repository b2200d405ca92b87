// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include <string>

#include "base/file.h"
#include "controller/webhooks/push.h"

using namespace gantry;
using namespace gantry::webhooks;
Q_DECLARE_METATYPE(gantry::webhooks::Provider)

namespace {

std::string payload(const QString& name) {
  return *base::readFile(std::string(GANTRY_SOURCE_DIR "/tests/controller/webhooks/payloads/") +
                         name.toStdString() + ".json");
}

bool names(const PushHint& hint, const char* url) {
  return concerns({hint.repositories, {}}, url, "any");
}

}  // namespace

class TstPush : public QObject {
  Q_OBJECT

 private slots:
  void readsWhatProvidersSend_data() {
    QTest::addColumn<Provider>("provider");
    QTest::addColumn<QString>("file");
    QTest::addColumn<QStringList>("urls");
    QTest::addColumn<QStringList>("refs");
    QTest::newRow("GitHub") << Provider::kGitHub << "github-push"
                            << QStringList{"https://github.com/acme/shop.git",
                                           "git@github.com:acme/shop.git",
                                           "https://github.com/acme/shop"}
                            << QStringList{"refs/heads/main"};
    QTest::newRow("GitLab") << Provider::kGitLab << "gitlab-push"
                            << QStringList{"https://gitlab.example.com/acme/shop.git",
                                           "git@gitlab.example.com:acme/shop.git"}
                            << QStringList{"refs/heads/main"};
    QTest::newRow("GitLab, a tag") << Provider::kGitLab << "gitlab-tag"
                                   << QStringList{"ssh://git@gitlab.example.com:2222/acme/shop.git"}
                                   << QStringList{"refs/tags/v1.4.0"};
    QTest::newRow("Gitea") << Provider::kGitea << "gitea-push"
                           << QStringList{"https://git.example.com:3000/acme/shop.git",
                                          "ssh://git@git.example.com:2222/acme/shop.git"}
                           << QStringList{"refs/heads/main"};
    QTest::newRow("Bitbucket Cloud")
        << Provider::kBitbucketCloud << "bitbucket-cloud-push"
        << QStringList{"https://bitbucket.org/acme/shop.git", "git@bitbucket.org:acme/shop.git"}
        << QStringList{"refs/heads/main", "refs/tags/v1.4.0", "refs/heads/feature/old"};
    QTest::newRow("Bitbucket Server")
        << Provider::kBitbucketServer << "bitbucket-server-push"
        << QStringList{"ssh://git@bitbucket.example.com:7999/ACME/shop.git",
                       "https://ana@bitbucket.example.com/scm/acme/shop.git"}
        << QStringList{"refs/heads/main"};
  }
  void readsWhatProvidersSend() {
    QFETCH(Provider, provider);
    QFETCH(QString, file);
    QFETCH(QStringList, urls);
    QFETCH(QStringList, refs);
    const auto hint = parsePush(provider, payload(file));
    QVERIFY2(hint.ok(), hint.status().ToString().c_str());
    for (const QString& url : urls) QVERIFY2(names(*hint, qPrintable(url)), qPrintable(url));
    QVERIFY(!names(*hint, "https://github.com/acme/other"));
    QCOMPARE(hint->refs.size(), static_cast<std::size_t>(refs.size()));
    for (int i = 0; i < refs.size(); ++i) {
      QCOMPARE(QString::fromStdString(hint->refs[static_cast<std::size_t>(i)]), refs[i]);
    }
  }

  void passesOverOtherEventsOfASystemHook() {
    const auto hint = parsePush(Provider::kGitLab, payload("gitlab-system-user"));
    QVERIFY(hint.ok());
    QVERIFY(hint->repositories.empty());
  }

  void refusesWhatIsNotTheJsonOfThatProvider_data() {
    QTest::addColumn<QByteArray>("body");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("a form") << QByteArray("payload=%7B%22ref%22%3A%22x%22%7D");
    QTest::newRow("cut off") << QByteArray("{\"ref\": \"refs/heads/main\", \"repository\": {");
    QTest::newRow("another type") << QByteArray("{\"ref\": {\"no\": \"text\"}}");
    QTest::newRow("a list") << QByteArray("[1, 2]");
    QTest::newRow("not UTF-8") << QByteArray("{\"ref\": \"\xff\xfe\"}");
    QTest::newRow("zero bytes") << QByteArray(64, '\0');
    QTest::newRow("deep lists") << QByteArray("{\"x\": ") + QByteArray(500'000, '[');
    QTest::newRow("deep objects") << QByteArray("{\"x\":").repeated(100'000);
    QTest::newRow("deep and closed")
        << QByteArray("{\"x\":").repeated(200) + "1" + QByteArray(200, '}');
    QTest::newRow("deep lists where a text belongs")
        << QByteArray("{\"ref\": ") + QByteArray(400'000, '[') + QByteArray(400'000, ']') + "}";
  }
  void refusesWhatIsNotTheJsonOfThatProvider() {
    QFETCH(QByteArray, body);
    const auto hint = parsePush(Provider::kGitHub, body.toStdString());
    QCOMPARE(hint.status().code(), absl::StatusCode::kInvalidArgument);
    QVERIFY(hint.status().message().find("refs/heads") == absl::string_view::npos);
  }

  void survivesEveryByteThatIsWrong() {
    for (const char* file : {"github-push", "bitbucket-cloud-push", "bitbucket-server-push"}) {
      const std::string good = payload(file);
      for (std::size_t at = 0; at < good.size(); at += 7) {
        std::string bad = good;
        bad[at] = static_cast<char>(bad[at] ^ 0x15);
        for (const Provider provider :
             {Provider::kGitHub, Provider::kBitbucketCloud, Provider::kBitbucketServer}) {
          const auto hint = parsePush(provider, bad);
          if (!hint.ok()) QCOMPARE(hint.status().code(), absl::StatusCode::kInvalidArgument);
        }
        QVERIFY(!parsePush(Provider::kGitHub, good.substr(0, at)).ok());
      }
    }
  }

  void knowsWhomAPushConcerns_data() {
    QTest::addColumn<QString>("ref");
    QTest::addColumn<QString>("revision");
    QTest::addColumn<bool>("concerned");
    QTest::newRow("its branch") << "refs/heads/main" << "main" << true;
    QTest::newRow("its branch in full") << "refs/heads/main" << "refs/heads/main" << true;
    QTest::newRow("a branch with slashes") << "refs/heads/release/1" << "release/1" << true;
    QTest::newRow("another branch") << "refs/heads/feature" << "main" << false;
    QTest::newRow("the end of a branch") << "refs/heads/x/main" << "main" << false;
    QTest::newRow("its tag") << "refs/tags/stable" << "stable" << true;
    QTest::newRow("another tag") << "refs/tags/other" << "stable" << false;
    QTest::newRow("a tag, and a branch of its name") << "refs/tags/main" << "main" << true;
    QTest::newRow("a tag in a range") << "refs/tags/v1.4.0" << "^1.3" << true;
    QTest::newRow("a tag for 1.x") << "refs/tags/v1.4.0" << "1.x" << true;
    QTest::newRow("a tag beyond the range") << "refs/tags/v2.0.0" << "^1.3" << false;
    QTest::newRow("a tag that is no version") << "refs/tags/latest" << "1.x" << false;
    QTest::newRow("a prerelease") << "refs/tags/v1.4.0-rc.1" << "1.x" << false;
    QTest::newRow("a branch that reads like a range") << "refs/heads/1.x" << "1.x" << true;
    QTest::newRow("a commit") << "refs/heads/main" << "59b20b8d5c6fea5e5e5e0c0d0e0f101112131415"
                              << false;
    QTest::newRow("a tag for a branch") << "refs/tags/v1.4.0" << "main" << false;
    QTest::newRow("a branch, and a range") << "refs/heads/main" << ">=1.0" << false;
    QTest::newRow("a ref of no kind") << "refs/notes/commits" << "main" << false;
    QTest::newRow("no ref") << "" << "main" << true;
  }
  void knowsWhomAPushConcerns() {
    QFETCH(QString, ref);
    QFETCH(QString, revision);
    QFETCH(bool, concerned);
    PushHint hint{{*parseRepositoryUrl("https://git.example.com/acme/shop")}, {}};
    if (!ref.isEmpty()) hint.refs = {ref.toStdString()};
    const std::string wanted = revision.toStdString();
    QCOMPARE(concerns(hint, "git@git.example.com:acme/shop.git", wanted), concerned);
    QVERIFY(!concerns(hint, "git@git.example.com:acme/other.git", wanted));
    QVERIFY(!concerns(hint, "", wanted));
  }

  void readsTheLargestBodyInTime() {
    std::string body = payload("github-push");
    const std::string commit = R"({"id": "59b20b8d5c6f", "modified": ["environments/a.yaml"]},)";
    std::string commits;
    while (commits.size() + body.size() < (1 << 20)) commits += commit;
    body.insert(body.find("\"commits\": [") + 12, commits);
    QElapsedTimer timer;
    timer.start();
    QVERIFY(parsePush(Provider::kGitHub, body).ok());
    qInfo("1 MiB in %lld ms", timer.elapsed());
  }
};

QTEST_GUILESS_MAIN(TstPush)
#include "tst_push.moc"
