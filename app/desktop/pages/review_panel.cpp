// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/pages/review_panel.h"

#include <QVBoxLayout>
#include <algorithm>

#include "app/client/plan_outline.h"
#include "app/client/review.h"
#include "app/desktop/theme.h"
#include "app/desktop/widgets/labels.h"
#include "app/models/text.h"

namespace gantry::desktop {
namespace {

using models::qs;
using models::Tone;

QString joined(const google::protobuf::RepeatedPtrField<std::string>& texts) {
  QStringList all;
  for (const std::string& text : texts) all << qs(text);
  return all.join(QStringLiteral(", "));
}

/// "good for 5h", "has run out".
QString expiryText(const api::Approval& approval, base::Timestamp now) {
  if (!approval.has_expires_at()) return {};
  const base::Timestamp expiry = base::fromUnixMs(approval.expires_at().unix_ms());
  return expiry > now ? QStringLiteral("good for %1").arg(qs(base::formatAge(expiry - now)))
                      : QStringLiteral("has run out");
}

Tone waveTone(const std::string& state) {
  if (state == "Done") return Tone::kGood;
  if (state == "Failed") return Tone::kBad;
  return state == "Progressing" ? Tone::kBusy : Tone::kNeutral;
}

/// "2 on eu-a-01".
QString countedWhere(const client::PodPlace& place) {
  return QStringLiteral("%1 %2").arg(place.count).arg(qs(place.where()));
}

}  // namespace

ReviewPanel::ReviewPanel(QWidget* parent) : QScrollArea(parent) {
  auto* content = new QWidget;
  lines_ = new QVBoxLayout(content);
  lines_->setContentsMargins(12, 0, 8, 0);
  lines_->setSpacing(3);
  setWidget(content);
  setWidgetResizable(true);
  setFrameShape(QFrame::NoFrame);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setAccessibleName(QStringLiteral("What the plan waits for"));
  setMinimumWidth(200);
}

void ReviewPanel::setPlan(const api::Plan& plan) {
  // Ages are in it: it is made anew when the plan or the minute is another.
  std::string shown = std::to_string(models::nowMs() / 60'000);
  api::Plan head = plan;
  head.clear_changes();
  shown += head.SerializeAsString();
  if (shown == shown_) return;
  shown_ = std::move(shown);
  while (QLayoutItem* item = lines_->takeAt(0)) {
    delete item->widget();
    delete item;
  }
  addGates(plan);
  addApprovals(plan);
  addLoosened(plan);
  addOrder(plan);
  addPods(plan.effect());
  addCommits(plan);
  lines_->addStretch();
}

void ReviewPanel::addSection(const QString& title) {
  if (lines_->count() > 0) lines_->addSpacing(8);
  QLabel* label = plainLabel(title);
  QFont font = label->font();
  font.setWeight(QFont::DemiBold);
  label->setFont(font);
  lines_->addWidget(label);
}

void ReviewPanel::addLine(const QString& text, Tone tone) {
  QLabel* label = plainLabel(text, true);
  if (tone != Tone::kNeutral) {
    label->setStyleSheet(QStringLiteral("color: %1").arg(theme::tone(tone).name()));
  }
  lines_->addWidget(label);
}

void ReviewPanel::addNote(const QString& text) {
  if (text.isEmpty()) return;
  QLabel* label = mutedLabel(text);
  label->setWordWrap(true);
  label->setIndent(16);
  lines_->addWidget(label);
}

void ReviewPanel::addGates(const api::Plan& plan) {
  if (plan.gates().empty() && !plan.has_override()) return;
  addSection(QStringLiteral("Gates"));
  for (const api::Gate& gate : plan.gates()) {
    addLine(QStringLiteral("%1 %2").arg(gate.open() ? QStringLiteral("✔") : QStringLiteral("✖"),
                                        qs(gate.kind())),
            gate.open() ? Tone::kGood : Tone::kWarning);
    QString note = qs(gate.message());
    if (gate.has_opens_at()) {
      const base::Duration left(gate.opens_at().unix_ms() - models::nowMs());
      note += QStringLiteral(", in %1").arg(qs(base::formatAge(left)));
    }
    if (!gate.open() && gate.may_be_overridden()) note += QStringLiteral(" (may be overridden)");
    addNote(note);
  }
  if (plan.has_override()) {
    addLine(QStringLiteral("▲ overridden by %1").arg(qs(plan.override().by())), Tone::kWarning);
    addNote(qs(plan.override().reason()));
  }
}

void ReviewPanel::addApprovals(const api::Plan& plan) {
  const base::Timestamp now = base::fromUnixMs(models::nowMs());
  const client::Quorum quorum = client::quorumOf(plan, now);
  if (quorum.required == 0 && plan.approvals().empty()) return;
  addSection(QStringLiteral("Approvals: %1 of %2").arg(quorum.given()).arg(quorum.required));
  if (plan.has_policy()) {
    QString policy = qs(client::policyText(plan.policy()));
    if (!policy.isEmpty()) addNote(policy);
  }
  for (const api::Approval& approval : plan.approvals()) {
    const bool counts = std::ranges::find(quorum.counted, &approval) != quorum.counted.end();
    const QString roles = joined(approval.roles());
    addLine(QStringLiteral("%1 %2%3").arg(
                counts ? QStringLiteral("✔") : QStringLiteral("○"), qs(approval.by()),
                roles.isEmpty() ? QString() : QStringLiteral(" (%1)").arg(roles)),
            counts ? Tone::kGood : Tone::kNeutral);
    QStringList note;
    if (approval.has_at()) {
      note << QStringLiteral("%1 ago").arg(models::age(approval.at(), models::nowMs()));
    }
    if (const QString expiry = expiryText(approval, now); !expiry.isEmpty()) note << expiry;
    if (!approval.comment().empty()) note << QStringLiteral("\"%1\"").arg(qs(approval.comment()));
    addNote(note.join(QStringLiteral(", ")));
    if (!approval.void_because().empty()) {
      addNote(QStringLiteral("no longer counts: %1").arg(qs(approval.void_because())));
    }
  }
  if (!client::isOpen(plan)) return;
  for (const std::string& role : quorum.missingRoles) {
    addLine(QStringLiteral("▲ missing: one of %1").arg(qs(role)), Tone::kWarning);
  }
  for (const std::string& project : quorum.missingProjects) {
    addLine(QStringLiteral("▲ missing: approvals of %1").arg(qs(project)), Tone::kWarning);
  }
  const int more = quorum.required - quorum.given() - int(quorum.missingRoles.size());
  if (more > 0) addLine(QStringLiteral("▲ missing: %1 more").arg(more), Tone::kWarning);
}

void ReviewPanel::addLoosened(const api::Plan& plan) {
  if (plan.loosens().empty()) return;
  addSection(QStringLiteral("Loosens"));
  for (const api::LoosenedPolicy& loosened : plan.loosens()) {
    addLine(QStringLiteral("▲ %1").arg(joined(loosened.fields())), Tone::kWarning);
    addNote(QStringLiteral("of %1").arg(joined(loosened.applications())));
    QStringList asks;
    asks << models::counted(std::max(1, loosened.policy().required()), QStringLiteral("approval"));
    const QString policy = qs(client::policyText(loosened.policy()));
    if (!policy.isEmpty()) asks << policy;
    const QString project =
        loosened.project().empty() ? QStringLiteral("default") : qs(loosened.project());
    addNote(
        QStringLiteral("the Project %1 asks for %2").arg(project, asks.join(QStringLiteral("; "))));
  }
}

void ReviewPanel::addOrder(const api::Plan& plan) {
  const std::vector<client::PlanStep> steps = client::stepsOf(plan);
  if (steps.empty()) return;
  addSection(plan.waves().empty() ? QStringLiteral("Order") : QStringLiteral("Waves"));
  for (const client::PlanStep& step : steps) {
    const Tone tone = waveTone(step.wave.state());
    addLine(QStringLiteral("%1 %2").arg(models::toneMark(tone), qs(step.title)), tone);
    QStringList objects;
    for (const std::string& object : step.objects) objects << qs(object);
    if (step.more > 0) objects << QStringLiteral("and %1 more").arg(step.more);
    addNote(objects.join(QStringLiteral(", ")));
    addNote(qs(step.state));
  }
}

void ReviewPanel::addPods(const api::PlanEffect& effect) {
  if (effect.placements().empty() && effect.disruption_budgets().empty()) return;
  addSection(QStringLiteral("Pods"));
  for (const client::PodsOfOwner& pods : client::podsByOwner(effect)) {
    addLine(qs(pods.owner));
    QStringList fitting;
    for (const client::PodPlace& place : pods.places) {
      if (!place.node.empty()) fitting << countedWhere(place);
    }
    addNote(fitting.join(QStringLiteral(", ")));
    for (const client::PodPlace& place : pods.places) {
      if (place.node.empty()) {
        addLine(QStringLiteral("▲ ") + countedWhere(place), Tone::kWarning);
      }
    }
  }
  for (const api::DisruptionBudgetEffect& budget : effect.disruption_budgets()) {
    const QString text = qs(client::describeBudget(budget));
    addLine(budget.in_the_way() ? QStringLiteral("▲ ") + text : text,
            budget.in_the_way() ? Tone::kWarning : Tone::kNeutral);
  }
}

void ReviewPanel::addCommits(const api::Plan& plan) {
  if (plan.commits().empty()) return;
  addSection(models::counted(plan.commits_size() + plan.older_commits(), QStringLiteral("commit")));
  for (const schema::Revision& commit : plan.commits()) {
    addLine(
        QStringLiteral("%1 %2").arg(models::shortCommit(commit.commit()), qs(commit.subject())));
    QString note = qs(commit.author());
    if (commit.has_committed_at()) {
      note += QStringLiteral(", %1 ago").arg(models::age(commit.committed_at(), models::nowMs()));
    }
    if (!commit.signed_by().empty()) {
      note += QStringLiteral(", signed ✔ %1").arg(qs(commit.signed_by()));
    }
    addNote(note);
  }
  if (plan.older_commits() > 0) addNote(qs(client::olderCommitsText(plan)));
}

}  // namespace gantry::desktop
