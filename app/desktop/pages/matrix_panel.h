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

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  struct Chosen {
    const models::Matrix::Row* row;
    const models::Matrix::Column* column;
    const models::MatrixCell* cell;
  };
  std::vector<Chosen> chosen() const;
  void showChosen();
  void inspectChosen();
  QString textOf(const std::vector<Chosen>& all) const;
  void showObjections(const std::vector<Chosen>& all);
  void showMatrix();
  void layOut();
  void keepWidth(int column, int width);
  QString widthName(int column) const;
  void openPlan(const QModelIndex& index);
  void compare();
  WayBack::Side sideOf(const Chosen& chosen) const;
  /// Whether this is the revision that is applied there.
  bool isApplied(const Chosen& chosen) const;

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
  /// Widths are set by the panel, not by a person.
  bool layingOut_ = false;
  /// The selection is put back after the rows changed.
  bool restoring_ = false;
};

}  // namespace gantry::desktop
