// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "controller/delivery/records.h"
#include "controller/delivery/rollback.h"
#include "controller/loops/delivery/impl.h"

namespace gantry::loops {

std::string DeliveryLoop::Impl::commitsSince(const schema::Application& application) const {
  const schema::ApplicationStatus& status = application.status();
  // A plan that began before its commits were known may have to be approved between two waves.
  const auto running = delivery::applyingPlan(state(), model::nameOf(application));
  const bool unknown = running != nullptr && running->commits().empty() &&
                       running->revision().commit() == status.observed().commit();
  return unknown ? running->base().commit() : status.applied().commit();
}

bool DeliveryLoop::Impl::knowsWay(const schema::Application& application, const Follower& follower,
                                  const std::string& since) const {
  if (!follower.way) return false;
  const Follower::Way& way = *follower.way;
  return way.since == since && way.commit == follower.observed->commit() &&
         (way.head.empty() || way.head == follower.observed->head()) &&
         way.keys == keysOf(application);
}

// The commits are shown with the plan, and their authors may not approve it.
void DeliveryLoop::Impl::describe(const model::Name& name, const absl::Status& fetched) {
  Follower& follower = followers_.at(name);
  const model::Ptr<schema::Application> application = find(name);
  if (application == nullptr) return endRound(name, fetched);
  const std::string since = commitsSince(*application);
  if (knowsWay(*application, follower, since)) return endRound(name, fetched);
  auto job = std::make_shared<WayJob>();
  job->before = std::exchange(follower.way, std::nullopt);
  job->name = name;
  job->fetched = fetched;
  job->now = *follower.observed;
  job->way.since = since;
  job->way.commit = job->now.commit();
  if (since.empty() || since == job->now.commit()) {
    job->commits = {job->now};
    return checkSignatures(job);
  }
  logFor(job, job->now.commit(), since, [this, job](auto brought) {
    // Who wrote them is not known then, and nobody may approve until the next round.
    if (!brought.ok()) return endRound(job->name, job->fetched);
    job->commits = *std::move(brought);
    findLeft(job);
  });
}

void DeliveryLoop::Impl::logFor(
    const std::shared_ptr<WayJob>& job, const std::string& commit, const std::string& until,
    std::function<void(absl::StatusOr<std::vector<schema::Revision>>)> use) {
  const Follower& follower = followers_.at(job->name);
  const auto listed = [use](const absl::StatusOr<std::vector<gitsync::Commit>>& log) {
    if (!log.ok()) return use(log.status());
    std::vector<schema::Revision> commits;
    for (const gitsync::Commit& each : *log) commits.push_back(delivery::revisionOf(each, ""));
    use(std::move(commits));
  };
  git_.log(follower.source.repository, commit, until, {follower.source.path, follower.bases},
           delivery::kMostCommits + 1,
           whileFollowed<absl::StatusOr<std::vector<gitsync::Commit>>>(job->name, listed));
}

// What is applied is in the history of what goes forward from it.
void DeliveryLoop::Impl::findLeft(const std::shared_ptr<WayJob>& job) {
  logFor(job, job->way.since, job->now.commit(), [this, job](auto left) {
    if (left.ok() && left->empty()) {
      const bool isFirst =
          !job->commits.empty() && job->commits.front().commit() == job->now.commit();
      if (!isFirst) job->commits.insert(job->commits.begin(), job->now);
      return checkSignatures(job);
    }
    if (!left.ok() && !absl::IsNotFound(left.status())) return endRound(job->name, job->fetched);
    job->way.commits.takenAway =
        left.ok() ? delivery::describeTakenAway(*left)
                  : absl::StrCat("leaves ", job->way.since.substr(0, 8),
                                 ", which is applied and no longer in the repository");
    findBringers(job);
  });
}

// The commit that is gone back to was made long ago, by somebody who may know nothing of it: who
// brought the branch there has made a merge, or what the branch was moved to.
void DeliveryLoop::Impl::findBringers(const std::shared_ptr<WayJob>& job) {
  job->way.head = job->now.head();
  const std::string& head = job->way.head.empty() ? job->way.commit : job->way.head;
  logFor(job, head, job->way.since, [this, job](auto bringers) {
    if (!bringers.ok()) return endRound(job->name, job->fetched);
    job->commits = *std::move(bringers);
    job->isMovedBack = job->commits.empty();
    const auto isNow = [&](const schema::Revision& each) {
      return each.commit() == job->now.commit();
    };
    if (std::ranges::none_of(job->commits, isNow)) job->commits.push_back(job->now);
    checkSignatures(job);
  });
}

void DeliveryLoop::Impl::keepWay(const std::shared_ptr<WayJob>& job) {
  Follower& follower = followers_.at(job->name);
  for (schema::Revision& commit : job->commits) {
    commit.clear_signed_by();
    const auto signer = follower.signers.find(commit.commit());
    if (signer == follower.signers.end() || !signer->second.ok()) continue;
    commit.set_signed_by(signer->second->keyName);
    if (commit.commit() == job->way.commit) job->way.signedBy = signer->second->keyName;
  }
  std::string takenAway = std::move(job->way.commits.takenAway);
  job->way.commits = delivery::commitsOf(std::move(job->commits));
  job->way.commits.takenAway = std::move(takenAway);
  follower.way = std::move(job->way);
  follower.replan = true;
  tellOfWay(*job);
  endRound(job->name, job->fetched);
}

void DeliveryLoop::Impl::tellOfWay(const WayJob& job) const {
  const Follower::Way& way = *followers_.at(job.name).way;
  const model::Ptr<schema::Application> application = find(job.name);
  if (application == nullptr) return;
  if (!way.problem.empty() && (!job.before || job.before->problem != way.problem)) {
    tellAbout(*application, true, "SignatureRefused", way.problem);
  }
  const bool isNew = application->status().applied().tree_hash() != job.now.tree_hash() &&
                     (!job.before || job.before->commits.takenAway != way.commits.takenAway);
  if (isNew && !way.commits.takenAway.empty()) {
    tellAbout(
        *application, true, "GoesBack",
        absl::StrCat("revision ", delivery::shortCommit(job.now), " ", way.commits.takenAway));
  }
}

}  // namespace gantry::loops
