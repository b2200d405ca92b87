// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/pages/changes_page.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "app/client/review.h"
#include "app/desktop/theme.h"
#include "app/desktop/widgets/confirm_dialog.h"
#include "app/desktop/widgets/labels.h"
#include "app/models/notices.h"
#include "app/models/text.h"

namespace gantry::desktop {
namespace {

using models::qs;

bool isOpen(const api::Object& object) {
  return client::isOpen(object.plan());
}

bool sameContent(const api::Plan& a, const api::Plan& b) {
  return a.digest() == b.digest() && a.revision().commit() == b.revision().commit();
}

int countDeletions(const api::Plan& plan) {
  int count = 0;
  for (const api::PlannedChange& change : plan.changes()) count += change.action() == api::DELETE;
  return count;
}

/// What is different from the plan that somebody had approved already.
QString sinceText(const api::Plan& plan) {
  if (plan.replaces().empty()) return {};
  QStringList lines(
      QStringLiteral("▲ Changed since %1, which had approvals").arg(qs(plan.replaces())));
  for (const std::string& line : plan.changed_since()) lines << QStringLiteral("    ") + qs(line);
  return lines.join('\n');
}

QString stateText(api::PlanState state) {
  QString text = QString::fromStdString(api::PlanState_Name(state)).toLower();
  if (!text.isEmpty()) text[0] = text[0].toUpper();
  return text;
}

models::Tone stateTone(api::PlanState state) {
  switch (state) {
    case api::PENDING:
      return models::Tone::kWarning;
    case api::APPROVED:
    case api::APPLYING:
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

  since_ = plainLabel({}, true);
  since_->setStyleSheet(
      QStringLiteral("color: %1").arg(theme::tone(models::Tone::kWarning).name()));
  layout->addWidget(since_);
  view_ = new PlanView;
  panel_ = new ReviewPanel;
  auto* beside = new QSplitter(Qt::Horizontal);
  beside->addWidget(view_);
  beside->addWidget(panel_);
  beside->setStretchFactor(0, 1);
  beside->setSizes({800, 270});
  beside->setCollapsible(0, false);
  layout->addWidget(beside, 1);
  note_ = plainLabel({}, true);
  layout->addWidget(note_);
  answer_ = plainLabel({}, true);
  layout->addWidget(answer_);
  comment_ = new QLineEdit;
  comment_->setPlaceholderText(QStringLiteral("Comment; a rejection needs one"));
  comment_->setAccessibleName(QStringLiteral("Comment"));
  approve_ = new GatedButton(QStringLiteral("Approve"), session_, Role::kApprover);
  reject_ = new GatedButton(QStringLiteral("Reject"), session_, Role::kApprover);
  override_ = new GatedButton(QStringLiteral("Override…"), session_, Role::kOperator);
  approve_->setStyleSheet(QStringLiteral("QPushButton:enabled { font-weight: 600; color: %1 }")
                              .arg(theme::tone(models::Tone::kGood).name()));
  auto* decide = new QHBoxLayout;
  decide->addWidget(comment_, 1);
  decide->addWidget(override_);
  decide->addWidget(reject_);
  decide->addWidget(approve_);
  layout->addLayout(decide);
  connect(approve_, &QPushButton::clicked, this, &ChangesPage::approve);
  connect(reject_, &QPushButton::clicked, this, &ChangesPage::reject);
  connect(override_, &QPushButton::clicked, this, &ChangesPage::override);
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
  sent_.clear();
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
  meta_->setText(QStringLiteral("%1 · %2 ago · %3 → %4 · digest %5")
                     .arg(qs(plan.revision().author()),
                          models::age(plan.created_at(), models::nowMs()), qs(plan.application()),
                          session_.clusterName(), qs(plan.digest().substr(0, 12))));
  meta_->setToolTip(qs(plan.digest()));
  setToneBadge(*state_, stateText(plan.state()), stateTone(plan.state()));
  state_->setToolTip(qs(plan.message()));
  since_->setText(sinceText(plan));
  since_->setVisible(!since_->text().isEmpty());
  panel_->setPlan(plan);
  changed_->setVisible(moved_ != nullptr);
  reviewAgain_->setVisible(moved_ != nullptr);
  changed_->setText(
      QStringLiteral("▲ Changed meanwhile: what is shown is not what would be applied"));
  answer_->setVisible(!answer_->text().isEmpty());
  refreshDecision(plan);
}

void ChangesPage::refreshDecision(const api::Plan& plan) {
  QString objection = sent_;
  if (moved_ != nullptr) objection = QStringLiteral("Changed, review again");
  if (plan.state() != api::PENDING) {
    objection = QStringLiteral("This plan waits for nothing any more");
  }
  const bool commented = !comment_->text().trimmed().isEmpty();
  const bool needsComment = plan.policy().comment_required();
  comment_->setPlaceholderText(needsComment ? QStringLiteral("Comment (required)")
                                            : QStringLiteral("Comment; a rejection needs one"));
  const QString what = QStringLiteral("%1 → %2").arg(models::shortCommit(plan.revision().commit()),
                                                     qs(plan.application()));
  approve_->setText(moved_ != nullptr ? QStringLiteral("Changed – review again")
                                      : QStringLiteral("Approve %1").arg(what));
  QString refusal = objection;
  if (refusal.isEmpty()) {
    const client::Key application{plan.namespace_(), plan.application()};
    refusal = qs(client::whyNotApprove(plan, session_.serverInfo().identity(),
                                       models::projectOf(session_.cache(), application),
                                       base::fromUnixMs(models::nowMs())));
    if (!refusal.isEmpty()) refusal[0] = refusal[0].toUpper();
  }
  if (refusal.isEmpty() && needsComment && !commented) {
    refusal = QStringLiteral("Write a comment first");
  }
  approve_->setObjection(refusal);
  approve_->setHint(QStringLiteral("Approves exactly commit %1 with digest %2")
                        .arg(qs(plan.revision().commit()), qs(plan.digest())));
  reject_->setObjection(objection.isEmpty() && !commented ? QStringLiteral("Write why first")
                                                          : objection);
  override_->setVisible(client::mayBeOverridden(plan));
  override_->setObjection(moved_ != nullptr ? QStringLiteral("Changed, review again") : sent_);
  override_->setHint(
      QStringLiteral("Applies exactly digest %1 although a window or a dependency keeps it back")
          .arg(qs(plan.digest())));
  // A refusal is read before the click, not found by hovering.
  const bool foreseen = answer_->text().isEmpty() && objection.isEmpty() && !refusal.isEmpty() &&
                        refusal != QStringLiteral("Write a comment first");
  note_->setText(foreseen ? QStringLiteral("▲ %1").arg(refusal) : QString());
  note_->setVisible(foreseen);
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
  sent_ = QStringLiteral("Sent, waiting for the answer");
  refreshDecision(plan);
  session_.call<api::ApprovePlanRequest, api::Plan>(
      QStringLiteral("Approve %1 (%2)")
          .arg(qs(plan.name()), models::shortCommit(plan.revision().commit())),
      &client::Connection::approvePlan, std::move(request), this,
      [this](const absl::StatusOr<api::Plan>& answer) {
        showAnswer(answer.status(),
                   QStringLiteral("Approved: %1").arg(answer.ok() ? qs(answer->message()) : ""));
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
        showAnswer(answer.status(), QStringLiteral("Rejected"));
      });
}

void ChangesPage::override() {
  const api::Plan& plan = view_->plan();
  QStringList gates;
  for (const api::Gate& gate : plan.gates()) {
    if (gate.open()) continue;
    gates << QStringLiteral("%1 %2: %3")
                 .arg(gate.may_be_overridden() ? QStringLiteral("▲ goes past")
                                               : QStringLiteral("✖ still needs"),
                      qs(gate.kind()), qs(gate.message()));
  }
  const QString application = qs(plan.application());
  ConfirmDialog dialog(
      session_,
      {.title = QStringLiteral("Apply to %1 in spite of its gates?").arg(application),
       .text = QStringLiteral("Only this plan, with digest %1. Approvals, holds and suspension "
                              "still count. Who did it and why is kept in the audit trail.")
                   .arg(qs(plan.digest().substr(0, 12))),
       .action = QStringLiteral("Override for %1").arg(application),
       .preview = (gates + pinnedRisks(plan)).join('\n'),
       .needsReason = true,
       .typeName = session_.context().production ? application : QString()},
      this);
  if (dialog.exec() != QDialog::Accepted) return;
  api::SyncRequest request;
  request.set_namespace_(plan.namespace_());
  request.set_application(plan.application());
  request.set_override_digest(plan.digest());
  request.set_reason(dialog.reason().toStdString());
  session_.call<api::SyncRequest, api::SyncResponse>(
      QStringLiteral("Override the gates of %1").arg(qs(plan.name())), &client::Connection::sync,
      std::move(request), this, [this](const absl::StatusOr<api::SyncResponse>& answer) {
        showAnswer(answer.status(), answer.ok() ? qs(answer->message()) : QString());
      });
}

void ChangesPage::showAnswer(const absl::Status& status, const QString& done) {
  sent_.clear();
  answer_->setText(status.ok()
                       ? QStringLiteral("✔ %1").arg(done)
                       : QStringLiteral("✖ Refused: %1").arg(qs(std::string(status.message()))));
  if (status.ok()) comment_->clear();
  refresh();
}

}  // namespace gantry::desktop
