// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include <set>

#include "controller/audit/audit.h"
#include "controller/audit/chain.h"
#include "controller/delivery/project.h"
#include "tests/controller/loops/delivery_world.h"

using namespace gantry;
using namespace gantry::tests;

/// What keeps a plan from being applied beside missing approvals, and who may do what.
class TstDeliveryGates : public QObject {
  Q_OBJECT

 private:
  static std::string push(DeliveryWorld& world, const std::string& image,
                          const std::string& author = "Dan") {
    return world.git.commit(kUrl, "main", {{"shop/front.yaml", deploymentYaml("front", image)}},
                            "Use " + image, author);
  }
  /// v1 is applied to "shop", whose next plans stand under `policy`.
  static void prepare(DeliveryWorld& world, const schema::SyncPolicy& policy) {
    push(world, "front:v1");
    world.putApplication("shop", "shop", automatic(true, true));
    world.start();
    world.endRollouts();
    QCOMPARE(world.image(), "front:v1");
    world.putApplication("shop", "shop", policy);
    world.executor.settle();
  }
  static const api::Gate* gate(const api::Plan& plan, const std::string& kind) {
    for (const api::Gate& each : plan.gates()) {
      if (each.kind() == kind) return &each;
    }
    return nullptr;
  }
  static schema::Project project(std::initializer_list<schema::ProjectRole> roles = {}) {
    schema::Project project;
    project.mutable_metadata()->set_namespace_("gantry-system");
    project.mutable_metadata()->set_name("default");
    for (const schema::ProjectRole& role : roles) *project.mutable_spec()->add_roles() = role;
    return project;
  }
  static schema::ProjectRole role(const std::string& name,
                                  std::initializer_list<const char*> permissions,
                                  std::initializer_list<const char*> members) {
    schema::ProjectRole role;
    role.set_name(name);
    for (const char* permission : permissions) role.add_permissions(permission);
    for (const char* member : members) role.add_members(member);
    return role;
  }
  static schema::SyncWindow window(const char* kind, const char* schedule, const char* duration) {
    schema::SyncWindow window;
    window.set_kind(kind);
    window.set_schedule(schedule);
    window.set_duration(duration);
    window.set_reason("month end");
    return window;
  }
  static absl::StatusOr<api::SyncResponse> override(DeliveryWorld& world, const std::string& digest,
                                                    const std::string& reason) {
    std::optional<absl::StatusOr<api::SyncResponse>> answer;
    api::SyncRequest request;
    request.set_namespace_("gantry-system");
    request.set_application("shop");
    request.set_reason(reason);
    request.set_override_digest(digest);
    world.loop->sync({"ana"}, request, [&](const auto& got) { answer = got; });
    world.pass(std::chrono::seconds(1));
    return *answer;
  }
  static std::vector<api::AuditRecord> audit(const DeliveryWorld& world) {
    std::vector<api::AuditRecord> records;
    for (const auto& record : delivery::auditOf(world.state(), {"gantry-system", "shop"})) {
      records.push_back(*record);
    }
    return records;
  }

 private slots:
  void anAuthorMayNotApprove_data() {
    QTest::addColumn<QString>("author");
    QTest::addColumn<QString>("approver");
    QTest::addColumn<bool>("refused");
    QTest::newRow("by name") << "Ana" << "ana" << true;
    QTest::newRow("somebody else") << "Ana" << "bo" << false;
    QTest::newRow("by the address that the Project lists") << "Zoe" << "bo" << true;
    QTest::newRow("not by a name that the Project gives to another") << "Zoe" << "zoe" << false;
  }
  void anAuthorMayNotApprove() {
    QFETCH(QString, author);
    QFETCH(QString, approver);
    QFETCH(bool, refused);
    DeliveryWorld world;
    schema::Project people = project();
    schema::Person& bo = *people.mutable_spec()->add_people();
    bo.set_name("bo");
    bo.add_emails("zoe@example.com");
    world.put(people);
    prepare(world, automatic(true, true, 1));
    push(world, "front:v2", author.toStdString());
    world.poll();
    const auto answer = world.approve(*world.open(), approver.toStdString());
    QCOMPARE(absl::IsPermissionDenied(answer.status()), refused);
    QCOMPARE(world.image(), refused ? "front:v1" : "front:v2");
  }

