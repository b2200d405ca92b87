// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/widgets/filter_bar.h"

#include <QHBoxLayout>
#include <QKeyEvent>

#include "app/desktop/theme.h"
#include "app/desktop/widgets/labels.h"

namespace gantry::desktop {
namespace {

constexpr auto kTypedProperty = "gantryFilterText";

}  // namespace

FilterBar::FilterBar(QWidget* parent)
    : QWidget(parent), input_(new QLineEdit), count_(mutedLabel({})) {
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  input_->setClearButtonEnabled(true);
  input_->setAccessibleName(QStringLiteral("Filter"));
  input_->setMinimumWidth(200);
  input_->installEventFilter(this);
  layout->addWidget(input_, 1);
  layout->addWidget(count_);
  debounce_.setSingleShot(true);
  debounce_.setInterval(60);
  connect(input_, &QLineEdit::textEdited, &debounce_, qOverload<>(&QTimer::start));
  connect(input_, &QLineEdit::textChanged, this, [this](const QString& text) {
    if (text.isEmpty()) debounce_.start();
  });
  connect(&debounce_, &QTimer::timeout, this, &FilterBar::applyNow);
}

void FilterBar::setTable(TableView* table) {
  for (const QMetaObject::Connection& connection : connections_) disconnect(connection);
  connections_.clear();
  debounce_.stop();
  table_ = table;
  QStringList ids;
  for (const models::Column& column : table->proxy().table().columns()) ids << column.id;
  input_->setText(table->property(kTypedProperty).toString());
  input_->setPlaceholderText(QStringLiteral("Filter  /      %1").arg(table->filterExample()));
  input_->setToolTip(QStringLiteral("Columns: %1").arg(ids.join(QStringLiteral(", "))));
  for (const auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved}) {
    connections_ << connect(&table->proxy(), signal, this, &FilterBar::showCount);
  }
  connections_ << connect(&table->proxy(), &QAbstractItemModel::modelReset, this,
                          &FilterBar::showCount);
  showCount();
}

void FilterBar::focusInput() {
  input_->setFocus();
  input_->selectAll();
}

bool FilterBar::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::KeyPress) {
    const int key = static_cast<QKeyEvent*>(event)->key();
    if (key == Qt::Key_Escape || key == Qt::Key_Down || key == Qt::Key_Return) {
      if (key == Qt::Key_Escape) input_->clear();
      applyNow();
      if (table_ != nullptr) table_->setFocus();
      return true;
    }
  }
  return QWidget::eventFilter(watched, event);
}

void FilterBar::applyNow() {
  debounce_.stop();
  if (table_ == nullptr || table_->property(kTypedProperty).toString() == input_->text()) return;
  table_->setProperty(kTypedProperty, input_->text());
  table_->proxy().setFilterText(input_->text());
}

void FilterBar::showCount() {
  const int shown = table_->proxy().rowCount();
  const int all = table_->proxy().table().rowCount();
  count_->setText(shown == all ? QString::number(all)
                               : QStringLiteral("%1 of %2").arg(shown).arg(all));
}

}  // namespace gantry::desktop
