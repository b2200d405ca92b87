// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include <set>

#include "controller/audit/audit.h"
#include "controller/audit/chain.h"
#include "tests/controller/loops/delivery_gates.h"

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

  void whatWasDecidedBeforeGitWasReadIsInTheNotesToo() {
    DeliveryWorld world;
    const std::string commit = push(world, "front:v1");
    world.git.setUnreachable(kUrl, true);
    world.putApplication("shop", "shop", automatic(true, true));
    world.start();
    api::SuspendRequest suspend;
    suspend.set_namespace_("gantry-system");
    suspend.set_application("shop");
    suspend.set_reason("not yet");
    QVERIFY(world.loop->suspend({"ana"}, suspend).ok());
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
};

QTEST_GUILESS_MAIN(TstDeliveryNotes)
#include "tst_delivery_notes.moc"
