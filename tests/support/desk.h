// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QApplication>
#include <QDialog>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QQuickWindow>
#include <QSettings>
#include <QStandardPaths>
#include <QTest>
#include <QTimer>
#include <functional>

#include "app/desktop/main_window.h"
#include "app/desktop/pages/page.h"
#include "app/desktop/session.h"
#include "app/desktop/theme.h"
#include "tests/support/demo_cluster.h"

namespace gantry::support {

/// Of one test program: settings of its own, which are empty, the light scheme, and no GPU.
inline void prepareDesktop(const QString& organisation) {
  QStandardPaths::setTestModeEnabled(true);
  QCoreApplication::setOrganizationName(organisation);
  QQuickWindow::setGraphicsApi(QSGRendererInterface::Software);
  QSettings().clear();
  desktop::theme::apply(desktop::theme::Scheme::kLight);
}

/// Server, session and window of one test.
struct Desk {
  support::FakeControlServer server;
  support::DemoCluster cluster{server};
  desktop::Session session;
  desktop::MainWindow window;

  /// A context of production opens locked: it is unlocked here, unless `readOnly`.
  explicit Desk(bool readOnly = false)
      : session(context(readOnly), client::connectOver(server.channel())), window(session) {
    if (!readOnly) session.setReadOnly(false);
    window.resize(1300, 800);
    window.show();
    session.start();
  }
  static client::Context context(bool readOnly) {
    client::Context context;
    context.name = "prod-eu";
    context.production = true;
    context.readOnly = readOnly;
    return context;
  }
  bool waitLive() {
    return QTest::qWaitFor(
        [this] { return session.blockedReason(desktop::Role::kOperator).isEmpty(); }, 10'000);
  }
};

/// The button whose text begins so; of several one that is to be seen. Null: none.
template <class T = QPushButton>
T* button(QWidget& in, const QString& beginning) {
  T* hidden = nullptr;
  for (T* candidate : in.findChildren<T*>()) {
    if (!candidate->text().startsWith(beginning)) continue;
    if (candidate->isVisible()) return candidate;
    hidden = candidate;
  }
  return hidden;
}

inline QLineEdit* input(QWidget& in, const QString& name) {
  for (QLineEdit* candidate : in.findChildren<QLineEdit*>()) {
    if (candidate->accessibleName() == name) return candidate;
  }
  return nullptr;
}

/// Whether a label says that.
inline bool shows(QWidget& in, const QString& text) {
  for (const QLabel* label : in.findChildren<QLabel*>()) {
    if (label->text().contains(text)) return true;
  }
  return false;
}

/// Runs `act` on the next modal dialog, once it is there.
inline void onDialog(QObject* owner, std::function<void(QDialog&)> act) {
  auto* timer = new QTimer(owner);
  QObject::connect(timer, &QTimer::timeout, owner, [timer, act = std::move(act)] {
    auto* dialog = qobject_cast<QDialog*>(QApplication::activeModalWidget());
    if (dialog == nullptr) return;
    timer->stop();
    act(*dialog);
  });
  timer->start(20);
}

}  // namespace gantry::support
