// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "controller/delivery/budget.h"
#include "controller/delivery/deletions.h"
#include "controller/delivery/effect.h"
#include "controller/delivery/quorum.h"
#include "tests/controller/delivery/sample.h"
#include "tests/support/shop_manifests.h"

using namespace gantry;
using namespace gantry::tests;

namespace {

std::string namespaceYaml(const std::string& name) {
  return "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: " + name + "\n";
}

/// An object of the namespace "shop" that somebody else has put there.
schema::ConfigMap note(const std::string& name, const std::string& owner = "") {
  schema::ConfigMap map;
  map.mutable_metadata()->set_namespace_("shop");
  map.mutable_metadata()->set_name(name);
  if (!owner.empty()) {
    (*map.mutable_metadata()->mutable_annotations())[delivery::kOwnerAnnotation] = owner;
  }
  return map;
}

schema::Application application(const std::string& name, const std::string& owner = "") {
  schema::Application result;
  result.mutable_metadata()->set_namespace_("gantry-system");
  result.mutable_metadata()->set_name(name);
  if (!owner.empty()) {
    (*result.mutable_metadata()->mutable_annotations())[delivery::kOwnerAnnotation] = owner;
  }
  return result;
}

void addItem(schema::Application& application, const std::string& kind, const std::string& ns,
             const std::string& name) {
  schema::InventoryItem& item = *application.mutable_status()->add_inventory();
  item.set_kind(kind);
  item.set_namespace_(ns);
  item.set_name(name);
}

const api::PlannedChange* find(const delivery::ChangeSet& planned, const std::string& kind,
                               const std::string& name) {
  for (const api::PlannedChange& change : planned.changes) {
    if (change.kind() == kind && change.name() == name) return &change;
  }
  return nullptr;
}

}  // namespace

/// What a deletion takes along.
class TstDeletions : public QObject {
  Q_OBJECT

  /// "shop" has applied a Namespace with one ConfigMap in it.
  static void prepare(Sample& sample) {
    sample.apply(rendered(namespaceYaml("shop") + "---\n" + configYaml("greeting", "hello") +
                          "---\n" + elsewhere()));
    sample.put(sample.application);
  }
  /// Stays in Git.
  static std::string elsewhere() {
    return namespaceYaml("elsewhere") +
           "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: other\n"
           "  namespace: elsewhere\ndata: {greeting: x}\n";
  }
  static delivery::ChangeSet plan(const Sample& sample, const std::string& more = "") {
    return delivery::planChanges(sample.application, rendered(elsewhere() + more), sample.state());
  }

 private slots:
  void aNamespaceWithNothingElseInItJustGoes() {
    Sample sample;
    prepare(sample);
    const auto planned = plan(sample);
    QVERIFY(planned.errors.empty());
    QCOMPARE(planned.changes.size(), 2u);
    QCOMPARE(planned.changes.back().kind(), "Namespace");
    QCOMPARE(planned.changes.back().reason(), "removed from Git");
    QCOMPARE(delivery::approvalsRequired(sample.application, planned.changes), 0);
  }

