// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QTimer>

#include "app/desktop/logs/log_model.h"
#include "app/desktop/session.h"

namespace gantry::desktop {

/// Logs of one or more pods of a namespace, merged by time. Follows; scrolling up pauses, End
/// follows again. The panel outlives its stream: when the link is lost the lines stay and the
/// stream is taken up again where it ended.
class LogPanel : public QWidget {
  Q_OBJECT

 public:
  explicit LogPanel(Session& session);
  ~LogPanel() override;

  void showPods(const QString& ns, const QStringList& pods, bool previous);
  LogModel& model() { return model_; }

 private:
  struct Inbox;

  void restart();
  void open(qint64 sinceMs);
  void takeLines();
  void onEnd(quint64 generation, const absl::Status& status);
  void refreshState();
  void follow();
  bool eventFilter(QObject* watched, QEvent* event) override;

  Session& session_;
  LogModel model_;
  QSortFilterProxyModel filtered_;
  QString ns_;
  QStringList pods_;
  QLabel* title_;
  QComboBox* since_;
  QCheckBox* previous_;
  QLineEdit* filter_;
  QPushButton* pause_;
  QLabel* state_;
  QListView* view_;
  std::shared_ptr<Inbox> inbox_;
  std::unique_ptr<client::Stream> stream_;
  quint64 generation_ = 0;
  bool following_ = true;
  int newLines_ = 0;
  qint64 lastTimeNs_ = 0;
  QTimer retry_;
};

}  // namespace gantry::desktop
