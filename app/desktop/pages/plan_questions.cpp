// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/pages/plan_questions.h"

#include "app/models/plan_words.h"
#include "app/models/text.h"

namespace gantry::desktop {
namespace {

using models::qs;

/// From so many deletions on the Application's name is to be typed everywhere.
constexpr int kManyDeletions = 20;

/// What an override would go past, and what keeps the plan back all the same.
QStringList closedGates(const api::Plan& plan) {
  QStringList gates;
  for (const api::Gate& gate : plan.gates()) {
    if (gate.open()) continue;
    gates << QStringLiteral("%1 %2: %3")
                 .arg(gate.may_be_overridden() ? QStringLiteral("▲ goes past")
                                               : QStringLiteral("✖ still needs"),
                      qs(gate.kind()), qs(gate.message()));
  }
  return gates;
}

}  // namespace

int countDeletions(const api::Plan& plan) {
  int count = 0;
  for (const api::PlannedChange& change : plan.changes()) count += change.action() == api::DELETE;
  return count;
}

Question deletionQuestion(const api::Plan& plan, bool production) {
  const int deletions = countDeletions(plan);
  const bool strict = production || deletions > kManyDeletions;
  return {.title = QStringLiteral("Approve, and delete %1?")
                       .arg(models::counted(deletions, QStringLiteral("object"))),
          .text = QStringLiteral("What is deleted is gone with all it ran."),
          .action = QStringLiteral("Approve with deletions"),
          .preview = models::pinnedRisks(plan).join('\n'),
          .needsReason = false,
          .typeName = strict ? qs(plan.application()) : QString(),
          .role = Role::kApprover};
}

Question overrideQuestion(const api::Plan& plan, bool production) {
  const QString application = qs(plan.application());
  return {.title = QStringLiteral("Apply to %1 in spite of its gates?").arg(application),
          .text = QStringLiteral("Only this plan, with digest %1. Approvals, holds and suspension "
                                 "still count. Who did it and why is kept in the audit trail.")
                      .arg(qs(plan.digest().substr(0, 12))),
          .action = QStringLiteral("Override for %1").arg(application),
          .preview = (closedGates(plan) + models::pinnedRisks(plan)).join('\n'),
          .needsReason = true,
          .typeName = production ? application : QString()};
}

Question syncQuestion(const api::Plan& plan) {
  const QString application = qs(plan.application());
  const QString failed =
      plan.state() == api::FAILED
          ? QStringLiteral(" What has failed is planned anew, and needs its approvals again.")
          : QString();
  return {.title = QStringLiteral("Sync %1?").arg(application),
          .text = QStringLiteral("Asks Git now for the newest commit, and applies what it changes "
                                 "as soon as all other gates are open.") +
                  failed,
          .action = QStringLiteral("Sync %1").arg(application),
          .preview = models::pinnedRisks(plan).join('\n'),
          .needsReason = false,
          .typeName = {},
          .takesReason = true};
}

}  // namespace gantry::desktop
