// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QTest>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "controller/delivery/records.h"
#include "controller/loops/delivery/delivery_loop.h"
#include "controller/store/memory_store.h"
#include "tests/support/fake_git.h"
#include "tests/support/manual_executor.h"
#include "tests/support/shop_manifests.h"

namespace gantry::tests {

inline constexpr char kUrl[] = "/srv/shop.git";

/// A store whose next writes can be made to fail.
class FaultyStore final : public store::Store {
 public:
  absl::StatusOr<std::vector<store::Record>> list(std::string_view prefix) override {
    return inner_.list(prefix);
  }
  absl::StatusOr<std::int64_t> commit(const std::vector<store::Write>& batch) override {
    if (!fault_.ok() && good_-- <= 0) return fault_;
    return inner_.commit(batch);
  }
  /// From the write after `good` more on.
  void setFault(absl::Status fault, int good = 0) {
    fault_ = std::move(fault);
    good_ = good;
  }

 private:
  store::MemoryStore inner_;
  absl::Status fault_;
  int good_ = 0;
};

/// The delivery loop with all that it stands on, a Git to push to, and people who act.
class DeliveryWorld {
 public:
  explicit DeliveryWorld(std::uint64_t seed = 1)
      : executor(seed), workers(executor), git(executor) {
    openLedger();
  }

  /// Starts the loop; afterwards what it does at once has been done.
  void start() {
    loops::DeliveryLoop::Options options;
    options.rootRepository = {kUrl, ""};
    if (!withRoot) options.rootRepository.url.clear();
    options.rootPath = "apps";
    options.sopsKeys = sopsKeys;
    loop = std::make_unique<loops::DeliveryLoop>(
        executor, workers, *ledger, git, options,
        [this](const schema::Application& about, bool, const std::string& reason,
               const std::string& message) {
          told.push_back(absl::StrCat(about.metadata().name(), " ", reason, ": ", message));
        });
    loop->start();
    pass(std::chrono::seconds(1));
  }

  /// kill -9, and a new process on the same store and clone.
  void crash() {
    loop.reset();
    ledger.reset();
    openLedger();
  }

  void pass(base::Duration time) { executor.advance(time); }
  void poll() { pass(std::chrono::seconds(45)); }

  const model::State& state() const { return ledger->state(); }

  /// Adds an Application to the ledger, as the root does.
  void putApplication(const std::string& name, const std::string& path,
                      const schema::SyncPolicy& policy) {
    schema::Application application;
    if (const auto* live = state().applications.find({"gantry-system", name})) application = *live;
    application.mutable_metadata()->set_namespace_("gantry-system");
    application.mutable_metadata()->set_name(name);
    application.mutable_metadata()->set_uid(absl::StrCat("uid-", name));
    application.mutable_metadata()->set_generation(application.metadata().generation() + 1);
    application.mutable_spec()->mutable_source()->set_repo_url(kUrl);
    application.mutable_spec()->mutable_source()->set_path(path);
    application.mutable_spec()->mutable_destination()->set_namespace_("shop");
    *application.mutable_spec()->mutable_sync_policy() = policy;
    put(std::move(application));
  }

  template <class T>
  void put(T object) {
    model::Transaction transaction(state());
    transaction.put(std::move(object));
    GANTRY_CHECK(ledger->commit(std::move(transaction)).ok());
  }
  template <class T>
  void erase(const model::Name& name) {
    model::Transaction transaction(state());
    transaction.erase<T>(name);
    GANTRY_CHECK(ledger->commit(std::move(transaction)).ok());
  }

