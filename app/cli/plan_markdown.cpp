// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "app/cli/columns.h"
#include "app/cli/plan_text.h"

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

std::string objectName(const api::PlannedChange& change) {
  return absl::StrCat(change.kind(), " ",
                      change.namespace_().empty() ? "" : change.namespace_() + "/", change.name());
}

std::string valueOf(bool isSet, const std::string& value) {
  return isSet ? code(value) : "–";
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
      absl::StrAppend(&rows, "| ", code(objectName(change)), " | **deleted** | | |\n");
    }
    if (change.action() != api::UPDATE) continue;
    for (const api::FieldChange& field : change.fields()) {
      if (field.risk()) rows += row(code(objectName(change)), field);
    }
  }
  return rows.empty() ? rows : absl::StrCat("\n**Look twice**\n\n", kTableHead, rows);
}

std::string details(const api::Plan& plan) {
  std::string text;
  for (const api::PlannedChange& change : plan.changes()) {
    static const std::array<const char*, 4> words = {"?", "create", "change", "delete"};
    const std::string word = words.at(api::ChangeAction_IsValid(change.action())
                                          ? static_cast<std::size_t>(change.action())
                                          : 0U);
    absl::StrAppend(&text, "- ", word, " ", code(objectName(change)),
                    change.reason().empty() ? "" : ": " + plain(change.reason()), "\n");
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
                                  plan.changes().empty() ? "no changes" : formatCounts(plan),
                                  "\n\n", plain(describeRevision(plan.base())), " → ",
                                  plain(describeRevision(plan.revision())), "\n");
  if (plan.changes().empty()) return text;
  absl::StrAppend(&text, "\n", formatTotals(plan.effect()), "\n");
  std::map<std::pair<std::string, std::string>, int> homeless;
  for (const api::PlannedPod& pod : plan.effect().placements()) {
    if (pod.node().empty()) ++homeless[{pod.owner(), pod.explanation()}];
  }
  if (!homeless.empty()) text += '\n';
  for (const auto& [pod, count] : homeless) {
    absl::StrAppend(&text, "- ▲ ", count, count == 1 ? " pod" : " pods", " of ", code(pod.first),
                    " without a place: ", plain(pod.second), "\n");
  }
  return absl::StrCat(text, risks(plan), details(plan));
}

}  // namespace gantry::cli
