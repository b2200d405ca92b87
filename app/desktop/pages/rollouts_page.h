// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/desktop/pages/quick_page.h"
#include "app/models/row_list.h"

namespace gantry::desktop {

/// Every Deployment as rows of blocks, one a replica, new over old, with the reason of the first
/// failure; pause and resume. qml/Rollouts.qml draws it.
class RolloutsPage : public QuickPage {
  Q_OBJECT
  Q_PROPERTY(QObject* rollouts READ rollouts CONSTANT)
  Q_PROPERTY(QString wanted READ wanted NOTIFY wantedChanged)

 public:
  RolloutsPage(Session& session, Navigator& navigator);

  QObject* rollouts() { return &rollouts_; }
  /// Id of the row to be scrolled to.
  QString wanted() const { return wanted_; }

  void reveal(client::Kind kind, const client::Key& key) override;

  /// Asks for confirmation, then sends.
  Q_INVOKABLE void pause(const QString& ns, const QString& name);
  Q_INVOKABLE void resume(const QString& ns, const QString& name);
  Q_INVOKABLE void logs(const QString& ns, const QString& name, const QString& pod);

 signals:
  void wantedChanged();

 protected:
  void refresh() override;

 private:
  void send(bool pause, const QString& ns, const QString& name, const QString& reason);

  models::RowList rollouts_;
  QString wanted_;
};

}  // namespace gantry::desktop
