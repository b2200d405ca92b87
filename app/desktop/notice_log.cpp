// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/notice_log.h"

#include <QTime>
#include <utility>

#include "app/models/object_table.h"

namespace gantry::desktop {
namespace {

constexpr std::size_t kKeptNotices = 500;

}  // namespace

void NoticeLog::add(const models::Notice& notice) {
  beginInsertRows({}, 0, 0);
  entries_.push_front({QTime::currentTime().toString(QStringLiteral("HH:mm:ss")), notice});
  endInsertRows();
  if (entries_.size() > kKeptNotices) {
    beginRemoveRows({}, int(kKeptNotices), int(kKeptNotices));
    entries_.pop_back();
    endRemoveRows();
  }
  emit unreadChanged(++unread_);
}

void NoticeLog::markRead() {
  if (std::exchange(unread_, 0) != 0) emit unreadChanged(0);
}

int NoticeLog::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(entries_.size());
}

int NoticeLog::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : 3;
}

QVariant NoticeLog::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const Entry& entry = entries_[std::size_t(index.row())];
  if (role == models::ToneRole && index.column() == 1) return int(entry.notice.tone);
  if (role == Qt::ToolTipRole) return entry.notice.text;
  if (role != Qt::DisplayRole) return {};
  switch (index.column()) {
    case 0:
      return entry.at;
    case 1:
      return models::toneMark(entry.notice.tone) + ' ' + entry.notice.title;
    default:
      return entry.notice.text;
  }
}

QVariant NoticeLog::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
  return QStringList{"When", "What", "Details"}.value(section);
}

}  // namespace gantry::desktop
