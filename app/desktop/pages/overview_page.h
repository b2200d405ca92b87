// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QVariantMap>

#include "app/desktop/pages/quick_page.h"
#include "app/models/row_list.h"

namespace gantry::desktop {

/// Is it healthy? Exceptions first, with cause and the commit before; what waits for a person; the
/// rest as counts. qml/Overview.qml draws it.
class OverviewPage : public QuickPage {
  Q_OBJECT
  Q_PROPERTY(QVariantMap counts READ counts NOTIFY refreshed)
  Q_PROPERTY(QObject* exceptions READ exceptions CONSTANT)
  Q_PROPERTY(QObject* plans READ plans CONSTANT)
  Q_PROPERTY(QObject* applications READ applications CONSTANT)

 public:
  OverviewPage(Session& session, Navigator& navigator);

  QVariantMap counts() const { return counts_; }
  QObject* exceptions() { return &exceptions_; }
  QObject* plans() { return &plans_; }
  QObject* applications() { return &applications_; }

 protected:
  void refresh() override;

 private:
  QVariantMap counts_;
  models::RowList exceptions_;
  models::RowList plans_;
  models::RowList applications_;
};

}  // namespace gantry::desktop
