// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/pages/quick_page.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QQmlContext>
#include <QQmlEngine>
#include <QQuickItem>
#include <QVBoxLayout>
#include <algorithm>

#include "app/desktop/theme.h"

namespace gantry::desktop {
namespace {

constexpr int kRefreshMs = 150;
/// A refresh may take this part of the time, however large the cluster is.
constexpr int kRefreshShare = 10;

QColor role(QPalette::ColorRole role) {
  return QApplication::palette().color(role);
}

client::Key keyOf(const QString& ns, const QString& name) {
  return {ns.toStdString(), name.toStdString()};
}

}  // namespace

QColor QuickTheme::base() const {
  return role(QPalette::Base);
}
QColor QuickTheme::panel() const {
  return role(QPalette::Window);
}
QColor QuickTheme::text() const {
  return role(QPalette::Text);
}
QColor QuickTheme::muted() const {
  return theme::muted();
}
QColor QuickTheme::line() const {
  return theme::line();
}
QColor QuickTheme::accent() const {
  return role(QPalette::Highlight);
}
QColor QuickTheme::tone(int tone) const {
  return theme::tone(static_cast<models::Tone>(tone));
}
QColor QuickTheme::wash(int tone) const {
  return theme::toneWash(static_cast<models::Tone>(tone));
}
QString QuickTheme::mark(int tone) const {
  return models::toneMark(static_cast<models::Tone>(tone));
}

QuickPage::QuickPage(Session& session, Navigator& navigator, const QString& qml)
    : Page(session, navigator), qml_(qml) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  timer_.setSingleShot(true);
  timer_.setInterval(kRefreshMs);
  connect(&timer_, &QTimer::timeout, this, &QuickPage::refreshNow);
  connect(&session, &Session::updated, this, [this] {
    if (isVisible() && !timer_.isActive()) timer_.start();
  });
  connect(&session, &Session::gateChanged, this, &QuickPage::gateChanged);
}

// The scene looks at the theme and at the page: it goes first.
QuickPage::~QuickPage() {
  delete view_;
}

bool QuickPage::isLive() const {
  return session_.freshness().isLive();
}

QString QuickPage::blocked() const {
  return session_.blockedReason(Role::kOperator);
}

bool QuickPage::isLoaded() const {
  return session_.cache().hasSnapshot();
}

void QuickPage::openObject(const QString& kind, const QString& ns, const QString& name) {
  navigator_.openObject(client::kindOf(kind.toStdString()), keyOf(ns, name));
}

void QuickPage::inspect(const QString& kind, const QString& ns, const QString& name) {
  navigator_.inspect(client::kindOf(kind.toStdString()), keyOf(ns, name));
}

void QuickPage::refreshNow() {
  QElapsedTimer spent;
  spent.start();
  refresh();
  emit refreshed();
  timer_.setInterval(std::max(kRefreshMs, int(spent.elapsed()) * kRefreshShare));
}

void QuickPage::showEvent(QShowEvent* event) {
  Page::showEvent(event);
  refreshNow();
  if (view_ != nullptr) return;
  view_ = new QQuickWidget(this);
  view_->setResizeMode(QQuickWidget::SizeRootObjectToView);
  view_->setClearColor(theme_.base());
  view_->rootContext()->setContextProperty(QStringLiteral("theme"), &theme_);
  view_->rootContext()->setContextProperty(QStringLiteral("page"), this);
  view_->setSource(QUrl(QStringLiteral("qrc:/qml/") + qml_));
  view_->setFocusPolicy(Qt::StrongFocus);
  layout()->addWidget(view_);
  setFocusProxy(view_);
  view_->setFocus();
}

void QuickPage::changeEvent(QEvent* event) {
  Page::changeEvent(event);
  if (event->type() != QEvent::PaletteChange) return;
  emit theme_.changed();
  if (view_ == nullptr) return;
  // Colours that come from functions are bound once: the scene is made again.
  view_->setClearColor(theme_.base());
  const QUrl source = view_->source();
  view_->setSource({});
  view_->setSource(source);
}

}  // namespace gantry::desktop
