// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QDialog>

#include "app/desktop/session.h"

namespace gantry::desktop {

class PlanView;

/// What differs between two revisions of an Application, with the diff of each object. Changes
/// nothing.
class CompareDialog : public QDialog {
  Q_OBJECT

 public:
  CompareDialog(Session& session, const QString& from, const QString& to, const api::Plan& plan,
                QWidget* parent);

  PlanView& view() { return *view_; }

 private:
  PlanView* view_;
};

}  // namespace gantry::desktop
