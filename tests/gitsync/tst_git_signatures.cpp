// SPDX-License-Identifier: Apache-2.0
// Signatures that `git commit -S` made, with keys of ssh-keygen and gpg.
#include <QTest>

#include "absl/strings/str_cat.h"
#include "tests/gitsync/git_fixture.h"

using namespace gantry;
using namespace gantry::gitsync;
namespace fs = std::filesystem;

class TstGitSignatures : public QObject {
  Q_OBJECT

 private slots:
  void init() { git_.emplace(); }
  void cleanup() { git_.reset(); }

  void sshSignatures_data() {
    QTest::addColumn<QString>("type");
    QTest::newRow("ed25519") << "-t ed25519";
    QTest::newRow("RSA") << "-t rsa -b 2048";
    QTest::newRow("ECDSA") << "-t ecdsa";
  }
  void sshSignatures() {
    QFETCH(QString, type);
    const std::string ana = sshKey("ana", type.toStdString());
    const std::string bert = sshKey("bert");
    const std::string id = git_->commit("apps/a.yaml", "a: 1", signedBySsh("ana"));
    const auto signer = verify(id, {{"Bert", bert}, {"Ana", ana}});
    QVERIFY2(signer.ok(), signer.status().ToString().c_str());
    QCOMPARE(signer->keyName, std::string("Ana"));
    QCOMPARE(signer->fingerprint, fingerprint("ana"));
    const std::string untrusted = refusal(id, {{"Bert", bert}});
    QVERIFY2(contains(untrusted, "SSH key that is not trusted (" + fingerprint("ana")),
             untrusted.c_str());
    QVERIFY(contains(untrusted, id.substr(0, 8)));
  }

  void anSshKeyCountsWhileItIsValid() {
    const std::string ana = sshKey("ana");
    const std::string id = git_->commit("apps/a.yaml", "a: 1", signedBySsh("ana"));
    QVERIFY(
        verify(id, {{"Ana", "valid-after=\"20200101\",valid-before=\"20990101\" " + ana}}).ok());
    const std::string said = refusal(id, {{"Ana", "valid-before=\"20200101\" " + ana}});
    QVERIFY2(contains(said, "\"Ana\"") && contains(said, "expired"), said.c_str());
  }

  void aSignatureForAnotherPurposeDoesNotFit() {
    // Somebody had Ana sign a file that is the text of a commit.
    const std::string ana = sshKey("ana");
    const std::string id = git_->commit("apps/a.yaml", "a: 1");
    const std::string text = git_->write("text", git_->git("cat-file commit HEAD") + "\n");
    support::outputOf("ssh-keygen -q -Y sign -n file -f " + (git_->root / "ana").string() + " " +
                      text + " 2>/dev/null");
    const std::string forged = withSignature(text, *base::readFile(text + ".sig"));
    QVERIFY(contains(refusal(forged, {{"Ana", ana}}), "does not fit"));
  }

  void aChangedCommitDoesNotFit_data() {
    QTest::addColumn<bool>("gpg");
    QTest::newRow("SSH") << false;
    QTest::newRow("GPG") << true;
  }
  void aChangedCommitDoesNotFit() {
    QFETCH(bool, gpg);
    const std::string key = gpg ? gpgKey("Ana", "never") : sshKey("ana");
    git_->commit("apps/a.yaml", "a: 1", gpg ? signedByGpg("Ana") : signedBySsh("ana"));
    const std::string forged = support::outputOf("cd " + git_->work().string() +
                                                 " && git cat-file commit HEAD | sed 's/^a: 1$/a: "
                                                 "6/' | git hash-object -w -t commit --stdin");
    publish(forged);
    QVERIFY(contains(refusal(forged, {{"Ana", key}}), "does not fit"));
  }

  void anUnsignedCommitIsRefused() {
    const std::string id = git_->commit("apps/a.yaml", "a: 1");
    QVERIFY(contains(refusal(id, {{"Ana", sshKey("ana")}}), "it is not signed"));
  }

  void gpgSignatures() {
    const std::string ana = gpgKey("Ana", "never");
    const std::string bert = gpgKey("Bert", "never");
    const std::string id = git_->commit("apps/a.yaml", "a: 1", signedByGpg("Ana"));
    const auto signer = verify(id, {{"SSH", sshKey("ssh")}, {"Bert", bert}, {"Ana", ana}});
    QVERIFY2(signer.ok(), signer.status().ToString().c_str());
    QCOMPARE(signer->keyName, std::string("Ana"));
    QCOMPARE(signer->fingerprint, gpgFingerprint("Ana"));
    const std::string untrusted = refusal(id, {{"Bert", bert}});
    QVERIFY2(contains(untrusted, "GPG key that is not trusted (" + gpgFingerprint("Ana")),
             untrusted.c_str());
  }