  // Else one would push under somebody else's commit and approve one's own.
  void nobodyWhoWroteOneOfTheCommitsMayApprove() {
    DeliveryWorld world;
    prepare(world, automatic(true, true, 1));
    push(world, "front:v2", "Ana");
    push(world, "front:v3", "Dan");
    world.poll();
    QCOMPARE(world.open()->commits_size(), 2);
    QVERIFY(absl::IsPermissionDenied(world.approve(*world.open(), "ana").status()));
    QVERIFY(absl::IsPermissionDenied(world.approve(*world.open(), "dan").status()));
    QVERIFY(world.approve(*world.open(), "bo").ok());
    QCOMPARE(world.image(), "front:v3");
  }

  void theirOwnApprovalCanBeAllowed() {
    DeliveryWorld world;
    schema::SyncPolicy policy = automatic(true, true, 1);
    policy.mutable_approval()->set_author_may_approve(true);
    prepare(world, policy);
    push(world, "front:v2", "Ana");
    world.poll();
    QVERIFY(world.approve(*world.open(), "ana").ok());
    QCOMPARE(world.image(), "front:v2");
  }

  void anApprovalExpires() {
    DeliveryWorld world;
    schema::SyncPolicy policy = automatic(true, true, 2);
    policy.mutable_approval()->set_expires_after_seconds(600);
    prepare(world, policy);
    push(world, "front:v2");
    world.poll();
    QVERIFY(world.approve(*world.open(), "ana").ok());
    QCOMPARE(world.open()->message(), "waits: 1 of 2 approvals");
    world.pass(std::chrono::seconds(601));
    QCOMPARE(world.open()->message(), "waits: 0 of 2 approvals");
    QVERIFY(world.approve(*world.open(), "bo").ok());
    QCOMPARE(world.image(), "front:v1");
    QVERIFY(world.approve(*world.open(), "ana").ok());
    QCOMPARE(world.image(), "front:v2");
  }

  void aRoleHasToBeAmongThem() {
    DeliveryWorld world;
    world.put(
        project({role("sre", {"approve"}, {"ana", "bo"}), role("security", {"approve"}, {"eve"})}));
    schema::SyncPolicy policy = automatic(true, true, 2);
    policy.mutable_approval()->add_roles("security");
    policy.mutable_approval()->set_comment_required(true);
    prepare(world, policy);
    push(world, "front:v2");
    world.poll();
    QVERIFY(world.approve(*world.open(), "ana").ok());
    QVERIFY(world.approve(*world.open(), "bo").ok());
    QCOMPARE(world.open()->message(),
             "waits: 2 of 2 approvals, and for one of a member of security");
    QVERIFY(absl::IsPermissionDenied(world.approve(*world.open(), "cy").status()));
    api::ApprovePlanRequest silent;
    silent.set_namespace_("gantry-system");
    silent.set_plan(world.open()->name());
    silent.set_commit(world.open()->revision().commit());
    silent.set_digest(world.open()->digest());
    QVERIFY(absl::IsInvalidArgument(world.loop->approve({"eve"}, silent).status()));
    QVERIFY(world.approve(*world.open(), "eve").ok());
    QCOMPARE(world.image(), "front:v2");
  }

  void aChangeVoidsApprovalsAndSaysWhatChanged() {
    DeliveryWorld world;
    prepare(world, automatic(true, true, 2));
    push(world, "front:v2");
    world.poll();
    const std::string first = world.open()->name();
    QVERIFY(world.approve(*world.open(), "ana").ok());
    world.git.commit(kUrl, "main", {{"shop/service.yaml", serviceYaml("front")}}, "Add a Service");
    world.poll();
    const auto plan = world.open();
    QCOMPARE(plan->approvals_size(), 0);
    QCOMPARE(plan->replaces(), first);
    QCOMPARE(plan->changed_since_size(), 2);
    QVERIFY(plan->changed_since(0).find("Add a Service") != std::string::npos);
    QCOMPARE(plan->changed_since(1), "new: Service/shop/front is created");
    // It is the plan that was approved last that counts, also after another one in between.
    push(world, "front:v3");
    world.poll();
    QCOMPARE(world.open()->replaces(), first);
    QCOMPARE(world.open()->changed_since_size(), 3);
  }

