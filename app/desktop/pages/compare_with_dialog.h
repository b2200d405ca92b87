// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QComboBox>
#include <QDialog>

#include "app/desktop/session.h"

namespace gantry::desktop {

/// Asks which revision an Application is to be compared with: a branch, a tag or a commit that is
/// typed, or an entry of its history that is chosen.
class CompareWithDialog : public QDialog {
  Q_OBJECT

 public:
  /// `suggested`: name of the HistoryEntry that stands there at first; may be empty.
  CompareWithDialog(Session& session, const client::Key& application, const std::string& suggested,
                    QWidget* parent);

  /// What was typed, or the name of the HistoryEntry that was chosen.
  std::string revision() const;
  bool isEntry() const;

 private:
  /// Number of the entry that the text says, in the box; -1: it says none.
  int chosenEntry() const;

  QComboBox* revision_;
};

}  // namespace gantry::desktop
