// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "controller/audit/audit.h"
#include "tests/support/fake_control_server.h"

namespace gantry::support {

/// What is delivered to the demo shop: a repository whose revisions go from dev by staging to
/// production, a plan for production that one more person must approve, another that ana wrote
/// herself, an Application that is suspended, history, a hold and the audit trail.
class DemoDelivery {
 public:
  explicit DemoDelivery(FakeControlServer& server)
      : server_(server),
        nowMs_(std::chrono::duration_cast<std::chrono::milliseconds>(
                   std::chrono::system_clock::now().time_since_epoch())
                   .count()) {
    addProject();
    addApplications();
    addHistory();
    addHold();
    addAudit();
    putPlan(productionPlan());
    putPlan(billingPlan());
    server.onPreviewRollback = [this](const api::RollbackRequest&, api::RollbackPreview* preview) {
      *preview->mutable_plan() = productionPlan("preview");
      preview->mutable_plan()->clear_message();
      *preview->mutable_to()->mutable_revision() = flags();
      *preview->add_reverted() = front();
      return grpc::Status::OK;
    };
    server.onCompare = [this](const api::CompareRevisionsRequest& request, api::Plan* plan) {
      *plan = productionPlan("");
      plan->clear_name();
      plan->clear_gates();
      plan->mutable_base()->set_commit(request.from());
      plan->mutable_revision()->set_commit(request.to());
      return grpc::Status::OK;
    };
  }

  /// The plan for production, of which `digest` tells the version.
  api::Plan productionPlan(const std::string& digest = "4f2a91c07d55e1") const {
    api::Plan plan;
    plan.set_name("production-7");
    plan.set_namespace_("gantry");
    plan.set_application("production");
    *plan.mutable_revision() = pool();
    *plan.mutable_base() = front();
    *plan.add_commits() = pool();
    *plan.add_commits() =
        revision("b07c2d9e41", "Drop the legacy flags", "Dee Ortiz", "dee@example.com", 190);
    plan.set_digest(digest);
    plan.set_state(api::PENDING);
    plan.set_message("waits: 1 of 2 approvals, and for one of a member of security");
    plan.set_approvals_required(2);
    plan.set_cause("sync");
    plan.mutable_created_at()->set_unix_ms(minutesAgo(52));
    plan.mutable_policy()->set_required(2);
    plan.mutable_policy()->add_roles("sre");
    plan.mutable_policy()->add_roles("security");
    plan.mutable_policy()->set_comment_required(true);
    plan.mutable_policy()->set_expires_after_seconds(8 * 3600);
    api::Approval& approval = *plan.add_approvals();
    approval.set_by("bo");
    approval.set_comment("ok from here");
    approval.mutable_at()->set_unix_ms(minutesAgo(21));
    approval.set_commit(pool().commit());
    approval.set_digest(digest);
    approval.add_roles("sre");
    approval.mutable_expires_at()->set_unix_ms(minutesAgo(21 - 8 * 60));
    addGate(plan, "suspension", "", false);
    addGate(plan, "approval", plan.message(), false);
    addGate(plan, "window",
            "the deny window \"0 8 * * 1-6\" for 14h Europe/Berlin (the shop is busy) is open",
            true)
        .mutable_opens_at()
        ->set_unix_ms(minutesAgo(-190));
    addGate(plan, "dependency", "", false);
    plan.set_replaces("production-6");
    plan.add_changed_since("Deployment shop/checkout: spec.replicas is 3, it was 4");
    plan.add_changed_since("commit b07c2d9 \"Drop the legacy flags\" is new");
    addUpdate(plan);
    api::PlannedChange& created = *plan.add_changes();
    created.set_action(api::CREATE);
    created.set_kind("ConfigMap");
    created.set_namespace_("shop");
    created.set_name("pool");
    created.set_after_yaml(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: pool\n  namespace: shop\ndata:\n  "
        "max: \"12\"\n");
    api::PlannedChange& deleted = *plan.add_changes();
    deleted.set_action(api::DELETE);
    deleted.set_kind("ConfigMap");
    deleted.set_namespace_("shop");
    deleted.set_name("legacy-flags");
    deleted.set_reason("removed from Git");
    deleted.set_before_yaml(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: legacy-flags\n  namespace: "
        "shop\ndata:\n  beta: \"on\"\n  theme: old\n");
    plan.mutable_effect()->set_pods_restarted(6);
    plan.mutable_effect()->set_cpu_millis_delta(1200);
    plan.mutable_effect()->set_memory_bytes_delta(4LL << 30);
    for (const char* node : {"eu-a-01", "eu-a-01", "eu-a-02"}) {
      api::PlannedPod& pod = *plan.mutable_effect()->add_placements();
      pod.set_owner("Deployment/shop/checkout");
      pod.set_node(node);
    }
    api::DisruptionBudgetEffect& budget = *plan.mutable_effect()->add_disruption_budgets();
    budget.set_budget("shop/checkout");
    budget.set_in_the_way(true);
    budget.set_explanation("keeps 4 of 6 pods; at the lowest 3 are Ready");
    return plan;
  }