  void aClosedWindowKeepsAPlanBack() {
    DeliveryWorld world;
    schema::SyncPolicy policy = automatic(true, true);
    // The world begins at midnight.
    *policy.add_windows() = window("allow", "0 1 * * *", "30m");
    prepare(world, policy);
    push(world, "front:v2");
    world.poll();
    QCOMPARE(world.image(), "front:v1");
    const api::Gate* closed = gate(*world.open(), "window");
    QVERIFY(!closed->open());
    QVERIFY(closed->may_be_overridden());
    QVERIFY(closed->has_opens_at());
    QVERIFY2(closed->message().find("month end") != std::string::npos, closed->message().c_str());
    // Drift stays as well.
    schema::Deployment drifted = *world.deployment("front");
    drifted.mutable_spec()->set_replicas(7);
    world.put(drifted);
    world.poll();
    QCOMPARE(world.deployment("front")->spec().replicas(), 7);
    world.pass(std::chrono::hours(1));
    QCOMPARE(world.image(), "front:v2");
  }

  void aDenyWindowKeepsPlansBackWhileItLasts() {
    DeliveryWorld world;
    schema::SyncPolicy policy = automatic(true, true);
    *policy.add_windows() = window("deny", "0 0 * * *", "2h");
    prepare(world, policy);
    push(world, "front:v2");
    world.pass(std::chrono::minutes(100));
    QCOMPARE(world.image(), "front:v1");
    world.pass(std::chrono::minutes(30));
    QCOMPARE(world.image(), "front:v2");
  }

  void anOverrideIsForOneDigestAndIsRecorded() {
    DeliveryWorld world;
    schema::SyncPolicy policy = automatic(true, true, 1);
    *policy.add_windows() = window("deny", "0 0 * * *", "20h");
    prepare(world, policy);
    push(world, "front:v2");
    world.poll();
    const std::string digest = world.open()->digest();
    QVERIFY(absl::IsInvalidArgument(override(world, digest, "").status()));
    QVERIFY(absl::IsFailedPrecondition(override(world, "0123", "outage").status()));
    // It opens the window, but is no approval.
    QVERIFY(override(world, digest, "outage").ok());
    QCOMPARE(world.image(), "front:v1");
    QVERIFY(gate(*world.open(), "window")->open());
    QVERIFY(!gate(*world.open(), "approval")->open());
    push(world, "front:v3");
    world.poll();
    QVERIFY(!gate(*world.open(), "window")->open());
    QVERIFY(override(world, world.open()->digest(), "outage").ok());
    QVERIFY(world.approve(*world.open(), "bo").ok());
    QCOMPARE(world.image(), "front:v3");
    QCOMPARE(world.history().front()->override().by(), "ana");
    QCOMPARE(world.history().front()->override().gates_size(), 1);
    QVERIFY(audit::verifyChain(audit(world)).ok());
    QCOMPARE(audit(world).front().action(), "apply");
    QCOMPARE(audit(world).at(1).action(), "override");
  }

  void anOverrideBehindAPlainSyncIsNotLost() {
    DeliveryWorld world;
    schema::SyncPolicy policy = automatic(true, true);
    *policy.add_windows() = window("deny", "0 0 * * *", "20h");
    prepare(world, policy);
    push(world, "front:v2");
    world.poll();
    api::SyncRequest request;
    request.set_namespace_("gantry-system");
    request.set_application("shop");
    int answers = 0;
    const auto ask = [&] {
      world.loop->sync({"ana"}, request, [&](const auto& got) { answers += got.ok() ? 1 : 0; });
    };
    // The first is under way while the others gather.
    ask();
    ask();
    request.set_override_digest(world.open()->digest());
    request.set_reason("outage");
    ask();
    world.pass(std::chrono::seconds(2));
    QCOMPARE(answers, 3);
    QCOMPARE(world.image(), "front:v2");
  }

