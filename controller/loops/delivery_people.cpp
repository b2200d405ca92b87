// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "controller/delivery/approval.h"
#include "controller/delivery/plan_state.h"
#include "controller/loops/delivery_impl.h"

namespace gantry::loops {

void DeliveryLoop::Impl::sync(const delivery::Caller& caller, api::SyncRequest request,
                              Callback<api::SyncResponse> done) {
  const model::Name name{request.namespace_(), request.application()};
  const model::Ptr<schema::Application> application = find(name);
  if (application == nullptr) {
    return done(
        absl::NotFoundError(absl::StrCat("there is no Application ", name.ns, "/", name.name)));
  }
  follow(*application).waiting.push_back({{caller.identity, request.reason()}, std::move(done)});
  beginFetch(name);
}

void DeliveryLoop::Impl::lookAgain(const model::Name& name) {
  const auto found = followers_.find(name);
  if (found != followers_.end()) found->second.replan = true;
  if (!step(name)) queue_.mark(name);
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
  GANTRY_RETURN_IF_ERROR(delivery::mayApprove(*before, caller, request.commit(), request.digest()));
  api::Plan plan = *before;
  api::Approval& approval = *plan.add_approvals();
  approval.set_by(caller.identity);
  approval.set_comment(request.comment());
  approval.mutable_at()->set_unix_ms(base::toUnixMs(executor_.wallNow()));
  approval.set_commit(request.commit());
  approval.set_digest(request.digest());
  plan.set_message(delivery::missingApprovals(plan));
  if (plan.message().empty()) {
    plan.set_message("approved");
    // It is approved already where the policy was made stricter afterwards.
    if (plan.state() < api::APPROVED) {
      delivery::advance(plan, api::APPROVED, plan.message(), executor_.wallNow());
    }
  }
  model::Transaction transaction(state());
  transaction.put(std::move(plan));
  GANTRY_RETURN_IF_ERROR(ledger_.commit(std::move(transaction)));
  lookAgain({before->namespace_(), before->application()});
  return *state().plans.find(model::nameOf(*before));
}

absl::StatusOr<api::Plan> DeliveryLoop::Impl::reject(const delivery::Caller& caller,
                                                     const api::RejectPlanRequest& request) {
  if (request.reason().empty()) {
    return absl::InvalidArgumentError("a rejection needs a reason");
  }
  GANTRY_ASSIGN_OR_RETURN(const model::Ptr<api::Plan> before,
                          freshPlan(request.namespace_(), request.plan()));
  GANTRY_RETURN_IF_ERROR(delivery::mayDecide(*before, request.commit(), request.digest()));
  api::Plan plan = *before;
  plan.set_rejected_by(caller.identity);
  plan.set_rejected_reason(request.reason());
  delivery::advance(plan, api::REJECTED,
                    absl::StrCat("rejected by ", caller.identity, ": ", request.reason()),
                    executor_.wallNow());
  const model::Name name{before->namespace_(), before->application()};
  model::Transaction transaction(state());
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
  const bool onItsWay = live != nullptr && live->status().rollback().hold() == hold->name();
  model::Transaction transaction(state());
  transaction.erase<api::Hold>(model::nameOf(*hold));
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

}  // namespace gantry::loops
