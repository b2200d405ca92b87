// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/checkers/consents.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "manifests/diff/diff.h"
#include "tests/sim/checkers/policy.h"
#include "tests/sim/shop.h"

namespace gantry::sim {
namespace {

std::string withoutAddress(const std::string& yaml) {
  std::string kept;
  for (const auto line : absl::StrSplit(yaml, '\n')) {
    if (line.find("clusterIP:") == std::string_view::npos) absl::StrAppend(&kept, line, "\n");
  }
  return kept;
}

const char* permissionFor(Consent::To to) {
  return to == Consent::To::kPlan       ? "approve"
         : to == Consent::To::kRollback ? "rollback"
                                        : "override";
}

}  // namespace

std::string sightOf(const google::protobuf::Message* object) {
  return withoutAddress(object == nullptr ? "" : manifests::toYaml(*object));
}

Consent consentTo(const api::Plan& plan, const std::string& by, Consent::To to) {
  Consent consent{by, {plan.namespace_(), plan.application()}, plan.revision().commit(), to, false,
                  {}};
  for (const api::PlannedChange& change : plan.changes()) {
    consent.changes[{change.kind(), change.namespace_(), change.name()}] = {
        withoutAddress(change.before_yaml()), withoutAddress(change.after_yaml())};
  }
  return consent;
}

int Consents::add(Consent consent, const View& view, base::Timestamp now) {
  Given& given = given_[++last_];
  given.consent = std::move(consent);
  const auto* application = view.find<schema::Application>(given.consent.application);
  if (application == nullptr) return last_;
  const schema::Project* project = view.find<schema::Project>(projectOf(*application));
  const schema::ApprovalPolicy& policy = application->spec().sync_policy().approval();
  given.roles = rolesOf(project, given.consent.by);
  given.counts = given.consent.isAdmin ||
                 isPermitted(project, given.consent.by, permissionFor(given.consent.to));
  if (given.consent.to != Consent::To::kPlan) return last_;
  given.counts &= policy.author_may_approve() ||
                  !authorsOf(*application, given.consent.commit).contains(given.consent.by);
  if (policy.expires_after_seconds() > 0) {
    given.expiresAt = now + base::Duration(1000LL * policy.expires_after_seconds());
  }
  return last_;
}

// Those of the commits since what is applied that touch the folder, and of the newest in any case.
std::set<std::string> Consents::authorsOf(const schema::Application& application,
                                          const std::string& commit) const {
  const auto parentOf = [&](const std::string& id) {
    const auto& parents = git_.commitOf(kUrl, id).parents;
    return parents.empty() ? std::string() : parents.front();
  };
  const std::string& path = application.spec().source().path();
  const std::string& applied = application.status().applied().commit();
  std::set<std::string> known;
  for (std::string id = applied; !id.empty(); id = parentOf(id)) known.insert(id);
  std::set<std::string> authors = {git_.commitOf(kUrl, commit).authorName};
  if (applied.empty()) return authors;
  for (std::string id = commit; !id.empty() && !known.contains(id); id = parentOf(id)) {
    const std::string parent = parentOf(id);
    const bool isChange =
        parent.empty() || git_.treeHashOf(kUrl, id, path) != git_.treeHashOf(kUrl, parent, path);
    if (isChange) authors.insert(git_.commitOf(kUrl, id).authorName);
  }
  return authors;
}

std::vector<Consents::Counted> Consents::counted(const model::Name& application, Consent::To to,
                                                 const std::string& commit,
                                                 base::Timestamp now) const {
  std::vector<Counted> found;
  for (const auto& [number, given] : given_) {
    const Consent& consent = given.consent;
    if (!given.counts || consent.application != application || consent.to != to) continue;
    if (!commit.empty() && consent.commit != commit) continue;
    if (given.expiresAt && *given.expiresAt <= now) continue;
    found.push_back({&consent, &given.roles});
  }
  return found;
}

}  // namespace gantry::sim
