// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include <set>

#include "controller/audit/audit.h"
#include "controller/audit/chain.h"
#include "tests/controller/loops/delivery/delivery_gates.h"

using namespace gantry;
using namespace gantry::tests;

/// What people decide can be verified from Git alone.
class TstDeliveryNotes : public QObject {
  Q_OBJECT

 private slots:
  void whatPeopleDecideIsInTheNotes() {
    DeliveryWorld world;
    prepare(world, automatic(true, true, 2));
    push(world, "front:v2");
    world.poll();
    QVERIFY(world.approve(*world.open(), "ana").ok());
    world.git.setUnreachable(kUrl, true);
    QVERIFY(world.approve(*world.open(), "bo").ok());
    QCOMPARE(world.image(), "front:v2");
    world.pass(std::chrono::minutes(3));
    QVERIFY(world.wasTold("NotesNotWritten"));
    world.git.setUnreachable(kUrl, false);
    world.pass(std::chrono::minutes(5));
    std::vector<api::AuditRecord> notes;
    for (const auto& [commit, text] : world.git.notesOf(kUrl)) {
      for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        const auto record = audit::fromJsonLine(text.substr(at, end - at));
        QVERIFY2(record.ok(), std::string(record.status().message()).c_str());
        QCOMPARE(record->commit(), commit);
        notes.push_back(*record);
        at = end + 1;
      }
    }
    QCOMPARE(notes.size(), 3u);
    QVERIFY(audit::verifyChain(notes).ok());
    QVERIFY(audit::verifyNotes(records(world), notes).ok());
    // The digest that was approved is the one that was applied.
    std::set<std::string> digests;
    for (const api::AuditRecord& record : notes) digests.insert(record.digest());
    QCOMPARE(digests.size(), 1u);
    QCOMPARE(*digests.begin(), world.history().front()->digest());
    notes[0].set_by("eve");
    QVERIFY(!audit::verifyChain(notes).ok());
  }

  // Whoever may push may delete the notes: with the next decision they are whole again.
  void notesThatAreGoneAreWrittenAgain_data() {
    QTest::addColumn<QString>("what");
    QTest::addColumn<int>("lacking");
    QTest::newRow("all were deleted") << "deleted" << 3;
    QTest::newRow("one was changed") << "changed" << 1;
    QTest::newRow("none") << "" << 0;
  }
  void notesThatAreGoneAreWrittenAgain() {
    QFETCH(QString, what);
    QFETCH(int, lacking);
    DeliveryWorld world;
    prepare(world, automatic(true, true, 2));
    push(world, "front:v2");
    world.poll();
    QVERIFY(world.approve(*world.open(), "ana").ok());
    QVERIFY(world.approve(*world.open(), "bo").ok());
    world.poll();
    auto& notes = world.git.notesOf(kUrl);
    QCOMPARE(notes.size(), 1u);
    if (what == "deleted") notes.clear();
    if (what == "changed") {
      std::string& text = notes.begin()->second;
      text.replace(text.find("\"ana\""), 5, "\"eve\"");
    }
    QVERIFY(suspend(world).ok());
    world.poll();
    QCOMPARE(world.wasTold("NotesRewritten"), lacking > 0);
    QVERIFY(lacking == 0 || world.wasTold(absl::StrCat("lacked ", lacking, " record")));
    std::string all;
    for (const auto& [commit, text] : notes) all += text;
    for (const api::AuditRecord& record : records(world)) {
      QVERIFY(record.exported());
      QVERIFY(all.find(audit::toJsonLine(record) + "\n") != std::string::npos);
    }
    // Once is enough.
    const std::size_t told = world.told.size();
    world.poll();
    QCOMPARE(world.told.size(), told);
  }

  void whoSyncsIsRecorded() {
    DeliveryWorld world;
    prepare(world, manual());
    QVERIFY(world.sync().ok());
    // Nothing to change is nothing to record, and neither is a poll.
    QVERIFY(records(world).empty());
    push(world, "front:v2");
    world.poll();
    QVERIFY(records(world).empty());
    QVERIFY(world.sync().ok());
    QCOMPARE(world.image(), "front:v2");
    QCOMPARE(records(world).size(), 1u);
    const api::AuditRecord sync = records(world).front();
    QCOMPARE(sync.action(), "sync");
    QCOMPARE(sync.by(), "ana");
    QCOMPARE(sync.reason(), "asked");
    QCOMPARE(sync.commit(), world.status().applied().commit());
    QCOMPARE(sync.plan(), world.history().front()->name());
    QCOMPARE(sync.digest(), world.history().front()->digest());
    world.poll();
    QCOMPARE(records(world).size(), 1u);
    QVERIFY(audit::verifyChain(records(world)).ok());
  }

  void whatWasDecidedBeforeGitWasReadIsInTheNotesToo() {
    DeliveryWorld world;
    const std::string commit = push(world, "front:v1");
    world.git.setUnreachable(kUrl, true);
    world.putApplication("shop", "shop", automatic(true, true));
    world.start();
    QVERIFY(suspend(world).ok());
    world.git.setUnreachable(kUrl, false);
    world.pass(std::chrono::minutes(5));
    QCOMPARE(records(world).size(), 1u);
    QVERIFY(world.git.notesOf(kUrl).empty());
    api::ResumeRequest resume;
    resume.set_namespace_("gantry-system");
    resume.set_application("shop");
    QVERIFY(world.loop->resume({"ana"}, resume).ok());
    world.pass(std::chrono::minutes(5));
    const std::string text = world.git.notesOf(kUrl).at(commit);
    const std::size_t end = text.find('\n');
    const auto first = audit::fromJsonLine(text.substr(0, end));
    const auto second = audit::fromJsonLine(text.substr(end + 1, text.size() - end - 2));
    QVERIFY(first.ok() && second.ok());
    QCOMPARE(first->commit(), "");
    QVERIFY(audit::verifyChain({*first, *second}).ok());
  }

 private:
  static absl::Status suspend(DeliveryWorld& world) {
    api::SuspendRequest request;
    request.set_namespace_("gantry-system");
    request.set_application("shop");
    request.set_reason("not yet");
    return world.loop->suspend({"ana"}, request).status();
  }
};

QTEST_GUILESS_MAIN(TstDeliveryNotes)
#include "tst_delivery_notes.moc"
