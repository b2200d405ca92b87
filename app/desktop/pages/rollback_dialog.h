// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QDialog>
#include <QLineEdit>

#include "app/desktop/session.h"

namespace gantry::desktop {

class PlanView;

/// What a rollback would do, with its diff, what stops the bad commit from coming back, and the
/// reason to be given; the Application's name as well, where what it deletes asks for it. Bound to
/// the preview's digest.
class RollbackDialog : public QDialog {
  Q_OBJECT

 public:
  RollbackDialog(Session& session, const api::RollbackRequest& request,
                 const api::RollbackPreview& preview, QWidget* parent);

  QString reason() const { return reason_->text().trimmed(); }
  PlanView& view() { return *view_; }

 private:
  QLayout* makeBottom(Session& session, const QString& application, bool typeName);

  PlanView* view_;
  QLineEdit* reason_;
};

}  // namespace gantry::desktop
