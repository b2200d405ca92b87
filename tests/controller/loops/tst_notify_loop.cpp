// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "absl/strings/match.h"
#include "controller/loops/notify_loop.h"
#include "tests/controller/loops/delivery/delivery_world.h"

using namespace gantry;
using namespace gantry::tests;

namespace {

/// Keeps what it is to send until the test answers.
class FakeSender final : public notify::Sender {
 public:
  void send(notify::Outgoing message, Done done) override {
    const auto& post = std::get<notify::HttpPost>(message);
    sent << QString::fromStdString(header(post, "X-Gantry-Event"));
    posts.push_back(post);
    waiting.push_back(std::move(done));
  }

  /// Answers the oldest.
  void answer(const absl::Status& status, base::Duration retryAfter = base::Duration::zero()) {
    const Done done = std::move(waiting.front());
    waiting.pop_front();
    done({status, retryAfter});
  }

  /// What was sent since it was last asked.
  QStringList take() { return std::exchange(sent, {}); }

  static std::string header(const notify::HttpPost& post, const std::string& wanted) {
    for (const auto& [name, value] : post.headers) {
      if (name == wanted) return value;
    }
    return {};
  }

  std::deque<Done> waiting;
  QStringList sent;
  std::vector<notify::HttpPost> posts;
};

/// Delivery, and those who are told of it: "team", by a webhook.
class World : public DeliveryWorld {
 public:
  World() : events(std::make_unique<loops::EventRecorder>(executor, *ledger)) {
    setProject({"team"});
    events->start();
    begin();
  }

  void begin() {
    outbox = *loops::Outbox::open(executor, store);
    notifier = std::make_unique<loops::NotifyLoop>(loops::LoopContext{executor, *ledger, *events},
                                                   sender, *outbox, loops::NotifyLoop::Options());
    notifier->start();
  }
  /// What is under way gets no answer any more.
  void end() {
    notifier.reset();
    outbox.reset();
    sender.waiting.clear();
    sender.take();
  }
  void restart() {
    end();
    begin();
    executor.settle();
  }
  /// The same, but nothing is written any more.
  void restartAfterACrash() {
    store.setFault(absl::UnavailableError("crashed"));
    end();
    store.setFault(absl::OkStatus());
    begin();
    executor.settle();
  }

  void setProject(const std::vector<std::string>& names) {
    schema::Project project;
    for (const std::string& name : names) {
      schema::Notification& notification = *project.mutable_spec()->add_notifications();
      notification.set_name(name);
      notification.mutable_webhook()->set_url("https://example.com/hook");
    }
    setProject(std::move(project));
  }
  void setProject(schema::Project project) {
    project.mutable_metadata()->set_namespace_("gantry-system");
    project.mutable_metadata()->set_name("default");
    put(std::move(project));
  }
  /// "team" is told by what speaks as Slack does, at a secret address.
  void useSlack() {
    schema::Secret secret;
    secret.mutable_metadata()->set_namespace_("gantry-system");
    secret.mutable_metadata()->set_name("notify");
    (*secret.mutable_data())["url"] = "https://chat.example.com/T0KEN";
    put(std::move(secret));
    schema::Project project;
    schema::Notification& notification = *project.mutable_spec()->add_notifications();
    notification.set_name("team");
    notification.mutable_slack()->mutable_url_from()->set_secret("notify");
    notification.mutable_slack()->mutable_url_from()->set_key("url");
    setProject(std::move(project));
  }

  void push(const std::string& image) {
    git.commit(kUrl, "main", {{"shop/front.yaml", deploymentYaml("front", image)}}, "Use " + image);
  }

  /// A plan of each of so many Applications begins to wait, at once.
  void flood(int applications, int first = 0) {
    for (int i = first; i < first + applications; ++i) {
      const std::string name = absl::StrCat("shop-", i);
      putApplication(name, "shop", manual());
      api::Plan plan;
      plan.set_namespace_("gantry-system");
      plan.set_application(name);
      plan.set_name(name + "-1");
      plan.set_state(api::PENDING);
      put(std::move(plan));
    }
    executor.settle();
  }

  /// One notice waits, and is on its way.
  void happens() { flood(1); }

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

  /// The number of remarks of lost messages, or others.
  int lost(const std::string& reason = "NotificationFailed") const {
    int count = 0;
    for (const auto& [name, entry] : state().events.entries()) {
      if (entry.object->reason() == reason) count += entry.object->count();
    }
    return count;
  }

  /// What waits, as it is stored.
  std::vector<store::Record> stored() { return *store.list("/notify/"); }

