// SPDX-License-Identifier: Apache-2.0
#include "app/models/matrix.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "app/client/review.h"
#include "app/models/application_text.h"
#include "app/models/text.h"
#include "controller/api/system_names.h"

namespace gantry::models {
namespace {

constexpr std::size_t kMostRows = 200;

/// How many promotions lead to an Application; a circle ends the count.
int depthOf(const std::map<client::Key, const schema::Application*>& all, client::Key key) {
  int depth = 0;
  std::set<client::Key> seen;
  while (seen.insert(key).second) {
    const auto found = all.find(key);
    if (found == all.end() || !found->second->spec().has_promotion()) break;
    key.name = found->second->spec().promotion().from();
    ++depth;
  }
  return depth;
}

/// All that is known of one Application, by commit.
struct Facts {
  const schema::Application* application = nullptr;
  std::map<std::string, const api::HistoryEntry*> newest;
  std::map<std::string, const api::Hold*> holds;
  /// Those that may still be applied, and the newest of those that ended.
  std::map<std::string, const api::Plan*> plans;
  std::map<std::string, const api::Plan*> ended;
  /// All that are known.
  std::vector<const api::Plan*> spans;
  /// The commits that are known of the branch that it follows, by any Application.
  std::shared_ptr<const std::set<std::string>> branch;
  /// For how long it must be healthy before the next Application takes a revision over; 0: for
  /// none.
  int soakSeconds = 0;
};

template <class Records, class Record>
void keepNewest(Records& records, const std::string& commit, const Record& record,
                std::int64_t (*at)(const Record&)) {
  const auto [found, isNew] = records.emplace(commit, &record);
  if (!isNew && at(record) > at(*found->second)) found->second = &record;
}

void gatherBranches(std::map<client::Key, Facts>& facts) {
  std::map<std::string, std::shared_ptr<std::set<std::string>>> branches;
  for (auto& [key, fact] : facts) {
    auto& branch = branches[fact.application->spec().source().target_revision()];
    if (branch == nullptr) branch = std::make_shared<std::set<std::string>>();
    for (const auto& [commit, entry] : fact.newest) branch->insert(commit);
    for (const api::Plan* plan : fact.spans) branch->insert(plan->revision().commit());
    fact.branch = branch;
  }
}

std::map<client::Key, Facts> factsOf(const client::LiveCache& cache,
                                     const std::string& repository) {
  std::map<client::Key, Facts> facts;
  for (const auto& [key, object] : cache.table(client::Kind::kApplication)) {
    const schema::Application& application = object->application();
    if (repositoryOf(cache, application) == repository) {
      facts[key].application = &application;
    }
  }
  const auto of = [&](const std::string& ns, const std::string& application) -> Facts* {
    const auto found = facts.find({ns, application});
    return found == facts.end() ? nullptr : &found->second;
  };
  for (const auto& [key, object] : cache.table(client::Kind::kHistoryEntry)) {
    const api::HistoryEntry& entry = object->history_entry();
    Facts* owner = of(entry.namespace_(), entry.application());
    if (owner == nullptr) continue;
    keepNewest<std::map<std::string, const api::HistoryEntry*>, api::HistoryEntry>(
        owner->newest, entry.revision().commit(), entry,
        [](const api::HistoryEntry& e) -> std::int64_t { return e.started_at().unix_ms(); });
  }
  for (const auto& [key, object] : cache.table(client::Kind::kHold)) {
    const api::Hold& hold = object->hold();
    if (Facts* owner = of(hold.namespace_(), hold.application())) {
      owner->holds[hold.commit()] = &hold;
    }
  }
  for (const auto& [key, object] : cache.table(client::Kind::kPlan)) {
    const api::Plan& plan = object->plan();
    Facts* owner = of(plan.namespace_(), plan.application());
    if (owner == nullptr) continue;
    owner->spans.push_back(&plan);
    const std::string& commit = plan.revision().commit();
    if (client::isOpen(plan)) {
      owner->plans[commit] = &plan;
    } else {
      keepNewest<std::map<std::string, const api::Plan*>, api::Plan>(
          owner->ended, commit, plan,
          [](const api::Plan& p) -> std::int64_t { return p.created_at().unix_ms(); });
    }
  }
  for (const auto& [key, fact] : facts) {
    const schema::ApplicationSpec& spec = fact.application->spec();
    if (!spec.has_promotion()) continue;
    if (Facts* before = of(key.ns, spec.promotion().from())) {
      before->soakSeconds = std::max(before->soakSeconds, spec.promotion().soak_seconds());
    }
  }
  gatherBranches(facts);
  return facts;
}

QString lines(const QStringList& all) {
  QStringList kept = all;
  kept.removeAll(QString());
  return kept.join('\n');
}

QString entryText(const api::HistoryEntry& entry, qint64 nowMs) {
  QString text =
      QStringLiteral("%1 ago by %2: %3")
          .arg(age(entry.started_at(), nowMs), qs(entry.initiator()), qs(entry.outcome()));
  if (entry.cause() == "rollback") text += QStringLiteral(", a rollback");
  return entry.reason().empty() ? text : text + QStringLiteral("\n\"%1\"").arg(qs(entry.reason()));
}

void showEntry(const api::HistoryEntry& entry, bool isLive, qint64 nowMs, MatrixCell& cell) {
  const QString since = age(entry.started_at(), nowMs);
  const std::string& outcome = entry.outcome();
  if (outcome == "Degraded") {
    cell.text =
        (isLive ? QStringLiteral("✖ live, degraded ") : QStringLiteral("✖ failed ")) + since;
    cell.tone = Tone::kBad;
  } else if (isLive && outcome == "Progressing") {
    cell.text = QStringLiteral("◐ rolling out ") + since;
    cell.tone = Tone::kBusy;
  } else if (isLive) {
    cell.text = QStringLiteral("● live ") + since;
    cell.tone = Tone::kGood;
  } else {
    cell.text = QStringLiteral("○ was ") + since;
  }
}

/// How long it has been healthy, of how long the Applications after it want.
QString soakText(const Facts& facts, const api::HistoryEntry& entry, bool isLive, qint64 nowMs) {
  if (facts.soakSeconds == 0) return {};
  qint64 healthyMs = entry.healthy_for_ms();
  if (isLive && entry.has_healthy_at()) {
    healthyMs = std::max(healthyMs, nowMs - qint64(entry.healthy_at().unix_ms()));
  }
  const qint64 wantedMs = facts.soakSeconds * 1000LL;
  if (healthyMs >= wantedMs) return QStringLiteral("healthy long enough to be promoted");
  return QStringLiteral("healthy %1 of %2 min, to be promoted")
      .arg(healthyMs / 60'000)
      .arg((wantedMs + 59'999) / 60'000);
}

void showOpenPlan(const api::Plan& plan, qint64 nowMs, MatrixCell& cell) {
  cell.plan = plan.name();
  const bool applying = plan.state() == api::APPLYING;
  cell.text = (applying ? QStringLiteral("◐ applying ") : QStringLiteral("◔ waits ")) +
              age(plan.created_at(), nowMs);
  cell.tone = applying ? Tone::kBusy : Tone::kWarning;
}

/// What became of a plan that ended before anything of it was applied.
void showEndedPlan(const api::Plan& plan, MatrixCell& cell) {
  if (plan.state() != api::REJECTED && plan.state() != api::FAILED) return;
  cell.plan = plan.name();
  cell.tone = Tone::kBad;
  cell.text = plan.state() == api::REJECTED
                  ? QStringLiteral("✖ rejected by %1").arg(qs(plan.rejected_by()))
                  : QStringLiteral("✖ sync failed");
}

QString endedText(const api::Plan& plan, qint64 nowMs) {
  const std::string& why = plan.state() == api::REJECTED ? plan.rejected_reason() : plan.message();
  return QStringLiteral("%1 ago: %2").arg(age(plan.finished_at(), nowMs), qs(why));
}

/// Whether the Application has looked past this commit, and found nothing of its own in it.
bool leavesAlone(const Facts& facts, const schema::Revision& revision) {
  const auto at = [](const schema::Revision& of) { return of.committed_at().unix_ms(); };
  const schema::Revision& observed = facts.application->status().observed();
  if (revision.commit() == observed.commit()) return false;
  if (revision.commit() == observed.head()) return true;
  // A plan lists every commit between its two ends that touches the Application.
  return facts.branch->contains(revision.commit()) &&
         std::ranges::any_of(facts.spans, [&](const api::Plan* plan) {
           return plan->older_commits() == 0 && plan->has_base() &&
                  at(revision) > at(plan->base()) && at(revision) < at(plan->revision()) &&
                  std::ranges::none_of(
                      plan->commits(),
                      [&](const schema::Revision& commit) {
                        return commit.commit() == revision.commit();
                      });
         });
}

MatrixCell cellOf(const Facts& facts, const schema::Revision& revision, qint64 nowMs) {
  const std::string& commit = revision.commit();
  MatrixCell cell;
  QStringList tip;
  const bool isLive = facts.application->status().applied().commit() == commit;
  if (const auto entry = facts.newest.find(commit); entry != facts.newest.end()) {
    cell.entry = entry->second->name();
    showEntry(*entry->second, isLive, nowMs, cell);
    tip << entryText(*entry->second, nowMs) << soakText(facts, *entry->second, isLive, nowMs);
  } else if (isLive) {
    cell.text = QStringLiteral("● live");
    cell.tone = Tone::kGood;
  }
  if (const auto plan = facts.plans.find(commit); plan != facts.plans.end()) {
    showOpenPlan(*plan->second, nowMs, cell);
    tip << qs(plan->second->message());
  } else if (const auto ended = facts.ended.find(commit);
             ended != facts.ended.end() && cell.text.isEmpty()) {
    showEndedPlan(*ended->second, cell);
    if (!cell.text.isEmpty()) tip << endedText(*ended->second, nowMs);
  }
  if (const auto hold = facts.holds.find(commit); hold != facts.holds.end()) {
    cell.hold = hold->second->name();
    cell.text = QStringLiteral("⚑ ") + (cell.text.isEmpty() ? QStringLiteral("held") : cell.text);
    if (cell.tone != Tone::kBad) cell.tone = Tone::kWarning;
    tip << QStringLiteral("held by %1: %2").arg(qs(hold->second->by()), qs(hold->second->reason()));
  }
  if (cell.text.isEmpty() && leavesAlone(facts, revision)) {
    cell.text = QStringLiteral("–");
    tip << QStringLiteral("The commit changes nothing of it");
  }
  if (cell.text.isEmpty()) cell.text = QStringLiteral("·");
  cell.toolTip = lines(tip);
  return cell;
}

/// Every revision that any of them has seen, by commit; what says most of it wins.
std::map<std::string, schema::Revision> revisionsOf(const std::map<client::Key, Facts>& facts) {
  std::map<std::string, schema::Revision> revisions;
  const auto add = [&](const schema::Revision& revision) {
    if (revision.commit().empty()) return;
    schema::Revision& known = revisions[revision.commit()];
    if (known.subject().empty() || !known.has_committed_at()) known = revision;
  };
  for (const auto& [key, fact] : facts) {
    add(fact.application->status().applied());
    for (const auto& [commit, plan] : fact.plans) add(plan->revision());
    for (const auto& [commit, plan] : fact.ended) {
      // What another plan took the place of was never to be seen here.
      if (plan->state() != api::SUPERSEDED) add(plan->revision());
    }
    for (const auto& [commit, entry] : fact.newest) add(entry->revision());
    for (const auto& [commit, hold] : fact.holds) {
      if (revisions.contains(commit)) continue;
      schema::Revision held;
      held.set_commit(commit);
      add(held);
    }
  }
  return revisions;
}

}  // namespace

std::string repositoryOf(const client::LiveCache& cache, const schema::Application& application) {
  const std::string& url = application.spec().source().repo_url();
  if (!url.empty() && url != ".") return url;
  const auto& all = cache.table(client::Kind::kApplication);
  const auto root = all.find({api::kSystemNamespace, api::kRootApplication});
  return root == all.end() ? url : root->second->application().spec().source().repo_url();
}

std::vector<std::string> repositoriesOf(const client::LiveCache& cache) {
  std::set<std::string> all;
  for (const auto& [key, object] : cache.table(client::Kind::kApplication)) {
    all.insert(repositoryOf(cache, object->application()));
  }
  return {all.begin(), all.end()};
}

Matrix matrixOf(const client::LiveCache& cache, const std::string& repository, qint64 nowMs) {
  const std::map<client::Key, Facts> facts = factsOf(cache, repository);
  std::map<client::Key, const schema::Application*> applications;
  for (const auto& [key, fact] : facts) applications[key] = fact.application;
  Matrix matrix;
  for (const auto& [key, application] : applications) {
    const std::string& environment = application->spec().environment();
    const schema::ApplicationStatus& status = application->status();
    matrix.columns.push_back(
        {key, qs(environment.empty() ? key.name : environment), environment,
         isSuspended(status, nowMs) ? suspensionText(status.suspension(), nowMs) : QString()});
  }
  std::ranges::stable_sort(matrix.columns, {}, [&](const Matrix::Column& column) {
    return depthOf(applications, column.application);
  });
  for (auto& [commit, revision] : revisionsOf(facts)) {
    Matrix::Row row{revision, {}};
    for (const Matrix::Column& column : matrix.columns) {
      row.cells.push_back(cellOf(facts.at(column.application), revision, nowMs));
    }
    matrix.rows.push_back(std::move(row));
  }
  std::ranges::stable_sort(matrix.rows, std::greater<>(), [](const Matrix::Row& row) {
    return row.revision.committed_at().unix_ms();
  });
  if (matrix.rows.size() > kMostRows) matrix.rows.resize(kMostRows);
  return matrix;
}

}  // namespace gantry::models
