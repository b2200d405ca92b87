// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "gitsync/note_signatures.h"
#include "gitsync/notes.h"
#include "tests/gitsync/git_fixture.h"
#include "tests/gitsync/git_https_server.h"

using namespace gantry;
using namespace gantry::gitsync;
namespace fs = std::filesystem;

class TstGitNotes : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    git_.emplace();
    first_ = git_->commit("apps/a.yaml", "a: 1");
    second_ = git_->commit("apps/a.yaml", "a: 2");
  }
  void cleanup() { git_.reset(); }

  void plainGitReadsThem() {
    QCOMPARE(*append({{first_, R"({"n":1})"}, {second_, R"({"n":2})"}, {first_, R"({"n":3})"}}), 3);
    git_->git("fetch -q origin refs/notes/gantry:refs/notes/gantry");
    QCOMPARE(git_->git("notes --ref=gantry show " + first_), std::string("{\"n\":1}\n{\"n\":3}"));
    QCOMPARE(git_->git("notes --ref=gantry show " + second_), std::string("{\"n\":2}"));
    const auto local = gitsync::readNotes(git_->work() / "apps");
    QVERIFY2(local.ok(), local.status().ToString().c_str());
    QCOMPARE(local->size(), std::size_t{2});
    QVERIFY(*local == *remote());
    for (const Note& note : *local) {
      if (note.commit == first_) QCOMPARE(note.text, std::string("{\"n\":1}\n{\"n\":3}\n"));
    }
  }

  void aLineIsWrittenOnce() {
    QCOMPARE(*append({{first_, "one"}}), 1);
    const std::string head = notesHead();
    QCOMPARE(*append({{first_, "one"}}), 0);
    QCOMPARE(notesHead(), head);
    // Part of a line is not the line.
    QCOMPARE(*append({{first_, "on"}, {first_, "one"}, {second_, "one"}}), 2);
    git_->start(true);
    QCOMPARE(*append({{first_, "on"}, {first_, "two"}}), 1);
  }

  void whatOthersWroteStays() {
    QCOMPARE(*append({{first_, "ours"}}), 1);
    git_->git("fetch -q origin +refs/notes/gantry:refs/notes/gantry");
    git_->git("notes --ref=gantry append -m theirs " + first_);
    git_->git("notes --ref=gantry add -m alone " + second_);
    git_->git("push -q origin refs/notes/gantry");
    const std::string theirs = notesHead();
    QCOMPARE(*append({{first_, "more"}}), 1);
    const auto notes = remote();
    for (const Note& note : *notes) {
      QCOMPARE(note.text, note.commit == first_ ? std::string("ours\n\ntheirs\nmore\n")
                                                : std::string("alone\n"));
    }
    support::outputOf("git -C " + git_->bare().string() + " merge-base --is-ancestor " + theirs +
                      " refs/notes/gantry");
  }

  void anOvertakenPushBeginsAnew() {
    // Over https the remote's hooks run: this one lets somebody else be faster, once.
    support::GitHttpsServer server(git_->root / "repositories", git_->root / "tls");
    const std::string bare = git_->bare().string();
    const std::string once = (git_->root / "once").string();
    const std::string hook = "#!/bin/sh\n[ -e " + once + " ] && exit 0\ntouch " + once +
                             "\nunset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY "
                             "GIT_ALTERNATE_OBJECT_DIRECTORIES\ngit -C " +
                             bare +
                             " -c user.name=B -c user.email=b@c notes --ref=gantry add -m "
                             "theirs " +
                             second_ + "\n";
    if (!base::writeFileAtomically(git_->bare() / "hooks/pre-receive", hook, 0755).ok()) {
      qFatal("cannot write");
    }
    const auto written = git_->await<NotesWritten>([&](auto done) {
      git_->client->appendNotes({server.url("shop.git"), server.caFile().string()},
                                {{first_, "ours"}, {second_, "ours"}}, done);
    });
    QVERIFY2(written.ok(), written.status().ToString().c_str());
    QVERIFY(fs::exists(once));
    const auto notes = remote();
    for (const Note& note : *notes) {
      QCOMPARE(QString::fromStdString(note.text),
               QString(note.commit == first_ ? "ours\n" : "theirs\nours\n"));
    }
  }

  void whatWasThereAlreadyIsSaid() {
    QCOMPARE(*append({{first_, "one"}, {second_, "two"}}), 2);
    const auto written = git_->await<NotesWritten>([&](auto done) {
      git_->client->appendNotes({git_->bare().string(), ""},
                                {{first_, "one"}, {first_, "three"}, {second_, "two"}}, done);
    });
    QVERIFY2(written.ok(), written.status().ToString().c_str());
    QCOMPARE(written->added, std::vector<std::size_t>{1});
  }

  void eachPushIsOneCommitThatIsSigned() {
    const std::string key = keyOf("gantry");
    git_->signingKeyFile = git_->root / "gantry";
    git_->start();
    QCOMPARE(*append({{first_, "one"}, {second_, "two"}}), 2);
    QCOMPARE(*append({{first_, "three"}}), 1);
    git_->git("fetch -q origin refs/notes/gantry:refs/notes/gantry");
    QCOMPARE(git_->git("rev-list --count refs/notes/gantry"), std::string("2"));
    const auto whole = verifyNoteCommits(git_->work().string(), {keyOf("other"), key});
    QVERIFY2(whole.ok(), whole.status().ToString().c_str());
    QCOMPARE(*whole, 2);
    // As docs/audit.md has it.
    const std::string allowed = git_->write("allowed", "gantry@localhost " + key + "\n");
    git_->git("rev-list refs/notes/gantry | xargs git -C " + git_->work().string() +
              " -c gpg.ssh.allowedSignersFile=" + allowed + " verify-commit 2>&1");
    QVERIFY(!verifyNoteCommits(git_->work().string(), {keyOf("third")}).ok());
  }

  void aNoteOfSomebodyElseIsNotSigned_data() {
    QTest::addColumn<bool>("rewritten");
    QTest::newRow("added on top") << false;
    QTest::newRow("all of them written anew") << true;
  }
  void aNoteOfSomebodyElseIsNotSigned() {
    QFETCH(bool, rewritten);
    const std::string key = keyOf("gantry");
    git_->signingKeyFile = git_->root / "gantry";
    git_->start();
    QCOMPARE(*append({{first_, "one"}}), 1);
    git_->git("fetch -q origin refs/notes/gantry:refs/notes/gantry");
    if (rewritten) git_->git("update-ref -d refs/notes/gantry");
    git_->git("notes --ref=gantry append -m forged " + first_);
    const auto broken = verifyNoteCommits(git_->work().string(), {key});
    QVERIFY2(absl::IsDataLoss(broken.status()), broken.status().ToString().c_str());
    QVERIFY(broken.status().message().find("it is not signed") != std::string::npos);
    // What Gantry adds on top does not make it good.
    git_->git("push -q --force origin refs/notes/gantry");
    QCOMPARE(*append({{second_, "two"}}), 1);
    git_->git("fetch -q origin +refs/notes/gantry:refs/notes/gantry");
    QVERIFY(absl::IsDataLoss(verifyNoteCommits(git_->work().string(), {key}).status()));
  }

  void withoutNotesOrKeysNothingIsVerified() {
    QVERIFY(absl::IsNotFound(verifyNoteCommits(git_->work().string(), {keyOf("a")}).status()));
    QVERIFY(absl::IsInvalidArgument(verifyNoteCommits(git_->work().string(), {}).status()));
    QVERIFY(absl::IsInvalidArgument(verifyNoteCommits(git_->work().string(), {"no"}).status()));
  }

  void manyNotesAreFound() {
    // Beyond where Git spreads notes over folders.
    for (int i = 0; i < 300; ++i) git_->git("commit -q --allow-empty -m x");
    git_->git("push -q origin HEAD");
    const std::string log = git_->git("log --format=%H");
    std::vector<Note> notes;
    for (std::size_t at = 0; at < log.size(); at += 41) notes.push_back({log.substr(at, 40), "x"});
    QCOMPARE(*append(notes), static_cast<int>(notes.size()));
    git_->git("fetch -q origin refs/notes/gantry:refs/notes/gantry");
    // Plain Git rewrites them into folders.
    git_->git("notes --ref=gantry append -m y " + first_);
    git_->git("push -q origin refs/notes/gantry");
    QCOMPARE(remote()->size(), notes.size());
    QCOMPARE(*append({{second_, "z"}}), 1);
    QCOMPARE(remote()->size(), notes.size());
  }

  void aRepositoryWithoutNotesHasNone() {
    QVERIFY(remote()->empty());
    QVERIFY(gitsync::readNotes(git_->work())->empty());
    QVERIFY(!gitsync::readNotes(git_->root / "nowhere").ok());
  }

  void aTextOfManyLinesIsRefused() {
    QVERIFY(absl::IsInvalidArgument(append({{first_, "a\nb"}}).status()));
    QVERIFY(absl::IsInvalidArgument(append({{first_, ""}}).status()));
    QVERIFY(absl::IsInvalidArgument(append({{"main", "a"}}).status()));
  }

 private:
  absl::StatusOr<int> append(const std::vector<Note>& notes) {
    const auto written = git_->await<NotesWritten>(
        [&](auto done) { git_->client->appendNotes({git_->bare().string(), ""}, notes, done); });
    if (!written.ok()) return written.status();
    return static_cast<int>(written->added.size());
  }
  /// Makes a key; its public line.
  std::string keyOf(const std::string& name) {
    const std::string file = (git_->root / name).string();
    support::outputOf("ssh-keygen -q -N '' -t ed25519 -f " + file);
    return support::outputOf("cat " + file + ".pub");
  }
  absl::StatusOr<std::vector<Note>> remote() {
    return git_->await<std::vector<Note>>(
        [&](auto done) { git_->client->readNotes({git_->bare().string(), ""}, done); });
  }
  std::string notesHead() const {
    return support::outputOf("git -C " + git_->bare().string() + " rev-parse refs/notes/gantry");
  }

  std::optional<support::GitFixture> git_;
  std::string first_;
  std::string second_;
};

QTEST_GUILESS_MAIN(TstGitNotes)
#include "tst_git_notes.moc"