  const schema::ApplicationStatus& status(const std::string& name = "shop") const {
    return state().applications.find({"gantry-system", name})->status();
  }
  model::Ptr<api::Plan> open(const std::string& name = "shop") const {
    return delivery::openPlan(state(), {"gantry-system", name});
  }
  std::vector<model::Ptr<api::HistoryEntry>> history(const std::string& name = "shop") const {
    return delivery::historyOf(state(), {"gantry-system", name});
  }
  const schema::Deployment* deployment(const std::string& name) const {
    return state().deployments.find({"shop", name});
  }
  std::string image(const std::string& name = "front") const {
    const schema::Deployment* found = deployment(name);
    return found == nullptr ? "" : found->spec().template_().spec().containers(0).image();
  }
  std::string condition(const std::string& type, const std::string& name = "shop") const {
    for (const schema::Condition& each : status(name).conditions()) {
      if (each.type() == type) return each.message();
    }
    return {};
  }
  bool wasTold(const std::string& text) const {
    for (const std::string& line : told) {
      if (line.find(text) != std::string::npos) return true;
    }
    return false;
  }

  /// What the workload loop would do: the rollouts end, well or not.
  void endRollouts(bool well = true) {
    std::vector<schema::Deployment> deployments;
    for (const auto& [name, entry] : state().deployments.entries()) {
      deployments.push_back(*entry.object);
    }
    for (schema::Deployment& deployment : deployments) {
      schema::DeploymentStatus& status = *deployment.mutable_status();
      const int replicas = deployment.spec().replicas();
      status.set_observed_generation(deployment.metadata().generation());
      status.set_replicas(replicas);
      status.set_updated_replicas(replicas);
      status.set_ready_replicas(well ? replicas : 0);
      status.set_available_replicas(well ? replicas : 0);
      status.set_unavailable_replicas(well ? 0 : replicas);
      status.clear_conditions();
      schema::Condition& progressing = *status.add_conditions();
      progressing.set_type("Progressing");
      progressing.set_status(well ? "True" : "False");
      progressing.set_reason(well ? "NewReplicaSetAvailable" : "ProgressDeadlineExceeded");
      put(std::move(deployment));
    }
    executor.settle();
  }

  // ---- people

  absl::StatusOr<api::SyncResponse> sync(const std::string& name = "shop",
                                         const std::string& by = "ana") {
    std::optional<absl::StatusOr<api::SyncResponse>> answer;
    api::SyncRequest request;
    request.set_namespace_("gantry-system");
    request.set_application(name);
    request.set_reason("asked");
    loop->sync({by}, request, [&](absl::StatusOr<api::SyncResponse> got) { answer = got; });
    pass(std::chrono::seconds(1));
    GANTRY_CHECK(answer.has_value());
    return *answer;
  }

  absl::StatusOr<api::Plan> approve(const api::Plan& plan, const std::string& by,
                                    const std::string& commit = "",
                                    const std::string& digest = "") {
    api::ApprovePlanRequest request;
    request.set_namespace_(plan.namespace_());
    request.set_plan(plan.name());
    request.set_commit(commit.empty() ? plan.revision().commit() : commit);
    request.set_digest(digest.empty() ? plan.digest() : digest);
    request.set_comment("looks good");
    auto answer = loop->approve({by}, request);
    executor.settle();
    return answer;
  }

  absl::StatusOr<api::Plan> reject(const api::Plan& plan, const std::string& by,
                                   const std::string& reason) {
    api::RejectPlanRequest request;
    request.set_namespace_(plan.namespace_());
    request.set_plan(plan.name());
    request.set_commit(plan.revision().commit());
    request.set_digest(plan.digest());
    request.set_reason(reason);
    auto answer = loop->reject({by}, request);
    executor.settle();
    return answer;
  }

  absl::StatusOr<api::RollbackPreview> preview(const std::string& to = "",
                                               const std::string& name = "shop") {
    std::optional<absl::StatusOr<api::RollbackPreview>> answer;
    api::RollbackRequest request;
    request.set_namespace_("gantry-system");
    request.set_application(name);
    request.set_to(to);
    loop->previewRollback(request, [&](absl::StatusOr<api::RollbackPreview> got) { answer = got; });
    pass(std::chrono::seconds(1));
    GANTRY_CHECK(answer.has_value());
    return *answer;
  }

