// SPDX-License-Identifier: Apache-2.0
#include "app/cli/plan_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "app/cli/columns.h"
#include "app/cli/plan_words.h"
#include "app/client/plan_outline.h"
#include "app/client/review.h"

namespace gantry::cli {
namespace {

using client::Tone;

std::string mark(api::ChangeAction action) {
  switch (action) {
    case api::CREATE:
      return "+ create";
    case api::UPDATE:
      return "~ change";
    case api::DELETE:
      return "- delete";
    default:
      return "?";
  }
}

Tone toneOf(api::ChangeAction action) {
  switch (action) {
    case api::CREATE:
      return Tone::kGood;
    case api::DELETE:
      return Tone::kBad;
    default:
      return Tone::kWarning;
  }
}

std::string formatField(const api::FieldChange& field, const Terminal& terminal) {
  const std::string before = field.has_before() ? field.before() : "(not set)";
  const std::string after = field.has_after() ? field.after() : "(not set)";
  return absl::StrCat("      ", field.risk() ? terminal.tinted("▲ ", Tone::kWarning) : "  ",
                      field.path(), ": ", before, " → ", after, "\n");
}

std::string formatChange(const api::PlannedChange& change, const Terminal& terminal) {
  std::string text =
      absl::StrCat("  ", terminal.tinted(mark(change.action()), toneOf(change.action())), " ",
                   client::objectName(change), noteOn(change), "\n");
  if (change.action() != api::UPDATE) return text;
  for (const api::FieldChange& field : change.fields()) text += formatField(field, terminal);
  return text;
}

std::string formatPlacements(const api::PlanEffect& effect) {
  std::string text;
  for (const client::PodsOfOwner& pods : client::podsByOwner(effect)) {
    const std::string where =
        absl::StrJoin(pods.places, ", ", [](std::string* out, const client::PodPlace& place) {
          absl::StrAppend(out, place.count, " ", place.where());
        });
    absl::StrAppend(&text, "  ", pods.owner, ": ", where, "\n");
  }
  return text;
}

std::string formatBudgets(const api::PlanEffect& effect, const Terminal& terminal) {
  std::string text;
  for (const api::DisruptionBudgetEffect& budget : effect.disruption_budgets()) {
    const std::string line = client::describeBudget(budget);
    absl::StrAppend(&text, "  ",
                    budget.in_the_way() ? terminal.tinted("▲ " + line, Tone::kWarning) : line,
                    "\n");
  }
  return text;
}

std::string formatChangedSince(const api::Plan& plan, const Terminal& terminal) {
  if (plan.replaces().empty()) return {};
  std::string text =
      terminal.tinted(absl::StrCat("Changed since ", plan.replaces(), ", which had approvals"),
                      Tone::kWarning) +
      "\n";
  for (const std::string& line : plan.changed_since()) absl::StrAppend(&text, "  ", line, "\n");
  return text;
}

std::string formatCommits(const api::Plan& plan, base::Timestamp now) {
  if (plan.commits().empty()) return {};
  std::string text = "Commits\n";
  for (const schema::Revision& commit : plan.commits()) {
    absl::StrAppend(&text, "  ", describeRevision(commit), ", ", ageOf(commit.committed_at(), now),
                    " ago", commit.signed_by().empty() ? "" : ", signed with " + commit.signed_by(),
                    "\n");
  }
  if (plan.older_commits() > 0) {
    absl::StrAppend(&text, "  ", client::olderCommitsText(plan), "\n");
  }
  return text;
}

std::string formatGates(const api::Plan& plan, base::Timestamp now, const Terminal& terminal) {
  if (plan.gates().empty()) return {};
  std::string text = "Gates\n";
  for (const api::Gate& gate : plan.gates()) {
    absl::StrAppend(&text, "  ",
                    gate.open() ? terminal.tinted("✔ open  ", Tone::kGood)
                                : terminal.tinted("✖ closed", Tone::kWarning),
                    " ", describeGate(gate, now), "\n");
  }
  if (plan.has_override()) {
    absl::StrAppend(&text, "  overridden by ", plan.override().by(), ": ", plan.override().reason(),
                    "\n");
  }
  return text;
}

std::string formatApprovals(const api::Plan& plan, base::Timestamp now) {
  const client::Quorum quorum = client::quorumOf(plan, now);
  std::string text;
  if (quorum.required > 0) {
    const std::string policy = plan.has_policy() ? client::policyText(plan.policy()) : "";
    absl::StrAppend(&text, "Approvals: ", quorum.given(), " of ", quorum.required,
                    policy.empty() ? "" : " (" + policy + ")");
    if (!quorum.missingRoles.empty()) {
      absl::StrAppend(&text, "; still missing: one of ",
                      absl::StrJoin(quorum.missingRoles, ", one of "));
    }
    text += '\n';
  }
  for (const api::Approval& approval : plan.approvals()) {
    const base::Timestamp expiry = base::fromUnixMs(approval.expires_at().unix_ms());
    absl::StrAppend(
        &text, "  by ", approval.by(),
        approval.roles().empty() ? "" : " (" + absl::StrJoin(approval.roles(), ", ") + ")",
        approval.has_at() ? absl::StrCat(", ", ageOf(approval.at(), now), " ago") : "");
    if (approval.has_expires_at()) {
      absl::StrAppend(&text, expiry > now ? ", good for " + base::formatAge(expiry - now)
                                          : std::string(", has run out"));
    }
    absl::StrAppend(&text, approval.comment().empty() ? "" : ": " + approval.comment(), "\n");
    if (!approval.void_because().empty()) {
      absl::StrAppend(&text, "    no longer counts: ", approval.void_because(), "\n");
    }
  }
  return text;
}

std::string formatSteps(const api::Plan& plan) {
  const std::vector<client::PlanStep> steps = client::stepsOf(plan);
  if (steps.empty()) return {};
  std::string text = "Order\n";
  for (const client::PlanStep& step : steps) {
    absl::StrAppend(&text, "  ", step.title, ": ", absl::StrJoin(step.objects, ", "),
                    step.more > 0 ? absl::StrCat(" and ", step.more, " more") : "",
                    step.state.empty() ? "" : " – " + step.state, "\n");
  }
  return text;
}

}  // namespace

std::string formatPlan(const api::Plan& plan, const Terminal& terminal, base::Timestamp now) {
  std::string text;
  if (!plan.name().empty()) {
    absl::StrAppend(&text, terminal.bold(absl::StrCat("Plan ", plan.name())), " for ",
                    plan.namespace_(), "/", plan.application(), ": ", planStateName(plan.state()),
                    plan.message().empty() ? "" : ": " + plan.message(), "\n");
  }
  absl::StrAppend(&text, "From ", describeBase(plan), "\nTo   ", describeRevision(plan.revision()),
                  "\n");
  if (plan.name().empty() && !plan.message().empty()) {
    absl::StrAppend(&text, "     ", plan.message(), "\n");
  }
  absl::StrAppend(&text, formatCounts(plan), "\n");
  // A comparison of two revisions has none: neither needs to be what runs.
  if (plan.has_effect()) absl::StrAppend(&text, "Effect: ", formatTotals(plan.effect()), "\n");
  if (!plan.changes().empty()) absl::StrAppend(&text, formatChangedSince(plan, terminal), "\n");
  for (const api::PlannedChange& change : plan.changes()) text += formatChange(change, terminal);
  if (!plan.changes().empty()) text += '\n';
  if (const std::string placed = formatPlacements(plan.effect()); !placed.empty()) {
    absl::StrAppend(&text, "Pods\n", placed);
  }
  text += formatBudgets(plan.effect(), terminal);
  absl::StrAppend(&text, formatSteps(plan), formatCommits(plan, now),
                  formatGates(plan, now, terminal), formatApprovals(plan, now));
  if (!plan.digest().empty()) absl::StrAppend(&text, "Digest: ", plan.digest(), "\n");
  return text;
}

}  // namespace gantry::cli
