// SPDX-License-Identifier: Apache-2.0
#include "app/client/review.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/api/people.h"

namespace gantry::client {
namespace {

template <class Texts>
bool contains(const Texts& texts, const std::string& text) {
  return std::ranges::find(texts, text) != texts.end();
}

bool counts(const api::Plan& plan, const api::Approval& approval, base::Timestamp now) {
  return approval.commit() == plan.revision().commit() && approval.digest() == plan.digest() &&
         approval.void_because().empty() &&
         (!approval.has_expires_at() || base::fromUnixMs(approval.expires_at().unix_ms()) > now);
}

}  // namespace

Quorum quorumOf(const api::Plan& plan, base::Timestamp now) {
  Quorum quorum;
  quorum.required = std::max(plan.approvals_required(), plan.policy().roles().empty() ? 0 : 1);
  std::set<std::string> people;
  for (const api::Approval& approval : plan.approvals()) {
    if (counts(plan, approval, now) && people.insert(approval.by()).second) {
      quorum.counted.push_back(&approval);
    }
  }
  for (const std::string& role : plan.policy().roles()) {
    const bool there = std::ranges::any_of(quorum.counted, [&](const api::Approval* approval) {
      return contains(approval->roles(), role);
    });
    if (!there) quorum.missingRoles.push_back(role);
  }
  quorum.othersMissing =
      !plan.loosens().empty() && std::ranges::any_of(plan.gates(), [](const api::Gate& gate) {
        return gate.kind() == "approval" && !gate.open();
      });
  return quorum;
}

std::string policyText(const schema::ApprovalPolicy& policy) {
  std::vector<std::string> parts;
  if (!policy.roles().empty()) {
    parts.push_back(absl::StrCat("one of ", absl::StrJoin(policy.roles(), ", one of ")));
  }
  if (!policy.author_may_approve()) parts.emplace_back("not its authors");
  if (policy.comment_required()) parts.emplace_back("with a comment");
  if (const int seconds = policy.expires_after_seconds(); seconds > 0) {
    parts.push_back(absl::StrCat("good for ", base::formatAge(std::chrono::seconds(seconds))));
  }
  return absl::StrJoin(parts, "; ");
}

std::string whyNotApprove(const api::Plan& plan, const std::string& identity,
                          const schema::Project* project, base::Timestamp now) {
  const Quorum quorum = quorumOf(plan, now);
  for (const api::Approval* approval : quorum.counted) {
    if (approval->by() == identity) return "you have approved this plan already";
  }
  if (quorum.isReached()) return "the plan needs no more approvals";
  if (!plan.policy().author_may_approve()) {
    const std::string written = api::writtenBy(plan, project, identity);
    if (!written.empty()) {
      return absl::StrCat("you wrote ", written, " of this plan; somebody else must approve it");
    }
  }
  // Those of another Project may be asked as well.
  if (!plan.loosens().empty()) return {};
  if (project == nullptr || project->spec().roles().empty()) return {};
  const std::set<std::string> people = api::membersWith(*project, "approve");
  if (people.contains(identity)) return {};
  return absl::StrCat("the Project ", project->metadata().name(), " lets only ",
                      people.empty() ? std::string("admins") : absl::StrJoin(people, ", "),
                      " approve");
}

std::string olderCommitsText(const api::Plan& plan) {
  std::set<std::string> names;
  for (const api::Author& author : plan.older_authors()) names.insert(author.name());
  return absl::StrCat("and ", plan.older_commits(), " older, by ", absl::StrJoin(names, ", "));
}

bool mayBeOverridden(const api::Plan& plan) {
  return isOpen(plan) && std::ranges::any_of(plan.gates(), [](const api::Gate& gate) {
           return !gate.open() && gate.may_be_overridden();
         });
}

}  // namespace gantry::client
