// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/commits.h"

#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/delivery/records.h"

namespace gantry::delivery {
namespace {

/// How many commits that are taken away are named.
constexpr std::size_t kNamedCommits = 3;

}  // namespace

Commits commitsOf(std::vector<schema::Revision> all) {
  Commits commits;
  if (all.size() > kMostCommits) return commits;
  std::set<std::pair<std::string, std::string>> authors;
  for (std::size_t i = kShownCommits; i < all.size(); ++i) {
    authors.emplace(all[i].author(), all[i].author_email());
    if (!all[i].signed_by().empty()) authors.emplace(all[i].signed_by(), "");
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

std::string describeTakenAway(const std::vector<schema::Revision>& left) {
  if (left.empty()) return {};
  std::vector<std::string> named;
  for (const schema::Revision& commit : left) {
    if (named.size() == kNamedCommits) break;
    named.push_back(
        absl::StrCat(shortCommit(commit), " \"", commit.subject(), "\" by ", commit.author()));
  }
  std::string text = absl::StrCat("takes away ", absl::StrJoin(named, ", "));
  if (const std::size_t more = left.size() - named.size(); more > 0) {
    absl::StrAppend(&text, " and ", more, " more");
  }
  return text;
}

void setCommits(api::Plan& plan, const Commits& commits) {
  plan.mutable_commits()->Assign(commits.newest.begin(), commits.newest.end());
  plan.set_older_commits(commits.older);
  plan.mutable_older_authors()->Assign(commits.olderAuthors.begin(), commits.olderAuthors.end());
}

void copyCommits(api::Plan& plan, const api::Plan& from) {
  *plan.mutable_commits() = from.commits();
  plan.set_older_commits(from.older_commits());
  *plan.mutable_older_authors() = from.older_authors();
}

}  // namespace gantry::delivery
