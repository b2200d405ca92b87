// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/widgets/dialog_body.h"

#include "app/desktop/theme.h"
#include "app/desktop/widgets/labels.h"

namespace gantry::desktop {
namespace {

QWidget* clusterStrip(Session& session) {
  const client::Context& context = session.context();
  const QColor color = theme::contextColor(context.color, context.name);
  QString text = session.clusterName();
  if (context.production) text += QStringLiteral("  ·  PRODUCTION");
  auto* strip = new QLabel(text);
  strip->setTextFormat(Qt::PlainText);
  strip->setStyleSheet(
      QStringLiteral("background: %1; color: %2; padding: 6px 20px; font-weight: 600;")
          .arg(color.name(), theme::textOn(color).name()));
  return strip;
}

}  // namespace

QVBoxLayout* dialogBody(QDialog& dialog, Session& session, const QString& title) {
  auto* layout = new QVBoxLayout(&dialog);
  layout->setContentsMargins(0, 0, 0, 16);
  layout->addWidget(clusterStrip(session));
  auto* body = new QVBoxLayout;
  body->setContentsMargins(20, 4, 20, 0);
  body->setSpacing(10);
  body->addWidget(wrappedHeadline(title));
  layout->addLayout(body, 1);
  return body;
}

}  // namespace gantry::desktop
