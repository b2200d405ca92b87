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
  Q_PROPERTY(QString answer READ answer NOTIFY answerChanged)
  Q_PROPERTY(QString answeredRow READ answeredRow NOTIFY answerChanged)
  Q_PROPERTY(int answerTone READ answerTone NOTIFY answerChanged)

 public:
  RolloutsPage(Session& session, Navigator& navigator);

  QObject* rollouts() { return &rollouts_; }
  /// Id of the row to be scrolled to.
  QString wanted() const { return wanted_; }

  /// What the controller said last, and to the row of which "namespace/name".
  QString answer() const { return answer_; }
  QString answeredRow() const { return answeredRow_; }
  int answerTone() const { return int(answerTone_); }

  void reveal(client::Kind kind, const client::Key& key) override;

  /// Asks for confirmation, then sends.
  Q_INVOKABLE void pause(const QString& ns, const QString& name);
  Q_INVOKABLE void resume(const QString& ns, const QString& name);
  Q_INVOKABLE void logs(const QString& ns, const QString& name, const QString& pod);

 signals:
  void wantedChanged();
  void answerChanged();

 protected:
  void refresh() override;

 private:
  void send(bool pause, const QString& ns, const QString& name, const QString& reason);

  models::RowList rollouts_;
  QString wanted_;
  QString answer_;
  QString answeredRow_;
  models::Tone answerTone_ = models::Tone::kNeutral;
};

}  // namespace gantry::desktop
