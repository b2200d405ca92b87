// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QColor>
#include <QQuickWidget>
#include <QTimer>

#include "app/desktop/pages/page.h"

namespace gantry::desktop {

/// Colours for QML: those of the widgets around it.
class QuickTheme : public QObject {
  Q_OBJECT
  Q_PROPERTY(QColor base READ base NOTIFY changed)
  Q_PROPERTY(QColor panel READ panel NOTIFY changed)
  Q_PROPERTY(QColor text READ text NOTIFY changed)
  Q_PROPERTY(QColor muted READ muted NOTIFY changed)
  Q_PROPERTY(QColor line READ line NOTIFY changed)
  Q_PROPERTY(QColor accent READ accent NOTIFY changed)

 public:
  using QObject::QObject;

  QColor base() const;
  QColor panel() const;
  QColor text() const;
  QColor muted() const;
  QColor line() const;
  QColor accent() const;

  /// Colour, faint colour and shape of a models::Tone.
  Q_INVOKABLE QColor tone(int tone) const;
  Q_INVOKABLE QColor wash(int tone) const;
  Q_INVOKABLE QString mark(int tone) const;

 signals:
  void changed();
};

/// A page drawn by QML. It sees `theme` and `page`; the scene is made when the page is first shown,
/// and the page's rows are refreshed at most some times a second, and only while it is visible.
class QuickPage : public Page {
  Q_OBJECT
  Q_PROPERTY(bool live READ isLive NOTIFY gateChanged)
  Q_PROPERTY(QString blocked READ blocked NOTIFY gateChanged)
  Q_PROPERTY(bool loaded READ isLoaded NOTIFY refreshed)

 public:
  QuickPage(Session& session, Navigator& navigator, const QString& qml);
  ~QuickPage() override;

  bool isLive() const;
  /// Why an operator's action cannot be offered now; empty if it can.
  QString blocked() const;
  bool isLoaded() const;

  /// Opens an object where it lives, by the words that QML knows.
  Q_INVOKABLE void openObject(const QString& kind, const QString& ns, const QString& name);
  Q_INVOKABLE void inspect(const QString& kind, const QString& ns, const QString& name);

 signals:
  void gateChanged();
  void refreshed();

 protected:
  void showEvent(QShowEvent* event) override;
  void changeEvent(QEvent* event) override;

  /// Looks at the cache again.
  virtual void refresh() = 0;

 private:
  void refreshNow();

  const QString qml_;
  QuickTheme theme_;
  QQuickWidget* view_ = nullptr;
  QTimer timer_;
};

}  // namespace gantry::desktop