  void nothingIsTouchedWhileSuspended() {
    DeliveryWorld world;
    prepare(world, automatic(true, true));
    api::SuspendRequest request;
    request.set_namespace_("gantry-system");
    request.set_application("shop");
    QVERIFY(absl::IsInvalidArgument(world.loop->suspend({"ana"}, request).status()));
    request.set_reason("database move");
    request.set_ttl_seconds(3600);
    QVERIFY(world.loop->suspend({"ana"}, request).ok());
    push(world, "front:v2");
    schema::Deployment drifted = *world.deployment("front");
    drifted.mutable_spec()->set_replicas(7);
    world.put(drifted);
    world.poll();
    QCOMPARE(world.image(), "front:v1");
    QCOMPARE(world.deployment("front")->spec().replicas(), 7);
    QVERIFY(world.status().message().find("database move") != std::string::npos);
    QVERIFY(absl::IsFailedPrecondition(world.preview().status()));
    // Over a restart, and until the time has run out.
    world.crash();
    world.start();
    QCOMPARE(world.image(), "front:v1");
    world.pass(std::chrono::hours(1));
    QCOMPARE(world.image(), "front:v2");
    QVERIFY(!world.status().has_suspension());
    api::ResumeRequest resume;
    resume.set_namespace_("gantry-system");
    resume.set_application("shop");
    QVERIFY(absl::IsFailedPrecondition(world.loop->resume({"ana"}, resume).status()));
  }

  void manyDeletionsWaitForSomebody() {
    DeliveryWorld world;
    support::FakeGit::Edits files;
    support::FakeGit::Edits gone;
    for (int i = 0; i < 12; ++i) {
      const std::string name = absl::StrCat("service-", i);
      files["shop/" + name + ".yaml"] = serviceYaml(name);
      if (i > 0) gone["shop/" + name + ".yaml"] = std::nullopt;
    }
    files["shop/front.yaml"] = deploymentYaml("front", "front:v1");
    world.git.commit(kUrl, "main", files, "All");
    world.putApplication("shop", "shop", automatic(true, true));
    world.start();
    QCOMPARE(world.state().services.size(), 12u);
    gone["shop/front.yaml"] = deploymentYaml("front", "front:v2");
    world.git.commit(kUrl, "main", gone, "Remove most");
    world.poll();
    QCOMPARE(world.image(), "front:v2");
    QCOMPARE(world.state().services.size(), 12u);
    const auto plan = world.open();
    QCOMPARE(plan->changes_size(), 11);
    QCOMPARE(plan->approvals_required(), 1);
    const api::Gate* budget = gate(*plan, "deletion-budget");
    QVERIFY(budget != nullptr && !budget->open());
    QCOMPARE(budget->message(),
             "deletes 11 of 13 objects, more than the 10 that syncPolicy.deletionBudget allows");
    QVERIFY(world.approve(*plan, "ana").ok());
    QVERIFY(world.sync().ok());
    QCOMPARE(world.state().services.size(), 1u);
  }

  void aProtectedObjectIsNeverPruned() {
    DeliveryWorld world;
    world.git.commit(kUrl, "main",
                     {{"shop/front.yaml", deploymentYaml("front", "front:v1")},
                      {"shop/data.yaml",
                       "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: data\n  annotations:\n"
                       "    gantry.dev/prune: \"false\"\ndata: {a: b}\n"}},
                     "Both");
    world.putApplication("shop", "shop", automatic(true, true));
    world.start();
    world.git.commit(kUrl, "main", {{"shop/data.yaml", std::nullopt}}, "Remove");
    world.poll();
    QVERIFY(world.state().configMaps.find({"shop", "data"}) != nullptr);
    QVERIFY(world.open() == nullptr);
  }

