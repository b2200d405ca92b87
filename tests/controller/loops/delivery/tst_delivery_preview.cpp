// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "tests/controller/loops/delivery/delivery_world.h"

using namespace gantry;
using namespace gantry::tests;

/// What a revision that is not followed would change: merged, as it is, and beside another.
class TstDeliveryPreview : public QObject {
  Q_OBJECT

 private:
  using Edits = support::FakeGit::Edits;

  static std::string yaml(const std::string& name, const std::string& version) {
    return deploymentYaml(name, name + ":" + version);
  }
  static Edits front(const std::string& version) {
    return {{"shop/front.yaml", yaml("front", version)}};
  }
  static Edits back(const std::string& version) {
    return {{"shop/back.yaml", yaml("back", version)}};
  }
  static std::string push(DeliveryWorld& world, const Edits& edits, const std::string& subject,
                          const std::string& branch = "main") {
    return world.git.commit(kUrl, branch, edits, subject);
  }
  /// front:v1 and back:v1 are applied, and `feature` begins there.
  static void prepare(DeliveryWorld& world, const schema::SyncPolicy& policy = automatic(true)) {
    Edits all = front("v1");
    all.merge(back("v1"));
    push(world, all, "Begin");
    world.git.forcePush(kUrl, "feature", world.git.head(kUrl, "main"));
    world.putApplication("shop", "shop", automatic(true));
    world.start();
    world.endRollouts();
    QCOMPARE(world.image("back"), "back:v1");
    world.putApplication("shop", "shop", policy);
    world.executor.settle();
  }
  static absl::StatusOr<api::Plan> preview(DeliveryWorld& world, const std::string& revision,
                                           const std::string& application = "shop") {
    std::optional<absl::StatusOr<api::Plan>> answer;
    api::PreviewRevisionRequest request;
    request.set_namespace_("gantry-system");
    request.set_application(application);
    request.set_revision(revision);
    world.loop->previewRevision(request, [&](const auto& got) { answer = got; });
    world.pass(std::chrono::seconds(1));
    return answer ? *answer : absl::UnknownError("no answer");
  }
  /// "front: "front:v1" → "front:v2"".
  static std::string changes(const absl::StatusOr<api::Plan>& plan) {
    if (!plan.ok()) return plan.status().ToString();
    std::string text;
    for (const api::PlannedChange& change : plan->changes()) {
      absl::StrAppend(&text, text.empty() ? "" : ", ", change.name());
      for (const api::FieldChange& field : change.fields()) {
        absl::StrAppend(&text, " ", field.before(), " → ", field.after());
      }
    }
    return text;
  }
  static std::string commits(const api::Plan& plan) {
    std::string text;
    for (const schema::Revision& commit : plan.commits()) {
      absl::StrAppend(&text, text.empty() ? "" : ", ", commit.subject());
    }
    return text;
  }
  static std::string shortId(const std::string& id) { return id.substr(0, 7); }

 private slots:
  void aBranchIsPlannedBeforeItIsMerged() {
    DeliveryWorld world;
    prepare(world, automatic(true, true, 2));
    const std::string feature = push(world, front("v9"), "Try v9", "feature");
    const auto plan = preview(world, "feature");
    QCOMPARE(changes(plan), "front \"front:v1\" → \"front:v9\"");
    QCOMPARE(plan->revision().commit(), feature);
    QCOMPARE(plan->revision().subject(), "Try v9");
    QCOMPARE(commits(*plan), "Try v9");
    QCOMPARE(plan->approvals_required(), 2);
    QCOMPARE(plan->effect().pods_restarted(), 2);
    QCOMPARE(plan->message(), "feature merged into main (" + shortId(world.git.head(kUrl, "main")) +
                                  "), a fast-forward");
    QCOMPARE(world.image(), "front:v1");
    QVERIFY(world.open() == nullptr);
  }

