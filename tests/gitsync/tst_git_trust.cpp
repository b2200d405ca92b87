// SPDX-License-Identifier: Apache-2.0
// Who is let in and who is trusted: a real sshd, and a Git server over TLS.
#include <QTest>

#include "absl/strings/str_cat.h"
#include "tests/gitsync/git_fixture.h"
#include "tests/gitsync/git_https_server.h"
#include "tests/gitsync/git_ssh_server.h"

using namespace gantry;
using namespace gantry::gitsync;
namespace fs = std::filesystem;

class TstGitTrust : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    git_.emplace();
    head_ = git_->commit("apps/a.yaml", "a: 1");
  }
  void cleanup() { git_.reset(); }

  void sshWithTheRightKeys() {
    support::GitSshServer server(git_->root / "ssh");
    const std::string bad = git_->commit("apps/a.yaml", "a: 2");
    git_->setCredentials(sshCredentials(server, server.keyFile(), server.knownHostsFile()));
    const std::string url = server.url(git_->bare());
    const auto fetched = git_->fetch(url);
    QVERIFY2(fetched.ok(), fetched.status().ToString().c_str());
    QCOMPARE(fetched->head.id, bad);
    const auto reverted = git_->await<Commit>([&](auto done) {
      git_->client->revert({.repository = {url, ""},
                            .branch = "main",
                            .path = "apps",
                            .restoreCommit = head_,
                            .expectedTreeHash = fetched->treeHash,
                            .authorName = "Gantry",
                            .authorEmail = "gantry@localhost",
                            .message = "Revert\n"},
                           done);
    });
    QVERIFY2(reverted.ok(), reverted.status().ToString().c_str());
    const auto missing = git_->fetch(server.url("/nonexistent.git"));
    QVERIFY2(absl::IsNotFound(missing.status()), missing.status().ToString().c_str());
  }

  void anUnknownHostKeyStopsIt() {
    support::GitSshServer server(git_->root / "ssh");
    git_->setCredentials(sshCredentials(server, server.keyFile(), git_->write("empty", "")));
    const std::string said = refusal(server.url(git_->bare()));
    QVERIFY2(contains(said, absl::StrCat("[127.0.0.1]:", server.port())), said.c_str());
    QVERIFY2(contains(said, "ssh-ed25519 " + server.hostFingerprint()), said.c_str());
    QVERIFY2(contains(said, "is not in"), said.c_str());
    QCOMPARE(*base::readFile(git_->root / "empty"), std::string());
  }

  void aChangedHostKeyStopsIt() {
    support::GitSshServer server(git_->root / "ssh");
    support::GitSshServer other(git_->root / "other");
    std::string known = *base::readFile(other.knownHostsFile());
    const std::string port = absl::StrCat(":", other.port());
    known.replace(known.find(port), port.size(), absl::StrCat(":", server.port()));
    git_->setCredentials(sshCredentials(server, server.keyFile(), git_->write("known", known)));
    const std::string said = refusal(server.url(git_->bare()));
    QVERIFY2(contains(said, "has changed: it is now ssh-ed25519 " + server.hostFingerprint()),
             said.c_str());
  }

  void aKeyThatTheServerDoesNotKnowStopsIt() {
    support::GitSshServer server(git_->root / "ssh");
    const fs::path key = git_->root / "stranger";
    support::outputOf("ssh-keygen -q -t ed25519 -N '' -f " + key.string());
    git_->setCredentials(sshCredentials(server, key, server.knownHostsFile()));
    const std::string said = refusal(server.url(git_->bare()));
    QVERIFY2(contains(said, "refuses the SSH key"), said.c_str());
  }

  void aKeyMayHaveAPassphrase() {
    support::GitSshServer server(git_->root / "ssh");
    support::outputOf("ssh-keygen -q -p -P '' -N 'correct horse' -f " + server.keyFile().string());
    const std::string base = sshCredentials(server, server.keyFile(), server.knownHostsFile());
    git_->setCredentials(base +
                         "  sshKeyPassphraseFile: " + git_->write("phrase", "correct horse\n"));
    QVERIFY2(git_->fetch(server.url(git_->bare())).ok(), "the right one");
    git_->write("phrase", "wrong donkey\n");
    const std::string wrong = refusal(server.url(git_->bare()));
    QVERIFY2(contains(wrong, "passphrase") && !contains(wrong, "donkey"), wrong.c_str());
    git_->setCredentials(base);
    QVERIFY2(contains(refusal(server.url(git_->bare())), "passphrase"), "none");
  }

  void aKeyThatOthersMayReadIsNotUsed() {
    support::GitSshServer server(git_->root / "ssh");
    git_->setCredentials(sshCredentials(server, server.keyFile(), server.knownHostsFile()));
    fs::permissions(server.keyFile(), fs::perms(0640));
    const std::string said = refusal(server.url(git_->bare()));
    QVERIFY2(contains(said, server.keyFile().string() + ": others may read it; chmod 600"),
             said.c_str());
  }

  void sshWithoutCredentialsSaysWhatIsMissing() {
    support::GitSshServer server(git_->root / "ssh");
    const std::string said = refusal(server.url(git_->bare()));
    QVERIFY2(contains(said, "sshKeyFile and knownHostsFile"), said.c_str());
  }

  void aTokenLetsInAndMayBeRotated() {
    support::GitHttpsServer server(git_->root / "repositories", git_->root / "tls");
    const std::string url = server.url("shop.git");
    const std::string ca = server.caFile().string();
    server.requireToken("ana", "s3cret-one");
    QVERIFY2(contains(refusal(url, ca), "--git-credentials"), refusal(url, ca).c_str());
    git_->setCredentials("- url: " + url + "\n  username: ana\n  caFile: " + ca +
                         "\n  tokenFile: " + git_->write("token", "s3cret-one\n"));
    QVERIFY2(git_->fetch(url).ok(), git_->fetch(url).status().ToString().c_str());
    server.requireToken("ana", "s3cret-two");
    const std::string said = refusal(url);
    QVERIFY2(contains(said, "refuses the token") && !contains(said, "s3cret"), said.c_str());
    git_->write("token", "s3cret-two\n");
    QVERIFY2(git_->fetch(url).ok(), "the file is read again");
    server.requireToken("x-access-token", "s3cret-two");
    git_->setCredentials("- url: " + url + "\n  caFile: " + ca +
                         "\n  tokenFile: " + (git_->root / "token").string());
    QVERIFY2(git_->fetch(url).ok(), "a token by itself");
    fs::permissions(git_->root / "token", fs::perms(0644));
    QVERIFY2(contains(refusal(url), "others may read it"), refusal(url).c_str());
  }

  void aPasswordInTheUrlIsUsedAndNotShown() {
    support::GitHttpsServer server(git_->root / "repositories", git_->root / "tls");
    server.requireToken("ana", "s3c@ret");
    std::string url = server.url("shop.git");
    url.insert(std::string("https://").size(), "ana:s3c%40ret@");
    QVERIFY2(git_->fetch(url, server.caFile().string()).ok(), "the right one");
    server.requireToken("ana", "other");
    const std::string said = refusal(url, server.caFile().string());
    QVERIFY2(!contains(said, "s3c"), said.c_str());
  }

  void credentialsAreNotSentOnToElsewhere() {
    support::GitHttpsServer other(git_->root / "repositories", git_->root / "tls");
    support::GitHttpsServer server(git_->root / "repositories", git_->root / "tls2");
    const std::string authorities =
        *base::readFile(other.caFile()) + *base::readFile(server.caFile());
    const std::string ca = git_->write("both.pem", authorities, 0644);
    std::string target = other.url("");
    target.pop_back();
    server.redirectTo(target);
    QVERIFY2(git_->fetch(server.url("shop.git"), ca).ok(), "without credentials it is followed");
    git_->setCredentials("- url: " + server.url("") + "\n  caFile: " + ca +
                         "\n  tokenFile: " + git_->write("token", "s3cret"));
    const auto fetched = git_->fetch(server.url("shop.git"));
    QVERIFY2(absl::IsFailedPrecondition(fetched.status()), fetched.status().ToString().c_str());
    QVERIFY(contains(fetched.status().ToString(), "the server redirects"));
    QVERIFY(server.sawCredentials());
    QVERIFY(!other.sawCredentials());
  }

  void aClientCertificateLetsIn() {
    support::GitHttpsServer server(git_->root / "repositories", git_->root / "tls", true);
    const std::string url = server.url("shop.git");
    const std::string ca = server.caFile().string();
    // The alert of the server and the end of the connection race each other to the client.
    const absl::Status without = git_->fetch(url, ca).status();
    QVERIFY2(absl::IsPermissionDenied(without) || absl::IsUnavailable(without),
             without.ToString().c_str());
    git_->setCredentials("- url: " + url + "\n  caFile: " + ca +
                         "\n  clientCertFile: " + server.clientCertFile().string() +
                         "\n  clientKeyFile: " + server.clientKeyFile().string());
    const auto fetched = git_->fetch(url);
    QVERIFY2(fetched.ok(), fetched.status().ToString().c_str());
  }

  void aWrongFileOfCredentialsIsSaid() {
    git_->setCredentials("- url: https://h\n  secret: x\n");
    const auto fetched = git_->fetch(git_->bare().string());
    QVERIFY(absl::IsInvalidArgument(fetched.status()));
    QVERIFY(contains(fetched.status().ToString(), "credentials.yaml:2:3: unknown field"));
    fs::permissions(git_->credentialsFile, fs::perms(0666));
    QVERIFY(absl::IsPermissionDenied(git_->fetch(git_->bare().string()).status()));
  }

 private:
  static bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }

  static std::string sshCredentials(const support::GitSshServer& server, const fs::path& key,
                                    const fs::path& known) {
    return absl::StrCat("- url: ssh://127.0.0.1:", server.port(), "\n  sshKeyFile: ", key.string(),
                        "\n  knownHostsFile: ", known.string(), "\n");
  }

  /// What a fetch that must be refused says.
  std::string refusal(const std::string& url, const std::string& ca = "") {
    const auto fetched = git_->fetch(url, ca);
    if (!absl::IsPermissionDenied(fetched.status())) {
      QTest::qFail(fetched.status().ToString().c_str(), __FILE__, __LINE__);
    }
    return fetched.status().ToString();
  }

  std::optional<support::GitFixture> git_;
  std::string head_;
};

QTEST_GUILESS_MAIN(TstGitTrust)
#include "tst_git_trust.moc"
