// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QAbstractListModel>
#include <QVariantMap>
#include <vector>

namespace gantry::models {

/// A short list for QML: rows are maps with a unique "id". A new state is taken in as the
/// difference to the old one (rows removed, inserted, moved, changed), so that what is on screen
/// stays in place.
class RowList : public QAbstractListModel {
  Q_OBJECT
  Q_PROPERTY(int count READ count NOTIFY countChanged)

 public:
  /// `fields`: the keys that delegates may use, as role names.
  explicit RowList(const QStringList& fields, QObject* parent = nullptr);

  void setRows(std::vector<QVariantMap> rows);

  int count() const { return int(rows_.size()); }
  int rowCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QHash<int, QByteArray> roleNames() const override;

 signals:
  void countChanged();

 private:
  int find(const QVariant& id, int from) const;

  QStringList fields_;
  std::vector<QVariantMap> rows_;
};

}  // namespace gantry::models
