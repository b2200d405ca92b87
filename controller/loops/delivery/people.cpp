// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "controller/delivery/approval.h"
#include "controller/delivery/plan_state.h"
#include "controller/delivery/project.h"
#include "controller/delivery/quorum.h"
#include "controller/delivery/records.h"
#include "controller/delivery/retry.h"
#include "controller/delivery/rollback.h"
#include "controller/delivery/suspension.h"
#include "controller/loops/delivery/impl.h"

namespace gantry::loops {

void DeliveryLoop::Impl::audit(model::Transaction& transaction, const model::Name& name,
                               const delivery::AuditEntry& entry) const {
  delivery::AuditTrail(transaction, state(), name, executor_.wallNow()).append(entry);
}

void DeliveryLoop::Impl::endRetries(model::Transaction& transaction, const model::Name& name,
                                    const std::string& why, const schema::Revision* of) const {
  if (auto plan = delivery::withoutRetry(name, state(), why, of)) {
    transaction.put(*std::move(plan));
  }
}

void DeliveryLoop::Impl::sync(const delivery::Caller& caller, api::SyncRequest request,
                              Callback<api::SyncResponse> done) {
  const model::Name name{request.namespace_(), request.application()};
  auto application = authorised(name, caller, delivery::kMaySync);
  if (application.ok() && !request.override_digest().empty()) {
    application = authorised(name, caller, delivery::kMayOverride);
    if (application.ok() && request.reason().empty()) {
      application =
          absl::InvalidArgumentError("going past a window or a dependency needs a reason");
    }
  }
  if (!application.ok()) return done(application.status());
  follow(**application)
      .waiting.push_back(
          {{caller.identity, request.reason(), request.override_digest(), caller.isAdmin},
           std::move(done)});
  beginFetch(name);
}

absl::StatusOr<model::Ptr<schema::Application>> DeliveryLoop::Impl::authorised(
    const model::Name& name, const delivery::Caller& caller, const char* permission) const {
  model::Ptr<schema::Application> application = find(name);
  if (application == nullptr) {
    return absl::NotFoundError(absl::StrCat("there is no Application ", name.ns, "/", name.name));
  }
  GANTRY_RETURN_IF_ERROR(delivery::authorise(*application, caller, permission, state()));
  return application;
}

absl::StatusOr<model::Ptr<schema::Application>> DeliveryLoop::Impl::decidedBy(
    const api::Plan& plan, const delivery::Caller& caller) const {
  const model::Name name{plan.namespace_(), plan.application()};
  model::Ptr<schema::Application> application = find(name);
  if (application == nullptr) {
    return absl::NotFoundError(absl::StrCat("there is no Application ", name.ns, "/", name.name));
  }
  GANTRY_RETURN_IF_ERROR(delivery::authoriseDecision(plan, *application, caller, state()));
  return application;
}

absl::StatusOr<model::Ptr<api::Plan>> DeliveryLoop::Impl::freshPlan(const std::string& ns,
                                                                    const std::string& plan) {
  const model::Ptr<api::Plan> found = state().plans.share({ns, plan});
  if (found == nullptr) {
    return absl::NotFoundError(absl::StrCat("there is no plan ", ns, "/", plan));
  }
  lookAgain({ns, found->application()});
  return state().plans.share({ns, plan});
}

absl::StatusOr<api::Plan> DeliveryLoop::Impl::approve(const delivery::Caller& caller,
                                                      const api::ApprovePlanRequest& request) {
  GANTRY_ASSIGN_OR_RETURN(const model::Ptr<api::Plan> before,
                          freshPlan(request.namespace_(), request.plan()));
  GANTRY_ASSIGN_OR_RETURN(const model::Ptr<schema::Application> application,
                          decidedBy(*before, caller));
  GANTRY_RETURN_IF_ERROR(delivery::mayDecide(*before, request.commit(), request.digest()));
  const base::Timestamp now = executor_.wallNow();
  GANTRY_RETURN_IF_ERROR(
      delivery::mayApprove(*before, *application, caller, request.comment(), state(), now));
  api::Plan plan = *before;
  *plan.add_approvals() =
      delivery::makeApproval(plan, *application, caller, request.comment(), state(), now);
  delivery::describeApprovals(plan, *application, state(), now);
  plan.set_message(delivery::missingApprovals(plan, *application, state(), now));
  if (plan.message().empty()) {
    plan.set_message("approved");
    // It is approved already where the policy was made stricter afterwards.
    if (plan.state() < api::APPROVED) {
      delivery::advance(plan, api::APPROVED, plan.message(), now);
    }
  }
  const model::Name name{before->namespace_(), before->application()};
  model::Transaction transaction(state());
  audit(transaction, name,
        delivery::aboutPlan(delivery::kAuditApprove, caller.identity, plan, request.comment()));
  transaction.put(std::move(plan));
  GANTRY_RETURN_IF_ERROR(ledger_.commit(std::move(transaction)));
  lookAgain(name);
  return *state().plans.find(model::nameOf(*before));
}

absl::StatusOr<api::Plan> DeliveryLoop::Impl::reject(const delivery::Caller& caller,
                                                     const api::RejectPlanRequest& request) {
  if (request.reason().empty()) {
    return absl::InvalidArgumentError("a rejection needs a reason");
  }
  GANTRY_ASSIGN_OR_RETURN(const model::Ptr<api::Plan> before,
                          freshPlan(request.namespace_(), request.plan()));
  GANTRY_RETURN_IF_ERROR(decidedBy(*before, caller).status());
  GANTRY_RETURN_IF_ERROR(delivery::mayDecide(*before, request.commit(), request.digest()));
  if (!delivery::isOpen(*before)) {
    return absl::FailedPreconditionError(
        absl::StrCat("plan ", before->name(), " is being applied; roll back instead"));
  }
  api::Plan plan = *before;
  plan.set_rejected_by(caller.identity);
  plan.set_rejected_reason(request.reason());
  delivery::advance(plan, api::REJECTED,
                    absl::StrCat("rejected by ", caller.identity, ": ", request.reason()),
                    executor_.wallNow());
  const model::Name name{before->namespace_(), before->application()};
  model::Transaction transaction(state());
  audit(transaction, name,
        delivery::aboutPlan(delivery::kAuditReject, caller.identity, plan, request.reason()));
  transaction.put(std::move(plan));
  if (const model::Ptr<schema::Application> live = find(name)) {
    schema::Application application = *live;
    application.mutable_status()->clear_pending_plan();
    transaction.put(std::move(application));
  }
  GANTRY_RETURN_IF_ERROR(ledger_.commit(std::move(transaction)));
  lookAgain(name);
  return *state().plans.find(model::nameOf(*before));
}

absl::StatusOr<api::LiftHoldResponse> DeliveryLoop::Impl::liftHold(
    const delivery::Caller& caller, const api::LiftHoldRequest& request) {
  const model::Ptr<api::Hold> hold = state().holds.share({request.namespace_(), request.hold()});
  if (hold == nullptr) {
    return absl::NotFoundError(
        absl::StrCat("there is no hold ", request.namespace_(), "/", request.hold()));
  }
  const model::Name name{hold->namespace_(), hold->application()};
  const model::Ptr<schema::Application> live = find(name);
  if (live != nullptr) {
    GANTRY_RETURN_IF_ERROR(delivery::authorise(*live, caller, delivery::kMayHold, state()));
  }
  const bool onItsWay = live != nullptr && live->status().rollback().hold() == hold->name();
  model::Transaction transaction(state());
  transaction.erase<api::Hold>(model::nameOf(*hold));
  audit(transaction, name,
        {delivery::kAuditLiftHold, caller.identity, hold->commit(), request.reason()});
  if (onItsWay) {
    schema::Application application = *live;
    application.mutable_status()->clear_rollback();
    transaction.put(std::move(application));
  }
  GANTRY_RETURN_IF_ERROR(ledger_.commit(std::move(transaction)));
  if (live != nullptr) {
    tellAbout(*live, false, "HoldLifted",
              absl::StrCat(caller.identity, " lifted the hold ", hold->name(), " of ",
                           hold->commit().substr(0, 8), ": ", request.reason()));
    if (onItsWay) {
      answerRollback(name, absl::CancelledError("the rollback's hold was lifted"));
    }
    lookAgain(name);
  }
  return api::LiftHoldResponse();
}

// A commit is known by what was recorded of it, or Git says what it is.
void DeliveryLoop::Impl::holdRevision(const delivery::Caller& caller,
                                      api::HoldRevisionRequest request, Callback<api::Hold> done) {
  const model::Name name{request.namespace_(), request.application()};
  const auto application = authorised(name, caller, delivery::kMayHold);
  if (!application.ok()) return done(application.status());
  if (request.reason().empty()) return done(absl::InvalidArgumentError("a hold needs a reason"));
  constexpr std::size_t kLeastDigits = 7;
  if (request.commit().size() < kLeastDigits) {
    return done(absl::InvalidArgumentError("name the commit by at least seven digits"));
  }
  std::vector<schema::Revision> known = {(*application)->status().observed(),
                                         (*application)->status().applied()};
  for (const auto& entry : delivery::historyOf(state(), name)) known.push_back(entry->revision());
  for (const auto& plan : delivery::plansOf(state(), name)) known.push_back(plan->revision());
  for (const schema::Revision& revision : known) {
    if (revision.commit().starts_with(request.commit())) {
      return done(hold(name, caller, revision, request.reason()));
    }
  }
  renderRevision(name, request.commit(),
                 [this, name, caller, reason = request.reason(), done = std::move(done)](
                     const absl::StatusOr<std::pair<schema::Revision, Rendered>>& found) {
                   if (!found.ok()) return done(found.status());
                   done(hold(name, caller, found->first, reason));
                 });
}

api::Hold DeliveryLoop::Impl::makeHold(const std::string& holdName, const model::Name& application,
                                       const schema::Revision& revision, const std::string& by,
                                       const std::string& reason) const {
  api::Hold hold;
  hold.set_name(holdName);
  hold.set_namespace_(application.ns);
  hold.set_application(application.name);
  hold.set_commit(revision.commit());
  hold.set_tree_hash(revision.tree_hash());
  hold.set_by(by);
  hold.set_reason(reason);
  hold.mutable_at()->set_unix_ms(base::toUnixMs(executor_.wallNow()));
  return hold;
}

absl::StatusOr<api::Hold> DeliveryLoop::Impl::hold(const model::Name& name,
                                                   const delivery::Caller& caller,
                                                   const schema::Revision& revision,
                                                   const std::string& reason) {
  const model::Ptr<schema::Application> application = find(name);
  if (application == nullptr) return absl::NotFoundError("the Application was deleted");
  if (const api::Hold* held = delivery::findHold(state(), name, revision)) {
    return absl::FailedPreconditionError(
        absl::StrCat(delivery::shortCommit(revision), " is ", delivery::holdMessage(*held)));
  }
  api::Hold hold =
      makeHold(delivery::holdName(name, revision), name, revision, caller.identity, reason);
  model::Transaction transaction(state());
  transaction.put(hold);
  endRetries(transaction, name, absl::StrCat("held by ", caller.identity), &revision);
  audit(transaction, name, {delivery::kAuditHold, caller.identity, revision.commit(), reason});
  GANTRY_RETURN_IF_ERROR(ledger_.commit(std::move(transaction)));
  tellAbout(
      *application, false, "HoldSet",
      absl::StrCat(caller.identity, " holds ", delivery::shortCommit(revision), ": ", reason));
  lookAgain(name);
  return hold;
}

absl::StatusOr<api::SuspendResponse> DeliveryLoop::Impl::suspend(
    const delivery::Caller& caller, const api::SuspendRequest& request) {
  const model::Name name{request.namespace_(), request.application()};
  GANTRY_ASSIGN_OR_RETURN(const model::Ptr<schema::Application> live,
                          authorised(name, caller, delivery::kMaySuspend));
  if (request.reason().empty()) return absl::InvalidArgumentError("a suspension needs a reason");
  if (request.ttl_seconds() < 0)
    return absl::InvalidArgumentError("it cannot end before it begins");
  schema::Application application = *live;
  schema::Suspension& suspension = *application.mutable_status()->mutable_suspension();
  suspension.Clear();
  const base::Timestamp now = executor_.wallNow();
  suspension.set_by(caller.identity);
  suspension.set_reason(request.reason());
  suspension.mutable_at()->set_unix_ms(base::toUnixMs(now));
  if (request.ttl_seconds() > 0) {
    suspension.mutable_expires_at()->set_unix_ms(
        base::toUnixMs(now + base::Duration(std::chrono::seconds(request.ttl_seconds()))));
  }
  api::SuspendResponse response;
  response.set_message(delivery::suspensionMessage(suspension));
  model::Transaction transaction(state());
  transaction.put(application);
  endRetries(transaction, name, absl::StrCat("suspended by ", caller.identity));
  audit(transaction, name,
        {delivery::kAuditSuspend, caller.identity, live->status().observed().commit(),
         request.reason()});
  GANTRY_RETURN_IF_ERROR(ledger_.commit(std::move(transaction)));
  tellAbout(application, false, "Suspended", response.message());
  lookAgain(name);
  return response;
}

absl::StatusOr<api::ResumeResponse> DeliveryLoop::Impl::resume(const delivery::Caller& caller,
                                                               const api::ResumeRequest& request) {
  const model::Name name{request.namespace_(), request.application()};
  GANTRY_ASSIGN_OR_RETURN(const model::Ptr<schema::Application> live,
                          authorised(name, caller, delivery::kMaySuspend));
  if (!live->status().has_suspension()) {
    return absl::FailedPreconditionError(absl::StrCat(name.name, " is not suspended"));
  }
  schema::Application application = *live;
  application.mutable_status()->clear_suspension();
  model::Transaction transaction(state());
  transaction.put(application);
  audit(transaction, name,
        {delivery::kAuditResume, caller.identity, live->status().observed().commit(),
         request.reason()});
  GANTRY_RETURN_IF_ERROR(ledger_.commit(std::move(transaction)));
  api::ResumeResponse response;
  response.set_message(absl::StrCat("resumed by ", caller.identity,
                                    request.reason().empty() ? "" : ": ", request.reason()));
  tellAbout(application, false, "Resumed", response.message());
  lookAgain(name);
  return response;
}

}  // namespace gantry::loops
