// SPDX-License-Identifier: Apache-2.0
#include "controller/workloads/job.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "controller/workloads/deployment.h"
#include "controller/workloads/victims.h"

namespace gantry::workloads {
namespace {

using Pods = std::vector<model::Ptr<model::Pod>>;

constexpr char kJobComplete[] = "Complete";
constexpr char kFailed[] = "Failed";
constexpr char kSuspended[] = "Suspended";
constexpr char kControllerUid[] = "batch.kubernetes.io/controller-uid";

// AT-JOB-01.
constexpr base::Duration kFirstBackoff = std::chrono::seconds(10);
constexpr base::Duration kLongestBackoff = std::chrono::minutes(6);

bool holds(const schema::JobStatus& status, const char* type) {
  return std::ranges::any_of(status.conditions(), [&](const schema::Condition& condition) {
    return condition.type() == type && condition.status() == "True";
  });
}

bool isFinished(const schema::JobStatus& status) {
  return holds(status, kJobComplete) || holds(status, kFailed);
}

base::Timestamp finishedAt(const schema::JobStatus& status) {
  for (const schema::Condition& condition : status.conditions()) {
    if (condition.status() == "True" && condition.type() != kSuspended) {
      return base::fromUnixMs(condition.last_transition_time().unix_ms());
    }
  }
  return {};
}

int restartsOf(const model::Pod& pod) {
  int sum = 0;
  for (const auto& each : pod.status->init_container_statuses()) sum += each.restart_count();
  for (const auto& each : pod.status->container_statuses()) sum += each.restart_count();
  return sum;
}

base::Duration backoffAfter(int failures) {
  base::Duration delay = kFirstBackoff;
  for (int i = 1; i < failures && delay < kLongestBackoff; ++i) delay *= 2;
  return std::min(delay, kLongestBackoff);
}

/// Why a Job has failed, as its condition says it.
struct Failure {
  const char* reason;
  const char* message;
};
constexpr Failure kBackoffLimit{"BackoffLimitExceeded",
                                "Job has reached the specified backoff limit"};
constexpr Failure kDeadline{"DeadlineExceeded", "Job was active longer than specified deadline"};

class Planner {
 public:
  explicit Planner(const JobInputs& inputs)
      : in_(inputs), spec_(inputs.job.spec()), wasFinished_(isFinished(inputs.job.status())) {
    plan_.status = in_.job.status();
    std::ranges::copy_if(in_.pods, std::back_inserter(active_),
                         [](const auto& pod) { return model::isActive(*pod); });
  }

  JobPlan run() {
    if (!wasFinished_) advance();
    if (isFinished(plan_.status)) expire();
    countPods();
    return std::move(plan_);
  }

 private:
  void advance() {
    countEnded();
    if (isComplete()) {
      complete();
    } else if (const std::optional<Failure> why = failure()) {
      fail(*why);
    } else if (spec_.suspend()) {
      suspend();
    } else {
      proceed();
    }
  }

  void countEnded() {
    int failed = 0;
    for (const auto& pod : in_.pods) {
      if (pod->phase < model::PodPhase::kSucceeded || pod->deletedAt || pod->counted) continue;
      plan_.counted.push_back({pod->ns, pod->name});
      if (pod->phase == model::PodPhase::kFailed) {
        ++failed;
      } else {
        plan_.status.set_succeeded(plan_.status.succeeded() + 1);
        plan_.status.clear_failures_in_a_row();
      }
    }
    if (failed == 0) return;
    plan_.status.set_failed(plan_.status.failed() + failed);
    plan_.status.set_failures_in_a_row(plan_.status.failures_in_a_row() + failed);
    plan_.status.mutable_last_failure_time()->set_unix_ms(base::toUnixMs(in_.now));
  }

  // Without completions, the first pod that succeeds says that there is no more to begin.
  bool isComplete() const {
    if (spec_.has_completions()) return plan_.status.succeeded() >= spec_.completions();
    return plan_.status.succeeded() > 0 && active_.empty();
  }

