// SPDX-License-Identifier: Apache-2.0
#include "app/models/matrix.h"

#include <algorithm>
#include <map>
#include <set>

#include "app/client/review.h"
#include "app/models/object_table.h"
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
  std::map<std::string, const api::Plan*> plans;
};

template <class Records, class Record>
void keepNewest(Records& records, const std::string& commit, const Record& record,
                std::int64_t (*at)(const Record&)) {
  const auto [found, isNew] = records.emplace(commit, &record);
  if (!isNew && at(record) > at(*found->second)) found->second = &record;
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
    if (owner != nullptr && client::isOpen(plan)) owner->plans[plan.revision().commit()] = &plan;
  }
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

MatrixCell cellOf(const Facts& facts, const std::string& commit, qint64 nowMs) {
  MatrixCell cell;
  QStringList tip;
  const bool isLive = facts.application->status().applied().commit() == commit;
  if (const auto entry = facts.newest.find(commit); entry != facts.newest.end()) {
    cell.entry = entry->second->name();
    showEntry(*entry->second, isLive, nowMs, cell);
    tip << entryText(*entry->second, nowMs);
  } else if (isLive) {
    cell.text = QStringLiteral("● live");
    cell.tone = Tone::kGood;
  }
  if (const auto plan = facts.plans.find(commit); plan != facts.plans.end()) {
    cell.plan = plan->second->name();
    const bool applying = plan->second->state() == api::APPLYING;
    cell.text = (applying ? QStringLiteral("◐ applying ") : QStringLiteral("◔ waits ")) +
                age(plan->second->created_at(), nowMs);
    cell.tone = applying ? Tone::kBusy : Tone::kWarning;
    tip << qs(plan->second->message());
  }
  if (const auto hold = facts.holds.find(commit); hold != facts.holds.end()) {
    cell.hold = hold->second->name();
    cell.text = QStringLiteral("⚑ ") + (cell.text.isEmpty() ? QStringLiteral("held") : cell.text);
    if (cell.tone != Tone::kBad) cell.tone = Tone::kWarning;
    tip << QStringLiteral("held by %1: %2").arg(qs(hold->second->by()), qs(hold->second->reason()));
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
    matrix.columns.push_back({key, qs(environment.empty() ? key.name : environment), environment});
  }
  std::ranges::stable_sort(matrix.columns, {}, [&](const Matrix::Column& column) {
    return depthOf(applications, column.application);
  });
  for (auto& [commit, revision] : revisionsOf(facts)) {
    Matrix::Row row{revision, {}};
    for (const Matrix::Column& column : matrix.columns) {
      row.cells.push_back(cellOf(facts.at(column.application), commit, nowMs));
    }
    matrix.rows.push_back(std::move(row));
  }
  std::ranges::stable_sort(matrix.rows, std::greater<>(), [](const Matrix::Row& row) {
    return row.revision.committed_at().unix_ms();
  });
  if (matrix.rows.size() > kMostRows) matrix.rows.resize(kMostRows);
  return matrix;
}

void MatrixModel::setMatrix(Matrix matrix) {
  const auto commits = [](const Matrix& of) {
    std::vector<std::string> all;
    for (const Matrix::Row& row : of.rows) all.push_back(row.revision.commit());
    return all;
  };
  if (matrix.columns == matrix_.columns && commits(matrix) == commits(matrix_)) {
    matrix_ = std::move(matrix);
    if (!matrix_.rows.empty()) {
      emit dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
    }
    return;
  }
  beginResetModel();
  matrix_ = std::move(matrix);
  endResetModel();
}

int MatrixModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(matrix_.rows.size());
}

int MatrixModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : kFixedColumns + int(matrix_.columns.size());
}

QVariant MatrixModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const Matrix::Row& row = matrix_.rows[std::size_t(index.row())];
  if (index.column() >= kFixedColumns) {
    const MatrixCell& cell = row.cells[std::size_t(index.column() - kFixedColumns)];
    if (role == Qt::DisplayRole) return cell.text;
    if (role == ToneRole) return int(cell.tone);
    if (role == Qt::ToolTipRole && !cell.toolTip.isEmpty()) return cell.toolTip;
    return {};
  }
  if (role == Qt::ToolTipRole) return describeRevision(row.revision);
  if (role != Qt::DisplayRole) return {};
  if (index.column() == 0) return shortCommit(row.revision.commit());
  return qs(index.column() == 1 ? row.revision.subject() : row.revision.author());
}

QVariant MatrixModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) return {};
  if (section < kFixedColumns) {
    if (role != Qt::DisplayRole) return {};
    return QStringList{"Commit", "What", "Author"}.value(section);
  }
  const Matrix::Column& column = matrix_.columns[std::size_t(section - kFixedColumns)];
  if (role == Qt::ToolTipRole) {
    return qs(column.application.ns + "/" + column.application.name);
  }
  return role == Qt::DisplayRole ? QVariant(column.title) : QVariant();
}

Qt::ItemFlags MatrixModel::flags(const QModelIndex& index) const {
  if (!index.isValid()) return Qt::NoItemFlags;
  // Only what became of a revision somewhere can be acted on.
  return index.column() >= kFixedColumns ? Qt::ItemIsEnabled | Qt::ItemIsSelectable
                                         : Qt::ItemIsEnabled;
}

}  // namespace gantry::models