  using RollbackAnswer = std::shared_ptr<std::optional<absl::StatusOr<api::RollbackResponse>>>;

  /// Asks; the answer is there when time has passed.
  RollbackAnswer askRollback(const std::string& digest, const std::string& to = "") {
    auto answer = std::make_shared<std::optional<absl::StatusOr<api::RollbackResponse>>>();
    api::RollbackRequest request;
    request.set_namespace_("gantry-system");
    request.set_application("shop");
    request.set_to(to);
    request.set_reason("readiness 503");
    request.set_digest(digest);
    loop->rollback({"bo"}, request,
                   [answer](absl::StatusOr<api::RollbackResponse> got) { *answer = got; });
    return answer;
  }

  absl::StatusOr<api::RollbackResponse> rollback(const std::string& to = "") {
    const auto previewed = preview(to);
    if (!previewed.ok()) return previewed.status();
    const RollbackAnswer answer = askRollback(previewed->plan().digest(), to);
    pass(std::chrono::seconds(1));
    GANTRY_CHECK(answer->has_value());
    return **answer;
  }

  absl::Status liftHold(const std::string& hold) {
    api::LiftHoldRequest request;
    request.set_namespace_("gantry-system");
    request.set_hold(hold);
    request.set_reason("mended");
    auto answer = loop->liftHold({"cy"}, request);
    pass(std::chrono::seconds(1));
    return answer.status();
  }

  support::ManualExecutor executor;
  support::InlineWorkers workers;
  support::FakeGit git;
  FaultyStore store;
  std::unique_ptr<model::Ledger> ledger;
  std::unique_ptr<loops::DeliveryLoop> loop;
  std::vector<std::string> told;
  bool withRoot = false;
  std::shared_ptr<const manifests::sops::Identities> sopsKeys;

 private:
  void openLedger() {
    auto opened = model::Ledger::open(store);
    GANTRY_CHECK(opened.ok());
    ledger = *std::move(opened);
  }
};

// ---- plans and their Jobs

/// Of the shop.
inline model::Ptr<api::Plan> newest(const DeliveryWorld& world) {
  return delivery::plansOf(world.state(), {"gantry-system", "shop"}).front();
}

/// What the Job loop would do.
inline void endJob(DeliveryWorld& world, const std::string& name, bool well = true) {
  const schema::Job* live = world.state().jobs.find({"shop", name});
  QVERIFY2(live != nullptr, name.c_str());
  schema::Job job = *live;
  schema::Condition& condition = *job.mutable_status()->add_conditions();
  condition.set_type(well ? "Complete" : "Failed");
  condition.set_status("True");
  condition.set_reason("BackoffLimitExceeded");
  condition.set_message("too often");
  world.put(std::move(job));
  world.executor.settle();
}

// ---- commits

/// v1 of the front, its Service and a ConfigMap.
inline std::string pushShop(DeliveryWorld& world) {
  return world.git.commit(kUrl, "main",
                          {{"shop/front.yaml", deploymentYaml("front", "front:v1")},
                           {"shop/service.yaml", serviceYaml("front")},
                           {"shop/config.yaml", configYaml("greeting", "hello")}},
                          "Add the shop");
}

inline void pushImage(DeliveryWorld& world, const std::string& image) {
  world.git.commit(kUrl, "main", {{"shop/front.yaml", deploymentYaml("front", image)}},
                   "Use " + image);
}

// ---- policies

inline schema::SyncPolicy automatic(bool prune = false, bool selfHeal = false, int approvals = 0) {
  schema::SyncPolicy policy;
  policy.mutable_automated()->set_prune(prune);
  policy.mutable_automated()->set_self_heal(selfHeal);
  policy.mutable_approval()->set_required(approvals);
  return policy;
}

inline schema::SyncPolicy manual(int approvals = 0) {
  schema::SyncPolicy policy;
  policy.mutable_approval()->set_required(approvals);
  return policy;
}

}  // namespace gantry::tests
