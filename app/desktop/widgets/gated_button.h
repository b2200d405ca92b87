// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QPushButton>

#include "app/desktop/session.h"

namespace gantry::desktop {

/// A button for something that changes the cluster: enabled only while the session allows it and
/// the page has nothing against it; the tool tip says why not.
class GatedButton : public QPushButton {
  Q_OBJECT

 public:
  GatedButton(const QString& text, Session& session, Role role, QWidget* parent = nullptr);

  /// The page's own reason against it; empty: none.
  void setObjection(const QString& reason);

  /// What the button does, while it can.
  void setHint(const QString& hint);

 private:
  void refresh();

  Session& session_;
  const Role role_;
  QString objection_;
  QString hint_;
};

}  // namespace gantry::desktop
