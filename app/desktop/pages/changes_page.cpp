// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/pages/changes_page.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "app/client/plan_queue.h"
#include "app/client/review.h"
#include "app/desktop/theme.h"
#include "app/desktop/widgets/labels.h"
#include "app/models/plan_words.h"
#include "app/models/text.h"

namespace gantry::desktop {
namespace {

using models::qs;

bool sameContent(const api::Plan& a, const api::Plan& b) {
  return a.digest() == b.digest() && a.revision().commit() == b.revision().commit();
}

/// What is different from the plan that somebody had approved already.
QStringList sinceLines(const api::Plan& plan) {
  if (plan.replaces().empty() || !client::isOpen(plan)) return {};
  QStringList lines(
      QStringLiteral("▲ Changed since %1, which had approvals").arg(qs(plan.replaces())));
  for (const std::string& line : plan.changed_since()) lines << QStringLiteral("    ") + qs(line);
  return lines;
}

/// Of what the two sides of the diff are.
std::pair<QString, QString> sidesOf(const api::Plan& plan) {
  if (!client::isOpen(plan)) return {QStringLiteral("Before"), QStringLiteral("After")};
  if (client::isRepair(plan)) {
    return {QStringLiteral("Live (drifted)"), QStringLiteral("As approved in Git")};
  }
  return {QStringLiteral("Live now"), QStringLiteral("After approval")};
}

int columnOf(const QString& id) {
  static const models::Columns columns = models::planColumns();
  const auto found = std::ranges::find(columns, id, &models::Column::id);
  return int(found - columns.begin());
}

void setInk(QLabel& label, models::Tone tone) {
  label.setStyleSheet(QStringLiteral("color: %1").arg(theme::tone(tone).name()));
}

}  // namespace

ChangesPage::ChangesPage(Session& session, Navigator& navigator)
    : Page(session, navigator),
      filter_(new FilterBar),
      showEnded_(new QCheckBox(QStringLiteral("ended ones too"))),
      queue_(new TableView(QStringLiteral("Plans"), session.table(client::Kind::kPlan))),
      review_(new QStackedWidget) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(16, 12, 0, 0);
  auto* top = new QHBoxLayout;
  top->setContentsMargins(0, 0, 16, 0);
  top->addWidget(headline(QStringLiteral("Changes")));
  top->addSpacing(12);
  top->addWidget(filter_, 1);
  top->addWidget(showEnded_);
  layout->addLayout(top);
  setFocusProxy(queue_);
  auto* split = new QSplitter(Qt::Vertical);
  split->addWidget(queue_);
  QLabel* none = mutedLabel(QStringLiteral("Select a plan to see what it would do"));
  none->setAlignment(Qt::AlignHCenter | Qt::AlignTop);
  none->setMargin(24);
  review_->addWidget(none);
  review_->addWidget(makeReview());
  split->addWidget(review_);
  split->setStretchFactor(1, 1);
  split->setSizes({130, 520});
  layout->addWidget(split, 1);
  connectQueue();
  refreshTimer_.setSingleShot(true);
  refreshTimer_.setInterval(150);
  connect(&refreshTimer_, &QTimer::timeout, this, &ChangesPage::refresh);
  connect(&session, &Session::updated, this, [this] {
    if (!refreshTimer_.isActive()) refreshTimer_.start();
  });
  refresh();
  if (queue_->proxy().rowCount() > 0) queue_->setCurrentIndex(queue_->proxy().index(0, 0));
}

void ChangesPage::connectQueue() {
  queue_->setEmptyText(
      QStringLiteral("No change waits. A push to a followed branch shows up here as a plan"));
  queue_->setFilterExample(QStringLiteral("application:prod  author=Ana"));
  queue_->sortAtFirst(columnOf(QStringLiteral("age")), Qt::AscendingOrder);
  queue_->setColumnHidden(columnOf(QStringLiteral("ns")), true);
  filter_->setTable(queue_);
  const auto inQueue = [this](const api::Object& object) { return isInQueue(object); };
  queue_->proxy().setScope(inQueue);
  connect(showEnded_, &QCheckBox::toggled, this, [this, inQueue](bool all) {
    queue_->proxy().setScope(all ? std::function<bool(const api::Object&)>() : inQueue);
  });
  connect(queue_, &TableView::currentKeyChanged, this, &ChangesPage::choose);
  connect(queue_->selectionModel(), &QItemSelectionModel::selectionChanged, this,
          &ChangesPage::choose);
  connect(queue_, &TableView::opened, this, [this](const client::Key& key) {
    queue_->select(key);
    view_->diff().setFocus();
  });
  connect(&session_.table(client::Kind::kPlan), &QAbstractItemModel::rowsInserted, this,
          [this] { plansCame_ = true; });
  connect(&queue_->proxy(), &QAbstractItemModel::rowsInserted, this, [this] {
    if (!queue_->currentIndex().isValid() && shown_ == nullptr) {
      queue_->setCurrentIndex(queue_->proxy().index(0, 0));
    }
  });
}

QLayout* ChangesPage::makeHead() {
  title_ = headline({});
  title_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  state_ = toneBadge({}, models::Tone::kNeutral);
  auto* head = new QHBoxLayout;
  head->addWidget(title_, 1);
  head->addWidget(state_);
  return head;
}

QLayout* ChangesPage::makeWarning() {
  changed_ =
      toneBadge(QStringLiteral("▲ Changed meanwhile: what is shown is not what would be applied"),
                models::Tone::kWarning);
  reviewAgain_ = new QPushButton(QStringLiteral("Review again"));
  connect(reviewAgain_, &QPushButton::clicked, this, &ChangesPage::reviewAgain);
  auto* warning = new QHBoxLayout;
  warning->addWidget(changed_);
  warning->addWidget(reviewAgain_);
  warning->addStretch();
  return warning;
}

