// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QAbstractTableModel>
#include <deque>

#include "app/models/notices.h"

namespace gantry::desktop {

/// The notices of this session, newest first, shown as messages or not. The oldest of more than 500
/// are dropped.
class NoticeLog : public QAbstractTableModel {
  Q_OBJECT

 public:
  using QAbstractTableModel::QAbstractTableModel;

  void add(const models::Notice& notice);
  const models::Notice& at(int row) const { return entries_[std::size_t(row)].notice; }

  /// How many came since they were looked at.
  int unread() const { return unread_; }
  void markRead();

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 signals:
  void unreadChanged(int unread);

 private:
  struct Entry {
    QString at;
    models::Notice notice;
  };
  std::deque<Entry> entries_;
  int unread_ = 0;
};

}  // namespace gantry::desktop
