// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QComboBox>
#include <QDialog>
#include <QLineEdit>

#include "app/desktop/session.h"

namespace gantry::desktop {

/// What is to be confirmed. The more it can break, the more it asks.
struct Question {
  QString title;
  /// What will happen, in a sentence or two.
  QString text;
  /// The verb and the object, for the button: "Drain node-1".
  QString action;
  /// The list of what is touched; empty: none is shown.
  QString preview;
  bool needsReason = false;
  /// To be typed before the button works; empty: nothing.
  QString typeName;
  Role role = Role::kOperator;
  /// To choose one of, under a name; empty: nothing.
  QString choiceName = {};
  QStringList choices = {};
  /// A reason may be given, and need not be.
  bool takesReason = false;
};

/// Whether what deletes so many objects asks for the name: any in production, more than 20
/// elsewhere.
bool mustTypeName(const Session& session, int deletions);

/// One step of the confirmation ladder. Shows the cluster's colour and name and who will act; focus
/// starts on Cancel, and the levels look different. Texts are plain, never rich.
class ConfirmDialog : public QDialog {
  Q_OBJECT

 public:
  ConfirmDialog(Session& session, const Question& question, QWidget* parent);

  /// The reason that was typed.
  QString reason() const;

  /// Number of the choice, from 0; -1: there was none.
  int choice() const { return choice_ == nullptr ? -1 : choice_->currentIndex(); }

 private:
  QLineEdit* reason_ = nullptr;
  QComboBox* choice_ = nullptr;
};

}  // namespace gantry::desktop
