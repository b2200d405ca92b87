// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QAbstractTableModel>
#include <deque>

#include "absl/status/status.h"
#include "app/models/health.h"

namespace gantry::desktop {

/// Every request that this person sent, with the server's answer, newest first. Nothing is fired
/// and forgotten. The oldest of more than 1,000 are dropped.
class ActivityModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  using QAbstractTableModel::QAbstractTableModel;

  /// A request went out. Returns its number for finish().
  int begin(const QString& what);
  void finish(int number, const absl::Status& status, const QString& message);

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  struct Entry {
    int number;
    QString at;
    QString what;
    QString answer;
    models::Tone tone;
  };
  std::deque<Entry> entries_;
  int lastNumber_ = 0;
};

}  // namespace gantry::desktop
