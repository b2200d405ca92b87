// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>
#include <string>

#include "app/desktop/session.h"

namespace gantry::desktop {

/// What can be done with a revision in the history: compared, held back, gone back to. Each asks
/// with a preview, and tells what the controller answered. Shared by the matrix and the timeline.
class WayBack : public QObject {
  Q_OBJECT

 public:
  /// `window` owns it, and the dialogs stand over it.
  WayBack(Session& session, QWidget* window);

  /// Asks what a rollback would do, shows it, and does it if it is confirmed with a reason.
  void rollback(const client::Key& application, const std::string& entry);

  /// Shows what differs; each side as in CompareRevisionsRequest, with a name for people.
  struct Side {
    std::string revision;
    QString name;
  };
  void compare(const client::Key& application, const Side& from, const Side& to);

  /// Asks for another revision of the Application, and shows what merging it would change, or how
  /// it differs from what is applied. `suggested`: name of a HistoryEntry, or empty.
  void compareWith(client::Key application, const std::string& suggested = {});

  // By value: while a dialog asks, what the caller looked at may be replaced.
  void hold(client::Key application, schema::Revision revision);
  void lift(client::Key hold);

 signals:
  /// A question is on its way to the controller, or no longer.
  void busyChanged(bool busy);
  /// What came of it: "✔ …", "▲ …", "✖ …".
  void answered(const QString& text);

 private:
  void confirmRollback(const api::RollbackRequest& request, const api::RollbackPreview& preview);
  void tellRollback(const absl::StatusOr<api::RollbackResponse>& response);
  void preview(const client::Key& application, const std::string& revision);
  void tell(const absl::Status& status, const QString& done, const QString& refused);

  Session& session_;
  QWidget* window_;
};

}  // namespace gantry::desktop
