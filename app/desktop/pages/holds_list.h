// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QScrollArea>

#include "app/desktop/session.h"

class QVBoxLayout;

namespace gantry::desktop {

/// The holds of some Applications: what is held back, by whom, since when and why, each with the
/// button that lifts it. Hidden while there are none; of many, some are seen and the others
/// scrolled to.
class HoldsList : public QScrollArea {
  Q_OBJECT

 public:
  explicit HoldsList(Session& session, QWidget* parent = nullptr);

  /// Shows the holds that `scope` takes; null: all.
  void refresh(const std::function<bool(const api::Hold&)>& scope);

 signals:
  void liftWanted(const gantry::client::Key& hold);

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void clear();
  QWidget* makeRow(const client::ObjectPtr& object);
  void fitHeight();

  Session& session_;
  QVBoxLayout* rows_;
  std::vector<client::ObjectPtr> shown_;
};

}  // namespace gantry::desktop