  void aDependencyIsJudgedByWhatGitHolds() {
    DeliveryWorld world;
    world.git.commit(kUrl, "main", {{"db/db.yaml", deploymentYaml("db", "db:v1")}}, "A database");
    world.putApplication("db", "db", manual());
    prepare(world, automatic(true, true));
    schema::Application shop = *world.state().applications.find({"gantry-system", "shop"});
    shop.mutable_spec()->add_depends_on("db");
    shop.mutable_metadata()->set_generation(shop.metadata().generation() + 1);
    world.put(shop);
    push(world, "front:v2");
    world.poll();
    QCOMPARE(world.image(), "front:v1");
    QVERIFY2(world.open()->message().find("blocked by db: its revision") == 0,
             world.open()->message().c_str());
    QVERIFY(world.sync("db").ok());
    QCOMPARE(world.image(), "front:v1");
    QVERIFY2(world.open()->message().find("blocked by db: it is Progressing") == 0,
             world.open()->message().c_str());
    world.endRollouts();
    QCOMPARE(world.image(), "front:v2");
    // A circle never opens, and says so.
    schema::Application db = *world.state().applications.find({"gantry-system", "db"});
    db.mutable_spec()->add_depends_on("shop");
    db.mutable_metadata()->set_generation(db.metadata().generation() + 1);
    world.put(db);
    push(world, "front:v3");
    world.poll();
    QCOMPARE(world.open()->message(), "dependsOn goes in a circle: shop → db → shop");
  }

  void productionTakesOnlyWhatWasHealthyInStaging() {
    DeliveryWorld world;
    const auto both = [&](const std::string& image) {
      return world.git.commit(kUrl, "main",
                              {{"shop/front.yaml", deploymentYaml("front", image)},
                               {"staging/back.yaml", deploymentYaml("back", image)}},
                              "Use " + image);
    };
    const std::string first = both("app:v1");
    world.putApplication("staging", "staging", automatic(true, true));
    world.putApplication("shop", "shop", automatic(true, true));
    schema::Application shop = *world.state().applications.find({"gantry-system", "shop"});
    shop.mutable_spec()->mutable_promotion()->set_from("staging");
    shop.mutable_spec()->mutable_promotion()->set_soak_seconds(600);
    world.put(shop);
    world.start();
    world.poll();
    QCOMPARE(world.image("back"), "app:v1");
    QCOMPARE(world.image("front"), "");
    QVERIFY2(world.status().message().find("is Progressing in staging") != std::string::npos,
             world.status().message().c_str());
    world.endRollouts();
    world.pass(std::chrono::minutes(9));
    QCOMPARE(world.image("front"), "");
    QVERIFY(world.status().message().find("must be healthy in staging until") != std::string::npos);
    world.pass(std::chrono::minutes(2));
    QCOMPARE(world.image("front"), "app:v1");
    world.endRollouts();
    // A bad one goes no further.
    both("app:v2");
    world.poll();
    QCOMPARE(world.image("back"), "app:v2");
    world.endRollouts(false);
    world.pass(std::chrono::hours(1));
    QCOMPARE(world.image("front"), "app:v1");
    // And what is not healthy for long enough does not either.
    both("app:v3");
    world.poll();
    world.endRollouts();
    world.pass(std::chrono::minutes(5));
    world.endRollouts(false);
    world.pass(std::chrono::minutes(6));
    QCOMPARE(world.image("front"), "app:v1");
    const auto asked = world.sync();
    QVERIFY(asked.ok());
    QVERIFY2(asked->message().find("is no longer healthy in staging") != std::string::npos,
             asked->message().c_str());
    world.endRollouts();
    world.pass(std::chrono::minutes(11));
    QCOMPARE(world.image("front"), "app:v3");
  }