  std::optional<Failure> failure() const {
    int restarts = 0;
    if (spec_.template_().spec().restart_policy() == "OnFailure") {
      for (const auto& pod : active_) restarts += restartsOf(*pod);
    }
    if (plan_.status.failed() > spec_.backoff_limit() ||
        (restarts > 0 && restarts >= spec_.backoff_limit())) {
      return kBackoffLimit;
    }
    const std::optional<base::Timestamp> deadline = deadlineOf();
    if (deadline && in_.now >= *deadline) return kDeadline;
    return std::nullopt;
  }

  std::optional<base::Timestamp> deadlineOf() const {
    if (!spec_.has_active_deadline_seconds() || !plan_.status.has_start_time()) return {};
    return base::fromUnixMs(plan_.status.start_time().unix_ms()) +
           std::chrono::seconds(spec_.active_deadline_seconds());
  }

  void complete() {
    begin();
    plan_.status.mutable_completion_time()->set_unix_ms(base::toUnixMs(in_.now));
    set(kJobComplete, "True", "CompletionsReached", "Reached expected number of succeeded pods");
    deleteAll(active_, "its Job is complete");
  }

  void fail(const Failure& why) {
    const std::string pod = failureAmong(in_.pods);
    set(kFailed, "True", why.reason, absl::StrCat(why.message, pod.empty() ? "" : ": ", pod));
    deleteAll(active_, absl::StrCat("its Job has failed: ", why.reason));
  }

  void suspend() {
    plan_.status.clear_start_time();
    set(kSuspended, "True", "JobSuspended", "Job suspended");
    deleteAll(active_, "its Job is suspended");
  }

  void begin() {
    if (plan_.status.has_start_time()) return;
    plan_.status.mutable_start_time()->set_unix_ms(base::toUnixMs(in_.now));
  }

  void proceed() {
    begin();
    if (holds(plan_.status, kSuspended)) set(kSuspended, "False", "JobResumed", "Job resumed");
    if (const auto deadline = deadlineOf()) revisit(*deadline);
    const int active = static_cast<int>(active_.size());
    const int wanted = wantedPods();
    if (active > wanted) return deleteSurplus(wanted);
    if (active == wanted) return;
    if (plan_.status.failures_in_a_row() > 0) {
      const base::Timestamp notBefore =
          base::fromUnixMs(plan_.status.last_failure_time().unix_ms()) +
          backoffAfter(plan_.status.failures_in_a_row());
      if (in_.now < notBefore) return revisit(notBefore);
    }
    plan_.create = wanted - active;
    plan_.createReason = absl::StrCat(plan_.status.succeeded(), " succeeded, ",
                                      plan_.status.failed(), " failed, ", active, " active");
  }

  int wantedPods() const {
    if (spec_.has_completions()) {
      return std::min(spec_.parallelism(), spec_.completions() - plan_.status.succeeded());
    }
    const int active = static_cast<int>(active_.size());
    return plan_.status.succeeded() > 0 ? std::min(spec_.parallelism(), active)
                                        : spec_.parallelism();
  }

  void deleteSurplus(int wanted) {
    Pods order = victimOrder(active_, base::Duration(0), in_.now);
    order.resize(active_.size() - static_cast<std::size_t>(wanted));
    deleteAll(order, absl::StrCat("scaled down from ", active_.size(), " to ", wanted));
  }

  void expire() {
    if (!spec_.has_ttl_seconds_after_finished()) return;
    const base::Timestamp end =
        finishedAt(plan_.status) + std::chrono::seconds(spec_.ttl_seconds_after_finished());
    if (in_.now < end) return revisit(end);
    plan_.erase = !in_.isInInventory;
    if (plan_.erase || !wasFinished_) return;
    deleteAll(in_.pods, "its Job finished longer ago than ttlSecondsAfterFinished");
  }

