// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include <functional>

#include "controller/delivery/loosening.h"
#include "tests/controller/delivery/sample.h"

using namespace gantry;
using namespace gantry::tests;

namespace {

schema::Application guarded() {
  schema::Application application;
  application.mutable_metadata()->set_namespace_("gantry-system");
  application.mutable_metadata()->set_name("production");
  schema::ApplicationSpec& spec = *application.mutable_spec();
  spec.set_project("shop");
  spec.mutable_source()->set_repo_url(".");
  spec.mutable_source()->set_path("production");
  spec.mutable_source()->set_require_signature(true);
  spec.add_depends_on("database");
  spec.mutable_promotion()->set_from("staging");
  (*spec.mutable_variables())["REGION"] = "eu-1";
  schema::SyncPolicy& policy = *spec.mutable_sync_policy();
  policy.mutable_automated()->set_prune(true);
  policy.mutable_approval()->set_required(2);
  policy.mutable_approval()->add_roles("sre");
  policy.mutable_approval()->set_comment_required(true);
  policy.mutable_approval()->set_expires_after_seconds(600);
  schema::SyncWindow& window = *policy.add_windows();
  window.set_kind("deny");
  window.set_schedule("0 0 24 12 *");
  window.set_duration("3d");
  return application;
}

schema::Project project() {
  schema::Project project;
  project.mutable_metadata()->set_namespace_("gantry-system");
  project.mutable_metadata()->set_name("shop");
  schema::ProjectSpec& spec = *project.mutable_spec();
  spec.add_namespaces("shop");
  schema::ProjectRole& role = *spec.add_roles();
  role.set_name("sre");
  role.add_permissions("approve");
  role.add_members("eve");
  role.add_members("ana");
  spec.add_people()->set_name("ana");
  spec.add_trusted_keys()->set_name("ana");
  spec.add_age_recipients("age1a");
  spec.add_age_recipients("age1b");
  return project;
}

using EditApplication = std::function<void(schema::ApplicationSpec&)>;
using EditProject = std::function<void(schema::ProjectSpec&)>;

}  // namespace
Q_DECLARE_METATYPE(EditApplication)
Q_DECLARE_METATYPE(EditProject)

/// What counts as making a policy less strict.
class TstLoosening : public QObject {
  Q_OBJECT

  static api::PlannedChange change(api::ChangeAction action, const std::string& kind,
                                   const std::string& name) {
    api::PlannedChange change;
    change.set_action(action);
    change.set_kind(kind);
    change.set_namespace_("gantry-system");
    change.set_name(name);
    return change;
  }
  static manifests::RenderedSet applicationOf(const std::string& name, const std::string& spec) {
    return rendered("apiVersion: gantry.dev/v1\nkind: Application\nmetadata:\n  name: " + name +
                    "\n  namespace: gantry-system\nspec:\n  " + spec + "\n");
  }

 private slots:
  void changeOfAnApplication_data() {
    QTest::addColumn<EditApplication>("edit");
    QTest::addColumn<bool>("loosens");
    const auto row = [](const char* name, bool loosens, const EditApplication& edit) {
      QTest::newRow(name) << edit << loosens;
    };
    using Spec = schema::ApplicationSpec;
    const auto approval = [](Spec& s) { return s.mutable_sync_policy()->mutable_approval(); };
    row("none", false, [](Spec&) {});
    row("fewer approvals", true, [=](Spec& s) { approval(s)->set_required(1); });
    row("more approvals", false, [=](Spec& s) { approval(s)->set_required(3); });
    row("no policy", true, [](Spec& s) { s.mutable_sync_policy()->clear_approval(); });
    row("a role less", true, [=](Spec& s) { approval(s)->clear_roles(); });
    row("a role more", false, [=](Spec& s) { approval(s)->add_roles("security"); });
    row("another role instead", true, [=](Spec& s) { approval(s)->set_roles(0, "developers"); });
    row("the author may", true, [=](Spec& s) { approval(s)->set_author_may_approve(true); });
    row("no comment", true, [=](Spec& s) { approval(s)->set_comment_required(false); });
    row("a longer time", true, [=](Spec& s) { approval(s)->set_expires_after_seconds(601); });
    row("for ever", true, [=](Spec& s) { approval(s)->set_expires_after_seconds(0); });
    row("a shorter time", false, [=](Spec& s) { approval(s)->set_expires_after_seconds(60); });
    row("another Project", true, [](Spec& s) { s.set_project("lax"); });
    row("unsigned commits", true,
        [](Spec& s) { s.mutable_source()->set_require_signature(false); });
    row("another folder", true, [](Spec& s) { s.mutable_source()->set_path("staging"); });
    row("another value for a variable", true,
        [](Spec& s) { (*s.mutable_variables())["REGION"] = "us-1"; });
    row("a field that is ignored", true, [](Spec& s) {
      schema::IgnoredDifference& ignored = *s.add_ignore_differences();
      ignored.set_kind("Deployment");
      ignored.add_fields("spec.template");
    });
    row("a dependency less", true, [](Spec& s) { s.clear_depends_on(); });
    row("a dependency more", false, [](Spec& s) { s.add_depends_on("cache"); });
    row("no promotion", true, [](Spec& s) { s.clear_promotion(); });
    row("a window less", true, [](Spec& s) { s.mutable_sync_policy()->clear_windows(); });
    row("a window more", false, [](Spec& s) {
      *s.mutable_sync_policy()->add_windows() = s.sync_policy().windows(0);
      s.mutable_sync_policy()->mutable_windows(1)->set_schedule("0 0 31 12 *");
    });
    row("a time in which it is allowed", false, [](Spec& s) {
      *s.mutable_sync_policy()->add_windows() = s.sync_policy().windows(0);
      s.mutable_sync_policy()->mutable_windows(1)->set_kind("allow");
    });
    row("a larger budget", true,
        [](Spec& s) { s.mutable_sync_policy()->mutable_deletion_budget()->set_max_objects(11); });
    row("a smaller budget", false,
        [](Spec& s) { s.mutable_sync_policy()->mutable_deletion_budget()->set_max_objects(9); });
    row("self-heal", true,
        [](Spec& s) { s.mutable_sync_policy()->mutable_automated()->set_self_heal(true); });
    row("no automatic sync", false, [](Spec& s) { s.mutable_sync_policy()->clear_automated(); });
    row("what it has applied goes with it", false,
        [](Spec& s) { s.set_deletion_policy("delete"); });
    row("asked more often", false,
        [](Spec& s) { s.mutable_sync_policy()->set_poll_interval_seconds(5); });
  }
  void changeOfAnApplication() {
    QFETCH(EditApplication, edit);
    QFETCH(bool, loosens);
    schema::Application after = guarded();
    edit(*after.mutable_spec());
    QCOMPARE(!delivery::loosenedFields(guarded(), after).empty(), loosens);
  }

