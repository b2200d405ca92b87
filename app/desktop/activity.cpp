// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/activity.h"

#include <QTime>
#include <algorithm>

#include "app/models/object_table.h"
#include "app/models/text.h"

namespace gantry::desktop {
namespace {

constexpr std::size_t kKept = 1000;

}  // namespace

int ActivityModel::begin(const QString& what) {
  beginInsertRows({}, 0, 0);
  entries_.push_front({++lastNumber_, QTime::currentTime().toString(QStringLiteral("HH:mm:ss")),
                       what, QStringLiteral("sent, no answer yet"), models::Tone::kBusy});
  endInsertRows();
  if (entries_.size() > kKept) {
    beginRemoveRows({}, int(kKept), int(kKept));
    entries_.pop_back();
    endRemoveRows();
  }
  return lastNumber_;
}

void ActivityModel::finish(int number, const absl::Status& status, const QString& message) {
  const auto entry = std::ranges::find(entries_, number, &Entry::number);
  if (entry == entries_.end()) return;
  if (status.ok()) {
    entry->answer = message.isEmpty() ? QStringLiteral("done") : message;
    entry->tone = models::Tone::kGood;
  } else {
    entry->answer = QStringLiteral("refused: ") + models::qs(std::string(status.message()));
    entry->tone = models::Tone::kBad;
  }
  const int row = int(entry - entries_.begin());
  emit dataChanged(index(row, 0), index(row, columnCount() - 1));
}

int ActivityModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(entries_.size());
}

int ActivityModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : 3;
}

QVariant ActivityModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const Entry& entry = entries_[std::size_t(index.row())];
  if (role == models::ToneRole && index.column() == 2) return int(entry.tone);
  if (role == Qt::ToolTipRole) return entry.answer;
  if (role != Qt::DisplayRole) return {};
  switch (index.column()) {
    case 0:
      return entry.at;
    case 1:
      return entry.what;
    default:
      return models::toneMark(entry.tone) + ' ' + entry.answer;
  }
}

QVariant ActivityModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
  return QStringList{"When", "Request", "Answer"}.value(section);
}

}  // namespace gantry::desktop
