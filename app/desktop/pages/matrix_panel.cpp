// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/pages/matrix_panel.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QScrollBar>
#include <QSettings>
#include <QVBoxLayout>
#include <algorithm>
#include <set>

#include "app/desktop/widgets/cell_delegate.h"
#include "app/desktop/widgets/labels.h"
#include "app/models/text.h"

namespace gantry::desktop {

using models::MatrixModel;
using models::qs;

namespace {

constexpr int kWhat = 1;
constexpr int kNarrowestWhat = 180;
constexpr int kNarrowestEnvironment = 140;
constexpr int kWidestEnvironment = 165;
constexpr char kWidths[] = "matrix/widths";

}  // namespace

MatrixPanel::MatrixPanel(Session& session, Navigator& navigator, WayBack& wayBack)
    : session_(session),
      navigator_(navigator),
      wayBack_(wayBack),
      repository_(new QComboBox),
      table_(new QTableView),
      detail_(plainLabel({}, true)),
      compare_(new GatedButton(QStringLiteral("Compare…"), session, Role::kViewer)),
      hold_(new GatedButton(QStringLiteral("Hold…"), session, Role::kOperator)),
      rollback_(new GatedButton(QStringLiteral("Roll back to this…"), session, Role::kOperator)) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  repository_->setAccessibleName(QStringLiteral("Repository"));
  layout->addWidget(repository_, 0, Qt::AlignLeft);

  table_->setModel(&model_);
  table_->setItemDelegate(new CellDelegate(table_));
  table_->setAccessibleName(QStringLiteral("Revisions and environments"));
  table_->setFrameShape(QFrame::NoFrame);
  table_->setShowGrid(false);
  table_->verticalHeader()->hide();
  table_->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 12);
  table_->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  table_->horizontalHeader()->setHighlightSections(false);
  table_->setTabKeyNavigation(false);
  table_->setWordWrap(false);
  table_->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
  table_->horizontalHeader()->setMinimumSectionSize(60);
  setFocusProxy(table_);
  layout->addWidget(table_, 1);

  auto* bottom = new QHBoxLayout;
  bottom->setContentsMargins(0, 4, 16, 0);
  bottom->addWidget(detail_, 1);
  for (GatedButton* button : {compare_, hold_, rollback_}) {
    bottom->addWidget(button, 0, Qt::AlignBottom);
  }
  layout->addLayout(bottom);
  rollback_->setHint(QStringLiteral("Shows what would change and restart before anything is done"));
  hold_->setHint(QStringLiteral("Keeps this revision from being applied there"));

  connect(repository_, &QComboBox::currentIndexChanged, this, &MatrixPanel::showMatrix);
  connect(table_->selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
    showChosen();
    inspectChosen();
  });
  connect(table_, &QTableView::activated, this, &MatrixPanel::openPlan);
  connect(table_->horizontalHeader(), &QHeaderView::sectionResized, this,
          [this](int column, int, int width) { keepWidth(column, width); });
  connect(compare_, &QPushButton::clicked, this, &MatrixPanel::compare);
  connect(hold_, &QPushButton::clicked, this, [this] {
    const std::vector<Chosen> all = chosen();
    if (all.size() == 1) wayBack_.hold(all[0].column->application, all[0].row->revision);
  });
  connect(rollback_, &QPushButton::clicked, this, [this] {
    const std::vector<Chosen> all = chosen();
    if (all.size() != 1) return;
    const Chosen& one = all.front();
    wayBack_.rollback(one.column->application, one.cell->entry);
  });
  connect(&wayBack, &WayBack::busyChanged, this, [this](bool busy) {
    busy_ = busy;
    showChosen();
  });
  refresh();
}

void MatrixPanel::refresh() {
  const std::vector<std::string> all = models::repositoriesOf(session_.cache());
  QStringList names;
  for (const std::string& name : all) names << qs(name);
  QStringList shown;
  for (int i = 0; i < repository_->count(); ++i) shown << repository_->itemText(i);
  if (names != shown) {
    const QString current = repository_->currentText();
    const QSignalBlocker blocker(repository_);
    repository_->clear();
    repository_->addItems(names);
    // The one with the most environments is where one looks first.
    std::size_t most = 0;
    for (int i = 0; i < names.size(); ++i) {
      const std::size_t columns =
          models::matrixOf(session_.cache(), all[std::size_t(i)], 0).columns.size();
      if (names[i] == current || (!names.contains(current) && columns > most)) {
        repository_->setCurrentIndex(i);
        most = columns;
      }
    }
  }
  repository_->setVisible(names.size() > 1);
  showMatrix();
}