  void aWindowOpensOnTimeWhileTheNextRevisionSoaks() {
    DeliveryWorld world;
    const auto both = [&](const std::string& image) {
      world.git.commit(kUrl, "main",
                       {{"shop/front.yaml", deploymentYaml("front", image)},
                        {"staging/back.yaml", deploymentYaml("back", image)}},
                       "Use " + image);
    };
    both("app:v1");
    world.putApplication("staging", "staging", automatic(true, true));
    schema::SyncPolicy policy = automatic(true, true);
    *policy.add_windows() = window("allow", "0 1 * * *", "30m");
    world.putApplication("shop", "shop", policy);
    schema::Application shop = *world.state().applications.find({"gantry-system", "shop"});
    shop.mutable_spec()->mutable_promotion()->set_from("staging");
    shop.mutable_spec()->mutable_promotion()->set_soak_seconds(600);
    world.put(shop);
    world.start();
    world.endRollouts();
    world.pass(std::chrono::minutes(54));
    QVERIFY2(world.status().message().find("month end") != std::string::npos,
             world.status().message().c_str());
    both("app:v2");
    world.poll();
    world.endRollouts();
    world.pass(std::chrono::minutes(7));
    QCOMPARE(world.image("back"), "app:v2");
    QCOMPARE(world.image("front"), "app:v1");
    world.pass(std::chrono::minutes(9));
    QCOMPARE(world.image("front"), "app:v2");
  }

  void aBadRevisionIsRolledBackByItself_data() {
    QTest::addColumn<bool>("afterHealth");
    QTest::addColumn<int>("minutes");
    QTest::addColumn<QString>("runs");
    QTest::newRow("missed its deadline") << false << 0 << "front:v1";
    QTest::newRow("did not stay healthy") << true << 2 << "front:v1";
    QTest::newRow("was healthy for long enough") << true << 10 << "front:v2";
  }
  void aBadRevisionIsRolledBackByItself() {
    QFETCH(bool, afterHealth);
    QFETCH(int, minutes);
    QFETCH(QString, runs);
    DeliveryWorld world;
    schema::SyncPolicy policy = automatic(true, true);
    policy.mutable_automatic_rollback()->set_watch_seconds(300);
    prepare(world, policy);
    push(world, "front:v2");
    world.poll();
    QCOMPARE(world.image(), "front:v2");
    if (afterHealth) world.endRollouts();
    world.pass(std::chrono::minutes(minutes));
    world.endRollouts(false);
    world.pass(std::chrono::seconds(5));
    QCOMPARE(world.image(), runs.toStdString());
    if (runs != "front:v1") return;
    const std::string head = world.git.head(kUrl, "main");
    QCOMPARE(world.git.commitOf(kUrl, head).subject, "Revert \"Use front:v2\"");
    QCOMPARE(world.history().front()->cause(), "rollback");
    QCOMPARE(world.history().front()->initiator(), "controller");
    QCOMPARE(world.state().holds.size(), 1u);
    // Once, whatever becomes of it.
    world.endRollouts(false);
    world.poll();
    QCOMPARE(world.image(), "front:v1");
    QCOMPARE(world.history().size(), 3u);
  }

  void aProjectLimitsWhatIsTouched_data() {
    QTest::addColumn<QString>("repository");
    QTest::addColumn<QString>("ns");
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("problem");
    QTest::newRow("all is allowed") << "/srv/*" << "sh*" << "Deployment" << "";
    QTest::newRow("another repository") << "/other/*" << "" << "" << "the repository /srv/shop.git";
    QTest::newRow("another namespace") << "" << "other" << "" << "the namespace shop";
    QTest::newRow("another kind") << "" << "" << "ConfigMap" << "the kind Deployment";
  }
  void aProjectLimitsWhatIsTouched() {
    QFETCH(QString, repository);
    QFETCH(QString, ns);
    QFETCH(QString, kind);
    QFETCH(QString, problem);
    DeliveryWorld world;
    prepare(world, automatic(true, true));
    schema::Project limits = project();
    if (!repository.isEmpty()) limits.mutable_spec()->add_repositories(repository.toStdString());
    if (!ns.isEmpty()) limits.mutable_spec()->add_namespaces(ns.toStdString());
    if (!kind.isEmpty()) limits.mutable_spec()->add_kinds(kind.toStdString());
    world.put(limits);
    push(world, "front:v2");
    world.poll();
    const std::string said = world.condition("Apply");
    QVERIFY2(said.find(problem.toStdString()) != std::string::npos, said.c_str());
    QCOMPARE(world.image(), problem.isEmpty() ? "front:v2" : "front:v1");
  }

