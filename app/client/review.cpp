// SPDX-License-Identifier: Apache-2.0
#include "app/client/review.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/api/people.h"
#include "controller/api/system_names.h"

namespace gantry::client {
namespace {

constexpr char kApproval[] = "approval";

template <class Texts>
bool contains(const Texts& texts, const std::string& text) {
  return std::ranges::find(texts, text) != texts.end();
}

bool counts(const api::Plan& plan, const api::Approval& approval, base::Timestamp now) {
  return approval.commit() == plan.revision().commit() && approval.digest() == plan.digest() &&
         approval.void_because().empty() &&
         (!approval.has_expires_at() || base::fromUnixMs(approval.expires_at().unix_ms()) > now);
}

/// Whose approvals are missing by the gates. There is one gate for each policy that asks: first
/// that of the Application itself, if it asks, then those that the plan loosens, in their order.
std::vector<std::string> missingProjects(const api::Plan& plan) {
  std::vector<const api::Gate*> gates;
  for (const api::Gate& gate : plan.gates()) {
    if (gate.kind() == kApproval) gates.push_back(&gate);
  }
  const std::ptrdiff_t own = std::ssize(gates) - plan.loosens_size();
  std::vector<std::string> projects;
  for (int i = 0; i < plan.loosens_size() && own >= 0; ++i) {
    if (gates[static_cast<std::size_t>(own + i)]->open()) continue;
    const std::string& project = plan.loosens(i).project();
    std::string name = project.empty() ? api::kDefaultProject : project;
    if (!contains(projects, name)) projects.push_back(std::move(name));
  }
  return projects;
}

bool isClosed(const api::Plan& plan, const char* kind) {
  return std::ranges::any_of(
      plan.gates(), [kind](const api::Gate& gate) { return gate.kind() == kind && !gate.open(); });
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
  quorum.missingProjects = missingProjects(plan);
  // "shop/sre" says already that somebody of shop is missing.
  std::erase_if(quorum.missingProjects, [&](const std::string& project) {
    return std::ranges::any_of(quorum.missingRoles, [&](const std::string& role) {
      return role.starts_with(project + "/");
    });
  });
  quorum.isGateClosed = isClosed(plan, kApproval);
  return quorum;
}

std::string missingText(const Quorum& quorum) {
  std::vector<std::string> parts;
  const int roles = static_cast<int>(quorum.missingRoles.size());
  if (quorum.required - quorum.given() > roles) {
    parts.push_back(absl::StrCat(quorum.given(), " of ", quorum.required, " approvals"));
  }
  for (const std::string& role : quorum.missingRoles) parts.push_back("one of " + role);
  for (const std::string& project : quorum.missingProjects) {
    parts.push_back("approvals of " + project);
  }
  if (parts.empty() && quorum.isGateClosed) parts.emplace_back("approvals");
  return absl::StrJoin(parts, ", ");
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
  if (quorum.isReached()) {
    return quorum.required == 0 ? "the plan needs nobody's approval"
                                : "the plan needs no more approvals";
  }
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

bool waitsForApproval(const api::Plan& plan, base::Timestamp now) {
  return isOpen(plan) && !quorumOf(plan, now).isReached();
}

bool waitsForSync(const api::Plan& plan) {
  return isOpen(plan) && isClosed(plan, "sync");
}

bool needsPerson(const api::Plan& plan, base::Timestamp now) {
  return waitsForApproval(plan, now) || waitsForSync(plan);
}

std::string whyNotReject(const api::Plan& plan) {
  if (!isOpen(plan)) return "the plan has ended";
  return plan.state() == api::APPLYING ? "the plan is being applied; roll back instead" : "";
}

bool isRepair(const api::Plan& plan) {
  const std::string& applied = plan.base().rendered_hash();
  return plan.repair() || (!applied.empty() && applied == plan.revision().rendered_hash());
}

}  // namespace gantry::client
