// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/logs/log_model.h"

#include <QDateTime>
#include <algorithm>

#include "app/models/text.h"

namespace gantry::desktop {

int LogModel::podNumber(const std::string& pod) {
  const auto [entry, isNew] = podNumbers_.emplace(pod, int(podNames_.size()));
  if (isNew) podNames_.push_back(pod);
  return entry->second;
}

void LogModel::append(const api::LogLines& lines) {
  std::vector<Line> fresh;
  for (const api::LogLine& line : lines.lines()) {
    fresh.push_back({line.text(), line.time_ns(), podNumber(line.pod()), line.is_stderr()});
  }
  insert(std::move(fresh));
  if (lines.dropped() > 0) {
    dropped_ += qint64(lines.dropped());
    appendNotice(QStringLiteral("▲ %1 left out: read too slowly")
                     .arg(models::counted(qint64(lines.dropped()), QStringLiteral("line"))));
  }
  if (!lines.notice().empty()) appendNotice(models::qs(lines.notice()));
}

void LogModel::appendNotice(const QString& text) {
  insert({Line{text.toStdString(), models::nowMs() * 1'000'000, kNotice, false}});
}

void LogModel::insert(std::vector<Line> lines) {
  if (lines.empty()) return;
  const int first = int(lines_.size());
  beginInsertRows({}, first, first + int(lines.size()) - 1);
  std::ranges::move(lines, std::back_inserter(lines_));
  endInsertRows();
  if (const int over = int(lines_.size()) - kLimit; over > 0) {
    beginRemoveRows({}, 0, over - 1);
    lines_.erase(lines_.begin(), lines_.begin() + over);
    endRemoveRows();
  }
}

void LogModel::clear() {
  beginResetModel();
  lines_.clear();
  podNumbers_.clear();
  podNames_.clear();
  dropped_ = 0;
  endResetModel();
}

int LogModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(lines_.size());
}

QVariant LogModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const Line& line = lines_[std::size_t(index.row())];
  switch (role) {
    case Qt::DisplayRole:
      return models::qs(line.text);
    case PodRole:
      return line.pod == kNotice ? QString() : models::qs(podNames_[std::size_t(line.pod)]);
    case PodNumberRole:
      return line.pod;
    case TimeRole:
      return QDateTime::fromMSecsSinceEpoch(line.timeNs / 1'000'000)
          .toString(QStringLiteral("HH:mm:ss.zzz"));
    case StderrRole:
      return line.isStderr;
    case NoticeRole:
      return line.pod == kNotice;
    default:
      return {};
  }
}

}  // namespace gantry::desktop
