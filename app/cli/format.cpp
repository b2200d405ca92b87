// SPDX-License-Identifier: Apache-2.0
#include "app/cli/format.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "app/cli/columns.h"
#include "manifests/decode/quantity.h"
#include "manifests/diff/diff.h"

namespace gantry::cli {
namespace {

using client::Tone;

const google::protobuf::Message& messageOf(const api::Object& object) {
  const auto* field = object.GetDescriptor()->FindFieldByNumber(object.object_case());
  return object.GetReflection()->GetMessage(object, field);
}

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
  std::string text = absl::StrCat(
      "  ", terminal.tinted(mark(change.action()), toneOf(change.action())), " ", change.kind(),
      " ", change.namespace_().empty() ? "" : change.namespace_() + "/", change.name());
  if (!change.reason().empty()) absl::StrAppend(&text, "  (", change.reason(), ")");
  text += '\n';
  if (change.action() != api::UPDATE) return text;
  for (const api::FieldChange& field : change.fields()) text += formatField(field, terminal);
  return text;
}

std::string formatDelta(std::int64_t delta, const std::string& text) {
  return delta > 0 ? "+" + text : text;
}

std::string formatEffect(const api::PlanEffect& effect) {
  std::string text = absl::StrCat(
      "Effect: ", effect.pods_restarted(), " pods restart, ", effect.pods_created(), " created, ",
      effect.pods_deleted(), " deleted; requests ",
      formatDelta(effect.cpu_millis_delta(), manifests::formatMillis(effect.cpu_millis_delta())),
      " CPU, ",
      formatDelta(effect.memory_bytes_delta(), manifests::formatBytes(effect.memory_bytes_delta())),
      " memory\n");
  // By owner and node, since fifty equal lines say no more than one.
  std::map<std::string, std::map<std::string, int>> placed;
  for (const api::PlannedPod& pod : effect.placements()) {
    const bool fits = !pod.node().empty();
    ++placed[pod.owner()]
            [fits ? "on " + pod.node() : "without a place (" + pod.explanation() + ")"];
  }
  for (const auto& [owner, nodes] : placed) {
    const std::string where = absl::StrJoin(nodes, ", ", [](std::string* out, const auto& node) {
      absl::StrAppend(out, node.second, " ", node.first);
    });
    absl::StrAppend(&text, "  ", owner, ": ", where, "\n");
  }
  return text;
}

std::string summaryOf(const api::Plan& plan) {
  std::map<api::ChangeAction, int> counts;
  for (const api::PlannedChange& change : plan.changes()) ++counts[change.action()];
  return absl::StrCat(counts[api::CREATE], " created, ", counts[api::UPDATE], " changed, ",
                      counts[api::DELETE], " deleted");
}

}  // namespace

std::string formatObjects(const std::vector<api::Object>& objects, bool json) {
  std::vector<std::string> texts;
  for (const api::Object& object : objects) {
    texts.push_back(json ? manifests::toJson(messageOf(object), true)
                         : manifests::toYaml(messageOf(object), true));
  }
  if (!json) return absl::StrJoin(texts, "---\n");
  if (texts.size() == 1) return texts.front() + "\n";
  return "[" + absl::StrJoin(texts, ",\n") + "]\n";
}

std::string formatPlan(const api::Plan& plan, const Terminal& terminal) {
  // The preview of a rollback is a plan that has no name and waits for nothing yet.
  std::string text;
  if (!plan.name().empty()) {
    absl::StrAppend(&text, terminal.bold(absl::StrCat("Plan ", plan.name())), " for ",
                    plan.namespace_(), "/", plan.application(), ": ", planStateName(plan.state()),
                    "\n");
  }
  absl::StrAppend(&text, "From ", describeRevision(plan.base()), "\n", "To   ",
                  describeRevision(plan.revision()), "\n", summaryOf(plan), "\n\n");
  for (const api::PlannedChange& change : plan.changes()) text += formatChange(change, terminal);
  absl::StrAppend(&text, "\n", formatEffect(plan.effect()));
  if (plan.approvals_required() > 0) {
    absl::StrAppend(&text, "Approvals: ", plan.approvals_size(), " of ", plan.approvals_required(),
                    "\n");
  }
  for (const api::Approval& approval : plan.approvals()) {
    absl::StrAppend(&text, "  by ", approval.by(),
                    approval.comment().empty() ? "" : ": " + approval.comment(), "\n");
  }
  if (plan.state() != api::PENDING && !plan.message().empty()) {
    absl::StrAppend(&text, plan.message(), "\n");
  }
  absl::StrAppend(&text, "Digest: ", plan.digest(), "\n");
  return text;
}

std::string formatPlanJson(const api::Plan& plan) {
  return manifests::toJson(plan, true) + "\n";
}

}  // namespace gantry::cli