  void countPods() {
    int ready = 0, terminating = 0;
    for (const auto& pod : in_.pods) {
      ready += model::isReady(*pod);
      terminating += pod->deletedAt && pod->phase < model::PodPhase::kSucceeded;
    }
    plan_.status.set_active(static_cast<int>(active_.size()));
    plan_.status.set_ready(ready);
    plan_.status.set_terminating(terminating);
  }

  void deleteAll(const Pods& pods, const std::string& reason) {
    for (const auto& pod : pods) {
      if (!pod->deletedAt) plan_.deletions.push_back({{pod->ns, pod->name}, reason});
    }
  }

  // A condition that holds already stays as it is.
  void set(const char* type, const char* status, const char* reason, const std::string& message) {
    schema::Condition* condition = nullptr;
    for (schema::Condition& each : *plan_.status.mutable_conditions()) {
      if (each.type() == type) condition = &each;
    }
    if (condition == nullptr) condition = plan_.status.add_conditions();
    if (condition->status() == status) return;
    condition->set_type(type);
    condition->set_status(status);
    condition->set_reason(reason);
    condition->set_message(message);
    condition->mutable_last_update_time()->set_unix_ms(base::toUnixMs(in_.now));
    condition->mutable_last_transition_time()->set_unix_ms(base::toUnixMs(in_.now));
  }

  void revisit(base::Timestamp at) { plan_.revisitAt = std::min(plan_.revisitAt.value_or(at), at); }

  const JobInputs& in_;
  const schema::JobSpec& spec_;
  const bool wasFinished_;
  Pods active_;
  JobPlan plan_;
};

}  // namespace

JobPlan planJob(const JobInputs& inputs) {
  return Planner(inputs).run();
}

JobState jobState(const schema::Job& job) {
  using Phase = JobState::Phase;
  const schema::JobStatus& status = job.status();
  if (holds(status, kJobComplete)) return {Phase::kComplete, {}};
  if (holds(status, kFailed)) {
    const auto failed =
        std::ranges::find(status.conditions(), std::string(kFailed), &schema::Condition::type);
    return {Phase::kFailed, absl::StrCat(failed->reason(), ": ", failed->message())};
  }
  if (job.spec().suspend()) return {Phase::kSuspended, "it is suspended"};
  std::string message = absl::StrCat(status.succeeded());
  if (job.spec().has_completions()) absl::StrAppend(&message, " of ", job.spec().completions());
  absl::StrAppend(&message, " pods have succeeded, ", status.active(), " active, ", status.failed(),
                  " failed");
  return {Phase::kActive, std::move(message)};
}

std::string failureAmong(const Pods& pods) {
  std::string old;
  for (const auto& pod : pods) {
    if (pod->phase == model::PodPhase::kSucceeded || (!old.empty() && pod->counted)) continue;
    const std::string failure = failureOf(*pod->status);
    if (failure.empty()) continue;
    std::string text = absl::StrCat(pod->name, ": ", failure);
    if (!pod->counted) return text;
    old = std::move(text);
  }
  return old;
}

schema::LabelSelector selectorOf(const schema::Job& job) {
  schema::LabelSelector selector;
  (*selector.mutable_match_labels())[kControllerUid] = job.metadata().uid();
  return selector;
}

schema::PodTemplateSpec podTemplateOf(const schema::Job& job) {
  schema::PodTemplateSpec shape = job.spec().template_();
  auto& labels = *shape.mutable_metadata()->mutable_labels();
  // The short ones are those of before Kubernetes 1.27; people still select by them.
  for (const char* key : {kControllerUid, "controller-uid"}) labels[key] = job.metadata().uid();
  for (const char* key : {"batch.kubernetes.io/job-name", "job-name"}) {
    labels[key] = job.metadata().name();
  }
  return shape;
}

int mostPodsOf(const schema::Job& job) {
  const schema::JobSpec& spec = job.spec();
  if (spec.suspend() || isFinished(job.status())) return 0;
  if (!spec.has_completions()) return spec.parallelism();
  return std::max(0, std::min(spec.parallelism(), spec.completions() - job.status().succeeded()));
}

}  // namespace gantry::workloads
