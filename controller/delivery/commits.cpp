// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/commits.h"

#include <set>
#include <string>
#include <utility>

namespace gantry::delivery {

Commits commitsOf(std::vector<schema::Revision> all) {
  Commits commits;
  if (all.size() > kMostCommits) return commits;
  std::set<std::pair<std::string, std::string>> authors;
  for (std::size_t i = kShownCommits; i < all.size(); ++i) {
    authors.emplace(all[i].author(), all[i].author_email());
    ++commits.older;
  }
  for (const auto& [name, email] : authors) {
    api::Author& author = commits.olderAuthors.emplace_back();
    author.set_name(name);
    author.set_email(email);
  }
  if (all.size() > kShownCommits) all.resize(kShownCommits);
  commits.newest = std::move(all);
  return commits;
}

void setCommits(api::Plan& plan, const Commits& commits) {
  plan.mutable_commits()->Assign(commits.newest.begin(), commits.newest.end());
  plan.set_older_commits(commits.older);
  plan.mutable_older_authors()->Assign(commits.olderAuthors.begin(), commits.olderAuthors.end());
  if (plan.commits().empty()) return;
  schema::Revision& newest = *plan.mutable_commits(0);
  if (newest.commit() == plan.revision().commit())
    newest.set_signed_by(plan.revision().signed_by());
}

void copyCommits(api::Plan& plan, const api::Plan& from) {
  *plan.mutable_commits() = from.commits();
  plan.set_older_commits(from.older_commits());
  *plan.mutable_older_authors() = from.older_authors();
}

}  // namespace gantry::delivery