  void aMissingProjectIsNoFreedom() {
    DeliveryWorld world;
    prepare(world, automatic(true, true));
    schema::Application shop = *world.state().applications.find({"gantry-system", "shop"});
    shop.mutable_spec()->set_project("payments");
    world.put(shop);
    push(world, "front:v2");
    world.poll();
    QCOMPARE(world.image(), "front:v1");
    QVERIFY(world.condition("Apply").find("there is no Project payments") != std::string::npos);
  }

  void aHeldRevisionIsNotApplied() {
    DeliveryWorld world;
    prepare(world, automatic(true, true, 1));
    const std::string bad = push(world, "front:v2");
    world.poll();
    std::optional<absl::StatusOr<api::Hold>> answer;
    api::HoldRevisionRequest request;
    request.set_namespace_("gantry-system");
    request.set_application("shop");
    request.set_commit(bad.substr(0, 8));
    const auto hold = [&] {
      world.loop->holdRevision({"ana"}, request, [&](const auto& got) { answer = got; });
      world.pass(std::chrono::seconds(1));
      return answer->status();
    };
    QVERIFY(absl::IsInvalidArgument(hold()));
    request.set_reason("leaks memory");
    const auto plan = world.open();
    QVERIFY(hold().ok());
    QVERIFY(absl::IsFailedPrecondition(hold()));
    QVERIFY(world.open() == nullptr);
    QVERIFY(!world.approve(*plan, "bo").ok());
    QCOMPARE(world.image(), "front:v1");
    QVERIFY(world.status().message().find("leaks memory") != std::string::npos);
    request.set_commit("0123456789012345678901234567890123456789");
    QVERIFY(absl::IsNotFound(hold()));
    QVERIFY(world.liftHold((*answer).ok() ? "" : world.state().holds.entries().begin()->first.name)
                .ok());
    QVERIFY(world.open() != nullptr);
  }

  void aFolderIsAnApplication() {
    DeliveryWorld world;
    world.withRoot = true;
    world.git.commit(
        kUrl, "main",
        {{"apps/set.yaml",
          "apiVersion: gantry.dev/v1\nkind: ApplicationSet\nmetadata: {name: all}\nspec:\n"
          "  folders: ['environments/*']\n  template:\n    metadata: {name: 'shop-{{name}}'}\n"
          "    spec:\n      source: {repoURL: ., path: '{{path}}'}\n"
          "      destination: {namespace: '{{name}}'}\n      syncPolicy: {automated: {}}\n"},
         {"environments/dev/front.yaml", deploymentYaml("front", "front:v1")}},
        "One environment");
    world.start();
    world.pass(std::chrono::minutes(1));
    QVERIFY(world.state().applications.find({"gantry-system", "shop-dev"}) != nullptr);
    QVERIFY(world.state().deployments.find({"dev", "front"}) != nullptr);
    world.git.commit(kUrl, "main",
                     {{"environments/prod/front.yaml", deploymentYaml("front", "front:v2")}},
                     "Another one");
    world.pass(std::chrono::minutes(2));
    QVERIFY(world.state().deployments.find({"prod", "front"}) != nullptr);
    // A folder that is gone asks first.
    world.git.commit(kUrl, "main", {{"environments/dev/front.yaml", std::nullopt}}, "No dev");
    world.pass(std::chrono::minutes(1));
    QVERIFY(world.state().applications.find({"gantry-system", "shop-dev"}) != nullptr);
    const auto plan = world.open("root");
    QVERIFY(plan != nullptr);
    QCOMPARE(plan->approvals_required(), 1);
    QVERIFY(world.approve(*plan, "ana").ok());
    QVERIFY(world.sync("root").ok());
    QVERIFY(world.state().applications.find({"gantry-system", "shop-dev"}) == nullptr);
    QVERIFY(world.state().deployments.find({"dev", "front"}) != nullptr);
  }

