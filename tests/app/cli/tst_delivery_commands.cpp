// SPDX-License-Identifier: Apache-2.0
// The program `gantry` as a process, against a control plane that answers as it is told: what it
// asks for, what it prints, and its exit codes.
#include <QDir>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include "app/client/context.h"
#include "controller/access/certificate_authority.h"
#include "controller/api/answers.h"
#include "controller/audit/audit.h"
#include "tests/support/demo_cluster.h"

using namespace gantry;

namespace {

struct Ended {
  int code = 0;
  QString out;
  QString err;
};

class DeliveryCommandsTest : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir home_;
  std::unique_ptr<support::FakeControlServer> server_;
  std::unique_ptr<support::DemoCluster> demo_;

  Ended run(const QStringList& arguments) {
    QProcess process;
    process.setWorkingDirectory(home_.path());
    process.start(GANTRY_PROGRAM,
                  QStringList{"--context-file", home_.filePath("context")} + arguments);
    if (!process.waitForFinished(30'000)) qFatal("gantry does not end");
    return {process.exitCode(), QString::fromUtf8(process.readAllStandardOutput()),
            QString::fromUtf8(process.readAllStandardError())};
  }

 private slots:
  void init() {
    const auto now = std::chrono::floor<base::Duration>(std::chrono::system_clock::now());
    const auto authority = access::CertificateAuthority::open(home_.path().toStdString(), now);
    QVERIFY(authority.ok());
    const auto ours = (*authority)->issueServer({"127.0.0.1"}, now);
    const auto theirs =
        (*authority)->issueClient({"ana", access::Role::kAdmin}, std::chrono::hours(1), now);
    QVERIFY(ours.ok() && theirs.ok());
    grpc::SslServerCredentialsOptions options;
    options.pem_key_cert_pairs.push_back({ours->key, ours->certificate});
    server_ = std::make_unique<support::FakeControlServer>(grpc::SslServerCredentials(options));
    demo_ = std::make_unique<support::DemoCluster>(*server_);
    client::ContextFile file;
    client::Context context;
    context.name = "demo";
    context.server = "127.0.0.1:" + std::to_string(server_->port());
    context.caCertificate = (*authority)->certificate();
    context.certificate = theirs->certificate;
    context.key = theirs->key;
    file.contexts.push_back(context);
    file.currentContext = "demo";
    QVERIFY(client::saveContexts(home_.filePath("context").toStdString(), file).ok());
  }
  void cleanup() {
    demo_.reset();
    server_.reset();
  }

  void aPlanSaysWhatItWaitsFor() {
    const Ended ended = run({"plan", "production"});
    QCOMPARE(ended.err, QString());
    QCOMPARE(ended.code, 0);
    for (const char* text :
         {"1 created, 1 changed, 1 deleted\nEffect: 6 pods restart",
          "Changed since production-6, which had approvals\n  Deployment shop/checkout: ",
          "▲ spec.replicas: 6 → 3", "Commits\n  8f2c1a9 Raise pool size",
          "✖ closed approval: waits: 1 of 2 approvals", "✖ closed window: ", "(may be overridden)",
          "✔ open   dependency",
          "Approvals: 1 of 2 (one of sre, one of security; not its authors; with a comment; good "
          "for 8h); still missing: one of security\n  by bo (sre), ",
          ", good for 7h: ok from here", "Digest: 4f2a91c07d55e1"}) {
      QVERIFY2(ended.out.contains(QString::fromUtf8(text)),
               qPrintable(QString::fromUtf8(text) + " is not in\n" + ended.out));
    }
  }

  void aRollbackNamesARevertCommitOnlyIfThereIsOne() {
    std::string message = api::kRollbackInGit;
    server_->onRollback = [&](const api::RollbackRequest&, api::RollbackResponse* response) {
      response->mutable_revert()->set_commit("d1e2f3a4b5");
      response->set_message(message);
      return grpc::Status::OK;
    };
    const QStringList arguments = {"rollback", "production", "--reason", "503", "--yes"};
    const Ended done = run(arguments);
    QCOMPARE(done.code, 0);
    QVERIFY2(done.out.contains("Revert commit d1e2f3a"), qPrintable(done.out));
    QVERIFY(done.out.endsWith("applied, and the revert commit is in Git\n"));
    message = "applied, but there is no revert commit: refused";
    const Ended without = run(arguments);
    QCOMPARE(without.code, 0);
    QVERIFY2(without.out.contains("▲ applied, but there is no revert commit: refused"),
             qPrintable(without.out));
    QVERIFY(!without.out.contains("Revert commit d1e2f3a"));
  }

  void aRevisionIsPlannedBeforeItIsMerged_data() {
    QTest::addColumn<QString>("output");
    QTest::addColumn<QString>("printed");
    QTest::newRow("for people") << "text"
                                << "1 created, 1 changed, 1 deleted\nEffect: 6 pods restart";
    QTest::newRow("for programs") << "json" << "\"podsRestarted\": 6";
    QTest::newRow("as YAML") << "yaml" << "- path: spec.replicas";
    QTest::newRow("for a merge request")
        << "markdown"
        << "| `Deployment shop/checkout` | `spec.replicas` | `6` | `3` |";
  }
  void aRevisionIsPlannedBeforeItIsMerged() {
    QFETCH(QString, output);
    QFETCH(QString, printed);
    std::string asked;
    server_->onPreviewRevision = [&](const api::PreviewRevisionRequest& request, api::Plan* plan) {
      asked = request.namespace_() + "/" + request.application() + "@" + request.revision();
      if (request.revision() != "same") *plan = demo_->productionPlan();
      plan->clear_name();
      return grpc::Status::OK;
    };
    const Ended ended = run({"plan", "production", "--revision", "feature/pool", "-o", output});
    QCOMPARE(ended.code, 4);
    QCOMPARE(asked, std::string("gantry/production@feature/pool"));
    QVERIFY2(ended.out.contains(printed), qPrintable(ended.out));
    QCOMPARE(run({"plan", "production", "--revision", "same", "-o", output}).code, 0);
  }

  void theOrderAndTheMergeAreInTheWordsOfBothForms() {
    server_->onPreviewRevision = [&](const api::PreviewRevisionRequest&, api::Plan* plan) {
      *plan = demo_->productionPlan();
      plan->clear_name();
      plan->set_cause("preview");
      plan->set_message("feature merged into main (5c4b3a2)");
      plan->mutable_changes(1)->set_wave(-1);
      for (const char* hook : {"PreSync", "SyncFail"}) {
        api::PlannedChange& job = *plan->add_changes();
        job.set_action(api::CREATE);
        job.set_kind("Job");
        job.set_namespace_("shop");
        job.set_name(std::string("on-") + hook);
        job.set_hook(hook);
      }
      for (int i = 0; i < 7; ++i) {
        api::PlannedChange& more = *plan->add_changes();
        more.set_action(api::CREATE);
        more.set_kind("Namespace");
        more.set_name("n" + std::to_string(i));
      }
      api::Gate& gate = *plan->add_gates();
      gate.set_kind("dependency");
      gate.set_message("blocked by database: it is Degraded");
      return grpc::Status::OK;
    };
    const QStringList ask = {"plan", "production", "--revision", "feature"};
    const QString text = run(ask).out;
    for (const char* part :
         {"\n     feature merged into main (5c4b3a2)\n8 created, 1 changed, 1 deleted, 2 hooks "
          "run\n",
          "+ create ConfigMap shop/pool (wave -1)\n", "+ create Job shop/on-PreSync (PreSync)\n",
          "- delete ConfigMap shop/legacy-flags (removed from Git)\n",
          "Order\n  PreSync 0: Job shop/on-PreSync\n  wave -1: ConfigMap shop/pool\n"
          "  wave 0: Deployment shop/checkout, Namespace n0, Namespace n1, Namespace n2, "
          "Namespace n3 and 3 more\n  Prune 0: ConfigMap shop/legacy-flags\n"
          "  if one fails: Job shop/on-SyncFail\n",
          "✖ closed dependency: blocked by database: it is Degraded\n"}) {
      QVERIFY2(text.contains(QString::fromUtf8(part)), qPrintable(QString(part) + " / " + text));
    }
    const QString markdown = run(ask + QStringList{"-o", "markdown"}).out;
    for (const char* part :
         {"### gantry/production: 8 created, 1 changed, 1 deleted, 2 hooks run\n",
          "\n\nfeature merged into main \\(5c4b3a2\\)\n",
          "**Order**\n\n- PreSync 0: `Job shop/on-PreSync`\n- wave -1: `ConfigMap shop/pool`\n"
          "- wave 0: `Deployment shop/checkout`, `Namespace n0`, `Namespace n1`, `Namespace n2`, "
          "`Namespace n3` and 3 more\n- Prune 0: `ConfigMap shop/legacy-flags`\n"
          "- if one fails: `Job shop/on-SyncFail`\n",
          "**Gates**\n\n", "- ✖ closed dependency: blocked by database: it is Degraded\n",
          "- create `Job shop/on-PreSync` \\(PreSync\\)\n"}) {
      QVERIFY2(markdown.contains(QString::fromUtf8(part)),
               qPrintable(QString(part) + " / " + markdown));
    }
  }

  void nothingToMergeIsShort() {
    server_->onPreviewRevision = [&](const api::PreviewRevisionRequest&, api::Plan* plan) {
      plan->set_namespace_("gantry");
      plan->set_application("production");
      plan->mutable_revision()->set_commit("8f2c1a9e41");
      plan->mutable_revision()->set_subject("Raise pool size");
      plan->set_message("nothing to merge: main (5c4b3a2) holds all of feature");
      return grpc::Status::OK;
    };
    const QStringList ask = {"plan", "production", "--revision", "feature"};
    const Ended text = run(ask);
    QCOMPARE(text.code, 0);
    QCOMPARE(text.out, QString("From nothing\nTo   8f2c1a9 Raise pool size\n"
                               "     nothing to merge: main (5c4b3a2) holds all of feature\n"
                               "no changes\n"));
    QCOMPARE(run(ask + QStringList{"-o", "markdown"}).out,
             QString::fromUtf8("### gantry/production: no changes\n\nnothing → 8f2c1a9 Raise pool "
                               "size\n\nnothing to merge: main \\(5c4b3a2\\) holds all of "
                               "feature\n"));
  }

  void anEmptyRevisionIsAMistake() {
    for (const QStringList& ask : {QStringList{"plan", "production", "--revision", ""},
                                   QStringList{"compare", "production", "", "main"},
                                   QStringList{"compare", "production", "main", ""}}) {
      const Ended ended = run(ask);
      QCOMPARE(ended.code, 2);
      QVERIFY2(ended.err.contains("is empty; name a branch, a tag or a commit"),
               qPrintable(ended.err));
    }
  }

  void markdownTakesNothingOfOthersForMarkup() {
    server_->onPreviewRevision = [&](const api::PreviewRevisionRequest&, api::Plan* plan) {
      *plan = demo_->productionPlan();
      plan->mutable_revision()->set_subject("<img src=x> @everyone `code`");
      plan->mutable_changes(0)->mutable_fields(0)->set_after("a|b`c\nd");
      for (int i = 0; i < 3; ++i) {
        plan->mutable_effect()->add_placements()->set_owner("Deployment/shop/front");
      }
      return grpc::Status::OK;
    };
    const QString out = run({"plan", "production", "--revision", "feature", "-o", "markdown"}).out;
    QVERIFY2(out.contains("\\<img src=x\\> \\@everyone \\`code\\`"), qPrintable(out));
    QVERIFY2(out.contains("`a\\|b'c⏎d`"), qPrintable(out));
    QVERIFY2(out.contains("- ▲ 3 pods of `Deployment/shop/front` without a place"),
             qPrintable(out));
  }

  void anyTwoRevisionsAreCompared() {
    std::string asked;
    server_->onCompare = [&](const api::CompareRevisionsRequest& request, api::Plan* plan) {
      asked = request.from() + ".." + request.to();
      if (request.from() != request.to()) *plan = demo_->productionPlan();
      plan->clear_effect();
      return grpc::Status::OK;
    };
    const Ended ended = run({"compare", "production", "production-3", "main"});
    QCOMPARE(ended.code, 4);
    QCOMPARE(asked, std::string("production-3..main"));
    QVERIFY2(ended.out.contains("spec.replicas: 6 → 3"), qPrintable(ended.out));
    QVERIFY2(!ended.out.contains("pods restart"), qPrintable(ended.out));
    QCOMPARE(run({"compare", "production", "main", "main"}).code, 0);
  }

  void anOverrideIsForThePlanThatWasLookedAt() {
    std::string asked;
    server_->onSync = [&](const api::SyncRequest& request, api::SyncResponse* response) {
      asked = request.override_digest() + " because " + request.reason();
      response->set_message("applying");
      return grpc::Status::OK;
    };
    const auto sync = [&](const QString& digest, const QStringList& rest) {
      return run(QStringList{"sync", "production", "--override", digest} + rest);
    };
    QCOMPARE(sync("4f2a91c0", {}).code, 2);
    const Ended stale = sync("00000000", {"--reason", "urgent"});
    QCOMPARE(stale.code, 1);
    QVERIFY2(stale.err.contains("the plan's digest is 4f2a91c07d55e1 now"), qPrintable(stale.err));
    QCOMPARE(sync("4f2a", {"--reason", "urgent"}).code, 1);
    QCOMPARE(asked, std::string());
    QCOMPARE(sync("4f2a91c0", {"--reason", "urgent"}).code, 0);
    QCOMPARE(asked, std::string("4f2a91c07d55e1 because urgent"));
  }

  void holdsAndSuspensionsAreAskedFor() {
    QStringList asked;
    server_->onHold = [&](const api::HoldRevisionRequest& request, api::Hold* hold) {
      asked << QString::fromStdString("hold " + request.application() + " " + request.commit() +
                                      " " + request.reason());
      hold->set_name("production-9");
      hold->set_commit("8f2c1a9d40");
      return grpc::Status::OK;
    };
    server_->onLiftHold = [&](const api::LiftHoldRequest& request, api::LiftHoldResponse*) {
      asked << QString::fromStdString("lift " + request.namespace_() + "/" + request.hold());
      return grpc::Status::OK;
    };
    server_->onSuspend = [&](const api::SuspendRequest& request, api::SuspendResponse* response) {
      asked << QString("suspend for %1").arg(request.ttl_seconds());
      response->set_message("suspended");
      return grpc::Status::OK;
    };
    server_->onResume = [&](const api::ResumeRequest& request, api::ResumeResponse* response) {
      asked << QString::fromStdString("resume " + request.reason());
      response->set_message("goes on");
      return grpc::Status::OK;
    };
    const Ended held = run({"hold", "production", "8f2c1a9", "--reason", "slow"});
    QVERIFY2(held.out.contains("gantry lift-hold production-9"), qPrintable(held.out + held.err));
    run({"lift-hold", "production-3", "--reason", "mended"});
    QCOMPARE(run({"suspend", "production", "--reason", "move", "--for", "2h"}).out, "suspended\n");
    run({"suspend", "production", "--reason", "move"});
    QCOMPARE(run({"resume", "production", "--reason", "moved"}).out, "goes on\n");
    QCOMPARE(asked, (QStringList{"hold production 8f2c1a9 slow", "lift gantry/production-3",
                                 "suspend for 7200", "suspend for 0", "resume moved"}));
    QCOMPARE(run({"hold", "production", "8f2c1a9"}).code, 2);
    QCOMPARE(run({"suspend", "production", "--reason", "move", "--for", "soon"}).code, 2);
    QCOMPARE(run({"suspend", "nosuch", "--reason", "move"}).code, 1);
    QCOMPARE(asked.size(), 5);
  }

  void aRollbackIsOfThePreviewThatWasLookedAt() {
    std::string asked;
    server_->onPreviewRollback = [&](const api::RollbackRequest&, api::RollbackPreview* preview) {
      *preview->mutable_plan() = demo_->productionPlan();
      preview->mutable_plan()->clear_message();
      return grpc::Status::OK;
    };
    server_->onRollback = [&](const api::RollbackRequest& request,
                              api::RollbackResponse* response) {
      asked = request.digest() + " because " + request.reason();
      response->set_message("applied");
      return grpc::Status::OK;
    };
    const auto rollback = [&](const QStringList& rest) {
      return run(QStringList{"rollback", "production", "--reason", "503"} + rest);
    };
    const Ended shown = rollback({"--preview"});
    QCOMPARE(shown.code, 0);
    QVERIFY2(shown.out.contains("4f2a91c0") && shown.out.contains("This writes a revert commit"),
             qPrintable(shown.out));
    const Ended stale = rollback({"--digest", "00000000"});
    QCOMPARE(stale.code, 1);
    QVERIFY2(stale.err.contains("is 4f2a91c07d55e1 now, not 00000000"), qPrintable(stale.err));
    QCOMPARE(rollback({"--digest", "4f2a"}).code, 1);
    const Ended unasked = rollback({});
    QCOMPARE(unasked.code, 1);
    QVERIFY2(unasked.err.contains("--digest, or --yes"), qPrintable(unasked.err));
    QCOMPARE(asked, std::string());
    QCOMPARE(rollback({"--digest", "4f2a91c0"}).code, 0);
    QCOMPARE(asked, std::string("4f2a91c07d55e1 because 503"));
    asked.clear();
    QCOMPARE(rollback({"--yes"}).code, 0);
    QCOMPARE(asked, std::string("4f2a91c07d55e1 because 503"));
  }

  void aRollbackSaysIfThereIsNoRevertCommit() {
    server_->onPreviewRollback = [&](const api::RollbackRequest&, api::RollbackPreview* preview) {
      *preview->mutable_plan() = demo_->productionPlan();
      preview->mutable_plan()->set_message("there will be no revert commit, since …");
      return grpc::Status::OK;
    };
    const Ended shown = run({"rollback", "production", "--preview"});
    QVERIFY2(shown.out.contains("there will be no revert commit") &&
                 shown.out.contains("This holds the reverted revision") &&
                 !shown.out.contains("This writes a revert commit"),
             qPrintable(shown.out));
  }

  void auditAndProjectsAreListed() {
    const Ended audit = run({"get", "audit"});
    QVERIFY2(audit.out.contains("production-2"), qPrintable(audit.out + audit.err));
    const Ended projects = run({"get", "projects"});
    QVERIFY2(projects.out.contains("https://git.local/*"), qPrintable(projects.out + projects.err));
  }

  void theChainIsVerified() {
    const Ended whole = run({"audit", "verify"});
    QCOMPARE(whole.code, 0);
    QVERIFY2(whole.out.contains("gantry/production: 5 records, the last is "),
             qPrintable(whole.out));
    server_->remove("audit/production-2", "AuditRecord", "gantry", "production-2");
    const Ended broken = run({"audit", "verify", "production"});
    QCOMPARE(broken.code, 1);
    QVERIFY2(broken.err.contains("record gantry/production-3: number 2 is missing before it"),
             qPrintable(broken.err));
    QCOMPARE(run({"audit", "verify", "nosuch"}).code, 1);
  }

  void theNotesOfACloneAreVerifiedToo() {
    const auto git = [&](const QStringList& arguments, const QString& input = {}) {
      QProcess process;
      process.setWorkingDirectory(home_.filePath("clone"));
      process.start("git", QStringList{"-c", "user.name=a", "-c", "user.email=a@b"} + arguments);
      process.write(input.toUtf8());
      process.closeWriteChannel();
      if (!process.waitForFinished() || process.exitCode() != 0) qFatal("git does not work");
      return QString::fromUtf8(process.readAllStandardOutput()).trimmed();
    };
    QVERIFY(QDir(home_.path()).mkpath("clone"));
    git({"init", "-q"});
    git({"commit", "-q", "--allow-empty", "-m", "one"});
    const std::string commit = git({"rev-parse", "HEAD"}).toStdString();
    QString lines;
    std::string previous;
    for (int number = 1; number <= 5; ++number) {
      const std::string name = "production-" + std::to_string(number);
      api::Object object;
      api::AuditRecord& record = *object.mutable_audit_record();
      record.set_namespace_("gantry");
      record.set_application("production");
      record.set_number(number);
      record.set_name(name);
      record.set_action("approve");
      record.set_commit(commit);
      record.set_previous_hash(previous);
      record.set_hash(audit::auditHash(record));
      record.set_exported(true);
      previous = record.hash();
      server_->put("audit/" + name, object);
      lines += QString::fromStdString(audit::toJsonLine(record)) + '\n';
    }
    const auto note = [&](const QString& text) {
      git({"notes", "--ref", "gantry", "add", "-f", "-F", "-"}, text);
    };
    const QStringList verify = {"audit", "verify", "--repository", home_.filePath("clone")};
    note(lines);
    const Ended whole = run(verify);
    QCOMPARE(whole.err, QString());
    QVERIFY2(whole.out.endsWith("the notes and the controller tell the same\n"),
             qPrintable(whole.out));
    note(lines.section('\n', 0, 3) + '\n');
    const Ended cut = run(verify);
    QCOMPARE(cut.code, 1);
    QVERIFY2(cut.err.contains("record gantry/production-5: is missing in the notes"),
             qPrintable(cut.err));
    note(QString(lines).replace("\"number\":2", "\"number\":3"));
    QVERIFY(run(verify).err.contains("the notes: record gantry/production-3: is there twice"));
    note("hello\n");
    QVERIFY(run(verify).err.contains("line 1: not an object of JSON"));
    note(lines);
    const auto keyOf = [&](const QString& name) {
      QProcess process;
      process.setWorkingDirectory(home_.path());
      process.start("ssh-keygen", {"-q", "-N", "", "-t", "ed25519", "-f", name});
      if (!process.waitForFinished() || process.exitCode() != 0) qFatal("ssh-keygen");
      return home_.filePath(name + ".pub");
    };
    const QString key = keyOf("gantry");
    const QStringList isSigned = verify + QStringList{"--only-notes", "--signing-key", key};
    const Ended unsignedNotes = run(isSigned);
    QCOMPARE(unsignedNotes.code, 1);
    QVERIFY2(unsignedNotes.err.contains("of refs/notes/gantry: it is not signed"),
             qPrintable(unsignedNotes.err));
    git({"update-ref", "-d", "refs/notes/gantry"});
    git({"-c", "commit.gpgsign=true", "-c", "gpg.format=ssh", "-c",
         "user.signingkey=" + home_.filePath("gantry"), "notes", "--ref", "gantry", "add", "-F",
         "-"},
        lines);
    // `git notes` signs nothing: sign its commit as Gantry does.
    const QString commitOfNotes =
        git({"-c", "gpg.format=ssh", "-c", "user.signingkey=" + home_.filePath("gantry"),
             "commit-tree", "-S", "-m", "notes", "refs/notes/gantry^{tree}"});
    git({"update-ref", "refs/notes/gantry", commitOfNotes});
    const Ended signedNotes = run(isSigned);
    QCOMPARE(signedNotes.err, QString());
    QVERIFY2(signedNotes.out.startsWith("the notes: signed, in 1 commit\nthe notes: whole\n"),
             qPrintable(signedNotes.out));
    const Ended others = run(verify + QStringList{"--signing-key", keyOf("other")});
    QCOMPARE(others.code, 1);
    QVERIFY2(others.err.contains("is not trusted"), qPrintable(others.err));
    QCOMPARE(run(verify + QStringList{"--signing-key", home_.filePath("gantry")}).code, 2);
    QCOMPARE(run({"audit", "verify", "--signing-key", key}).code, 2);
    server_.reset();
    QCOMPARE(run(verify + QStringList{"--only-notes"}).code, 0);
    QCOMPARE(run({"audit", "verify", "--only-notes"}).code, 2);
  }
};

}  // namespace

QTEST_GUILESS_MAIN(DeliveryCommandsTest)
#include "tst_delivery_commands.moc"