void MatrixPanel::showMatrix() {
  std::set<std::pair<std::string, client::Key>> kept;
  for (const Chosen& one : chosen()) {
    kept.insert({one.row->revision.commit(), one.column->application});
  }
  const std::vector<models::Matrix::Column> before = model_.matrix().columns;
  model_.setMatrix(models::matrixOf(session_.cache(), repository_->currentText().toStdString(),
                                    models::nowMs()));
  if (model_.matrix().columns != before) layOut();
  if (!kept.empty() && !table_->selectionModel()->hasSelection()) {
    QItemSelection selection;
    for (int row = 0; row < model_.rowCount(); ++row) {
      for (int column = MatrixModel::kFixedColumns; column < model_.columnCount(); ++column) {
        const auto& matrix = model_.matrix();
        const std::pair cell(
            matrix.rows[std::size_t(row)].revision.commit(),
            matrix.columns[std::size_t(column - MatrixModel::kFixedColumns)].application);
        if (kept.contains(cell))
          selection.select(model_.index(row, column), model_.index(row, column));
      }
    }
    restoring_ = true;
    table_->selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
    restoring_ = false;
  }
  showChosen();
}

void MatrixPanel::select(const client::Key& application, const std::string& commit) {
  const client::ObjectPtr found = session_.cache().find(client::Kind::kApplication, application);
  if (found == nullptr) return;
  repository_->setCurrentText(qs(models::repositoryOf(session_.cache(), found->application())));
  const std::string& wanted =
      commit.empty() ? found->application().status().applied().commit() : commit;
  const models::Matrix& matrix = model_.matrix();
  const auto row = std::ranges::find(
      matrix.rows, wanted, [](const models::Matrix::Row& each) { return each.revision.commit(); });
  const auto column =
      std::ranges::find(matrix.columns, application, &models::Matrix::Column::application);
  if (row == matrix.rows.end() || column == matrix.columns.end()) return;
  table_->setCurrentIndex(
      model_.index(int(row - matrix.rows.begin()),
                   MatrixModel::kFixedColumns + int(column - matrix.columns.begin())));
}

std::vector<MatrixPanel::Chosen> MatrixPanel::chosen() const {
  std::vector<Chosen> all;
  const models::Matrix& matrix = model_.matrix();
  QModelIndexList selected = table_->selectionModel()->selectedIndexes();
  // The older one first: that is what one compares from.
  std::ranges::sort(selected, std::greater<>(), &QModelIndex::row);
  for (const QModelIndex& index : selected) {
    const auto column = std::size_t(index.column() - MatrixModel::kFixedColumns);
    const models::Matrix::Row& row = matrix.rows[std::size_t(index.row())];
    all.push_back({&row, &matrix.columns[column], &row.cells[column]});
  }
  return all;
}

WayBack::Side MatrixPanel::sideOf(const Chosen& chosen) const {
  return {chosen.row->revision.commit(), models::shortCommit(chosen.row->revision.commit())};
}

void MatrixPanel::showChosen() {
  const std::vector<Chosen> all = chosen();
  detail_->setText(textOf(all));
  showObjections(all);
}

// What somebody chose, not what is still chosen after a refresh: meanwhile they may inspect
// another.
void MatrixPanel::inspectChosen() {
  const std::vector<Chosen> all = chosen();
  if (restoring_ || all.size() != 1) return;
  navigator_.inspect(client::Kind::kApplication, all[0].column->application);
}

QString MatrixPanel::textOf(const std::vector<Chosen>& all) const {
  if (all.size() == 2) {
    return QStringLiteral("%1 in %2  →  %3 in %4")
        .arg(models::describeRevision(all[0].row->revision), all[0].column->title,
             models::describeRevision(all[1].row->revision), all[1].column->title);
  }
  if (all.size() != 1) return QStringLiteral("Select a cell, or two with Ctrl to compare them");
  const QString text = QStringLiteral("%1 in %2: %3")
                           .arg(models::describeRevision(all[0].row->revision),
                                all[0].column->title, all[0].cell->text);
  return all[0].cell->toolTip.isEmpty() ? text : text + '\n' + all[0].cell->toolTip;
}