QWidget* ChangesPage::makeReview() {
  auto* panel = new QWidget;
  auto* layout = new QVBoxLayout(panel);
  layout->setContentsMargins(0, 8, 16, 10);
  layout->setSpacing(6);
  layout->addLayout(makeHead());
  meta_ = mutedLabel({});
  meta_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  layout->addWidget(meta_);
  outcome_ = plainLabel({}, true);
  layout->addWidget(outcome_);
  layout->addLayout(makeWarning());
  difference_ = new LineBox;
  since_ = new LineBox;
  for (LineBox* box : {difference_, since_}) {
    box->setInk(models::Tone::kWarning);
    layout->addWidget(box);
  }
  view_ = new PlanView(nullptr, this);
  panel_ = new ReviewPanel;
  auto* beside = new QSplitter(Qt::Horizontal);
  beside->addWidget(view_);
  beside->addWidget(panel_);
  beside->setStretchFactor(0, 1);
  beside->setSizes({800, 270});
  beside->setCollapsible(0, false);
  layout->addWidget(beside, 1);
  decision_ = new DecisionBar(session_);
  layout->addWidget(decision_);
  return panel;
}

bool ChangesPage::isInQueue(const api::Object& object) const {
  return client::isInQueue(session_.cache(), object.plan());
}

void ChangesPage::reveal(client::Kind, const client::Key& key) {
  const client::ObjectPtr plan = session_.cache().find(client::Kind::kPlan, key);
  if (plan != nullptr && !isInQueue(*plan)) showEnded_->setChecked(true);
  queue_->select(key);
}

// Only what somebody selected is shown: as a row goes, its neighbour becomes current, and nobody
// has asked for that one.
void ChangesPage::choose() {
  if (!queue_->isCurrentSelected()) return;
  const client::ObjectPtr plan = queue_->currentObject();
  if (plan == nullptr || (shown_ != nullptr && client::keyOf(*shown_) == client::keyOf(*plan))) {
    return;
  }
  showPlan(plan);
  refresh();
}

void ChangesPage::showPlan(const client::ObjectPtr& plan) {
  review_->setCurrentIndex(1);
  shown_ = plan;
  view_->setPlan(plan->plan());
}

void ChangesPage::reviewAgain() {
  if (moved_ == nullptr) return;
  const client::ObjectPtr plan = moved_;
  decision_->setSuccessor(plan);
  showPlan(plan);
  queue_->select(client::keyOf(*plan));
  refresh();
}

void ChangesPage::refresh() {
  refreshQueue();
  if (shown_ == nullptr) return;
  refreshShown();
  const api::Plan& plan = shown_->plan();
  refreshHead(plan);
  refreshChanged();
  panel_->setPlan(plan);
  decision_->setPlan(shown_, moved_ != nullptr ? QStringLiteral("Changed – review again")
                             : isGone_         ? QStringLiteral("Gone from the controller")
                                               : QString());
}

void ChangesPage::refreshQueue() {
  if (std::exchange(plansCame_, false)) {
    session_.table(client::Kind::kPlan).touchColumn(columnOf(QStringLiteral("state")));
  }
  const client::Table& plans = session_.cache().table(client::Kind::kPlan);
  const bool several =
      !plans.empty() && plans.begin()->first.ns != std::prev(plans.end())->first.ns;
  if (std::exchange(severalNamespaces_, several) != several) {
    queue_->setColumnHidden(columnOf(QStringLiteral("ns")), !several);
  }
}

/// Takes in what became of the plan on screen, as long as it is the one that was looked at.
void ChangesPage::refreshShown() {
  const client::LiveCache& cache = session_.cache();
  const client::ObjectPtr now = cache.find(client::Kind::kPlan, client::keyOf(*shown_));
  isGone_ = now == nullptr && cache.hasSnapshot();
  const bool same = now == nullptr || sameContent(now->plan(), shown_->plan());
  if (same && now != nullptr && now != shown_) {
    shown_ = now;
    view_->setPlan(now->plan());
  }
  moved_ = same ? client::successorOf(cache, shown_->plan()) : now;
}

void ChangesPage::refreshHead(const api::Plan& plan) {
  title_->setText(models::planTitle(plan));
  const qint64 now = models::nowMs();
  meta_->setText(QStringLiteral("%1 · %2 ago · %3 → %4 · digest %5")
                     .arg(qs(plan.revision().author()), models::age(plan.created_at(), now),
                          qs(plan.application()), session_.clusterName(),
                          qs(plan.digest().substr(0, 12))));
  meta_->setToolTip(qs(plan.digest()));
  const models::Tone tone = models::planTone(plan.state());
  setToneBadge(*state_, models::planStateName(plan.state()), tone);
  state_->setToolTip(qs(plan.message()));
  outcome_->setText(models::outcomeText(plan, now));
  outcome_->setVisible(!outcome_->text().isEmpty());
  setInk(*outcome_, tone);
  const auto [before, after] = sidesOf(plan);
  view_->diff().setTitles(before, after);
}

void ChangesPage::refreshChanged() {
  const bool changed = moved_ != nullptr;
  changed_->setVisible(changed);
  reviewAgain_->setVisible(changed);
  QStringList lines;
  if (changed) {
    for (const std::string& line : client::changedBetween(shown_->plan(), moved_->plan())) {
      lines << QStringLiteral("    ") + qs(line);
    }
  }
  difference_->setLines(lines);
  since_->setLines(changed ? QStringList() : sinceLines(shown_->plan()));
}

}  // namespace gantry::desktop
