// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "controller/loops/notify_loop.h"
#include "tests/controller/loops/delivery_world.h"

using namespace gantry;
using namespace gantry::tests;

namespace {

/// Keeps what it is to send until the test answers.
class FakeSender final : public notify::Sender {
 public:
  void send(notify::Outgoing message, Done done) override {
    sent << QString::fromStdString(eventOf(std::get<notify::HttpPost>(message)));
    waiting.push_back(std::move(done));
  }

  /// Answers the oldest.
  void answer(const absl::Status& status) {
    const Done done = std::move(waiting.front());
    waiting.pop_front();
    done(status);
  }

  /// What was sent since it was last asked.
  QStringList take() { return std::exchange(sent, {}); }

  std::deque<Done> waiting;
  QStringList sent;

 private:
  static std::string eventOf(const notify::HttpPost& post) {
    for (const auto& [name, value] : post.headers) {
      if (name == "X-Gantry-Event") return value;
    }
    return {};
  }
};

/// Delivery, and those who are told of it: "team", by a webhook.
class World : public DeliveryWorld {
 public:
  World() : events(executor, *ledger) {
    setProject({"team"});
    events.start();
    notifier = std::make_unique<loops::NotifyLoop>(loops::LoopContext{executor, *ledger, events},
                                                   sender, loops::NotifyLoop::Options());
    notifier->start();
  }

  void setProject(const std::vector<std::string>& names) {
    schema::Project project;
    project.mutable_metadata()->set_namespace_("gantry-system");
    project.mutable_metadata()->set_name("default");
    for (const std::string& name : names) {
      schema::Notification& notification = *project.mutable_spec()->add_notifications();
      notification.set_name(name);
      notification.mutable_webhook()->set_url("https://example.com/hook");
    }
    put(std::move(project));
  }

  void push(const std::string& image) {
    git.commit(kUrl, "main", {{"shop/front.yaml", deploymentYaml("front", image)}}, "Use " + image);
  }

  /// Lets time pass while every message arrives.
  QStringList allArrive() {
    for (int i = 0; i < 200; ++i) {
      pass(base::Duration(500));
      while (!sender.waiting.empty()) {
        sender.answer(absl::OkStatus());
        executor.settle();
      }
    }
    return sender.take();
  }

  /// The number of remarks of lost messages.
  int lost() const {
    int count = 0;
    for (const auto& [name, entry] : state().events.entries()) {
      if (entry.object->reason() == "NotificationFailed") count += entry.object->count();
    }
    return count;
  }

  loops::EventRecorder events;
  FakeSender sender;
  std::unique_ptr<loops::NotifyLoop> notifier;
};

}  // namespace

class TstNotifyLoop : public QObject {
  Q_OBJECT

 private slots:
  void tellsTheWayOfACommit() {
    World world;
    world.push("front:1");
    world.putApplication("shop", "shop", automatic(false, false, 1));
    world.start();
    QCOMPARE(world.allArrive(), QStringList{"PlanPending"});
    QVERIFY(world.approve(*world.open(), "ana").ok());
    const QStringList applied = world.allArrive();
    QVERIFY2(applied.contains("Applied"), qPrintable(applied.join(' ')));
    QVERIFY(!applied.contains("Healthy"));
    world.endRollouts();
    QCOMPARE(world.allArrive(), QStringList{"Healthy"});
    world.endRollouts(false);
    QCOMPARE(world.allArrive(), QStringList{"Degraded"});
    world.poll();
    QCOMPARE(world.allArrive(), QStringList());
  }

  void tellsManifestsThatAreWrongOnce() {
    World world;
    world.git.commit(kUrl, "main", {{"shop/front.yaml", "kind: Deploymen\n"}}, "Break it");
    world.putApplication("shop", "shop", automatic());
    world.start();
    QCOMPARE(world.allArrive(), QStringList{"SyncFailed"});
    world.poll();
    QCOMPARE(world.allArrive(), QStringList());
  }

  void neverKeepsDeliveryWaiting() {
    World world;
    world.push("front:1");
    world.putApplication("shop", "shop", automatic());
    world.start();
    for (int i = 2; i < 10; ++i) {
      world.push("front:" + std::to_string(i));
      world.poll();
    }
    // Nobody has answered yet.
    QCOMPARE(world.sender.waiting.size(), std::size_t{1});
    QCOMPARE(world.image(), std::string("front:9"));
  }

  void sendsOneAfterTheOther() {
    World world;
    world.push("front:1");
    world.putApplication("shop", "shop", automatic());
    world.start();
    world.endRollouts();
    world.pass(std::chrono::seconds(1));
    QCOMPARE(world.sender.take(), QStringList{"Applied"});
    world.sender.answer(absl::UnavailableError("answered HTTP 500"));
    world.pass(std::chrono::milliseconds(1'500));
    QCOMPARE(world.sender.take(), QStringList());
    world.pass(std::chrono::seconds(1));
    QCOMPARE(world.sender.take(), QStringList{"Applied"});
    world.sender.answer(absl::OkStatus());
    world.executor.settle();
    QCOMPARE(world.sender.take(), QStringList{"Healthy"});
  }

  void keepsThoseWhoAreToldApart() {
    World world;
    world.setProject({"team", "others"});
    world.push("front:1");
    world.putApplication("shop", "shop", automatic());
    world.start();
    QCOMPARE(world.sender.take(), (QStringList{"Applied", "Applied"}));
    // The first gets no answer; the second goes on.
    world.endRollouts();
    world.pass(std::chrono::seconds(1));
    world.sender.waiting.pop_front();
    world.sender.answer(absl::OkStatus());
    world.executor.settle();
    QCOMPARE(world.sender.take(), QStringList{"Healthy"});
  }

  void holdsABoundedNumberOfMessages() {
    World world;
    world.push("front:1");
    world.putApplication("shop", "shop", automatic());
    world.start();
    for (std::size_t i = 0; i < 2 * loops::NotifyLoop::kLongestQueue; ++i) {
      world.endRollouts(i % 2 == 0);
      world.pass(std::chrono::seconds(1));
    }
    QCOMPARE(world.sender.waiting.size(), std::size_t{1});
    QVERIFY(world.lost() >= static_cast<int>(loops::NotifyLoop::kLongestQueue));
    const QStringList arrived = world.allArrive();
    QCOMPARE(arrived.size(), static_cast<qsizetype>(loops::NotifyLoop::kLongestQueue));
    QCOMPARE(arrived.front(), QString("Applied"));
  }

  void forgetsMessagesToThoseWhoAreNoLongerTold() {
    World world;
    world.push("front:1");
    world.putApplication("shop", "shop", automatic());
    world.start();
    world.endRollouts();
    world.setProject({});
    world.sender.take();
    world.sender.answer(absl::UnavailableError("answered HTTP 500"));
    world.pass(std::chrono::minutes(5));
    QCOMPARE(world.sender.take(), QStringList());
    QCOMPARE(world.lost(), 0);
  }

  void tellsNothingAgainAfterARestart() {
    World world;
    world.push("front:1");
    world.putApplication("shop", "shop", automatic());
    world.start();
    world.endRollouts();
    QCOMPARE(world.allArrive(), (QStringList{"Applied", "Healthy"}));
    world.notifier = std::make_unique<loops::NotifyLoop>(
        loops::LoopContext{world.executor, *world.ledger, world.events}, world.sender,
        loops::NotifyLoop::Options());
    world.notifier->start();
    world.poll();
    QCOMPARE(world.allArrive(), QStringList());
  }
};

QTEST_GUILESS_MAIN(TstNotifyLoop)
#include "tst_notify_loop.moc"
