// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>

#include "app/desktop/navigator.h"
#include "app/desktop/session.h"

namespace gantry::desktop {

/// One of the six places. Made when first opened.
class Page : public QWidget {
  Q_OBJECT

 public:
  Page(Session& session, Navigator& navigator) : session_(session), navigator_(navigator) {}

  /// The page came into sight: what is selected on it goes to the inspector.
  virtual void activate() {}

  /// Shows one object, if the page has it.
  virtual void reveal(client::Kind, const client::Key&) {}

  /// `/` was pressed.
  virtual void focusFilter() {}

 protected:
  Session& session_;
  Navigator& navigator_;
};

}  // namespace gantry::desktop