  std::unique_ptr<loops::EventRecorder> events;
  FakeSender sender;
  std::unique_ptr<loops::Outbox> outbox;
  std::unique_ptr<loops::NotifyLoop> notifier;
};

const absl::Status kAway = absl::UnavailableError("answered HTTP 503");

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
    world.happens();
    // The first is on its way.
    world.flood(static_cast<int>(loops::NotifyLoop::kLongestQueue) + 50, 1);
    world.pass(std::chrono::seconds(1));
    QCOMPARE(world.sender.waiting.size(), std::size_t{1});
    QCOMPARE(world.lost(), 51);
    QCOMPARE(world.stored().size(), loops::NotifyLoop::kLongestQueue);
    QCOMPARE(world.allArrive().size(), static_cast<qsizetype>(loops::NotifyLoop::kLongestQueue));
    QVERIFY(absl::StrContains(world.sender.posts[0].body, "\"shop-0\""));
    QVERIFY(absl::StrContains(world.sender.posts[1].body, "\"shop-52\""));
  }

  void forgetsMessagesToThoseWhoAreNoLongerTold() {
    World world;
    world.push("front:1");
    world.putApplication("shop", "shop", automatic());
    world.start();
    world.endRollouts();
    world.setProject(schema::Project());
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
    world.restart();
    world.poll();
    QCOMPARE(world.allArrive(), QStringList());
  }

  void goesOnAfterARestart() {
    World world;
    world.happens();
    world.sender.answer(kAway);
    world.executor.settle();
    world.restart();
    QCOMPARE(world.sender.take(), QStringList{"PlanPending"});
    world.sender.answer(absl::OkStatus());
    QCOMPARE(world.sender.posts.size(), std::size_t{2});
    QCOMPARE(world.sender.posts[1].body, world.sender.posts[0].body);
    QCOMPARE(FakeSender::header(world.sender.posts[1], "X-Gantry-Delivery"),
             FakeSender::header(world.sender.posts[0], "X-Gantry-Delivery"));
    world.restart();
    QCOMPARE(world.allArrive(), QStringList());
    QVERIFY(world.stored().empty());
  }

  void goesOnAfterACrashInTheSameOrder() {
    World world;
    world.flood(3);
    QCOMPARE(world.stored().size(), std::size_t{3});
    world.restartAfterACrash();
    QCOMPARE(world.allArrive(), (QStringList{"PlanPending", "PlanPending", "PlanPending"}));
    for (std::size_t i = 0; i < 3; ++i) {
      const std::string name = absl::StrCat("\"application\":\"shop-", i, "\"");
      QVERIFY(absl::StrContains(world.sender.posts[i + 1].body, name));
    }
  }

  void sendsAtMostTwiceIfItCrashesRightAfter() {
    World world;
    world.happens();
    world.sender.answer(absl::OkStatus());
    world.executor.settle();
    world.restartAfterACrash();
    QCOMPARE(world.allArrive(), QStringList{"PlanPending"});
    QCOMPARE(FakeSender::header(world.sender.posts[1], "X-Gantry-Delivery"),
             FakeSender::header(world.sender.posts[0], "X-Gantry-Delivery"));
    world.restartAfterACrash();
    QCOMPARE(world.allArrive(), QStringList());
  }

  void storesWhoIsToldButNoSecretAndNoAddress() {
    World world;
    world.useSlack();
    world.happens();
    QVERIFY(absl::StrContains(world.sender.posts[0].url, "T0KEN"));
    const std::vector<store::Record> stored = world.stored();
    QCOMPARE(stored.size(), std::size_t{1});
    QVERIFY(absl::StrContains(stored[0].value, "team"));
    QVERIFY(!absl::StrContains(stored[0].value, "T0KEN"));
    QVERIFY(!absl::StrContains(stored[0].value, "example.com"));
  }

  void takesTheAddressOfTheDayItIsSent() {
    World world;
    world.happens();
    world.end();
    schema::Project project;
    project.mutable_spec()->add_notifications()->set_name("team");
    project.mutable_spec()->mutable_notifications(0)->mutable_webhook()->set_url(
        "https://b.example");
    world.setProject(project);
    world.begin();
    world.executor.settle();
    QCOMPARE(world.sender.posts.back().url, std::string("https://b.example"));
  }

  void dropsWhatIsTooOldAfterARestart() {
    World world;
    world.happens();
    world.end();
    world.pass(loops::NotifyLoop::kLongestWait + std::chrono::hours(1));
    world.begin();
    QCOMPARE(world.allArrive(), QStringList());
    QCOMPARE(world.lost(), 1);
    QVERIFY(world.stored().empty());
  }

  void asksUntilTheMessageIsTooOld() {
    World world;
    world.happens();
    const base::Instant begun = world.executor.now();
    while (!world.sender.waiting.empty()) {
      world.sender.answer(kAway);
      world.pass(std::chrono::minutes(3));
    }
    QVERIFY(world.executor.now() - begun > loops::NotifyLoop::kLongestWait);
    QVERIFY(world.executor.now() - begun <
            loops::NotifyLoop::kLongestWait + std::chrono::minutes(10));
    QCOMPARE(world.lost(), 1);
    // Somebody could hear of it before.
    QCOMPARE(world.lost("NotificationDelayed"), 1);
    QVERIFY(world.stored().empty());
  }

  void givesAMessageUpAtWhichTheReceiverFails() {
    World world;
    world.flood(2);
    for (int i = 0; i < loops::NotifyLoop::kMostTries; ++i) {
      QCOMPARE(world.lost(), 0);
      world.sender.answer(absl::InternalError("answered HTTP 500"));
      world.pass(std::chrono::minutes(3));
    }
    QCOMPARE(world.lost(), 1);
    QVERIFY(absl::StrContains(world.sender.posts.back().body, "shop-1"));
  }

  void leavesAReceiverAloneForAsLongAsItAsks() {
    World world;
    world.happens();
    world.sender.take();
    world.sender.answer(kAway, std::chrono::minutes(10));
    world.pass(std::chrono::minutes(9));
    QCOMPARE(world.sender.take(), QStringList());
    world.pass(std::chrono::minutes(2));
    QCOMPARE(world.sender.take(), QStringList{"PlanPending"});
    // But not for ever.
    world.sender.answer(kAway, std::chrono::hours(24 * 365));
    world.pass(loops::NotifyLoop::kLongestRetryAfter + std::chrono::minutes(1));
    QCOMPARE(world.sender.take(), QStringList{"PlanPending"});
  }

  void forgetsWhatItCannotRead() {
    World world;
    world.happens();
    world.end();
    QVERIFY(world.store.commit({{"/notify/outbox/00000000000000000002", "no record", 0}}).ok());
    world.begin();
    QCOMPARE(world.allArrive(), QStringList{"PlanPending"});
    world.flood(1, 1);
    QCOMPARE(world.allArrive(), QStringList{"PlanPending"});
    QVERIFY(world.stored().empty());
  }

  void sendsAlsoWhileTheStoreCannotBeWritten() {
    World world;
    world.putApplication("shop-0", "shop", manual());
    api::Plan plan;
    plan.set_namespace_("gantry-system");
    plan.set_application("shop-0");
    plan.set_name("shop-0-1");
    plan.set_state(api::PENDING);
    world.put(plan);
    world.store.setFault(absl::ResourceExhaustedError("disk full"));
    world.executor.settle();
    QCOMPARE(world.sender.take(), QStringList{"PlanPending"});
    QVERIFY(world.stored().empty());
    // It is written as soon as that is possible.
    world.store.setFault(absl::OkStatus());
    world.pass(std::chrono::seconds(10));
    QCOMPARE(world.stored().size(), std::size_t{1});
    world.sender.answer(absl::OkStatus());
    world.pass(std::chrono::seconds(10));
    QVERIFY(world.stored().empty());
  }

  void tellsPeopleOfAFloodInOneMessage() {
    World world;
    world.useSlack();
    world.flood(1'000);
    world.allArrive();
    QCOMPARE(world.sender.posts.size(), std::size_t{1});
    QVERIFY(
        absl::StrContains(world.sender.posts.back().body,
                          "1000 notifications\\nPlanPending (1000): shop-0, shop-1, shop-10, "));
    QCOMPARE(world.lost(), 0);
    QVERIFY(world.stored().empty());
  }

  void sendsAFewOneByOneAlsoToPeople() {
    World world;
    world.useSlack();
    world.flood(static_cast<int>(loops::NotifyLoop::kMostSingle));
    world.allArrive();
    QCOMPARE(world.sender.posts.size(), loops::NotifyLoop::kMostSingle);
  }

  void losesNothingOfAFloodToAWebhook() {
    World world;
    world.flood(1'000);
    QCOMPARE(world.allArrive().size(), qsizetype{1'000});
    QCOMPARE(world.lost(), 0);
  }
};

QTEST_GUILESS_MAIN(TstNotifyLoop)
#include "tst_notify_loop.moc"