  void anUnsignedCommitGoesNoFurther() {
    DeliveryWorld world;
    prepare(world, automatic(true, true));
    const auto trust = [&](const char* key) {
      schema::Project trusting = project();
      schema::TrustedKey& trusted = *trusting.mutable_spec()->add_trusted_keys();
      trusted.set_name(key);
      trusted.set_ssh(absl::StrCat("ssh-ed25519 ", key));
      world.put(trusting);
    };
    trust("ana");
    schema::Application shop = *world.state().applications.find({"gantry-system", "shop"});
    shop.mutable_spec()->mutable_source()->set_require_signature(true);
    shop.mutable_metadata()->set_generation(shop.metadata().generation() + 1);
    world.put(shop);
    world.pass(std::chrono::seconds(1));
    // What is applied stays: it was good when it was applied.
    QCOMPARE(world.status().sync(), "Synced");
    push(world, "front:v2");
    world.poll();
    QCOMPARE(world.image(), "front:v1");
    QVERIFY(world.open() == nullptr);
    QVERIFY2(world.condition("Apply").find("it is not signed") != std::string::npos,
             world.condition("Apply").c_str());
    QVERIFY(world.wasTold("SignatureRefused"));
    QVERIFY(!world.sync().ok());
    QCOMPARE(world.image(), "front:v1");

    world.git.sign(kUrl, push(world, "front:v3"), "eve");
    world.poll();
    QCOMPARE(world.image(), "front:v1");
    QVERIFY(world.condition("Apply").find("not trusted") != std::string::npos);
    // A key that is trusted from now on makes it good.
    trust("eve");
    world.pass(std::chrono::seconds(2));
    QCOMPARE(world.image(), "front:v3");
    QCOMPARE(world.status().applied().signed_by(), "eve");
    QCOMPARE(world.condition("Apply"), "");
    // A rollback writes a commit of its own, of content that was good.
    world.endRollouts();
    QVERIFY(world.rollback().ok());
    QCOMPARE(world.image(), "front:v1");
    QCOMPARE(world.status().sync(), "Synced");
  }

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
    QVERIFY(audit::verifyNotes(audit(world), notes).ok());
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
    QCOMPARE(audit(world).size(), 1u);
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

  void ignoredFieldsStayAsTheyAre() {
    DeliveryWorld world;
    prepare(world, automatic(true, true));
    schema::Application shop = *world.state().applications.find({"gantry-system", "shop"});
    schema::IgnoredDifference& rule = *shop.mutable_spec()->add_ignore_differences();
    rule.set_kind("Deployment");
    rule.add_fields("spec.replicas");
    rule.add_fields("metadata.labels[team]");
    rule.add_fields("spec.template.spec.containers[web].image");
    rule.add_fields("spec.nowhere[x].at.all");
    world.put(shop);
    schema::Deployment live = *world.deployment("front");
    live.mutable_spec()->set_replicas(7);
    (*live.mutable_metadata()->mutable_labels())["team"] = "blue";
    (*live.mutable_metadata()->mutable_labels())["other"] = "red";
    world.put(live);
    push(world, "front:v2");
    world.poll();
    const schema::Deployment& front = *world.deployment("front");
    QCOMPARE(front.spec().replicas(), 7);
    QCOMPARE(world.image(), "front:v1");
    QCOMPARE(front.metadata().labels().at("team"), "blue");
    QVERIFY(!front.metadata().labels().contains("other"));
    QCOMPARE(world.status().sync(), "Synced");
    QVERIFY(world.open() == nullptr);
  }

  void variablesAreReplaced() {
    DeliveryWorld world;
    world.git.commit(kUrl, "main",
                     {{"shop/front.yaml", deploymentYaml("front", "front:${VERSION}")}},
                     "Variable");
    world.putApplication("shop", "shop", automatic(true, true));
    schema::Application shop = *world.state().applications.find({"gantry-system", "shop"});
    (*shop.mutable_spec()->mutable_variables())["VERSION"] = "v7";
    world.put(shop);
    world.start();
    QCOMPARE(world.image(), "front:v7");
  }
};

QTEST_GUILESS_MAIN(TstDeliveryGates)
#include "tst_delivery_gates.moc"
