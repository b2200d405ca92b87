// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "app/cli/columns.h"
#include "app/cli/plan_text.h"
#include "app/cli/plan_words.h"
#include "app/client/plan_outline.h"

namespace gantry::cli {
namespace {

/// As code in a cell of a table: what would end either is replaced.
std::string code(const std::string& text) {
  return absl::StrCat("`", absl::StrReplaceAll(text, {{"`", "'"}, {"|", "\\|"}, {"\n", "⏎"}}), "`");
}

/// Text of others, of which nothing is taken for markup.
std::string plain(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (std::string_view("\\`*_{}[]()#+!|<>~@").find(c) != std::string_view::npos) escaped += '\\';
    escaped += c == '\n' ? ' ' : c;
  }
  return escaped;
}

std::string valueOf(bool isSet, const std::string& value) {
  return isSet ? code(value) : "(not set)";
}

std::string row(const std::string& object, const api::FieldChange& field) {
  return absl::StrCat("| ", object, " | ", code(field.path()), " | ",
                      valueOf(field.has_before(), field.before()), " | ",
                      valueOf(field.has_after(), field.after()), " |\n");
}

constexpr char kTableHead[] = "| object | field | before | after |\n|---|---|---|---|\n";

std::string risks(const api::Plan& plan) {
  std::string rows;
  for (const api::PlannedChange& change : plan.changes()) {
    if (change.action() == api::DELETE) {
      absl::StrAppend(&rows, "| ", code(client::objectName(change)), " | **deleted** | | |\n");
    }
    if (change.action() != api::UPDATE) continue;
    for (const api::FieldChange& field : change.fields()) {
      if (field.risk()) rows += row(code(client::objectName(change)), field);
    }
  }
  return rows.empty() ? rows : absl::StrCat("\n**Look twice**\n\n", kTableHead, rows);
}

std::string order(const api::Plan& plan) {
  const std::vector<client::PlanStep> steps = client::stepsOf(plan);
  if (steps.empty()) return {};
  std::string text = "\n**Order**\n\n";
  for (const client::PlanStep& step : steps) {
    const std::string objects = absl::StrJoin(
        step.objects, ", ",
        [](std::string* out, const std::string& object) { absl::StrAppend(out, code(object)); });
    absl::StrAppend(&text, "- ", step.title, ": ", objects,
                    step.more > 0 ? absl::StrCat(" and ", step.more, " more") : "",
                    step.state.empty() ? "" : " – " + plain(step.state), "\n");
  }
  return text;
}

std::string gates(const api::Plan& plan) {
  if (plan.gates().empty()) return {};
  std::string text = "\n**Gates**\n\n";
  for (const api::Gate& gate : plan.gates()) {
    absl::StrAppend(&text, "- ", gate.open() ? "✔ open " : "✖ closed ", plain(describeGate(gate)),
                    "\n");
  }
  return text;
}

std::string details(const api::Plan& plan) {
  std::string text;
  for (const api::PlannedChange& change : plan.changes()) {
    static const std::array<const char*, 4> words = {"?", "create", "change", "delete"};
    const std::string word = words.at(api::ChangeAction_IsValid(change.action())
                                          ? static_cast<std::size_t>(change.action())
                                          : 0U);
    absl::StrAppend(&text, "- ", word, " ", code(client::objectName(change)), plain(noteOn(change)),
                    "\n");
    if (change.action() != api::UPDATE) continue;
    for (const api::FieldChange& field : change.fields()) {
      absl::StrAppend(&text, "  - ", field.risk() ? "▲ " : "", code(field.path()), ": ",
                      valueOf(field.has_before(), field.before()), " → ",
                      valueOf(field.has_after(), field.after()), "\n");
    }
  }
  return absl::StrCat("\n<details><summary>All changes</summary>\n\n", text, "\n</details>\n");
}

}  // namespace

std::string formatPlanMarkdown(const api::Plan& plan) {
  std::string text = absl::StrCat("### ", plain(plan.namespace_() + "/" + plan.application()), ": ",
                                  formatCounts(plan), "\n\n", plain(describeBase(plan)), " → ",
                                  plain(describeRevision(plan.revision())), "\n");
  if (!plan.message().empty()) absl::StrAppend(&text, "\n", plain(plan.message()), "\n");
  if (plan.changes().empty()) return text;
  if (plan.has_effect()) absl::StrAppend(&text, "\n", formatTotals(plan.effect()), "\n");
  std::map<std::pair<std::string, std::string>, int> homeless;
  for (const api::PlannedPod& pod : plan.effect().placements()) {
    if (pod.node().empty()) ++homeless[{pod.owner(), pod.explanation()}];
  }
  if (!homeless.empty() || !plan.effect().disruption_budgets().empty()) text += '\n';
  for (const auto& [pod, count] : homeless) {
    absl::StrAppend(&text, "- ▲ ", count, count == 1 ? " pod" : " pods", " of ", code(pod.first),
                    " without a place: ", plain(pod.second), "\n");
  }
  for (const api::DisruptionBudgetEffect& budget : plan.effect().disruption_budgets()) {
    if (!budget.in_the_way()) continue;
    absl::StrAppend(&text, "- ▲ PodDisruptionBudget ", code(budget.budget()), " ",
                    plain(budget.explanation()), "\n");
  }
  return absl::StrCat(text, risks(plan), order(plan), gates(plan), details(plan));
}

}  // namespace gantry::cli
