// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/widgets/stale_frame.h"

#include <QEvent>
#include <QPainter>
#include <array>

#include "app/desktop/theme.h"

namespace gantry::desktop {
namespace {

constexpr int kEdge = 6;

}  // namespace

StaleFrame::StaleFrame(Session& session, QWidget* over) : QWidget(over), session_(session) {
  setAttribute(Qt::WA_TransparentForMouseEvents);
  setFocusPolicy(Qt::NoFocus);
  over->installEventFilter(this);
  connect(&session, &Session::gateChanged, this, [this] {
    setVisible(!session_.freshness().isLive());
    raise();
    update();
  });
}

bool StaleFrame::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::Resize || event->type() == QEvent::ChildAdded) {
    resize(parentWidget()->size());
    raise();
  }
  return QWidget::eventFilter(watched, event);
}

void StaleFrame::paintEvent(QPaintEvent*) {
  if (!session_.cache().hasSnapshot()) return;
  QPainter painter(this);
  QColor ink = theme::tone(session_.freshness().state == client::Freshness::kResync
                               ? models::Tone::kBusy
                               : models::Tone::kWarning);
  const QBrush hatch(ink, Qt::BDiagPattern);
  const int w = width(), h = height();
  for (const QRect& edge : std::array{QRect(0, 0, w, kEdge), QRect(0, h - kEdge, w, kEdge),
                                      QRect(0, kEdge, kEdge, h - 2 * kEdge),
                                      QRect(w - kEdge, kEdge, kEdge, h - 2 * kEdge)}) {
    painter.fillRect(edge, hatch);
  }
}

}  // namespace gantry::desktop