  void putPlan(const api::Plan& plan) {
    api::Object object;
    *object.mutable_plan() = plan;
    server_.put("plan/" + plan.name(), object);
  }

  api::Plan billingPlan() const {
    api::Plan plan;
    plan.set_name("billing-2");
    plan.set_namespace_("gantry");
    plan.set_application("billing");
    *plan.mutable_revision() =
        revision("aa10bb20cc", "Rename the queue", "Ana Vidal", "ana@example.com", 55);
    *plan.add_commits() = plan.revision();
    plan.set_digest("99aa0c41");
    plan.set_state(api::PENDING);
    plan.set_message("suspended by cy: the database moves");
    plan.set_approvals_required(1);
    plan.mutable_policy()->set_required(1);
    plan.mutable_created_at()->set_unix_ms(minutesAgo(55));
    addGate(plan, "suspension", "suspended by cy: the database moves", false)
        .mutable_opens_at()
        ->set_unix_ms(minutesAgo(-95));
    addGate(plan, "approval", "waits: 0 of 1 approvals", false);
    addUpdate(plan);
    return plan;
  }

 protected:
  std::int64_t minutesAgo(double minutes) const { return nowMs_ - std::int64_t(minutes * 60'000); }

  schema::Revision revision(const std::string& commit, const std::string& subject,
                            const std::string& author, const std::string& email,
                            double minutes) const {
    schema::Revision revision;
    revision.set_commit(commit);
    revision.set_tree_hash("tree-" + commit);
    revision.set_subject(subject);
    revision.set_author(author);
    revision.set_author_email(email);
    revision.set_signed_by(author.substr(0, author.find(' ')));
    revision.mutable_committed_at()->set_unix_ms(minutesAgo(minutes));
    return revision;
  }

  // The commits of the shop's repository, newest first.
  schema::Revision retry() const {
    return revision("3e4f5a6b7c", "Retry payments twice", "Dee Ortiz", "dee@example.com", 6);
  }
  schema::Revision pool() const {
    return revision("8f2c1a9d40", "Raise pool size, bump checkout to 1.5.0", "Cy Moss",
                    "cy@example.com", 140);
  }
  schema::Revision front() const {
    return revision("9b1e77c3fa", "Front 2.1.0", "Cy Moss", "cy@example.com", 700);
  }
  schema::Revision revert() const {
    return revision("d1e2f3a4b5", "Revert \"Try a pool of 40\"", "gantry", "", 1440);
  }
  schema::Revision forty() const {
    return revision("5c0d1e2f3a", "Try a pool of 40", "Ana Vidal", "ana@example.com", 1600);
  }
  schema::Revision flags() const {
    return revision("77ad0e2b11", "Feature flags", "Bo Lind", "bo@example.com", 4400);
  }

  static std::string deploymentYaml(const std::string& image, int replicas,
                                    const std::string& path) {
    return "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: checkout\n  namespace: shop\n"
           "  labels:\n    app: checkout\n    tier: front\nspec:\n  replicas: " +
           std::to_string(replicas) +
           "\n  selector:\n    matchLabels:\n      app: checkout\n  strategy:\n    type: "
           "RollingUpdate\n"
           "    rollingUpdate:\n      maxSurge: 25%\n      maxUnavailable: 25%\n  template:\n"
           "    metadata:\n      labels:\n        app: checkout\n    spec:\n      containers:\n"
           "      - name: web\n        image: " +
           image +
           "\n        ports:\n        - containerPort: 8080\n          protocol: TCP\n        "
           "env:\n"
           "        - name: LOG_LEVEL\n          value: info\n        - name: POOL\n          "
           "value: \"3\"\n"
           "        livenessProbe:\n          httpGet:\n            path: /livez\n            "
           "port: 8080\n"
           "          initialDelaySeconds: 5\n          periodSeconds: 10\n          "
           "timeoutSeconds: 1\n"
           "        readinessProbe:\n          httpGet:\n            path: /readyz\n            "
           "port: 8080\n"
           "          periodSeconds: 5\n        startupProbe:\n          httpGet:\n            "
           "path: " +
           path +
           "\n            port: 8080\n          failureThreshold: 30\n          periodSeconds: 10\n"
           "      terminationGracePeriodSeconds: 30\n      restartPolicy: Always\n";
  }

  static void addField(api::PlannedChange& change, const std::string& path,
                       const std::string& before, const std::string& after, bool risk) {
    api::FieldChange& field = *change.add_fields();
    field.set_path(path);
    field.set_before(before);
    field.set_after(after);
    field.set_risk(risk);
  }

  static void addUpdate(api::Plan& plan) {
    api::PlannedChange& change = *plan.add_changes();
    change.set_action(api::UPDATE);
    change.set_kind("Deployment");
    change.set_namespace_("shop");
    change.set_name("checkout");
    change.set_before_yaml(deploymentYaml("registry.local/checkout:1.4.2", 6, "/healthz"));
    change.set_after_yaml(deploymentYaml("registry.local/checkout:1.5.0", 3, "/readyz"));
    addField(change, "spec.replicas", "6", "3", true);
    addField(change, "spec.template.spec.containers[web].image", "registry.local/checkout:1.4.2",
             "registry.local/checkout:1.5.0", true);
    addField(change, "spec.template.spec.containers[web].startupProbe.httpGet.path", "/healthz",
             "/readyz", false);
  }

 private:
  static api::Gate& addGate(api::Plan& plan, const std::string& kind, const std::string& closed,
                            bool mayBeOverridden) {
    api::Gate& gate = *plan.add_gates();
    gate.set_kind(kind);
    gate.set_open(closed.empty());
    gate.set_message(closed);
    gate.set_may_be_overridden(mayBeOverridden);
    return gate;
  }

  void addProject() {
    api::Object object;
    schema::Project& project = *object.mutable_project();
    project.mutable_metadata()->set_namespace_("gantry-system");
    project.mutable_metadata()->set_name("default");
    project.mutable_spec()->add_repositories("https://git.local/*");
    const auto role = [&](const std::string& name, const std::vector<std::string>& members) {
      schema::ProjectRole& added = *project.mutable_spec()->add_roles();
      added.set_name(name);
      for (const char* permission : {"sync", "approve", "rollback", "hold", "suspend", "override"})
        added.add_permissions(permission);
      for (const std::string& member : members) added.add_members(member);
    };
    role("sre", {"bo", "cy"});
    role("security", {"ana", "eve"});
    server_.put("project/default", object);
  }

  schema::Application application(const std::string& name, const std::string& health,
                                  const std::string& sync, const std::string& message,
                                  const schema::Revision& applied) const {
    schema::Application application;
    application.mutable_metadata()->set_namespace_("gantry");
    application.mutable_metadata()->set_name(name);
    application.mutable_spec()->mutable_destination()->set_namespace_("shop");
    application.mutable_spec()->mutable_source()->set_repo_url("https://git.local/shop.git");
    application.mutable_spec()->mutable_source()->set_target_revision("main");
    application.mutable_spec()->mutable_source()->set_path("overlays/" + name);
    application.mutable_spec()->set_environment(name);
    application.mutable_status()->set_health(health);
    application.mutable_status()->set_sync(sync);
    application.mutable_status()->set_message(message);
    *application.mutable_status()->mutable_applied() = applied;
    *application.mutable_status()->mutable_observed() = retry();
    return application;
  }

  void putApplication(const schema::Application& application) {
    api::Object object;
    *object.mutable_application() = application;
    server_.put("application/" + application.metadata().name(), object);
  }

  void addApplications() {
    putApplication(application("dev", "Progressing", "Synced", "", retry()));
    schema::Application staging = application("staging", "Healthy", "OutOfSync", "", pool());
    staging.mutable_spec()->mutable_promotion()->set_from("dev");
    putApplication(staging);
    schema::Application production =
        application("production", "Degraded", "OutOfSync", "checkout: 4 of 6 available", front());
    production.mutable_spec()->mutable_promotion()->set_from("staging");
    production.mutable_spec()->mutable_promotion()->set_soak_seconds(3600);
    production.mutable_status()->set_pending_plan("production-7");
    putApplication(production);
    schema::Application billing =
        application("billing", "Healthy", "OutOfSync", "",
                    revision("c4d5e6f7a8", "Billing 4.2", "Cy Moss", "cy@example.com", 9000));
    billing.mutable_spec()->mutable_source()->set_repo_url("https://git.local/billing.git");
    billing.mutable_spec()->set_environment("");
    billing.mutable_status()->set_pending_plan("billing-2");
    schema::Suspension& suspension = *billing.mutable_status()->mutable_suspension();
    suspension.set_by("cy");
    suspension.set_reason("the database moves");
    suspension.mutable_at()->set_unix_ms(minutesAgo(25));
    suspension.mutable_expires_at()->set_unix_ms(minutesAgo(-95));
    putApplication(billing);
  }

  /// `application` and `number` name it.
  void putHistory(const std::string& application, int number, const schema::Revision& to,
                  const schema::Revision& from, const std::string& cause,
                  const std::string& initiator, const std::string& reason,
                  const std::string& outcome, double minutes) {
    api::Object object;
    api::HistoryEntry& entry = *object.mutable_history_entry();
    entry.set_name(application + "-" + std::to_string(number));
    entry.set_namespace_("gantry");
    entry.set_application(application);
    entry.set_plan(entry.name());
    *entry.mutable_revision() = to;
    *entry.mutable_previous() = from;
    entry.set_cause(cause);
    entry.set_initiator(initiator);
    entry.set_reason(reason);
    entry.set_outcome(outcome);
    entry.mutable_started_at()->set_unix_ms(minutesAgo(minutes));
    if (outcome != "Progressing")
      entry.mutable_finished_at()->set_unix_ms(minutesAgo(minutes - 1.5));
    if (outcome == "Healthy" || outcome == "Superseded")
      entry.mutable_healthy_at()->set_unix_ms(minutesAgo(minutes - 1.5));
    if (application == "production") {
      api::Approval& approval = *entry.add_approvals();
      approval.set_by("bo");
      approval.set_comment("ok, traffic is low now");
      approval.mutable_at()->set_unix_ms(minutesAgo(minutes + 2));
    }
    server_.put("history/" + entry.name(), object);
  }

  void addHistory() {
    putHistory("production", 5, front(), revert(), "sync", "controller", "", "Degraded", 58);
    putHistory("production", 4, revert(), forty(), "rollback", "ana", "readiness 503 since 12:04",
               "Healthy", 1440);
    putHistory("production", 3, forty(), flags(), "sync", "controller", "", "Degraded", 1500);
    putHistory("production", 2, flags(), {}, "sync", "bo", "first release", "Superseded", 4200);
    putHistory("staging", 4, pool(), front(), "sync", "controller", "", "Healthy", 120);
    putHistory("staging", 3, front(), forty(), "sync", "controller", "", "Superseded", 680);
    putHistory("staging", 2, forty(), flags(), "sync", "controller", "", "Superseded", 1580);
    putHistory("staging", 1, flags(), {}, "sync", "bo", "", "Superseded", 4300);
    putHistory("dev", 5, retry(), pool(), "sync", "controller", "", "Progressing", 4);
    putHistory("dev", 4, pool(), front(), "sync", "controller", "", "Superseded", 135);
    putHistory("dev", 3, front(), forty(), "sync", "controller", "", "Superseded", 695);
    putHistory("dev", 2, forty(), flags(), "sync", "controller", "", "Superseded", 1595);
    putHistory("dev", 1, flags(), {}, "sync", "bo", "", "Superseded", 4395);
  }

  void addHold() {
    api::Object object;
    api::Hold& hold = *object.mutable_hold();
    hold.set_name("production-3");
    hold.set_namespace_("gantry");
    hold.set_application("production");
    hold.set_commit(forty().commit());
    hold.set_tree_hash(forty().tree_hash());
    hold.set_by("ana");
    hold.set_reason("readiness 503 since 12:04");
    hold.mutable_at()->set_unix_ms(minutesAgo(1440));
    server_.put("hold/1", object);
  }

  void addAudit() {
    int number = 0;
    std::string previous;
    const auto record = [&](const std::string& action, const std::string& by,
                            const schema::Revision& about, const std::string& reason,
                            double minutes) {
      api::Object object;
      api::AuditRecord& added = *object.mutable_audit_record();
      added.set_name("production-" + std::to_string(++number));
      added.set_namespace_("gantry");
      added.set_application("production");
      added.set_number(number);
      added.set_action(action);
      added.set_by(by);
      added.mutable_at()->set_unix_ms(minutesAgo(minutes));
      added.set_commit(about.commit());
      added.set_reason(reason);
      added.set_exported(true);
      added.set_previous_hash(previous);
      added.set_hash(audit::auditHash(added));
      previous = added.hash();
      server_.put("audit/" + added.name(), object);
    };
    record("rollback", "ana", flags(), "readiness 503 since 12:04", 1440);
    record("hold", "ana", forty(), "readiness 503 since 12:04", 1440);
    record("approve", "bo", front(), "ok, traffic is low now", 60);
    record("apply", "controller", front(), "", 58);
    record("approve", "bo", pool(), "ok from here", 21);
  }

 protected:
  FakeControlServer& server_;
  const std::int64_t nowMs_;
};

}  // namespace gantry::support
