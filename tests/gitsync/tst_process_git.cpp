// SPDX-License-Identifier: Apache-2.0
// gitsync against real repositories: local ones, and a Git server over TLS with an own authority.
#include <QTest>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "base/file.h"
#include "base/loop_executor.h"
#include "gitsync/process_git.h"
#include "tests/gitsync/git_fixture.h"
#include "tests/gitsync/git_https_server.h"

using namespace gantry;
using namespace gantry::gitsync;
using support::outputOf;
namespace fs = std::filesystem;

class TstProcessGit : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    repo_.emplace();
    root_ = repo_->root;
    bare_ = repo_->bare();
    work_ = repo_->work();
  }
  void cleanup() { repo_.reset(); }

  void aFetchSaysWhatTheBranchIs() {
    const std::string first = commit("apps/a.yaml", "a: 1", "First");
    const std::string second = commit("other/b.yaml", "b: 1", "Second\n\nWith a body.");
    const auto fetched = fetch({bare_.string(), ""}, "main", "apps");
    QVERIFY2(fetched.ok(), fetched.status().ToString().c_str());
    QCOMPARE(fetched->head.id, second);
    QCOMPARE(fetched->head.subject, std::string("Second"));
    QCOMPARE(fetched->head.authorName, std::string("Ana"));
    QCOMPARE(fetched->head.authorEmail, std::string("ana@example.com"));
    QCOMPARE(fetched->lastChange.id, first);
    QCOMPARE(fetched->treeHash, git("rev-parse HEAD:apps"));
  }

  void aPathThatIsNotThereHasNoTree() {
    commit("apps/a.yaml", "a: 1", "First");
    const auto fetched = fetch({bare_.string(), ""}, "main", "nowhere");
    QVERIFY(fetched.ok());
    QCOMPARE(fetched->treeHash, std::string());
    const auto folder = readFolder(fetched->head.id, "nowhere");
    QVERIFY(absl::IsNotFound(folder.status()));
  }

  void manifestsAreReadFromTheObjectDatabase() {
    commit("apps/deep/b.yml", "b: 1", "First");
    commit("apps/a.yaml", "a: 1", "Second");
    commit("apps/README.md", "text", "Third");
    const auto fetched = fetch({bare_.string(), ""}, "main", "apps");
    const auto folder = readFolder(fetched->head.id, "apps");
    QVERIFY2(folder.ok(), folder.status().ToString().c_str());
    QCOMPARE(folder->files.size(), std::size_t{2});
    QCOMPARE(folder->files[0].path, std::string("apps/a.yaml"));
    QCOMPARE(folder->files[0].content, std::string("a: 1\n"));
    QCOMPARE(folder->files[1].path, std::string("apps/deep/b.yml"));
  }

  void aKustomizationMayUseAnyFile() {
    commit("apps/kustomization.yaml", "resources: []", "First");
    commit("apps/conf/app.conf", "a = 1", "Second");
    commit("other/notes.txt", "text", "Third");
    const auto fetched = fetch({bare_.string(), ""}, "main", "apps");
    const auto folder = readFolder(fetched->head.id, "apps");
    QVERIFY2(folder.ok(), folder.status().ToString().c_str());
    QCOMPARE(folder->files.size(), std::size_t{2});
    QCOMPARE(folder->files[0].path, std::string("apps/conf/app.conf"));
  }

  void symlinksAndSubmodulesAreRefused_data() {
    QTest::addColumn<QString>("mode");
    QTest::addColumn<QString>("says");
    QTest::newRow("symlink") << "120000" << "x.yaml is a symlink";
    QTest::newRow("submodule") << "160000" << "x.yaml is a submodule";
  }
  void symlinksAndSubmodulesAreRefused() {
    QFETCH(QString, mode);
    QFETCH(QString, says);
    const std::string id = commit("apps/a.yaml", "a: 1", "First");
    const std::string object = mode == "160000" ? id : git("rev-parse HEAD:apps/a.yaml");
    git("update-index --add --cacheinfo " + mode.toStdString() + "," + object + ",apps/x.yaml");
    git("commit -q -m Link");
    git("push -q origin main");
    const auto fetched = fetch({bare_.string(), ""}, "main", "apps");
    const auto folder = readFolder(fetched->head.id, "apps");
    QVERIFY(absl::IsFailedPrecondition(folder.status()));
    QVERIFY2(QString::fromStdString(folder.status().ToString()).contains(says),
             folder.status().ToString().c_str());
  }

  void aHugeBlobIsRefusedBeforeItIsRead() {
    commit("apps/a.yaml", "a: 1", "First");
    outputOf("truncate -s 200M " + (work_ / "apps/big.yaml").string());
    git("add -A");
    git("commit -q -m Big");
    git("push -q origin main");
    const auto fetched = fetch({bare_.string(), ""}, "main", "apps");
    QVERIFY2(fetched.ok(), fetched.status().ToString().c_str());
    const auto folder = readFolder(fetched->head.id, "apps");
    QVERIFY(absl::IsResourceExhausted(folder.status()));
    QVERIFY(QString::fromStdString(folder.status().ToString())
                .contains("big.yaml has 209715200 bytes; a file may have 1048576"));
  }

  void repositoriesThatCannotBeReadSaySo_data() {
    QTest::addColumn<QString>("url");
    QTest::addColumn<QString>("branch");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("says");
    QTest::newRow("empty repository")
        << "BARE" << "main" << int(absl::StatusCode::kFailedPrecondition) << "is empty";
    QTest::newRow("no repository")
        << "/nonexistent.git" << "main" << int(absl::StatusCode::kNotFound) << "/nonexistent.git";
    QTest::newRow("refused scheme")
        << "ext::sh -c true" << "main" << int(absl::StatusCode::kInvalidArgument) << "https://";
  }
  void repositoriesThatCannotBeReadSaySo() {
    QFETCH(QString, url);
    QFETCH(QString, branch);
    QFETCH(int, code);
    QFETCH(QString, says);
    const std::string real = url == "BARE" ? bare_.string() : url.toStdString();
    const auto fetched = fetch({real, ""}, branch.toStdString(), "");
    QCOMPARE(int(fetched.status().code()), code);
    QVERIFY2(QString::fromStdString(fetched.status().ToString()).contains(says),
             fetched.status().ToString().c_str());
  }

  void aBranchThatDoesNotExistIsNamed() {
    commit("a.yaml", "a: 1", "First");
    const auto fetched = fetch({bare_.string(), ""}, "prod", "");
    QVERIFY(absl::IsNotFound(fetched.status()));
    QVERIFY(fetched.status().ToString().find("no branch \"prod\"") != std::string::npos);
  }

  void revisionsOfEachKindAreFetched() {
    const std::string first = commit("apps/a.yaml", "a: 1", "First");
    git("tag -a v1.4.0 -m Release");
    git("tag v1.10.0-rc.1");
    git("push -q origin --tags");
    git("push -q origin HEAD:refs/pull/7/head");
    const std::string second = commit("apps/a.yaml", "a: 2", "Second");
    const Repository here = {bare_.string(), ""};
    const std::vector<std::tuple<std::string, std::string, std::string>> rows = {
        {"main", "refs/heads/main", second},
        {"v1.4.0", "refs/tags/v1.4.0", first},
        {"1.x", "refs/tags/v1.4.0", first},
        {">=1.9-0", "refs/tags/v1.10.0-rc.1", first},
        {"refs/pull/7/head", "refs/pull/7/head", first},
        {first, "", first}};
    for (const auto& [revision, ref, id] : rows) {
      const auto fetched = fetch(here, revision, "apps");
      QVERIFY2(fetched.ok(), fetched.status().ToString().c_str());
      QCOMPARE(fetched->ref, ref);
      QCOMPARE(fetched->head.id, id);
      QCOMPARE(fetched->lastChange.id, id);
    }
    git("tag v1.5.0");
    git("push -q origin --tags");
    QCOMPARE(fetch(here, "1.x", "apps")->head.id, second);
  }

  void aCommitIsFetchedOnceAndOnlyIfItIsReachable() {
    const std::string first = commit("apps/a.yaml", "a: 1", "First");
    commit("apps/a.yaml", "a: 2", "Second");
    const Repository here = {bare_.string(), ""};
    QVERIFY2(fetch(here, first, "apps").ok(), "of a mirror that holds nothing");
    const std::string unknown(40, '7');
    const auto missing = fetch(here, unknown, "apps");
    QVERIFY(absl::IsNotFound(missing.status()));
    QVERIFY(missing.status().ToString().find(unknown + " in any branch") != std::string::npos);
    fs::rename(bare_, root_ / "away");
    QVERIFY2(fetch(here, first, "apps").ok(), "no network for what is there");
  }

  void aBranchMayBecomeAFolderOfBranches() {
    commit("a.yaml", "a: 1", "First");
    git("push -q origin main:feature");
    QVERIFY(fetch({bare_.string(), ""}, "feature", "").ok());
    git("push -q origin :feature");
    git("push -q origin main:feature/x");
    const auto fetched = fetch({bare_.string(), ""}, "feature/x", "");
    QVERIFY2(fetched.ok(), fetched.status().ToString().c_str());
  }

  void theLastChangeIsThatOfGitLog() {
    // Merges with and without changes on both sides, looked at after each commit and from nothing.
    commit("apps/a.yaml", "a: 1", "First");
    commit("apps/deep/b.yaml", "b: 1", "Deep");
    git("checkout -q -b side");
    commit("apps/a.yaml", "a: 2", "Side");
    git("checkout -q main");
    compareLastChanges();
    commit("other/c.yaml", "c: 1", "Other");
    compareLastChanges();
    git("merge -q --no-edit side");
    git("push -q origin main");
    compareLastChanges();
    git("rm -q -r apps/deep");
    git("commit -q -m Removed");
    git("push -q origin main");
    compareLastChanges();
    git("revert --no-edit HEAD");
    git("push -q origin main");
    commit("other/c.yaml", "c: 2", "Later");
    compareLastChanges();
    repo_->start();
    compareLastChanges();
    git("reset -q --hard HEAD~3");
    git("push -q --force origin main");
    compareLastChanges();
  }

  void fetchesThatWaitShareOneQuestion() {
    support::GitHttpsServer server(root_ / "repositories", root_ / "tls");
    std::vector<std::string> expected;
    for (int i = 0; i < 20; ++i) {
      const std::string folder = "apps/" + std::to_string(i);
      expected.push_back(commit(folder + "/a.yaml", "a: 1", "First of " + std::to_string(i)));
    }
    const Repository repository = {server.url("shop.git"), server.caFile().string()};
    QVERIFY(fetch(repository, "main", "").ok());
    const int before = server.requests();
    int left = 20;
    for (int i = 0; i < 20; ++i) {
      repo_->client->fetch(repository, "main", Scope("apps/" + std::to_string(i)),
                           [&, i](absl::StatusOr<Fetched> fetched) {
                             if (fetched.ok()) QCOMPARE(fetched->lastChange.id, expected[i]);
                             QVERIFY(fetched.ok());
                             if (--left == 0) repo_->executor.stop();
                           });
    }
    repo_->executor.run();
    QCOMPARE(server.requests(), before + 1);
    // What is wrong with one is not wrong with the others.
    std::vector<absl::Status> statuses;
    for (const char* path : {"apps/0", "../etc", "apps/1/a.yaml", "apps/2"}) {
      repo_->client->fetch(repository, "main", Scope(path), [&](absl::StatusOr<Fetched> fetched) {
        statuses.push_back(fetched.status());
        if (statuses.size() == 4) repo_->executor.stop();
      });
    }
    repo_->executor.run();
    QVERIFY(statuses[0].ok() && statuses[3].ok());
    QVERIFY(absl::IsInvalidArgument(statuses[1]));
    QVERIFY(absl::IsFailedPrecondition(statuses[2]));
  }

  void onlyABranchIsReverted_data() {
    QTest::addColumn<QString>("revision");
    QTest::newRow("tag") << "v1.0.0";
    QTest::newRow("range") << "1.x";
    QTest::newRow("commit") << "COMMIT";
  }
  void onlyABranchIsReverted() {
    QFETCH(QString, revision);
    const std::string good = commit("apps/a.yaml", "a: 1", "Good");
    commit("apps/a.yaml", "a: 2", "Bad");
    git("tag v1.0.0");
    git("push -q origin --tags");
    const std::string head = git("rev-parse HEAD");
    RevertRequest request = revertRequest(good, git("rev-parse HEAD:apps"));
    request.branch = revision == "COMMIT" ? head : revision.toStdString();
    const auto reverted = await<Commit>([&](auto done) { repo_->client->revert(request, done); });
    QVERIFY2(absl::IsFailedPrecondition(reverted.status()), reverted.status().ToString().c_str());
    QVERIFY(reverted.status().ToString().find("not a branch") != std::string::npos);
    QCOMPARE(outputOf("git -C " + bare_.string() + " rev-parse main"), head);
  }

  void hooksOfALocalRepositoryDoNotRun() {
    const std::string good = commit("apps/a.yaml", "a: 1", "Good");
    commit("apps/a.yaml", "a: 2", "Bad");
    const fs::path hook = bare_ / "hooks/pre-receive";
    QVERIFY(
        base::writeFileAtomically(hook, "#!/bin/sh\ntouch " + (root_ / "ran").string() + "\n", 0755)
            .ok());
    const auto reverted = revert(good, git("rev-parse HEAD:apps"));
    QVERIFY2(reverted.ok(), reverted.status().ToString().c_str());
    QVERIFY(!fs::exists(root_ / "ran"));
  }

  void aForcePushIsFollowed() {
    commit("a.yaml", "a: 1", "First");
    QVERIFY(fetch({bare_.string(), ""}, "main", "").ok());
    git("commit -q --amend -m Rewritten");
    git("push -q --force origin main");
    const auto fetched = fetch({bare_.string(), ""}, "main", "");
    QCOMPARE(fetched->head.subject, std::string("Rewritten"));
  }

  void aKilledChildsLeftoversDoNotBlockTheNext() {
    commit("a.yaml", "a: 1", "First");
    QVERIFY(fetch({bare_.string(), ""}, "main", "").ok());
    const fs::path mirror = fs::directory_iterator(root_ / "mirrors")->path();
    const fs::path lock = mirror / "refs/gantry/heads/main.lock";
    QVERIFY(base::writeFileAtomically(lock, "").ok());
    const std::string second = commit("a.yaml", "a: 2", "Second");
    const auto fetched = fetch({bare_.string(), ""}, "main", "");
    QVERIFY2(fetched.ok(), fetched.status().ToString().c_str());
    QCOMPARE(fetched->head.id, second);
  }

  void theLogHoldsWhatChangedThePath() {
    const std::string first = commit("apps/a.yaml", "a: 1", "First");
    commit("other/b.yaml", "b: 1", "Second");
    const std::string third = commit("apps/a.yaml", "a: 2", "Third");
    const auto fetched = fetch({bare_.string(), ""}, "main", "apps");
    const auto all = log(fetched->head.id, "", "apps");
    QCOMPARE(all->size(), std::size_t{2});
    QCOMPARE(all->at(0).id, third);
    QCOMPARE(all->at(1).id, first);
    QCOMPARE(log(fetched->head.id, first, "apps")->size(), std::size_t{1});
  }

  // `git log -- path` leaves it out; who made it has taken back what the other side brought.
  void theLogHoldsAMergeThatTakesBack_data() {
    QTest::addColumn<QString>("merge");
    QTest::addColumn<bool>("takesBack");
    QTest::newRow("the old side is kept") << "merge -q -s ours --no-ff -m M main" << true;
    QTest::newRow("the new side is kept") << "merge -q --no-ff -m M main" << false;
  }
  void theLogHoldsAMergeThatTakesBack() {
    QFETCH(QString, merge);
    QFETCH(bool, takesBack);
    const std::string old = commit("apps/a.yaml", "a: 1", "Old");
    const std::string good = commit("apps/a.yaml", "a: 2", "New");
    git("checkout -q -b side " + old);
    git("commit -q --allow-empty -m Elsewhere");
    git(merge.toStdString());
    git("push -q origin side:main");
    const auto fetched = fetch({bare_.string(), ""}, "main", "apps");
    QVERIFY2(fetched.ok(), fetched.status().ToString().c_str());
    QCOMPARE(fetched->lastChange.id, takesBack ? old : good);
    const auto log = this->log(fetched->head.id, good, "apps");
    QCOMPARE(log->size(), std::size_t(takesBack ? 1 : 0));
    if (takesBack) QCOMPARE(log->front().id, fetched->head.id);
  }

  void aRevertRestoresThePathAndOnlyThePath() {
    const std::string good = commit("apps/a.yaml", "a: 1", "Good");
    commit("apps/a.yaml", "a: 2", "Bad");
    commit("other/b.yaml", "b: 1", "Other");
    const auto before = fetch({bare_.string(), ""}, "main", "apps");
    const auto reverted = revert(good, before->treeHash);
    QVERIFY2(reverted.ok(), reverted.status().ToString().c_str());
    QCOMPARE(reverted->parents, std::vector<std::string>{before->head.id});
    git("pull -q origin main");
    QCOMPARE(*base::readFile(work_ / "apps/a.yaml"), std::string("a: 1\n"));
    QCOMPARE(*base::readFile(work_ / "other/b.yaml"), std::string("b: 1\n"));
    QCOMPARE(git("log -1 --format=%s"), std::string("Revert \"Bad\""));
    // Asked again, because the answer was lost: the same commit.
    QCOMPARE(revert(good, before->treeHash)->id, reverted->id);
  }

  void otherFoldersOfAScopeCount() {
    const std::string first = commit("apps/a.yaml", "a: 1", "First");
    const gitsync::Scope scope("apps", {"base", "gone"});
    const auto fetchScope = [&] {
      return await<Fetched>(
          [&](auto done) { repo_->client->fetch({bare_.string(), ""}, "main", scope, done); });
    };
    const auto without = fetchScope();
    QVERIFY2(without.ok(), without.status().ToString().c_str());
    const std::string good = commit("base/kustomization.yaml", "a: 1", "Base");
    const auto before = fetchScope();
    QVERIFY(before->treeHash != without->treeHash);
    QCOMPARE(before->lastChange.id, good);
    const std::string elsewhere = commit("other/b.yaml", "b: 1", "Other");
    QCOMPARE(fetchScope()->treeHash, before->treeHash);
    QCOMPARE(fetchScope()->lastChange.id, good);
    const auto folder = await<Folder>([&](auto done) {
      repo_->client->readFolder({bare_.string(), ""}, elsewhere, scope, {}, done);
    });
    QVERIFY2(folder.ok(), folder.status().ToString().c_str());
    QCOMPARE(folder->treeHash, before->treeHash);
    QCOMPARE(folder->files.size(), std::size_t{2});
    QCOMPARE(folder->files[1].path, std::string("base/kustomization.yaml"));
    QCOMPARE(first.size(), good.size());
  }

  void aRevertRestoresAllFoldersOfAScope() {
    commit("apps/a.yaml", "a: 1", "First");
    const std::string good = commit("base/b.yaml", "b: 1", "Good");
    commit("base/b.yaml", "b: 2", "Bad");
    commit("late/c.yaml", "c: 1", "Late");
    commit("other/d.yaml", "d: 1", "Other");
    const gitsync::Scope scope("apps", {"base", "late", "never"});
    const auto before = await<Fetched>(
        [&](auto done) { repo_->client->fetch({bare_.string(), ""}, "main", scope, done); });
    RevertRequest request = revertRequest(good, before->treeHash);
    request.more = scope.more;
    const auto reverted = await<Commit>([&](auto done) { repo_->client->revert(request, done); });
    QVERIFY2(reverted.ok(), reverted.status().ToString().c_str());
    git("pull -q origin main");
    QCOMPARE(*base::readFile(work_ / "base/b.yaml"), std::string("b: 1\n"));
    QVERIFY(!fs::exists(work_ / "late"));
    QCOMPARE(*base::readFile(work_ / "other/d.yaml"), std::string("d: 1\n"));
  }

  void aRevertThatWasOvertakenWritesNothing() {
    const std::string good = commit("apps/a.yaml", "a: 1", "Good");
    commit("apps/a.yaml", "a: 2", "Bad");
    const auto before = fetch({bare_.string(), ""}, "main", "apps");
    const std::string pushed = commit("apps/a.yaml", "a: 3", "In between");
    const auto reverted = revert(good, before->treeHash);
    QVERIFY(absl::IsAborted(reverted.status()));
    QVERIFY(reverted.status().ToString().find("somebody pushed") != std::string::npos);
    QCOMPARE(outputOf("git -C " + bare_.string() + " rev-parse main"), pushed);
  }

  void overTlsWithTheRightAuthority() {
    support::GitHttpsServer server(root_ / "repositories", root_ / "tls");
    const std::string good = commit("apps/a.yaml", "a: 1", "Good");
    const std::string bad = commit("apps/a.yaml", "a: 2", "Bad");
    const Repository repository = {server.url("shop.git"), server.caFile().string()};
    const auto missing = fetch({server.url("no.git"), server.caFile().string()}, "main", "");
    QVERIFY2(absl::IsNotFound(missing.status()), missing.status().ToString().c_str());
    const auto fetched = fetch(repository, "main", "apps");
    QVERIFY2(fetched.ok(), fetched.status().ToString().c_str());
    QCOMPARE(fetched->head.id, bad);

    const int before = server.requests();
    QVERIFY(fetch(repository, "main", "apps").ok());
    QCOMPARE(server.requests(), before + 1);

    RevertRequest request = revertRequest(good, fetched->treeHash);
    request.repository = repository;
    const auto reverted = await<Commit>([&](auto done) { repo_->client->revert(request, done); });
    QVERIFY2(reverted.ok(), reverted.status().ToString().c_str());
    QCOMPARE(outputOf("git -C " + bare_.string() + " rev-parse main"), reverted->id);
  }

  void overTlsWithAWrongAuthorityNothingIsRead() {
    support::GitHttpsServer server(root_ / "repositories", root_ / "tls");
    commit("apps/a.yaml", "a: 1", "First");
    for (const std::string& ca : {std::string(), (root_ / "other/ca.pem").string()}) {
      if (!ca.empty()) {
        fs::create_directories(root_ / "other");
        outputOf("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=Other' -keyout " +
                 (root_ / "other/ca.key").string() + " -out " + ca + " 2>/dev/null");
      }
      const auto fetched = fetch({server.url("shop.git"), ca}, "main", "");
      QVERIFY2(absl::IsPermissionDenied(fetched.status()), fetched.status().ToString().c_str());
    }
  }

  void aRemoteThatHangsIsGivenUp() {
    support::GitHttpsServer server(root_ / "repositories", root_ / "tls");
    commit("apps/a.yaml", "a: 1", "First");
    server.hang();
    repo_->deadline = base::Duration(500);
    repo_->start();
    const auto fetched = fetch({server.url("shop.git"), server.caFile().string()}, "main", "");
    QVERIFY2(absl::IsDeadlineExceeded(fetched.status()), fetched.status().ToString().c_str());
  }

 private:
  std::string git(const std::string& arguments) const { return repo_->git(arguments); }
  std::string commit(const std::string& path, const std::string& content,
                     const std::string& message) {
    return repo_->commit(path, content, "", message);
  }
  template <class T>
  absl::StatusOr<T> await(const std::function<void(Git::Callback<T>)>& call) {
    return repo_->await<T>(call);
  }

  void compareLastChanges() {
    for (const std::string path : {"", "apps", "apps/deep", "other"}) {
      if (git("ls-tree HEAD " + (path.empty() ? "apps" : path)).empty()) continue;
      const auto fetched = fetch({bare_.string(), ""}, "main", path);
      QVERIFY2(fetched.ok(), fetched.status().ToString().c_str());
      QCOMPARE(fetched->lastChange.id,
               git("log -1 --format=%H HEAD -- " + (path.empty() ? "." : path)));
    }
  }

  absl::StatusOr<Fetched> fetch(const Repository& repository, const std::string& branch,
                                const std::string& path) {
    return await<Fetched>([&](auto done) { repo_->client->fetch(repository, branch, path, done); });
  }
  absl::StatusOr<Folder> readFolder(const std::string& id, const std::string& path) {
    return await<Folder>(
        [&](auto done) { repo_->client->readFolder({bare_.string(), ""}, id, path, {}, done); });
  }
  absl::StatusOr<std::vector<Commit>> log(const std::string& from, const std::string& until,
                                          const std::string& path) {
    return await<std::vector<Commit>>(
        [&](auto done) { repo_->client->log({bare_.string(), ""}, from, until, path, 100, done); });
  }
  RevertRequest revertRequest(const std::string& restore, const std::string& expected) const {
    return {.repository = {bare_.string(), ""},
            .branch = "main",
            .path = "apps",
            .restoreCommit = restore,
            .expectedTreeHash = expected,
            .authorName = "Gantry",
            .authorEmail = "gantry@localhost",
            .message = "Revert \"Bad\"\n\nIt was bad.\n"};
  }
  absl::StatusOr<Commit> revert(const std::string& restore, const std::string& expected) {
    return await<Commit>(
        [&](auto done) { repo_->client->revert(revertRequest(restore, expected), done); });
  }

  std::optional<support::GitFixture> repo_;
  fs::path root_;
  fs::path bare_;
  fs::path work_;
};

QTEST_GUILESS_MAIN(TstProcessGit)
#include "tst_process_git.moc"