  void anExpiredGpgKeyIsRefused() {
    gpgKey("Ana", "never");
    const std::string id = git_->commit("apps/a.yaml", "a: 1", signedByGpg("Ana"));
    gpg("--quick-set-expire " + gpgFingerprint("Ana") + " seconds=1");
    gpg("--quick-set-expire " + gpgFingerprint("Ana") + " 20250101T000000");
    const std::string said = refusal(id, {{"Ana", gpg("--armor --export Ana")}});
    QVERIFY2(contains(said, "has expired"), said.c_str());
  }

  void aRevokedGpgKeyIsRefused() {
    gpgKey("Ana", "never");
    const std::string id = git_->commit("apps/a.yaml", "a: 1", signedByGpg("Ana"));
    const std::string print = gpgFingerprint("Ana");
    const fs::path certificate = git_->root / "gpg/openpgp-revocs.d" / (print + ".rev");
    support::outputOf("sed -i 's/^:---/---/' " + certificate.string());
    gpg("--import " + certificate.string());
    const std::string said = refusal(id, {{"Ana", gpg("--armor --export Ana")}});
    QVERIFY2(contains(said, "was revoked"), said.c_str());
  }

  void aTrustedKeyThatIsNoneIsNamed_data() {
    QTest::addColumn<QString>("key");
    QTest::newRow("text") << "Ana's key";
    QTest::newRow("two lines") << "ssh-ed25519 AAAA\nssh-ed25519 BBBB";
    QTest::newRow("an option that lets in others") << "cert-authority ssh-ed25519 AAAA";
    QTest::newRow("armor of nothing") << "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n"
                                         "-----END PGP PUBLIC KEY BLOCK-----\n";
  }
  void aTrustedKeyThatIsNoneIsNamed() {
    QFETCH(QString, key);
    gpgKey("Ana", "never");
    const std::string id = git_->commit("apps/a.yaml", "a: 1", signedByGpg("Ana"));
    const absl::Status status = verify(id, {{"Bert", key.toStdString()}}).status();
    QVERIFY2(absl::IsInvalidArgument(status), status.ToString().c_str());
    QVERIFY(contains(status.ToString(), "trusted key \"Bert\""));
  }

  void manyCommitsAreOneQuestion() {
    const std::string ana = sshKey("ana");
    const std::string bert = gpgKey("Bert", "never");
    std::vector<std::string> ids;
    for (const std::string& by :
         {signedBySsh("ana"), std::string(), signedByGpg("Bert"), signedBySsh("ana")}) {
      ids.push_back(git_->commit("apps/a.yaml", absl::StrCat("a: ", ids.size()), by));
    }
    QVERIFY(git_->fetch(git_->bare().string()).ok());
    const auto signers = verifyAll(ids, {{"Ana", ana}, {"Bert", bert}});
    QVERIFY2(signers.ok(), signers.status().ToString().c_str());
    QCOMPARE(signers->size(), ids.size());
    QCOMPARE((*signers)[0]->keyName, std::string("Ana"));
    QVERIFY(absl::IsPermissionDenied((*signers)[1].status()));
    QVERIFY(contains((*signers)[1].status().ToString(), ids[1].substr(0, 8)));
    QCOMPARE((*signers)[2]->keyName, std::string("Bert"));
    QCOMPARE((*signers)[3]->keyName, std::string("Ana"));
    QVERIFY(absl::IsNotFound(verifyAll({std::string(40, 'a')}, {{"Ana", ana}}).status()));
  }

  void revertCommitsAreSigned() {
    const std::string gantry = sshKey("gantry");
    git_->signingKeyFile = git_->root / "gantry";
    git_->start();
    const std::string good = git_->commit("apps/a.yaml", "a: 1");
    git_->commit("apps/a.yaml", "a: 2");
    const auto reverted = revert(good);
    QVERIFY2(reverted.ok(), reverted.status().ToString().c_str());
    QCOMPARE(verify(reverted->id, {{"Gantry", gantry}})->keyName, std::string("Gantry"));
    git_->git("fetch -q origin");
    const std::string allowed = git_->write("allowed", "gantry@localhost " + gantry + "\n");
    git_->git("-c gpg.ssh.allowedSignersFile=" + allowed + " verify-commit origin/main 2>&1");
  }