  void aBranchThatIsBehindTakesNothingBack() {
    DeliveryWorld world;
    prepare(world);
    push(world, front("v9"), "Try v9", "feature");
    const std::string main = push(world, back("v2"), "Use back:v2");
    world.poll();
    QCOMPARE(world.image("back"), "back:v2");
    const auto plan = preview(world, "feature");
    QCOMPARE(changes(plan), "front \"front:v1\" → \"front:v9\"");
    QCOMPARE(plan->message(), "feature merged into main (" + shortId(main) + ")");
    QCOMPARE(plan->revision().subject(), "Try v9");
    QCOMPARE(commits(*plan), "Try v9");
    // It is looked at only.
    QCOMPARE(world.git.head(kUrl, "main"), main);
    world.poll();
    QCOMPARE(world.image("front"), "front:v1");
  }

  void whatWaitsOnMainIsInThePlanAndIsNamed() {
    DeliveryWorld world;
    prepare(world, manual());
    push(world, front("v9"), "Try v9", "feature");
    push(world, back("v2"), "Use back:v2");
    push(world, back("v3"), "Use back:v3");
    const auto plan = preview(world, "feature");
    QCOMPARE(changes(plan), "back \"back:v1\" → \"back:v3\", front \"front:v1\" → \"front:v9\"");
    QCOMPARE(commits(*plan), "Try v9, Use back:v3, Use back:v2");
    QVERIFY2(plan->message().ends_with("; with 2 commits of main that are not applied yet"),
             plan->message().c_str());
  }

  void aConflictIsNamed() {
    DeliveryWorld world;
    prepare(world);
    Edits theirs = front("v9");
    theirs["shop/back.yaml"] = std::nullopt;
    push(world, theirs, "Try v9", "feature");
    Edits ours = front("v2");
    ours.merge(back("v2"));
    const std::string main = push(world, ours, "Use v2");
    const auto plan = preview(world, "feature");
    QCOMPARE(plan.status().code(), absl::StatusCode::kFailedPrecondition);
    QCOMPARE(std::string(plan.status().message()),
             "feature cannot be merged into main (" + shortId(main) +
                 "): conflicts in shop/back.yaml (deleted in feature, changed in main), "
                 "shop/front.yaml (changed in both); merge main into feature, resolve them and "
                 "push");
  }

  void ofManyConflictsTheFirstAreNamed() {
    DeliveryWorld world;
    prepare(world);
    Edits ours, theirs;
    for (int i = 10; i < 22; ++i) {
      const std::string path = absl::StrCat("other/", i, ".txt");
      ours[path] = "ours";
      theirs[path] = "theirs";
    }
    push(world, theirs, "Theirs", "feature");
    push(world, ours, "Ours");
    const std::string message(preview(world, "feature").status().message());
    QVERIFY2(message.find("other/19.txt (added in both) and 2 more; ") != std::string::npos,
             message.c_str());
  }

  void aMergedBranchHasNothingToMerge() {
    DeliveryWorld world;
    prepare(world, manual());
    const std::string main = push(world, back("v2"), "Use back:v2");
    const auto plan = preview(world, "feature");
    QVERIFY2(plan.ok(), plan.status().ToString().c_str());
    QCOMPARE(plan->changes_size(), 0);
    QCOMPARE(plan->message(),
             "nothing to merge: main (" + shortId(main) + ") holds all of feature");
  }

  void anOlderCommitOrTagIsTheWayBack() {
    DeliveryWorld world;
    prepare(world);
    const std::string first = world.git.head(kUrl, "main");
    world.git.tag(kUrl, "v1", first);
    const std::string between = push(world, back("v2"), "Use back:v2");
    push(world, back("v3"), "Use back:v3");
    world.poll();
    QCOMPARE(world.image("back"), "back:v3");
    const auto tag = preview(world, "v1");
    QCOMPARE(changes(tag), "back \"back:v3\" → \"back:v1\"");
    QVERIFY2(tag->message().starts_with("v1 as it is, not merged: it is in the history of main ("),
             tag->message().c_str());
    QCOMPARE(tag->commits_size(), 0);
    QCOMPARE(changes(preview(world, between)), "back \"back:v3\" → \"back:v2\"");
    const auto applied = preview(world, world.history().back()->name());
    QCOMPARE(changes(applied), "back \"back:v3\" → \"back:v1\"");
    QVERIFY(applied->message().ends_with(" as it was applied before"));
  }