  void changeOfAProject_data() {
    QTest::addColumn<EditProject>("edit");
    QTest::addColumn<bool>("loosens");
    const auto row = [](const char* name, bool loosens, const EditProject& edit) {
      QTest::newRow(name) << edit << loosens;
    };
    using Spec = schema::ProjectSpec;
    row("another description", false, [](Spec& s) { s.set_description("all of it"); });
    row("a member more", true, [](Spec& s) { s.mutable_roles(0)->add_members("mallory"); });
    row("a member less", false,
        [](Spec& s) { s.mutable_roles(0)->mutable_members()->RemoveLast(); });
    row("the last members", true, [](Spec& s) { s.mutable_roles(0)->clear_members(); });
    row("a permission more", true,
        [](Spec& s) { s.mutable_roles(0)->add_permissions("override"); });
    row("a role more", true, [](Spec& s) {
      *s.add_roles() = s.roles(0);
      s.mutable_roles(1)->set_name("developers");
    });
    row("no roles, so that everybody may", true, [](Spec& s) { s.clear_roles(); });
    row("an address more", true,
        [](Spec& s) { s.mutable_people(0)->add_emails("dan@example.com"); });
    row("an address of nobody", true, [](Spec& s) { s.clear_people(); });
    row("a key more", true, [](Spec& s) { s.add_trusted_keys()->set_name("mallory"); });
    row("a key less", false, [](Spec& s) { s.clear_trusted_keys(); });
    row("a namespace more", true, [](Spec& s) { s.add_namespaces("*"); });
    row("every namespace", true, [](Spec& s) { s.clear_namespaces(); });
    row("a recipient of age more", true, [](Spec& s) { s.add_age_recipients("age1c"); });
    row("a recipient of age less", false,
        [](Spec& s) { s.mutable_age_recipients()->RemoveLast(); });
    row("no recipients, so that every key opens", true, [](Spec& s) { s.clear_age_recipients(); });
    row("certain kinds", false, [](Spec& s) { s.add_kinds("ConfigMap"); });
  }
  void changeOfAProject() {
    QFETCH(EditProject, edit);
    QFETCH(bool, loosens);
    schema::Project after = project();
    edit(*after.mutable_spec());
    QCOMPARE(!delivery::loosenedFields(project(), after).empty(), loosens);
  }

  void whoMustApproveIsSaidByThePolicyThatIsThere() {
    Sample sample;
    sample.put(guarded());
    sample.put(project());
    const auto deleted = delivery::loosenedBy(
        sample.application, {change(api::DELETE, "Application", "production")}, {}, sample.state());
    QCOMPARE(deleted.size(), 1u);
    QCOMPARE(deleted[0].policy().required(), 2);
    QCOMPARE(deleted[0].policy().roles(0), "sre");
    QCOMPARE(deleted[0].project(), "shop");
    QCOMPARE(delivery::describeLoosened(deleted[0]), "loosens all of gantry-system/production");
    // The same policy is asked once.
    const auto both = delivery::loosenedBy(
        sample.application,
        {change(api::DELETE, "Application", "production"), change(api::DELETE, "Project", "shop")},
        {}, sample.state());
    QCOMPARE(both.size(), 1u);
    QVERIFY(delivery::loosenedBy(sample.application, {change(api::DELETE, "Service", "production")},
                                 {}, sample.state())
                .empty());
  }

