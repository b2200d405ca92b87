// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QDialog>

namespace gantry::desktop {

/// All keys on one page (`?`).
class ShortcutsDialog : public QDialog {
  Q_OBJECT

 public:
  explicit ShortcutsDialog(QWidget* parent);
};

}  // namespace gantry::desktop