  void aCommitOfABranchIsMerged() {
    DeliveryWorld world;
    prepare(world);
    const std::string feature = push(world, front("v9"), "Try v9", "feature");
    push(world, back("v2"), "Use back:v2");
    world.poll();
    const auto plan = preview(world, feature);
    QCOMPARE(changes(plan), "front \"front:v1\" → \"front:v9\"");
    QVERIFY(plan->message().starts_with(shortId(feature) + " merged into main ("));
  }

  void whatIsFollowedIsPlannedAsItIs() {
    DeliveryWorld world;
    prepare(world, manual());
    push(world, back("v2"), "Use back:v2");
    const auto plan = preview(world, "main");
    QCOMPARE(changes(plan), "back \"back:v1\" → \"back:v2\"");
    QCOMPARE(plan->message(), "main is what the Application follows");
    QCOMPARE(commits(*plan), "Use back:v2");
  }

  void nothingIsMergedIntoATag() {
    DeliveryWorld world;
    prepare(world);
    world.git.tag(kUrl, "v1.0.0", world.git.head(kUrl, "main"));
    schema::Application application = *world.state().applications.find({"gantry-system", "shop"});
    application.mutable_spec()->mutable_source()->set_target_revision("1.x");
    world.put(application);
    world.poll();
    push(world, front("v9"), "Try v9", "feature");
    push(world, back("v2"), "Use back:v2");
    const auto plan = preview(world, "feature");
    QCOMPARE(changes(plan), "front \"front:v1\" → \"front:v9\"");
    QCOMPARE(plan->message(),
             "feature as it is: the Application follows 1.x, which nothing is merged into");
  }

  void aFolderThatOnlyMainHasIsNotMissed() {
    DeliveryWorld world;
    prepare(world);
    push(world, {{"other/x.txt", "x"}}, "Else", "feature");
    push(world, {{"web/web.yaml", yaml("web", "v1")}}, "A new folder");
    world.putApplication("web", "web", automatic());
    world.poll();
    const auto plan = preview(world, "feature", "web");
    QVERIFY2(plan.ok(), plan.status().ToString().c_str());
    QCOMPARE(plan->changes_size(), 0);
    push(world, {{"shop/front.yaml", std::nullopt}, {"shop/back.yaml", std::nullopt}}, "Remove",
         "feature");
    const auto gone = preview(world, "feature");
    QCOMPARE(gone.status().code(), absl::StatusCode::kNotFound);
    QCOMPARE(std::string(gone.status().message()),
             "the folder shop of the Application does not exist in feature merged into main");
  }

  void wavesHooksAndDependenciesAreInThePlan() {
    DeliveryWorld world;
    prepare(world);
    schema::Application application = *world.state().applications.find({"gantry-system", "shop"});
    application.mutable_spec()->add_depends_on("database");
    world.put(application);
    world.executor.settle();
    const auto annotated = [](std::string manifest, const std::string& annotation) {
      const std::string metadata = "\nmetadata:\n";
      return manifest.insert(manifest.find(metadata) + metadata.size(),
                             "  annotations: {" + annotation + "}\n");
    };
    const std::string job =
        "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: migrate\nspec:\n  template:\n"
        "    spec:\n      restartPolicy: Never\n      containers: [{name: a, image: 'a:1'}]\n";
    push(world,
         {{"shop/front.yaml", annotated(yaml("front", "v2"), "gantry.dev/sync-wave: '2'")},
          {"shop/back.yaml", yaml("back", "v2")},
          {"shop/migrate.yaml", annotated(job, "gantry.dev/hook: PreSync")}},
         "Waves", "feature");
    const auto plan = preview(world, "feature");
    QVERIFY2(plan.ok(), plan.status().ToString().c_str());
    std::string order;
    for (const api::PlannedChange& change : plan->changes()) {
      absl::StrAppend(&order, change.name(), " ", change.hook(), change.wave(), ". ");
    }
    QCOMPARE(order, "migrate PreSync0. back 0. front 2. ");
    const auto gate = std::ranges::find(plan->gates(), "dependency", &api::Gate::kind);
    QVERIFY(gate != plan->gates().end());
    QCOMPARE(gate->message(), "blocked by database: there is no such Application");
  }

