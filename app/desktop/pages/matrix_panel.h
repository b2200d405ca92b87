// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QComboBox>
#include <QLabel>
#include <QTableView>

#include "app/desktop/navigator.h"
#include "app/desktop/pages/way_back.h"
#include "app/desktop/widgets/gated_button.h"
#include "app/models/matrix.h"

namespace gantry::desktop {

/// Revisions against environments, for one repository: where each is, was, waits or is held. One
/// cell can be compared with what is applied there, gone back to, and held; two cells are compared
/// with each other.
class MatrixPanel : public QWidget {
  Q_OBJECT

 public:
  MatrixPanel(Session& session, Navigator& navigator, WayBack& wayBack);

  void refresh();

  /// Shows the Application's repository and selects what is applied there, or `commit`.
  void select(const client::Key& application, const std::string& commit = {});

  QTableView& table() { return *table_; }

 private:
  struct Chosen {
    const models::Matrix::Row* row;
    const models::Matrix::Column* column;
    const models::MatrixCell* cell;
  };
  std::vector<Chosen> chosen() const;
  void showChosen();
  void showMatrix();
  void openPlan(const QModelIndex& index);
  void compare();
  WayBack::Side sideOf(const Chosen& chosen) const;

  Session& session_;
  Navigator& navigator_;
  WayBack& wayBack_;
  QComboBox* repository_;
  QTableView* table_;
  models::MatrixModel model_;
  QLabel* detail_;
  GatedButton* compare_;
  GatedButton* hold_;
  GatedButton* rollback_;
  bool busy_ = false;
};

}  // namespace gantry::desktop
