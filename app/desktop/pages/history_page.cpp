// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/pages/history_page.h"

#include <QHBoxLayout>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <set>

#include "app/desktop/pages/audit_panel.h"
#include "app/desktop/pages/holds_list.h"
#include "app/desktop/pages/matrix_panel.h"
#include "app/desktop/widgets/labels.h"
#include "app/models/text.h"

namespace gantry::desktop {
namespace {

using models::qs;

constexpr int kKeyNs = Qt::UserRole;
constexpr int kKeyName = Qt::UserRole + 1;

QString detailText(const api::HistoryEntry& entry) {
  QStringList lines;
  lines << QStringLiteral("%1, from %2")
               .arg(models::describeRevision(entry.revision()),
                    models::describeRevision(entry.previous()));
  QString how = QStringLiteral("%1 by %2").arg(qs(entry.cause()), qs(entry.initiator()));
  if (!entry.reason().empty()) how += QStringLiteral(": %1").arg(qs(entry.reason()));
  lines << how;
  if (entry.has_override()) {
    lines << QStringLiteral("▲ overridden by %1: %2")
                 .arg(qs(entry.override().by()), qs(entry.override().reason()));
  }
  if (entry.has_revert()) {
    lines << QStringLiteral("↩ in Git as %1").arg(models::describeRevision(entry.revert()));
  }
  for (const api::Approval& approval : entry.approvals()) {
    lines << QStringLiteral("✔ approved by %1 %2%3")
                 .arg(qs(approval.by()), models::clock(approval.at(), models::nowMs()),
                      approval.comment().empty()
                          ? QString()
                          : QStringLiteral(": \"%1\"").arg(qs(approval.comment())));
  }
  return lines.join('\n');
}

}  // namespace

HistoryPage::HistoryPage(Session& session, Navigator& navigator)
    : Page(session, navigator),
      wayBack_(new WayBack(session, this)),
      views_(new QTabBar),
      stack_(new QStackedWidget),
      matrix_(new MatrixPanel(session, navigator, *wayBack_)),
      audit_(new AuditPanel(session, navigator)),
      holds_(new HoldsList(session)),
      answer_(plainLabel({}, true)),
      application_(new QComboBox),
      filter_(new FilterBar),
      timeline_(
          new TableView(QStringLiteral("History"), session.table(client::Kind::kHistoryEntry))),
      detail_(plainLabel({}, true)),
      compare_(new GatedButton(QStringLiteral("Compare with…"), session, Role::kViewer)),
      rollback_(new GatedButton(QStringLiteral("Roll back to this…"), session, Role::kOperator)) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(16, 12, 0, 10);
  auto* top = new QHBoxLayout;
  top->setContentsMargins(0, 0, 16, 0);
  top->addWidget(headline(QStringLiteral("History")));
  top->addSpacing(12);
  views_->addTab(QStringLiteral("Matrix"));
  views_->addTab(QStringLiteral("Timeline"));
  views_->addTab(QStringLiteral("Audit"));
  views_->setDrawBase(false);
  views_->setAccessibleName(QStringLiteral("How the history is shown"));
  top->addWidget(views_);
  top->addStretch();
  layout->addLayout(top);
  stack_->addWidget(matrix_);
  stack_->addWidget(makeTimeline());
  stack_->addWidget(audit_);
  layout->addWidget(stack_, 1);
  auto* bottom = new QVBoxLayout;
  bottom->setContentsMargins(0, 0, 16, 0);
  bottom->addWidget(holds_);
  bottom->addWidget(answer_);
  layout->addLayout(bottom);
  answer_->hide();
  setFocusProxy(matrix_);

  connect(views_, &QTabBar::currentChanged, this, &HistoryPage::showView);
  connect(wayBack_, &WayBack::answered, this, &HistoryPage::tell);
  connect(wayBack_, &WayBack::busyChanged, this, [this](bool busy) {
    busy_ = busy;
    refreshDetail();
  });
  connect(holds_, &HoldsList::liftWanted, wayBack_, &WayBack::lift);
  timer_.setSingleShot(true);
  timer_.setInterval(200);
  connect(&timer_, &QTimer::timeout, this, &HistoryPage::refresh);
  connect(&session, &Session::updated, this, [this] {
    if (isVisible() && !timer_.isActive()) timer_.start();
  });
  refresh();
}

QWidget* HistoryPage::makeTimeline() {
  auto* panel = new QWidget;
  auto* layout = new QVBoxLayout(panel);
  layout->setContentsMargins(0, 0, 0, 0);
  auto* top = new QHBoxLayout;
  top->setContentsMargins(0, 0, 16, 0);
  application_->setAccessibleName(QStringLiteral("Application"));
  application_->setMinimumWidth(180);
  application_->addItem(QStringLiteral("All Applications"));
  top->addWidget(application_);
  top->addWidget(filter_, 1);
  layout->addLayout(top);
  timeline_->sortByColumn(0, Qt::DescendingOrder);
  timeline_->setEmptyText(QStringLiteral("Nothing has been applied yet"));
  timeline_->setFilterExample(QStringLiteral("cause=rollback  outcome!=Healthy"));
  filter_->setTable(timeline_);
  layout->addWidget(timeline_, 1);
  auto* bottom = new QHBoxLayout;
  bottom->setContentsMargins(0, 4, 16, 0);
  bottom->addWidget(detail_, 1);
  bottom->addWidget(compare_, 0, Qt::AlignBottom);
  bottom->addWidget(rollback_, 0, Qt::AlignBottom);
  layout->addLayout(bottom);
  rollback_->setHint(QStringLiteral("Shows what would change and restart before anything is done"));
  connect(application_, &QComboBox::currentIndexChanged, this, &HistoryPage::chooseApplication);
  connect(timeline_, &TableView::currentKeyChanged, this, [this] {
    refreshDetail();
    if (const client::ObjectPtr object = timeline_->currentObject()) {
      const api::HistoryEntry& entry = object->history_entry();
      navigator_.inspect(client::Kind::kApplication, {entry.namespace_(), entry.application()});
    }
  });
  connect(timeline_, &TableView::opened, this, &HistoryPage::openPlan);
  compare_->setHint(
      QStringLiteral("What this revision, a branch, a tag or a commit would change in what runs"));
  connect(compare_, &QPushButton::clicked, this, [this] {
    const client::ObjectPtr object = timeline_->currentObject();
    if (object == nullptr) return;
    const api::HistoryEntry& entry = object->history_entry();
    wayBack_->compareWith({entry.namespace_(), entry.application()}, entry.name());
  });
  connect(rollback_, &QPushButton::clicked, this, [this] {
    const client::ObjectPtr object = timeline_->currentObject();
    if (object == nullptr) return;
    const api::HistoryEntry& entry = object->history_entry();
    wayBack_->rollback({entry.namespace_(), entry.application()}, entry.name());
  });
  return panel;
}

