// SPDX-License-Identifier: Apache-2.0
#include "app/cli/columns.h"

#include <algorithm>
#include <array>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "app/client/health.h"
#include "app/client/live_cache.h"
#include "manifests/resource.h"

namespace gantry::cli {
namespace {

using client::Tone;
using Cells = std::vector<TextCell>;

std::string orDash(const std::string& text) {
  return text.empty() ? "-" : text;
}

std::string ageOfMeta(const schema::ObjectMeta& metadata, base::Timestamp now) {
  return ageOf(metadata.creation_timestamp(), now);
}

std::string selectorText(const google::protobuf::Map<std::string, std::string>& selector) {
  std::map<std::string, std::string> sorted(selector.begin(), selector.end());
  return orDash(absl::StrJoin(sorted, ",", absl::PairFormatter("=")));
}

std::string imagesOf(const schema::PodSpec& spec) {
  return absl::StrJoin(spec.containers(), ",", [](std::string* out, const schema::Container& c) {
    absl::StrAppend(out, c.image());
  });
}

Tone toneOfReady(int ready, int wanted) {
  if (ready >= wanted) return Tone::kGood;
  return ready == 0 ? Tone::kBad : Tone::kWarning;
}

Cells podCells(const api::Object& object, base::Timestamp now) {
  const schema::Pod& pod = object.pod();
  const client::PodHealth health = client::podHealth(pod);
  return {TextCell(absl::StrCat(health.ready, "/", health.containers)),
          TextCell(health.status, health.tone),
          TextCell(std::to_string(health.restarts),
                   health.restarts > 0 ? Tone::kWarning : Tone::kNeutral),
          TextCell(ageOfMeta(pod.metadata(), now))};
}

Cells podCellsWide(const api::Object& object, base::Timestamp now) {
  Cells cells = podCells(object, now);
  const schema::Pod& pod = object.pod();
  cells.emplace_back(orDash(pod.status().pod_ip()));
  cells.emplace_back(orDash(pod.spec().node_name()));
  cells.emplace_back(imagesOf(pod.spec()));
  cells.emplace_back(orDash(client::podHealth(pod).why));
  return cells;
}

Cells deploymentCells(const api::Object& object, base::Timestamp now) {
  const schema::Deployment& deployment = object.deployment();
  const client::DeploymentHealth health = client::deploymentHealth(deployment);
  return {TextCell(absl::StrCat(health.ready, "/", health.wanted),
                   toneOfReady(health.ready, health.wanted)),
          TextCell(std::to_string(health.updated)), TextCell(std::to_string(health.available)),
          TextCell(health.status, health.tone), TextCell(ageOfMeta(deployment.metadata(), now))};
}

Cells deploymentCellsWide(const api::Object& object, base::Timestamp now) {
  Cells cells = deploymentCells(object, now);
  const schema::Deployment& deployment = object.deployment();
  cells.emplace_back(imagesOf(deployment.spec().template_().spec()));
  cells.emplace_back(selectorText(deployment.spec().selector().match_labels()));
  cells.emplace_back(orDash(client::deploymentHealth(deployment).why));
  return cells;
}

Cells replicaSetCells(const api::Object& object, base::Timestamp now) {
  const schema::ReplicaSet& set = object.replica_set();
  return {TextCell(std::to_string(set.spec().replicas())),
          TextCell(std::to_string(set.status().replicas())),
          TextCell(std::to_string(set.status().ready_replicas())),
          TextCell(ageOfMeta(set.metadata(), now))};
}

Cells jobCells(const api::Object& object, base::Timestamp now) {
  const schema::Job& job = object.job();
  const client::JobHealth health = client::jobHealth(job, now);
  return {TextCell(health.status, health.tone), TextCell(health.completions),
          TextCell(health.duration ? base::formatAge(*health.duration) : "-"),
          TextCell(ageOfMeta(job.metadata(), now))};
}

Cells jobCellsWide(const api::Object& object, base::Timestamp now) {
  Cells cells = jobCells(object, now);
  const schema::Job& job = object.job();
  cells.emplace_back(imagesOf(job.spec().template_().spec()));
  cells.emplace_back(selectorText(job.spec().selector().match_labels()));
  cells.emplace_back(orDash(client::jobHealth(job, now).why));
  return cells;
}

std::string portsText(const schema::ServiceSpec& spec) {
  return orDash(
      absl::StrJoin(spec.ports(), ",", [](std::string* out, const schema::ServicePort& p) {
        absl::StrAppend(out, p.port(), p.node_port() != 0 ? absl::StrCat(":", p.node_port()) : "",
                        "/", p.protocol());
      }));
}

Cells serviceCells(const api::Object& object, base::Timestamp now) {
  const schema::Service& service = object.service();
  return {TextCell(service.spec().type()), TextCell(orDash(service.spec().cluster_ip())),
          TextCell(portsText(service.spec())), TextCell(ageOfMeta(service.metadata(), now))};
}

Cells serviceCellsWide(const api::Object& object, base::Timestamp now) {
  Cells cells = serviceCells(object, now);
  cells.emplace_back(selectorText(object.service().spec().selector()));
  return cells;
}

Cells endpointsCells(const api::Object& object, base::Timestamp) {
  const api::Endpoints& endpoints = object.endpoints();
  std::vector<std::string> ready;
  for (const api::Endpoints::Address& address : endpoints.addresses()) {
    if (address.ready()) ready.push_back(address.ip());
  }
  return {TextCell(absl::StrCat(ready.size(), "/", endpoints.addresses_size())),
          TextCell(orDash(absl::StrJoin(ready, ",")))};
}

Cells applicationCells(const api::Object& object, base::Timestamp) {
  const schema::Application& application = object.application();
  const schema::ApplicationStatus& status = application.status();
  return {TextCell(orDash(status.sync()), status.sync() == "Synced" ? Tone::kGood : Tone::kWarning),
          TextCell(orDash(status.health()), client::applicationTone(application)),
          TextCell(orDash(status.applied().commit().substr(0, 7))),
          TextCell(orDash(status.pending_plan())), TextCell(status.message())};
}

Cells applicationCellsWide(const api::Object& object, base::Timestamp now) {
  Cells cells = applicationCells(object, now);
  const schema::ApplicationSpec& spec = object.application().spec();
  cells.emplace_back(spec.source().repo_url());
  cells.emplace_back(spec.source().target_revision());
  cells.emplace_back(spec.source().path());
  return cells;
}

Cells nodeCells(const api::Object& object, base::Timestamp now) {
  const schema::Node& node = object.node();
  const client::NodeHealth health = client::nodeHealth(node);
  const auto amount = [&](const char* resource) {
    const auto found = node.status().allocatable().find(resource);
    return found == node.status().allocatable().end() ? "-" : found->second.text();
  };
  return {TextCell(health.status, health.tone), TextCell(amount("cpu")), TextCell(amount("memory")),
          TextCell(amount("pods")), TextCell(ageOfMeta(node.metadata(), now))};
}

Cells nodeCellsWide(const api::Object& object, base::Timestamp now) {
  Cells cells = nodeCells(object, now);
  const schema::Node& node = object.node();
  cells.emplace_back(orDash(node.status().address()));
  cells.emplace_back(orDash(node.spec().pod_cidr()));
  cells.emplace_back(orDash(node.status().node_info().container_runtime_version()));
  cells.emplace_back(orDash(node.status().node_info().kernel_version()));
  cells.emplace_back(orDash(client::nodeHealth(node).why));
  return cells;
}

Cells eventCells(const api::Object& object, base::Timestamp now) {
  const schema::Event& event = object.event();
  return {TextCell(ageOf(event.last_timestamp(), now)),
          TextCell(event.type(), event.type() == "Warning" ? Tone::kWarning : Tone::kNeutral),
          TextCell(event.reason()),
          TextCell(absl::StrCat(event.object_kind(), "/", event.object_name())),
          TextCell(std::to_string(std::max(1, event.count()))),
          TextCell(event.message())};
}

Tone toneOfPlan(api::PlanState state) {
  switch (state) {
    case api::APPLIED:
      return Tone::kGood;
    case api::PENDING:
      return Tone::kWarning;
    case api::APPROVED:
      return Tone::kBusy;
    case api::REJECTED:
    case api::FAILED:
      return Tone::kBad;
    default:
      return Tone::kNeutral;
  }
}

Cells planCells(const api::Object& object, base::Timestamp now) {
  const api::Plan& plan = object.plan();
  return {TextCell(plan.application()),
          TextCell(plan.revision().commit().substr(0, 7)),
          TextCell(planStateName(plan.state()), toneOfPlan(plan.state())),
          TextCell(absl::StrCat(plan.approvals_size(), "/", plan.approvals_required())),
          TextCell(std::to_string(plan.changes_size())),
          TextCell(ageOf(plan.created_at(), now)),
          TextCell(plan.message())};
}

Cells historyCells(const api::Object& object, base::Timestamp now) {
  const api::HistoryEntry& entry = object.history_entry();
  const Tone tone = entry.outcome() == "Healthy"    ? Tone::kGood
                    : entry.outcome() == "Degraded" ? Tone::kBad
                                                    : Tone::kNeutral;
  return {TextCell(entry.application()),   TextCell(describeRevision(entry.revision())),
          TextCell(entry.cause()),         TextCell(entry.initiator()),
          TextCell(entry.outcome(), tone), TextCell(ageOf(entry.started_at(), now)),
          TextCell(orDash(entry.reason()))};
}

Cells holdCells(const api::Object& object, base::Timestamp now) {
  const api::Hold& hold = object.hold();
  return {TextCell(hold.application()), TextCell(hold.commit().substr(0, 7)), TextCell(hold.by()),
          TextCell(ageOf(hold.at(), now)), TextCell(hold.reason())};
}

Cells auditCells(const api::Object& object, base::Timestamp now) {
  const api::AuditRecord& record = object.audit_record();
  return {TextCell(record.application()),
          TextCell(record.action()),
          TextCell(record.by()),
          TextCell(orDash(record.commit().substr(0, 7))),
          TextCell(orDash(record.plan())),
          TextCell(ageOf(record.at(), now)),
          TextCell(orDash(record.reason()))};
}

Cells projectCells(const api::Object& object, base::Timestamp now) {
  const schema::Project& project = object.project();
  const auto listed = [](const auto& texts) {
    return TextCell(texts.empty() ? "any" : absl::StrJoin(texts, ","));
  };
  return {listed(project.spec().repositories()), listed(project.spec().namespaces()),
          TextCell(std::to_string(project.spec().roles_size())),
          TextCell(std::to_string(project.spec().trusted_keys_size())),
          TextCell(ageOfMeta(project.metadata(), now))};
}

Cells disruptionBudgetCells(const api::Object& object, base::Timestamp now) {
  const schema::PodDisruptionBudget& budget = object.pod_disruption_budget();
  const auto text = [](bool isSet, const schema::IntOrString& value) {
    if (!isSet) return TextCell("-");
    return TextCell(value.has_text() ? value.text() : std::to_string(value.number()));
  };
  const schema::PodDisruptionBudgetStatus& status = budget.status();
  return {text(budget.spec().has_min_available(), budget.spec().min_available()),
          text(budget.spec().has_max_unavailable(), budget.spec().max_unavailable()),
          TextCell(absl::StrCat(status.current_healthy(), "/", status.expected_pods())),
          TextCell(std::to_string(status.disruptions_allowed()),
                   status.disruptions_allowed() > 0 ? Tone::kGood : Tone::kWarning),
          TextCell(ageOfMeta(budget.metadata(), now))};
}

Cells configMapCells(const api::Object& object, base::Timestamp now) {
  const schema::ConfigMap& map = object.config_map();
  return {TextCell(std::to_string(map.data_size() + map.binary_data_size())),
          TextCell(ageOfMeta(map.metadata(), now))};
}

Cells secretCells(const api::Object& object, base::Timestamp now) {
  const schema::Secret& secret = object.secret();
  return {TextCell(secret.type()), TextCell(std::to_string(secret.data_size())),
          TextCell(ageOfMeta(secret.metadata(), now))};
}

Cells namespaceCells(const api::Object& object, base::Timestamp now) {
  return {TextCell(ageOfMeta(object.namespace_().metadata(), now))};
}

struct Layout {
  const char* kind;
  Columns narrow;
  Columns wide;
};

const std::vector<Layout>& layouts() {
  static const std::vector<Layout> all = [] {
    const auto same = [](const char* kind, const Columns& columns) {
      return Layout{kind, columns, columns};
    };
    return std::vector<Layout>{
        {"Pod",
         {{"READY", "STATUS", "RESTARTS", "AGE"}, podCells},
         {{"READY", "STATUS", "RESTARTS", "AGE", "IP", "NODE", "IMAGES", "WHY"}, podCellsWide}},
        {"Deployment",
         {{"READY", "UPDATED", "AVAILABLE", "STATUS", "AGE"}, deploymentCells},
         {{"READY", "UPDATED", "AVAILABLE", "STATUS", "AGE", "IMAGES", "SELECTOR", "WHY"},
          deploymentCellsWide}},
        same("ReplicaSet", {{"WANTED", "CURRENT", "READY", "AGE"}, replicaSetCells}),
        {"Job",
         {{"STATUS", "COMPLETIONS", "DURATION", "AGE"}, jobCells},
         {{"STATUS", "COMPLETIONS", "DURATION", "AGE", "IMAGES", "SELECTOR", "WHY"}, jobCellsWide}},
        {"Service",
         {{"TYPE", "CLUSTER-IP", "PORTS", "AGE"}, serviceCells},
         {{"TYPE", "CLUSTER-IP", "PORTS", "AGE", "SELECTOR"}, serviceCellsWide}},
        same("Endpoints", {{"READY", "ADDRESSES"}, endpointsCells}),
        {"Application",
         {{"SYNC", "HEALTH", "REVISION", "PENDING PLAN", "MESSAGE"}, applicationCells},
         {{"SYNC", "HEALTH", "REVISION", "PENDING PLAN", "MESSAGE", "REPOSITORY", "BRANCH", "PATH"},
          applicationCellsWide}},
        {"Node",
         {{"STATUS", "CPU", "MEMORY", "PODS", "AGE"}, nodeCells},
         {{"STATUS", "CPU", "MEMORY", "PODS", "AGE", "ADDRESS", "POD-CIDR", "RUNTIME", "KERNEL",
           "WHY"},
          nodeCellsWide}},
        same("Event", {{"LAST SEEN", "TYPE", "REASON", "OBJECT", "COUNT", "MESSAGE"}, eventCells}),
        same("Plan",
             {{"APPLICATION", "REVISION", "STATE", "APPROVALS", "CHANGES", "AGE", "MESSAGE"},
              planCells}),
        same(
            "HistoryEntry",
            {{"APPLICATION", "REVISION", "CAUSE", "BY", "OUTCOME", "AGE", "REASON"}, historyCells}),
        same("Hold", {{"APPLICATION", "COMMIT", "BY", "AGE", "REASON"}, holdCells}),
        same("AuditRecord",
             {{"APPLICATION", "ACTION", "BY", "COMMIT", "PLAN", "AGE", "REASON"}, auditCells}),
        same("Project", {{"REPOSITORIES", "NAMESPACES", "ROLES", "KEYS", "AGE"}, projectCells}),
        same("PodDisruptionBudget",
             {{"MIN AVAILABLE", "MAX UNAVAILABLE", "READY", "ALLOWED", "AGE"},
              disruptionBudgetCells}),
        same("ConfigMap", {{"KEYS", "AGE"}, configMapCells}),
        same("Secret", {{"TYPE", "KEYS", "AGE"}, secretCells}),
        same("Namespace", {{"AGE"}, namespaceCells}),
    };
  }();
  return all;
}

/// Words for the kinds that are not of the manifest language.
struct RecordWord {
  const char* kind;
  const char* plural;
  const char* singular;
};
constexpr std::array kRecordWords = {
    RecordWord{"Plan", "plans", "plan"},
    RecordWord{"HistoryEntry", "history", "historyentry"},
    RecordWord{"Hold", "holds", "hold"},
    RecordWord{"AuditRecord", "audit", "auditrecord"},
    RecordWord{"Endpoints", "endpoints", "ep"},
};

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

}  // namespace

Columns columnsOf(const std::string& kind, bool wide) {
  const auto found = std::ranges::find(layouts(), kind, &Layout::kind);
  if (found == layouts().end())
    return {{}, [](const api::Object&, base::Timestamp) { return Cells(); }};
  return wide ? found->wide : found->narrow;
}

std::string kindOfWord(const std::string& word) {
  if (const manifests::Kind* kind = manifests::findKindByWord(word)) return kind->info->kind();
  const std::string wanted = lower(word);
  for (const RecordWord& record : kRecordWords) {
    if (wanted == record.plural || wanted == record.singular) return record.kind;
  }
  return {};
}

std::vector<std::string> kindWords() {
  std::vector<std::string> words;
  for (const manifests::Kind& kind : manifests::allKinds()) words.push_back(kind.info->plural());
  for (const RecordWord& record : kRecordWords) words.emplace_back(record.plural);
  std::ranges::sort(words);
  return words;
}

std::string describeRevision(const schema::Revision& revision) {
  if (revision.commit().empty()) return "-";
  std::string text = absl::StrCat(revision.commit().substr(0, 7), " ", revision.subject());
  if (!revision.author().empty()) absl::StrAppend(&text, " (", revision.author(), ")");
  return text;
}

base::Timestamp wallNow() {
  return std::chrono::floor<base::Duration>(std::chrono::system_clock::now());
}

std::string ageOf(const schema::Time& time, base::Timestamp now) {
  return time.unix_ms() == 0 ? "-" : base::formatAge(now - base::fromUnixMs(time.unix_ms()));
}

std::string planStateName(api::PlanState state) {
  std::string name = lower(api::PlanState_Name(state));
  if (!name.empty()) name[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
  return name;
}

}  // namespace gantry::cli
