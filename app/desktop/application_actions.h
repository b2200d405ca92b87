// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>
#include <string>

#include "app/desktop/session.h"

namespace gantry::desktop {

/// What an operator may do with an Application as a whole: sync, suspend and resume it. Each asks
/// first, refuses if the Application changed while it asked, and tells what the controller
/// answered.
class ApplicationActions : public QObject {
  Q_OBJECT

 public:
  /// `window` owns it, and the dialogs stand over it.
  ApplicationActions(Session& session, QWidget* window);

  // By value: while a dialog asks, what the caller looked at may be replaced.
  void sync(client::Key application);
  void suspend(client::Key application);
  void resume(client::Key application);

 signals:
  /// What came of it, for the control beside which it was asked: "✔ …", "✖ …".
  void answered(const gantry::client::Key& application, const QString& text);

 private:
  std::string suspensionOf(const client::Key& application);
  bool isUnchanged(const client::Key& application, const std::string& suspension);

  Session& session_;
  QWidget* window_;
};

}  // namespace gantry::desktop