  void aSigningKeyThatOthersMayReadIsNotUsed() {
    sshKey("gantry");
    git_->signingKeyFile = git_->root / "gantry";
    fs::permissions(git_->signingKeyFile, fs::perms(0644));
    git_->start();
    const std::string good = git_->commit("apps/a.yaml", "a: 1");
    const std::string bad = git_->commit("apps/a.yaml", "a: 2");
    QVERIFY(absl::IsPermissionDenied(revert(good).status()));
    QCOMPARE(support::outputOf("git -C " + git_->bare().string() + " rev-parse main"), bad);
  }

 private:
  static bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }

  /// Makes a key; its public line.
  std::string sshKey(const std::string& name, const std::string& type = "-t ed25519") {
    const std::string file = (git_->root / name).string();
    support::outputOf("ssh-keygen -q -N '' " + type + " -f " + file);
    return support::outputOf("cat " + file + ".pub");
  }
  std::string fingerprint(const std::string& name) const {
    return support::outputOf("ssh-keygen -l -f " + (git_->root / name).string() +
                             ".pub | cut -d' ' -f2");
  }
  std::string signedBySsh(const std::string& name) const {
    return "-c commit.gpgsign=true -c gpg.format=ssh -c user.signingkey=" +
           (git_->root / name).string();
  }

  std::string gpg(const std::string& arguments) const {
    return support::outputOf("gpg --homedir " + (git_->root / "gpg").string() +
                             " --batch --yes --quiet --passphrase '' --pinentry-mode loopback " +
                             arguments + " 2>/dev/null");
  }
  std::string gpgKey(const std::string& name, const std::string& expires) {
    fs::create_directories(git_->root / "gpg");
    fs::permissions(git_->root / "gpg", fs::perms::owner_all);
    gpg("--quick-generate-key " + name + " ed25519 sign " + expires);
    return gpg("--armor --export " + name);
  }
  std::string gpgFingerprint(const std::string& name) const {
    return gpg("--with-colons --list-keys " + name + " | grep ^fpr | head -1 | cut -d: -f10");
  }
  std::string signedByGpg(const std::string& name) {
    const std::string program = git_->write(
        "gpg.sh", "#!/bin/sh\nexec gpg --homedir " + (git_->root / "gpg").string() + " \"$@\"\n",
        0755);
    return "-c commit.gpgsign=true -c gpg.program=" + program + " -c user.signingkey=" + name;
  }

  /// A commit of this text with this signature.
  std::string withSignature(const std::string& textFile, const std::string& signature) {
    std::string text = *base::readFile(textFile);
    std::string header = "gpgsig";
    for (std::size_t at = 0; at < signature.size();) {
      const std::size_t end = std::min(signature.find('\n', at), signature.size());
      header += " " + signature.substr(at, end - at) + "\n";
      at = end + 1;
    }
    text.insert(text.find("\n\n") + 1, header);
    const std::string id = git_->git("hash-object -w -t commit " + git_->write("forged", text));
    publish(id);
    return id;
  }

  void publish(const std::string& id) { git_->git("push -q --force origin " + id + ":main"); }

  absl::StatusOr<Signer> verify(const std::string& id, const std::vector<TrustedKey>& keys) {
    const std::string url = git_->bare().string();
    if (const auto fetched = git_->fetch(url); !fetched.ok()) return fetched.status();
    absl::StatusOr<Signers> signers = verifyAll({id}, keys);
    if (!signers.ok()) return signers.status();
    return std::move(signers->front());
  }
  absl::StatusOr<Signers> verifyAll(const std::vector<std::string>& ids,
                                    const std::vector<TrustedKey>& keys) {
    return git_->await<Signers>(
        [&](auto done) { git_->client->verify({git_->bare().string(), ""}, ids, keys, done); });
  }
  std::string refusal(const std::string& id, const std::vector<TrustedKey>& keys) {
    const absl::Status status = verify(id, keys).status();
    if (!absl::IsPermissionDenied(status)) {
      QTest::qFail(status.ToString().c_str(), __FILE__, __LINE__);
    }
    return status.ToString();
  }

  absl::StatusOr<Commit> revert(const std::string& to) {
    const std::string url = git_->bare().string();
    const auto fetched = git_->fetch(url);
    return git_->await<Commit>([&](auto done) {
      git_->client->revert({.repository = {url, ""},
                            .branch = "main",
                            .path = "apps",
                            .restoreCommit = to,
                            .expectedTreeHash = fetched->treeHash,
                            .authorName = "Gantry",
                            .authorEmail = "gantry@localhost",
                            .message = "Revert\n"},
                           done);
    });
  }

  std::optional<support::GitFixture> git_;
};

QTEST_GUILESS_MAIN(TstGitSignatures)
#include "tst_git_signatures.moc"