  void whatAGuardedOneIsProvenByIsGuardedByIt_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("spec");
    QTest::addColumn<QString>("says");
    const char* const staging =
        "changes what gantry-system/production is promoted from: %1 of gantry-system/staging";
    const char* const database =
        "changes what gantry-system/production depends on: %1 of gantry-system/database";
    const auto row = [](const char* title, const char* name, const char* spec,
                        const QString& says) { QTest::newRow(title) << name << spec << says; };
    const auto of = [](const char* text, const char* field) { return QString(text).arg(field); };
    row("as it was", "staging", "source: {repoURL: ., path: staging}", "");
    row("another folder", "staging", "source: {repoURL: ., path: empty}",
        of(staging, "spec.source.path"));
    row("another namespace", "staging",
        "source: {repoURL: ., path: staging}\n  destination: {namespace: empty}",
        of(staging, "spec.destination.namespace"));
    row("what is not looked at", "staging",
        "source: {repoURL: ., path: staging}\n  ignoreDifferences: [{kind: Deployment, "
        "fields: [spec.template]}]",
        of(staging, "spec.ignoreDifferences[0]"));
    row("what it is called, and how it is applied", "staging",
        "environment: staging\n  source: {repoURL: ., path: staging}\n"
        "  syncPolicy: {automated: {prune: true}}",
        "");
    row("another folder of what it depends on", "database", "source: {repoURL: ., path: empty}",
        of(database, "spec.source.path"));
    row("another folder of what it has nothing to do with", "other",
        "source: {repoURL: ., path: empty}", "");
  }
  void whatAGuardedOneIsProvenByIsGuardedByIt() {
    QFETCH(QString, name);
    QFETCH(QString, spec);
    QFETCH(QString, says);
    Sample sample;
    sample.put(guarded());
    for (const char* each : {"staging", "database", "other"}) {
      const std::string path = std::string(each) == "staging" ? "staging" : "tools";
      sample.put(*applicationOf(each, "source: {repoURL: ., path: " + path + "}")
                      .resources.at(0)
                      .as<schema::Application>());
    }
    const auto loosened = delivery::loosenedBy(
        sample.application, {change(api::UPDATE, "Application", name.toStdString())},
        applicationOf(name.toStdString(), spec.toStdString()), sample.state());
    QCOMPARE(loosened.size(), says.isEmpty() ? 0u : 1u);
    if (says.isEmpty()) return;
    QCOMPARE(delivery::describeLoosened(loosened[0]), says.toStdString());
    QCOMPARE(loosened[0].policy().required(), 2);
    QCOMPARE(loosened[0].project(), "shop");
  }

  // Else it would be taken away first, and come again as something trivial.
  void aNewOneThatAGuardedOneIsPromotedFromIsGuardedToo() {
    Sample sample;
    sample.put(guarded());
    const manifests::RenderedSet set =
        applicationOf("staging", "source: {repoURL: ., path: empty}");
    const auto loosened = delivery::loosenedBy(
        sample.application, {change(api::CREATE, "Application", "staging")}, set, sample.state());
    QCOMPARE(loosened.size(), 1u);
    QCOMPARE(delivery::describeLoosened(loosened[0]),
             "changes what gantry-system/production is promoted from: all of "
             "gantry-system/staging");
    QVERIFY(delivery::loosenedBy(sample.application,
                                 {change(api::CREATE, "Application", "production")}, set,
                                 Sample().state())
                .empty());
  }

  void whatNobodyApprovesMayBeChangedButForTrust() {
    Sample sample;
    schema::Application free = guarded();
    free.mutable_spec()->mutable_sync_policy()->clear_approval();
    sample.put(free);
    const auto loosened = [&](const std::string& source) {
      const manifests::RenderedSet set = rendered(
          "apiVersion: gantry.dev/v1\nkind: Application\nmetadata:\n  name: production\n"
          "  namespace: gantry-system\nspec:\n  project: shop\n  source:\n    repoURL: .\n" +
          source);
      return delivery::loosenedBy(sample.application,
                                  {change(api::UPDATE, "Application", "production")}, set,
                                  sample.state());
    };
    QVERIFY(loosened("    path: other\n    requireSignature: true\n").empty());
    const auto unsignedToo = loosened("    path: production\n");
    QCOMPARE(unsignedToo.size(), 1u);
    QCOMPARE(unsignedToo[0].policy().required(), 1);
    QCOMPARE(loosened("    path: production\n    requireSignature: true\n  syncPolicy:\n"
                      "    deletionBudget: {maxObjects: 1000, maxPercent: 100}\n")
                 .size(),
             1u);
  }
};

QTEST_GUILESS_MAIN(TstLoosening)
#include "tst_loosening.moc"
