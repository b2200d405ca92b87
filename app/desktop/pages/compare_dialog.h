// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QDialog>

#include "app/desktop/session.h"

namespace gantry::desktop {

class PlanView;

/// What is compared, in words for people.
struct Comparison {
  QString application;
  QString from;
  QString to;
  /// What the controller said of it; may be empty.
  QString note;
};

/// What differs between two revisions of an Application, with the diff of each object. Changes
/// nothing.
class CompareDialog : public QDialog {
  Q_OBJECT

 public:
  CompareDialog(Session& session, const Comparison& comparison, const api::Plan& plan,
                QWidget* parent);

  PlanView& view() { return *view_; }

 private:
  PlanView* view_;
};

/// How a revision was looked at, Plan.preview, as a title: "after merging feature".
QString previewTitle(const std::string& preview, const QString& revision);

}  // namespace gantry::desktop
