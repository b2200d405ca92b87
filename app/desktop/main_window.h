// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QMainWindow>
#include <QStackedWidget>
#include <array>
#include <optional>

#include "app/desktop/link.h"
#include "app/desktop/navigator.h"
#include "app/desktop/session.h"

class QLabel;
class QSplitter;

namespace gantry::desktop {

class BottomDock;
class HeaderBar;
class Inspector;
class Notifier;
class Page;
class SideBar;

/// The frame around the six places: the cluster's colour all round, header, left bar, page,
/// inspector, dock and status bar. Pages are made when first opened.
class MainWindow : public QMainWindow {
  Q_OBJECT

 public:
  explicit MainWindow(Session& session);
  ~MainWindow() override;

  Navigator& navigator() { return navigator_; }
  BottomDock& dock() { return *dock_; }
  Notifier& notifier() { return *notifier_; }

  /// The place's page, made if need be.
  Page& page(Place place);
  Place currentPlace() const { return current_; }

  /// Comes to the front and shows what a link leads to, as soon as all is received: a plan under
  /// Changes, or what became of it in the History; an Application in the History. Says so if there
  /// is none.
  void openLink(const Link& link);

 signals:
  /// The window was painted for the first time.
  void firstFrame();

 protected:
  bool event(QEvent* event) override;

 private:
  QWidget* makeBody();
  void makeActions();
  void makeStatusBar();
  void showPlace(Place place, client::Kind kind, const client::Key& key);
  void showInspector();
  void toggleInspector();
  void openPalette();
  void showShortcuts();
  void showNotices();
  void openWantedLink();
  void refreshStatus();
  void restore();

  Session& session_;
  Navigator navigator_;
  std::optional<Link> wantedLink_;
  std::array<Page*, 6> pages_ = {};
  Place current_ = Place::kOverview;
  QStackedWidget* stack_ = nullptr;
  HeaderBar* header_ = nullptr;
  SideBar* sideBar_ = nullptr;
  Inspector* inspector_ = nullptr;
  BottomDock* dock_ = nullptr;
  Notifier* notifier_ = nullptr;
  QSplitter* columns_ = nullptr;
  QSplitter* rows_ = nullptr;
  QLabel* revision_ = nullptr;
  QLabel* counts_ = nullptr;
  QLabel* identity_ = nullptr;
  QTimer statusTimer_;
  bool painted_ = false;
  bool wantsInspector_ = true;
};

}  // namespace gantry::desktop
