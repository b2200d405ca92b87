// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/widgets/gated_button.h"

namespace gantry::desktop {

GatedButton::GatedButton(const QString& text, Session& session, Role role, QWidget* parent)
    : QPushButton(text, parent), session_(session), role_(role) {
  // Enter must never be the quick way to a change.
  setAutoDefault(false);
  connect(&session, &Session::gateChanged, this, &GatedButton::refresh);
  refresh();
}

void GatedButton::setObjection(const QString& reason) {
  objection_ = reason;
  refresh();
}

void GatedButton::setHint(const QString& hint) {
  hint_ = hint;
  refresh();
}

void GatedButton::refresh() {
  const QString blocked = session_.blockedReason(role_);
  const QString reason = blocked.isEmpty() ? objection_ : blocked;
  setEnabled(reason.isEmpty());
  setToolTip(reason.isEmpty() ? hint_ : reason);
}

}  // namespace gantry::desktop