bool MatrixPanel::isApplied(const Chosen& chosen) const {
  // The matrix is a little older than the cache.
  const client::ObjectPtr found =
      session_.cache().find(client::Kind::kApplication, chosen.column->application);
  return found != nullptr &&
         found->application().status().applied().commit() == chosen.row->revision.commit();
}

void MatrixPanel::showObjections(const std::vector<Chosen>& all) {
  const bool one = all.size() == 1;
  const QString selectOne = one ? QString() : QStringLiteral("Select one cell first");
  const bool applied = one && isApplied(all[0]);
  const bool same = all.size() == 2 && all[0].row == all[1].row;
  const auto object = [this](GatedButton* button, const QString& objection) {
    button->setObjection(busy_ ? QStringLiteral("Asking the controller") : objection);
  };
  compare_->setHint(one ? QStringLiteral("With what is applied in %1").arg(all[0].column->title)
                        : QStringLiteral("The two that are selected"));
  object(compare_, all.empty() || all.size() > 2 ? QStringLiteral("Select one or two cells first")
                   : applied ? QStringLiteral("This is what is applied: select another, or two")
                   : same    ? QStringLiteral("Both are the same revision")
                             : QString());
  object(hold_, !one                         ? selectOne
                : !all[0].cell->hold.empty() ? QStringLiteral("It is held already")
                                             : QString());
  object(rollback_, !one                         ? selectOne
                    : applied                    ? QStringLiteral("This is what is applied")
                    : all[0].cell->entry.empty() ? QStringLiteral("It was never applied there")
                                                 : QString());
}

void MatrixPanel::compare() {
  const std::vector<Chosen> all = chosen();
  if (all.size() == 2) {
    wayBack_.compare(all[1].column->application, sideOf(all[0]), sideOf(all[1]));
  } else if (all.size() == 1) {
    wayBack_.compare(all[0].column->application,
                     {{}, QStringLiteral("applied in %1").arg(all[0].column->title)},
                     sideOf(all[0]));
  }
}

void MatrixPanel::openPlan(const QModelIndex&) {
  const std::vector<Chosen> all = chosen();
  if (all.size() == 1 && !all[0].cell->plan.empty()) {
    navigator_.openObject(client::Kind::kPlan, {all[0].column->application.ns, all[0].cell->plan});
  }
}

// What somebody has set, else what the panel has room for: "What" takes what the others leave.
void MatrixPanel::layOut() {
  if (model_.columnCount() == 0) return;
  const QVariantMap kept = QSettings().value(kWidths).toMap();
  // Whether there are more rows than fit is not known yet.
  const int room = table_->width() - table_->verticalScrollBar()->sizeHint().width();
  constexpr int kCommitWidth = 80;
  constexpr int kAuthorWidth = 100;
  const int environments = std::max(1, model_.columnCount() - MatrixModel::kFixedColumns);
  const int each = std::clamp((room - kCommitWidth - kAuthorWidth - kNarrowestWhat) / environments,
                              kNarrowestEnvironment, kWidestEnvironment);
  QHeaderView& header = *table_->horizontalHeader();
  layingOut_ = true;
  int others = 0;
  for (int i = 0; i < model_.columnCount(); ++i) {
    if (i == kWhat) continue;
    const int usual = i == 0 ? kCommitWidth : i < MatrixModel::kFixedColumns ? kAuthorWidth : each;
    header.resizeSection(i, kept.value(widthName(i), usual).toInt());
    others += header.sectionSize(i);
  }
  const int left = std::max(kNarrowestWhat, room - others);
  header.resizeSection(kWhat, kept.value(widthName(kWhat), left).toInt());
  layingOut_ = false;
}

void MatrixPanel::keepWidth(int column, int width) {
  if (layingOut_ || column >= model_.columnCount()) return;
  QVariantMap kept = QSettings().value(kWidths).toMap();
  kept[widthName(column)] = width;
  QSettings().setValue(kWidths, kept);
}

QString MatrixPanel::widthName(int column) const {
  if (column < MatrixModel::kFixedColumns) {
    return model_.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString();
  }
  const client::Key& application =
      model_.matrix().columns[std::size_t(column - MatrixModel::kFixedColumns)].application;
  return qs(application.ns + "/" + application.name);
}

void MatrixPanel::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  layOut();
}

}  // namespace gantry::desktop