  void whatCannotBePlannedSaysWhy() {
    DeliveryWorld world;
    prepare(world);
    QCOMPARE(preview(world, "nowhere").status().code(), absl::StatusCode::kNotFound);
    QCOMPARE(preview(world, "").status().code(), absl::StatusCode::kInvalidArgument);
    QCOMPARE(preview(world, "main", "nobody").status().code(), absl::StatusCode::kNotFound);
    push(world, {{"shop/front.yaml", "kind: ["}}, "Break it", "feature");
    const auto broken = preview(world, "feature");
    QCOMPARE(broken.status().code(), absl::StatusCode::kInvalidArgument);
    QVERIFY2(broken.status().message().find("shop/front.yaml:1") != std::string::npos,
             broken.status().ToString().c_str());
  }

  void whoAsksIsAnsweredThoughTheSourceIsChanged() {
    DeliveryWorld world;
    prepare(world);
    push(world, front("v9"), "Try v9", "feature");
    std::optional<absl::StatusOr<api::Plan>> answer;
    api::PreviewRevisionRequest request;
    request.set_namespace_("gantry-system");
    request.set_application("shop");
    request.set_revision("feature");
    world.loop->previewRevision(request, [&](const auto& got) { answer = got; });
    schema::Application application = *world.state().applications.find({"gantry-system", "shop"});
    application.mutable_spec()->mutable_source()->set_path("elsewhere");
    world.put(application);
    world.poll();
    QVERIFY(answer.has_value());
    QVERIFY(absl::IsAborted(answer->status()));
  }

  void anyTwoRevisionsCanBeCompared() {
    DeliveryWorld world;
    prepare(world);
    push(world, front("v2"), "Use front:v2");
    world.poll();
    std::optional<absl::StatusOr<api::Plan>> answer;
    api::CompareRevisionsRequest request;
    request.set_namespace_("gantry-system");
    request.set_application("shop");
    request.set_from(world.history().back()->name());
    request.set_to("main");
    world.loop->compareRevisions(request, [&](const auto& got) { answer = got; });
    world.pass(std::chrono::seconds(1));
    QVERIFY2(answer->ok(), std::string(answer->status().message()).c_str());
    QCOMPARE((*answer)->changes_size(), 1);
    QCOMPARE((*answer)->changes(0).fields_size(), 1);
    QCOMPARE((*answer)->changes(0).fields(0).before(), "\"front:v1\"");
    QCOMPARE((*answer)->changes(0).fields(0).after(), "\"front:v2\"");
  }

  void whatCannotBeComparedIsNamed() {
    DeliveryWorld world;
    prepare(world);
    push(world, {{"shop/front.yaml", std::nullopt}, {"shop/back.yaml", std::nullopt}}, "Remove",
         "feature");
    const auto compare = [&](const std::string& from, const std::string& to) {
      std::optional<absl::StatusOr<api::Plan>> answer;
      api::CompareRevisionsRequest request;
      request.set_namespace_("gantry-system");
      request.set_application("shop");
      request.set_from(from);
      request.set_to(to);
      world.loop->compareRevisions(request, [&](const auto& got) { answer = got; });
      world.pass(std::chrono::seconds(1));
      return answer ? answer->status() : absl::UnknownError("no answer");
    };
    QCOMPARE(compare("main", "").code(), absl::StatusCode::kInvalidArgument);
    QCOMPARE(compare("nowhere", "main").code(), absl::StatusCode::kNotFound);
    QCOMPARE(std::string(compare("main", "feature").message()),
             "the folder shop of the Application does not exist in feature");
    QVERIFY(compare("main", "main").ok());
  }
};

QTEST_GUILESS_MAIN(TstDeliveryPreview)
#include "tst_delivery_preview.moc"
