// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/promotion.h"

#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "controller/delivery/records.h"

namespace gantry::delivery {
namespace {

constexpr char kHealthyOutcome[] = "Healthy";

/// The newest commit at which the Application before has, or had, the content of the entry.
std::string headOf(const schema::Application& from, const api::HistoryEntry& entry, bool newest) {
  const schema::Revision& observed = from.status().observed();
  if (newest && observed.tree_hash() == entry.revision().tree_hash() && !observed.head().empty()) {
    return observed.head();
  }
  return entry.revision().head().empty() ? entry.revision().commit() : entry.revision().head();
}

/// What has been applied to the Application, as far as its records reach.
std::set<std::string> commitsOf(const schema::Application& application, const model::State& state) {
  std::set<std::string> commits = {application.status().applied().commit()};
  for (const model::Ptr<api::HistoryEntry>& entry : historyOf(state, model::nameOf(application))) {
    commits.insert(entry->revision().commit());
    const api::Plan* plan = state.plans.find({entry->namespace_(), entry->plan()});
    if (plan == nullptr) continue;
    for (const schema::Revision& commit : plan->commits()) commits.insert(commit.commit());
  }
  return commits;
}

}  // namespace

Promoted promoted(const schema::Application& application, const model::State& state,
                  base::Timestamp now) {
  Promoted result;
  const schema::Promotion& policy = application.spec().promotion();
  const model::Name fromName{application.metadata().namespace_(), policy.from()};
  const schema::Application* from = state.applications.find(fromName);
  if (from == nullptr) {
    result.waitsFor = absl::StrCat("there is no Application ", policy.from(), " to promote from");
    return result;
  }
  const base::Duration soak = std::chrono::seconds(policy.soak_seconds());
  const std::string& applied = application.status().applied().head();
  bool newest = true;
  for (const model::Ptr<api::HistoryEntry>& entry : historyOf(state, fromName)) {
    const std::string head = headOf(*from, *entry, newest);
    if (head == applied) {
      result.commit = head;
      return result;
    }
    const bool held = findHold(state, fromName, entry->revision()) != nullptr;
    base::Duration healthy(entry->healthy_for_ms());
    const bool healthyNow = newest && entry->has_healthy_at();
    const base::Timestamp since = base::fromUnixMs(entry->healthy_at().unix_ms());
    if (healthyNow) healthy = std::max(healthy, now - since);
    const bool everHealthy =
        healthyNow || entry->healthy_for_ms() > 0 || entry->outcome() == kHealthyOutcome;
    if (!held && everHealthy && healthy >= soak) {
      result.commit = head;
      return result;
    }
    if (newest) {
      if (held) {
        result.waitsFor = absl::StrCat(policy.from(), " holds ", shortCommit(entry->revision()));
      } else if (healthyNow) {
        result.changesAt = since + soak;
        result.waitsFor =
            absl::StrCat(shortCommit(entry->revision()), " must be healthy in ", policy.from(),
                         " until ", base::formatRfc3339(*result.changesAt));
      } else {
        const std::string how =
            entry->outcome() == kHealthyOutcome ? "no longer healthy" : entry->outcome();
        result.waitsFor =
            absl::StrCat(shortCommit(entry->revision()), " is ", how, " in ", policy.from());
      }
    }
    newest = false;
  }
  if (newest) result.waitsFor = absl::StrCat("nothing is applied in ", policy.from(), " yet");
  return result;
}

std::string notPromoted(const schema::Application& application, const schema::Revision& revision,
                        const model::State& state, base::Timestamp now) {
  const bool isApplied = revision.commit() == application.status().applied().commit();
  if (!application.spec().has_promotion() || isApplied) return {};
  const Promoted result = promoted(application, state, now);
  if (!result.commit.empty() && result.commit == revision.head()) return {};
  if (!result.waitsFor.empty()) return result.waitsFor;
  return absl::StrCat(shortCommit(revision), " was not healthy in ",
                      application.spec().promotion().from());
}

std::string unproven(const schema::Application& application, const api::Plan& plan,
                     const model::State& state) {
  const std::string& before = application.spec().promotion().from();
  const schema::Application* from =
      state.applications.find({application.metadata().namespace_(), before});
  const bool isApplied = plan.revision().commit() == application.status().applied().commit();
  if (!application.spec().has_promotion() || from == nullptr || isApplied) return {};
  const std::set<std::string> proven = commitsOf(*from, state);
  std::vector<schema::Revision> commits(plan.commits().begin(), plan.commits().end());
  if (commits.empty()) commits.push_back(plan.revision());
  std::erase_if(commits,
                [&](const schema::Revision& commit) { return proven.contains(commit.commit()); });
  if (commits.empty()) return {};
  const std::size_t more = commits.size() - 1;
  const std::string first = shortCommit(commits.front());
  return more == 0 ? absl::StrCat(first, " is in no plan of ", before, ": it was not proven there")
                   : absl::StrCat(first, " and ", more, " more are in no plan of ", before,
                                  ": they were not proven there");
}

}  // namespace gantry::delivery
