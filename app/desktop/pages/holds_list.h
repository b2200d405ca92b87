// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>

#include "app/desktop/session.h"

class QVBoxLayout;

namespace gantry::desktop {

/// The holds of some Applications: what is held back, by whom, since when and why, each with the
/// button that lifts it. Hidden while there are none.
class HoldsList : public QWidget {
  Q_OBJECT

 public:
  explicit HoldsList(Session& session, QWidget* parent = nullptr);

  /// Shows the holds that `scope` takes; null: all.
  void refresh(const std::function<bool(const api::Hold&)>& scope);

 signals:
  void liftWanted(const gantry::client::Key& hold);

 private:
  Session& session_;
  QVBoxLayout* rows_;
  std::vector<client::ObjectPtr> shown_;
};

}  // namespace gantry::desktop