  void whatKeepsANamespace_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("says");
    QTest::newRow("another Application's")
        << "others" << "ConfigMap/shop/others (of gantry-system/other)";
    QTest::newRow("protected") << "kept" << "ConfigMap/shop/kept (gantry.dev/prune is \"false\")";
    QTest::newRow("of one that is gone") << "orphan" << "";
    QTest::newRow("nobody's") << "nobodys" << "";
  }
  void whatKeepsANamespace() {
    QFETCH(QString, name);
    QFETCH(QString, says);
    Sample sample;
    prepare(sample);
    sample.put(application("other"));
    const std::map<QString, std::string> owners = {{"others", "gantry-system/other"},
                                                   {"orphan", "gantry-system/gone"}};
    const auto owner = owners.find(name);
    schema::ConfigMap map = note(name.toStdString(), owner == owners.end() ? "" : owner->second);
    if (name == "kept") {
      (*map.mutable_metadata()->mutable_annotations())[delivery::kPruneAnnotation] = "false";
    }
    sample.put(map);
    const auto planned = plan(sample);
    QCOMPARE(planned.errors.size(), says.isEmpty() ? 0u : 1u);
    if (says.isEmpty()) return;
    QCOMPARE(planned.errors.front(),
             "Namespace/shop cannot be deleted: it holds " + says.toStdString() +
                 "; move or delete what it holds first, or put the Namespace back into Git");
    // What puts drift back is not kept back by it.
    QVERIFY(delivery::planRepairs(sample.application, rendered(elsewhere()), sample.state())
                .errors.empty());
  }

  void ofManyTheFirstAreNamed() {
    Sample sample;
    prepare(sample);
    sample.put(application("other"));
    for (const char* name : {"a", "b", "c", "d", "e"}) {
      sample.put(note(name, "gantry-system/other"));
    }
    const auto planned = plan(sample);
    QCOMPARE(planned.errors.size(), 1u);
    QVERIFY2(planned.errors.front().find("ConfigMap/shop/c (of gantry-system/other) and 2 more;") !=
                 std::string::npos,
             planned.errors.front().c_str());
  }

  void aNamespaceOfWhatIsStillInGitStays() {
    Sample sample;
    prepare(sample);
    const auto planned = plan(sample, "---\n" + configYaml("greeting", "hello"));
    QCOMPARE(planned.errors.size(), 1u);
    QVERIFY2(
        planned.errors.front().find("ConfigMap/shop/greeting (still in Git)") != std::string::npos,
        planned.errors.front().c_str());
  }

  void theSystemsNamespaceStaysAndIsTheRoots() {
    Sample sample;
    sample.apply(rendered(elsewhere()));
    sample.put(sample.application);
    const auto held = plan(sample, "---\n" + namespaceYaml("gantry-system"));
    QCOMPARE(held.errors.size(), 1u);
    QVERIFY2(held.errors.front().find("only gantry-system/root may hold it") != std::string::npos,
             held.errors.front().c_str());

    sample.application = application("root");
    sample.apply(rendered(namespaceYaml("gantry-system") + "---\n" + configYaml("a", "b")));
    const auto removed =
        delivery::planChanges(sample.application, rendered(configYaml("a", "b")), sample.state());
    QCOMPARE(removed.errors.size(), 1u);
    QCOMPARE(removed.errors.front(),
             "Namespace/gantry-system cannot be deleted: Gantry itself is in it; put it back into "
             "Git");
  }

  void theRootIsNobodysToHold() {
    Sample sample;
    const auto planned = delivery::planChanges(
        sample.application,
        rendered("apiVersion: gantry.dev/v1\nkind: Application\nmetadata:\n  name: root\n"
                 "  namespace: gantry-system\nspec:\n  source: {repoURL: ., path: mine}\n"),
        sample.state());
    QCOMPARE(planned.errors.size(), 1u);
    QVERIFY2(planned.errors.front().find("is kept by the controller") != std::string::npos,
             planned.errors.front().c_str());
  }

  void whatGoesWithANamespaceIsShownCountedAndAsked() {
    Sample sample;
    prepare(sample);
    sample.put(note("notes"));
    schema::Deployment deployment;
    deployment.mutable_metadata()->set_namespace_("shop");
    deployment.mutable_metadata()->set_name("by-hand");
    deployment.mutable_metadata()->set_uid("uid-by-hand");
    deployment.mutable_spec()->set_replicas(3);
    sample.put(deployment);
    // What a Deployment keeps goes with that.
    schema::ReplicaSet set;
    set.mutable_metadata()->set_namespace_("shop");
    set.mutable_metadata()->set_name("by-hand-1");
    set.mutable_metadata()->add_owner_references()->set_kind("Deployment");
    sample.put(set);

    const auto planned = plan(sample);
    QVERIFY(planned.errors.empty());
    QCOMPARE(planned.changes.size(), 4u);
    for (const auto& [kind, name] : {std::pair("ConfigMap", "notes"), {"Deployment", "by-hand"}}) {
      const api::PlannedChange* change = find(planned, kind, name);
      QVERIFY(change != nullptr);
      QCOMPARE(change->action(), api::DELETE);
      QCOMPARE(change->reason(), "goes with Namespace shop");
      QVERIFY(!change->before_hash().empty());
    }
    QCOMPARE(find(planned, "Namespace", "shop")->reason(),
             "removed from Git: 2 objects that Git does not name go with it");
    QCOMPARE(
        delivery::effectOf(planned.changes, rendered(elsewhere()), sample.state()).pods_deleted(),
        3);
    QCOMPARE(delivery::approvalsRequired(sample.application, planned.changes), 1);
    const std::string asks = delivery::overBudget(sample.application, planned.changes);
    QVERIFY2(asks.find("takes along 2 objects that gantry-system/shop has not applied: "
                       "Deployment/shop/by-hand goes with Namespace shop, …") != std::string::npos,
             asks.c_str());
    // It is the same plan as long as that is the same.
    sample.put(note("more"));
    QCOMPARE(plan(sample).changes.size(), 5u);
  }

  void anApplicationTakesAlongWhatItHasAppliedIfItSaysSo_data() {
    QTest::addColumn<QString>("policy");
    QTest::addColumn<QString>("reason");
    QTest::addColumn<int>("deletions");
    QTest::newRow("orphan") << "orphan"
                            << "removed from Git: its 3 objects keep running and are no longer "
                               "followed"
                            << 1;
    QTest::newRow("delete") << "delete" << "removed from Git: 2 of its 3 objects go with it" << 3;
  }
  void anApplicationTakesAlongWhatItHasAppliedIfItSaysSo() {
    QFETCH(QString, policy);
    QFETCH(QString, reason);
    QFETCH(int, deletions);
    Sample sample;
    sample.application = application("root");
    schema::Application child = application("child", "gantry-system/root");
    child.mutable_spec()->set_deletion_policy(policy.toStdString());
    sample.put(note("a", "gantry-system/child"));
    sample.put(note("b", "gantry-system/child"));
    schema::ConfigMap kept = note("kept", "gantry-system/child");
    (*kept.mutable_metadata()->mutable_annotations())[delivery::kPruneAnnotation] = "false";
    sample.put(kept);
    sample.put(note("others", "gantry-system/other"));
    for (const char* name : {"a", "b", "kept"}) addItem(child, "ConfigMap", "shop", name);
    sample.put(child);
    addItem(sample.application, "Application", "gantry-system", "child");
    const auto planned =
        delivery::planChanges(sample.application, rendered(elsewhere()), sample.state());
    QVERIFY(planned.errors.empty());
    QCOMPARE(find(planned, "Application", "child")->reason(), reason.toStdString());
    QCOMPARE(static_cast<int>(
                 std::ranges::count(planned.changes, api::DELETE, &api::PlannedChange::action)),
             deletions);
    QVERIFY(find(planned, "ConfigMap", "kept") == nullptr);
    if (policy != "delete") return;
    QCOMPARE(find(planned, "ConfigMap", "a")->reason(),
             "goes with Application gantry-system/child");
  }

  void anApplicationAndItsNamespaceGoTogether() {
    Sample sample;
    sample.application = application("root");
    schema::Application child = application("child", "gantry-system/root");
    child.mutable_spec()->set_deletion_policy("delete");
    addItem(child, "ConfigMap", "shop", "a");
    sample.put(note("a", "gantry-system/child"));
    sample.put(child);
    schema::Namespace ns;
    ns.mutable_metadata()->set_name("shop");
    (*ns.mutable_metadata()->mutable_annotations())[delivery::kOwnerAnnotation] =
        "gantry-system/root";
    sample.put(ns);
    addItem(sample.application, "Application", "gantry-system", "child");
    addItem(sample.application, "Namespace", "", "shop");
    const auto plan = [&] {
      return delivery::planChanges(sample.application, rendered(elsewhere()), sample.state());
    };
    QVERIFY(plan().errors.empty());
    // As an orphan it would be lost, although the plan says that it runs on.
    child.mutable_spec()->set_deletion_policy("orphan");
    sample.put(child);
    QCOMPARE(plan().errors.size(), 1u);
  }
};

QTEST_GUILESS_MAIN(TstDeletions)
#include "tst_deletions.moc"
