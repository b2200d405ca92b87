// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/pages/changes_page.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "app/desktop/theme.h"
#include "app/desktop/widgets/confirm_dialog.h"
#include "app/desktop/widgets/labels.h"
#include "app/models/text.h"

namespace gantry::desktop {
namespace {

using models::qs;

bool isOpen(const api::Object& object) {
  return object.plan().state() == api::PENDING || object.plan().state() == api::APPROVED;
}

bool sameContent(const api::Plan& a, const api::Plan& b) {
  return a.digest() == b.digest() && a.revision().commit() == b.revision().commit();
}

int countDeletions(const api::Plan& plan) {
  int count = 0;
  for (const api::PlannedChange& change : plan.changes()) count += change.action() == api::DELETE;
  return count;
}

QString approvalsText(const api::Plan& plan) {
  if (plan.approvals_required() == 0) return {};
  QString text = QStringLiteral("%1 of %2 approvals")
                     .arg(plan.approvals_size())
                     .arg(plan.approvals_required());
  for (const api::Approval& approval : plan.approvals()) {
    text += QStringLiteral(" · %1").arg(qs(approval.by()));
    if (!approval.comment().empty()) text += QStringLiteral(": \"%1\"").arg(qs(approval.comment()));
  }
  return text;
}

models::Tone stateTone(api::PlanState state) {
  switch (state) {
    case api::PENDING:
      return models::Tone::kWarning;
    case api::APPROVED:
      return models::Tone::kBusy;
    case api::APPLIED:
      return models::Tone::kGood;
    case api::FAILED:
    case api::REJECTED:
      return models::Tone::kBad;
    default:
      return models::Tone::kNeutral;
  }
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
  queue_->setEmptyText(
      QStringLiteral("No change waits. A push to a followed branch shows up here as a plan"));
  queue_->proxy().setScope(isOpen);
  queue_->sortByColumn(6, Qt::AscendingOrder);
  queue_->setFilterExample(QStringLiteral("application:prod  author=Ana"));
  filter_->setTable(queue_);
  setFocusProxy(queue_);
  connect(showEnded_, &QCheckBox::toggled, this, [this](bool all) {
    queue_->proxy().setScope(all ? std::function<bool(const api::Object&)>() : isOpen);
  });
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
  connect(queue_, &TableView::currentKeyChanged, this, &ChangesPage::choose);
  connect(&queue_->proxy(), &QAbstractItemModel::rowsInserted, this, [this] {
    if (!queue_->currentIndex().isValid() && key_.name.empty()) {
      queue_->setCurrentIndex(queue_->proxy().index(0, 0));
    }
  });
  refreshTimer_.setSingleShot(true);
  refreshTimer_.setInterval(150);
  connect(&refreshTimer_, &QTimer::timeout, this, &ChangesPage::refresh);
  connect(&session, &Session::updated, this, [this] {
    if (!refreshTimer_.isActive()) refreshTimer_.start();
  });
  if (queue_->proxy().rowCount() > 0) queue_->setCurrentIndex(queue_->proxy().index(0, 0));
}

QWidget* ChangesPage::makeReview() {
  auto* panel = new QWidget;
  auto* layout = new QVBoxLayout(panel);
  layout->setContentsMargins(0, 8, 16, 10);
  layout->setSpacing(6);
  title_ = headline({});
  meta_ = mutedLabel({});
  state_ = toneBadge({}, models::Tone::kNeutral);
  auto* head = new QHBoxLayout;
  head->addWidget(title_, 1);
  head->addWidget(state_);
  title_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  layout->addLayout(head);
  layout->addWidget(meta_);

  changed_ = toneBadge({}, models::Tone::kWarning);
  reviewAgain_ = new QPushButton(QStringLiteral("Review again"));
  auto* warning = new QHBoxLayout;
  warning->addWidget(changed_);
  warning->addWidget(reviewAgain_);
  warning->addStretch();
  layout->addLayout(warning);
  connect(reviewAgain_, &QPushButton::clicked, this, [this] {
    if (moved_ == nullptr) return;
    const client::Key key = client::keyOf(*moved_);
    key_ = key;
    showPlan(moved_->plan());
    queue_->select(key);
  });

  view_ = new PlanView;
  layout->addWidget(view_, 1);
  answer_ = plainLabel({}, true);
  layout->addWidget(answer_);
  comment_ = new QLineEdit;
  comment_->setPlaceholderText(QStringLiteral("Comment; a rejection needs one"));
  comment_->setAccessibleName(QStringLiteral("Comment"));
  approve_ = new GatedButton(QStringLiteral("Approve"), session_, Role::kApprover);
  reject_ = new GatedButton(QStringLiteral("Reject"), session_, Role::kApprover);
  approve_->setStyleSheet(QStringLiteral("QPushButton:enabled { font-weight: 600; color: %1 }")
                              .arg(theme::tone(models::Tone::kGood).name()));
  auto* decide = new QHBoxLayout;
  decide->addWidget(comment_, 1);
  decide->addWidget(reject_);
  decide->addWidget(approve_);
  layout->addLayout(decide);
  connect(approve_, &QPushButton::clicked, this, &ChangesPage::approve);
  connect(reject_, &QPushButton::clicked, this, &ChangesPage::reject);
  connect(comment_, &QLineEdit::textChanged, this, &ChangesPage::refresh);
  return panel;
}

void ChangesPage::reveal(client::Kind, const client::Key& key) {
  const client::ObjectPtr plan = session_.cache().find(client::Kind::kPlan, key);
  if (plan != nullptr && !isOpen(*plan)) showEnded_->setChecked(true);
  queue_->select(key);
}

void ChangesPage::choose() {
  const client::ObjectPtr plan = queue_->currentObject();
  // A row that left the queue keeps its plan on screen, with what became of it.
  if (plan == nullptr || queue_->currentKey() == key_) return;
  key_ = queue_->currentKey();
  comment_->clear();
  answer_->clear();
  showPlan(plan->plan());
}

void ChangesPage::showPlan(const api::Plan& plan) {
  review_->setCurrentIndex(1);
  moved_.reset();
  view_->setPlan(plan);
  refresh();
}

void ChangesPage::refresh() {
  if (key_.name.empty()) return;
  const client::ObjectPtr now = session_.cache().find(client::Kind::kPlan, key_);
  if (now != nullptr && sameContent(now->plan(), view_->plan())) {
    if (std::exchange(shown_, now) != now) view_->setPlan(now->plan());
  } else if (now != nullptr) {
    moved_ = now;
  }
  const api::Plan& plan = view_->plan();
  if (plan.state() == api::SUPERSEDED) {
    for (const auto& [key, object] : session_.cache().table(client::Kind::kPlan)) {
      const bool successor =
          key.ns == key_.ns && object->plan().application() == plan.application();
      if (successor && isOpen(*object)) moved_ = object;
    }
  }
  title_->setText(
      QStringLiteral("%1 \"%2\"")
          .arg(models::shortCommit(plan.revision().commit()), qs(plan.revision().subject())));
  const QString approvals = approvalsText(plan);
  meta_->setText(QStringLiteral("%1 · %2 ago · %3 → %4 · digest %5%6")
                     .arg(qs(plan.revision().author()),
                          models::age(plan.created_at(), models::nowMs()), qs(plan.application()),
                          session_.clusterName(), qs(plan.digest().substr(0, 12)),
                          approvals.isEmpty() ? QString() : QStringLiteral(" · ") + approvals));
  const api::PlanState state = plan.state();
  setToneBadge(*state_,
               plan.message().empty() ? QString::fromStdString(api::PlanState_Name(state))
                                      : qs(plan.message()),
               stateTone(state));
  changed_->setVisible(moved_ != nullptr);
  reviewAgain_->setVisible(moved_ != nullptr);
  changed_->setText(
      QStringLiteral("▲ Changed meanwhile: what is shown is not what would be applied"));
  answer_->setVisible(!answer_->text().isEmpty());

  QString objection;
  if (moved_ != nullptr) objection = QStringLiteral("Changed, review again");
  if (state != api::PENDING) objection = QStringLiteral("This plan waits for nothing any more");
  const QString what = QStringLiteral("%1 → %2").arg(models::shortCommit(plan.revision().commit()),
                                                     qs(plan.application()));
  approve_->setText(moved_ != nullptr ? QStringLiteral("Changed – review again")
                                      : QStringLiteral("Approve %1").arg(what));
  approve_->setObjection(objection);
  approve_->setHint(QStringLiteral("Approves exactly commit %1 with digest %2")
                        .arg(qs(plan.revision().commit()), qs(plan.digest())));
  reject_->setObjection(objection.isEmpty() && comment_->text().trimmed().isEmpty()
                            ? QStringLiteral("Write why first")
                            : objection);
}

void ChangesPage::approve() {
  const api::Plan& plan = view_->plan();
  if (const int deletions = countDeletions(plan); deletions > 0) {
    const bool strict = session_.context().production || deletions > 20;
    ConfirmDialog dialog(session_,
                         {.title = QStringLiteral("Approve, and delete %1?")
                                       .arg(models::counted(deletions, QStringLiteral("object"))),
                          .text = QStringLiteral("What is deleted is gone with all it ran."),
                          .action = QStringLiteral("Approve with deletions"),
                          .preview = pinnedRisks(plan).join('\n'),
                          .needsReason = false,
                          .typeName = strict ? qs(plan.application()) : QString(),
                          .role = Role::kApprover},
                         this);
    if (dialog.exec() != QDialog::Accepted) return;
  }
  api::ApprovePlanRequest request;
  request.set_namespace_(plan.namespace_());
  request.set_plan(plan.name());
  request.set_commit(plan.revision().commit());
  request.set_digest(plan.digest());
  request.set_comment(comment_->text().trimmed().toStdString());
  approve_->setObjection(QStringLiteral("Sent, waiting for the answer"));
  session_.call<api::ApprovePlanRequest, api::Plan>(
      QStringLiteral("Approve %1 (%2)")
          .arg(qs(plan.name()), models::shortCommit(plan.revision().commit())),
      &client::Connection::approvePlan, std::move(request), this,
      [this](const absl::StatusOr<api::Plan>& answer) {
        showAnswer(answer, QStringLiteral("Approved"));
      });
}

void ChangesPage::reject() {
  const api::Plan& plan = view_->plan();
  api::RejectPlanRequest request;
  request.set_namespace_(plan.namespace_());
  request.set_plan(plan.name());
  request.set_commit(plan.revision().commit());
  request.set_digest(plan.digest());
  request.set_reason(comment_->text().trimmed().toStdString());
  session_.call<api::RejectPlanRequest, api::Plan>(
      QStringLiteral("Reject %1").arg(qs(plan.name())), &client::Connection::rejectPlan,
      std::move(request), this, [this](const absl::StatusOr<api::Plan>& answer) {
        showAnswer(answer, QStringLiteral("Rejected"));
      });
}

void ChangesPage::showAnswer(const absl::StatusOr<api::Plan>& answer, const QString& done) {
  answer_->setText(
      answer.ok()
          ? QStringLiteral("✔ %1. %2").arg(done, qs(answer->message()))
          : QStringLiteral("✖ Refused: %1").arg(qs(std::string(answer.status().message()))));
  if (answer.ok()) comment_->clear();
  refresh();
}

}  // namespace gantry::desktop
