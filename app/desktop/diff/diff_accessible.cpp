// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/diff/diff_accessible.h"

#include <QAccessibleWidget>

#include "app/desktop/diff/diff_view.h"
#include "app/models/text.h"

namespace gantry::desktop {
namespace {

class DiffAccessible : public QAccessibleWidget {
 public:
  explicit DiffAccessible(DiffView* view)
      : QAccessibleWidget(view, QAccessible::Document), view_(*view) {}

  QString text(QAccessible::Text which) const override {
    if (which == QAccessible::Value) return view_.visibleText();
    if (which == QAccessible::Description) {
      return models::counted(view_.changeCount(), QStringLiteral("change"));
    }
    return QAccessibleWidget::text(which);
  }

 private:
  const DiffView& view_;
};

QAccessibleInterface* makeAccessible(const QString&, QObject* object) {
  auto* view = qobject_cast<DiffView*>(object);
  return view == nullptr ? nullptr : new DiffAccessible(view);
}

}  // namespace

void makeDiffsAccessible() {
  static const bool once = (QAccessible::installFactory(makeAccessible), true);
  Q_UNUSED(once);
}

}  // namespace gantry::desktop