void HistoryPage::focusFilter() {
  if (views_->currentIndex() == kAudit) return audit_->focusFilter();
  views_->setCurrentIndex(kTimeline);
  filter_->focusInput();
}

void HistoryPage::showView(int view) {
  stack_->setCurrentIndex(view);
  setFocusProxy(stack_->currentWidget() == matrix_ || view == kAudit
                    ? stack_->currentWidget()
                    : static_cast<QWidget*>(timeline_));
  refresh();
}

void HistoryPage::openPlan(const client::Key& entry) {
  const client::ObjectPtr object = session_.cache().find(client::Kind::kHistoryEntry, entry);
  if (object == nullptr) return;
  const client::Key plan{entry.ns, object->history_entry().plan()};
  if (session_.cache().find(client::Kind::kPlan, plan) == nullptr) {
    return tell(QStringLiteral("· The plan of %1 is no longer kept").arg(qs(entry.name)));
  }
  navigator_.openObject(client::Kind::kPlan, plan);
}

void HistoryPage::tell(const QString& text) {
  answer_->setText(text);
  answer_->show();
}

void HistoryPage::refresh() {
  refreshApplications();
  matrix_->refresh();
  if (views_->currentIndex() == kAudit) audit_->refresh();
  refreshHolds();
  refreshDetail();
}

void HistoryPage::reveal(client::Kind kind, const client::Key& key) {
  refresh();
  if (kind == client::Kind::kHistoryEntry) {
    views_->setCurrentIndex(kTimeline);
    application_->setCurrentIndex(0);
    timeline_->select(key);
  } else if (kind == client::Kind::kAuditRecord) {
    views_->setCurrentIndex(kAudit);
    audit_->select(key);
  } else if (kind == client::Kind::kHold) {
    const client::ObjectPtr hold = session_.cache().find(kind, key);
    views_->setCurrentIndex(kMatrix);
    if (hold != nullptr) {
      matrix_->select({hold->hold().namespace_(), hold->hold().application()},
                      hold->hold().commit());
    }
  } else {
    views_->setCurrentIndex(kMatrix);
    matrix_->select(key);
    navigator_.inspect(client::Kind::kApplication, key);
  }
  // What had it may be hidden now.
  setFocus();
}

void HistoryPage::refreshApplications() {
  std::set<client::Key> known;
  for (int i = 1; i < application_->count(); ++i) {
    known.insert({application_->itemData(i, kKeyNs).toString().toStdString(),
                  application_->itemData(i, kKeyName).toString().toStdString()});
  }
  for (const auto& [key, object] : session_.cache().table(client::Kind::kApplication)) {
    if (known.contains(key)) continue;
    application_->addItem(qs(key.ns.empty() ? key.name : key.ns + "/" + key.name));
    application_->setItemData(application_->count() - 1, qs(key.ns), kKeyNs);
    application_->setItemData(application_->count() - 1, qs(key.name), kKeyName);
  }
}

void HistoryPage::chooseApplication() {
  if (application_->currentIndex() == 0) {
    timeline_->proxy().setScope(nullptr);
  } else {
    timeline_->proxy().setScope(
        [ns = application_->currentData(kKeyNs).toString().toStdString(),
         name = application_->currentData(kKeyName).toString().toStdString()](
            const api::Object& object) {
          const api::HistoryEntry& entry = object.history_entry();
          return entry.application() == name && entry.namespace_() == ns;
        });
  }
  refreshHolds();
}

void HistoryPage::refreshHolds() {
  const std::string application = application_->currentData(kKeyName).toString().toStdString();
  if (views_->currentIndex() != kTimeline || application.empty()) return holds_->refresh(nullptr);
  holds_->refresh([ns = application_->currentData(kKeyNs).toString().toStdString(),
                   application](const api::Hold& hold) {
    return hold.application() == application && hold.namespace_() == ns;
  });
}

void HistoryPage::refreshDetail() {
  const client::ObjectPtr object = timeline_->currentObject();
  detail_->setText(object == nullptr ? QStringLiteral("Select what you want to go back to")
                                     : detailText(object->history_entry()));
  compare_->setObjection(busy_               ? QStringLiteral("Asking the controller")
                         : object == nullptr ? QStringLiteral("Select a revision first")
                                             : QString());
  rollback_->setObjection(busy_ ? QStringLiteral("Asking what it would do")
                          : object == nullptr
                              ? QStringLiteral("Select the revision to go back to first")
                              : QString());
}

}  // namespace gantry::desktop
