// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "controller/delivery/project.h"
#include "controller/delivery/records.h"
#include "controller/loops/delivery/impl.h"

namespace gantry::loops {
namespace {

/// How many signatures are looked at in one call: some seconds.
constexpr std::size_t kVerifiedAtOnce = 200;

}  // namespace

std::vector<gitsync::TrustedKey> DeliveryLoop::Impl::trustedKeys(
    const schema::Application& application) const {
  std::vector<gitsync::TrustedKey> keys;
  const schema::Project* project = delivery::projectOf(application, state());
  if (project == nullptr) return keys;
  for (const schema::TrustedKey& key : project->spec().trusted_keys()) {
    keys.push_back({key.name(), key.ssh().empty() ? key.gpg() : key.ssh()});
  }
  return keys;
}

std::string DeliveryLoop::Impl::keysOf(const schema::Application& application) const {
  if (!application.spec().source().require_signature()) return {};
  std::string text = "keys\n";
  for (const gitsync::TrustedKey& key : trustedKeys(application)) {
    absl::StrAppend(&text, key.name, "\n", key.publicKey, "\n");
  }
  return base::sha256Hex(text);
}

std::string DeliveryLoop::Impl::signatureProblem(const schema::Application& application,
                                                 const Follower& follower) const {
  if (!application.spec().source().require_signature()) return {};
  const schema::Revision& observed = application.status().observed();
  const bool known = follower.way && follower.way->commit == observed.commit() &&
                     follower.way->since == commitsSince(application) &&
                     follower.way->keys == keysOf(application);
  if (known) return follower.way->problem;
  return absl::StrCat("the signatures up to ", delivery::shortCommit(observed),
                      " have not been checked yet", follower.signersProblem.empty() ? "" : ": ",
                      follower.signersProblem);
}

void DeliveryLoop::Impl::checkSignatures(const std::shared_ptr<WayJob>& job) {
  Follower& follower = followers_.at(job->name);
  const model::Ptr<schema::Application> application = find(job->name);
  job->way.keys = application == nullptr ? "" : keysOf(*application);
  std::set<std::string> commits;
  for (const schema::Revision& commit : job->commits) commits.insert(commit.commit());
  const bool sameKeys = follower.signersBy == job->way.keys;
  std::erase_if(follower.signers,
                [&](const auto& signer) { return !sameKeys || !commits.contains(signer.first); });
  follower.signersBy = job->way.keys;
  follower.signersProblem.clear();
  if (job->way.keys.empty()) return keepWay(job);
  verifyRest(job);
}

void DeliveryLoop::Impl::verifyRest(const std::shared_ptr<WayJob>& job) {
  Follower& follower = followers_.at(job->name);
  const model::Ptr<schema::Application> application = find(job->name);
  // The keys may have changed meanwhile: the next round looks at them.
  if (application == nullptr || keysOf(*application) != job->way.keys) {
    follower.again = true;
    return endRound(job->name, job->fetched);
  }
  job->way.problem = refusalOf(*job);
  std::vector<std::string> rest;
  for (const schema::Revision& commit : job->commits) {
    if (!job->way.problem.empty() || rest.size() == kVerifiedAtOnce) break;
    if (!follower.signers.contains(commit.commit())) rest.push_back(commit.commit());
  }
  if (!rest.empty()) {
    return git_.verify(follower.source.repository, rest, trustedKeys(*application),
                       whileFollowed<absl::StatusOr<gitsync::Signers>>(
                           job->name, [this, job, rest](absl::StatusOr<gitsync::Signers> signers) {
                             verified(job, rest, std::move(signers));
                           }));
  }
  keepWay(job);
}

void DeliveryLoop::Impl::verified(const std::shared_ptr<WayJob>& job,
                                  const std::vector<std::string>& commits,
                                  absl::StatusOr<gitsync::Signers> signers) {
  Follower& follower = followers_.at(job->name);
  if (absl::IsInvalidArgument(signers.status())) {
    // A key that cannot be read: all commits are as unproven as the first.
    signers = gitsync::Signers(commits.size(), signers.status());
  }
  if (!signers.ok() || signers->size() != commits.size()) {
    follower.signersProblem =
        signers.ok() ? "not all were answered" : std::string(signers.status().message());
    return endRound(job->name, job->fetched);
  }
  for (std::size_t i = 0; i < commits.size(); ++i) {
    follower.signers.insert_or_assign(commits[i], std::move((*signers)[i]));
  }
  verifyRest(job);
}

std::string DeliveryLoop::Impl::refusalOf(const WayJob& job) const {
  const Follower& follower = followers_.at(job.name);
  const schema::Application& application = *find(job.name);
  if (trustedKeys(application).empty()) {
    return absl::StrCat("the Project ", application.spec().project(),
                        " lists no trusted keys, and the Application requires a signature");
  }
  if (job.commits.size() > static_cast<std::size_t>(delivery::kMostCommits)) {
    return absl::StrCat("more than ", delivery::kMostCommits, " commits lie between ",
                        job.way.since.substr(0, 8), ", which is applied, and ",
                        delivery::shortCommit(job.now),
                        ": their signatures are not checked; follow a commit in between first");
  }
  // Of a tag or a commit that is followed, the Application itself may say so.
  if (job.isMovedBack && follower.asked == follower.source.revision && !followsNoBranch(follower)) {
    return absl::StrCat(follower.source.revision, " was moved back to ",
                        delivery::shortCommit(job.now), ", which ", job.way.commits.takenAway,
                        ", and no signed commit says by whom; push a signed commit that goes back "
                        "(git revert -S), or use gantry rollback");
  }
  for (const schema::Revision& commit : job.commits) {
    const auto signer = follower.signers.find(commit.commit());
    if (signer == follower.signers.end() || signer->second.ok()) continue;
    return absl::StrCat(signer->second.status().message(), " (", delivery::shortCommit(commit),
                        " by ", commit.author(), ")");
  }
  return {};
}

}  // namespace gantry::loops
