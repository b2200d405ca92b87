// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QAbstractListModel>
#include <deque>
#include <map>

#include "controller/api/control.pb.h"

namespace gantry::desktop {

/// Lines of logs in the order in which they came, merged over pods. A ring: beyond the limit the
/// oldest go. What the server left out and its remarks are lines of their own, never hidden.
class LogModel : public QAbstractListModel {
  Q_OBJECT

 public:
  enum Role { PodRole = Qt::UserRole + 1, PodNumberRole, TimeRole, StderrRole, NoticeRole };
  static constexpr int kLimit = 200'000;

  using QAbstractListModel::QAbstractListModel;

  void append(const api::LogLines& lines);
  void appendNotice(const QString& text);
  void clear();

  qint64 dropped() const { return dropped_; }

  int rowCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;

 private:
  struct Line {
    // Bytes as received: half of what QString would take, for what is mostly never looked at.
    std::string text;
    qint64 timeNs;
    int pod;
    bool isStderr;
  };
  static constexpr int kNotice = -1;

  int podNumber(const std::string& pod);
  void insert(std::vector<Line> lines);

  std::deque<Line> lines_;
  std::map<std::string, int> podNumbers_;
  std::vector<std::string> podNames_;
  qint64 dropped_ = 0;
};

}  // namespace gantry::desktop
