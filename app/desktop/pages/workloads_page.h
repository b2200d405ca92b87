// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QStackedWidget>
#include <QTabBar>
#include <array>

#include "app/desktop/pages/page.h"
#include "app/desktop/widgets/filter_bar.h"
#include "app/desktop/widgets/table_view.h"

namespace gantry::desktop {

/// Deployments, Pods, Jobs, Services and PodDisruptionBudgets as live tables. L shows logs of what
/// is selected, Shift+L those before the last restart.
class WorkloadsPage : public Page {
  Q_OBJECT

 public:
  WorkloadsPage(Session& session, Navigator& navigator);

  void activate() override;
  void reveal(client::Kind kind, const client::Key& key) override;
  void focusFilter() override { filter_->focusInput(); }

 private:
  void showKind(int index);
  void showLogs(bool previous);
  TableView& view(int index);

  QTabBar* tabs_;
  FilterBar* filter_;
  QStackedWidget* stack_;
  std::array<TableView*, 5> views_ = {};
};

/// The pods that belong to an object: itself, a Deployment's, a Job's, or those that a Service
/// selects.
std::vector<client::ObjectPtr> podsOf(const client::LiveCache& cache, const api::Object& object);

}  // namespace gantry::desktop
