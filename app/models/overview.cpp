// SPDX-License-Identifier: Apache-2.0
#include "app/models/overview.h"

#include <algorithm>
#include <map>

#include "app/client/review.h"
#include "app/models/health.h"
#include "app/models/text.h"

namespace gantry::models {
namespace {

/// How many blocks a row draws; more replicas are counted, not drawn.
constexpr int kMaxBlocks = 100;

QString idOf(client::Kind kind, const client::Key& key) {
  return qs(client::kindName(kind) + "/" + key.ns + "/" + key.name);
}

QString titleOf(const client::Key& key) {
  return qs(key.ns.empty() ? key.name : key.ns + "/" + key.name);
}

QVariantMap exceptionRow(client::Kind kind, const client::Key& key, const QString& status,
                         Tone tone, const QString& why) {
  return {{"id", idOf(kind, key)}, {"kind", qs(client::kindName(kind))},
          {"ns", qs(key.ns)},      {"name", qs(key.name)},
          {"tone", int(tone)},     {"title", titleOf(key)},
          {"status", status},      {"why", why},
          {"since", QString()},    {"commit", QString()}};
}

/// The cause of a Deployment's trouble is that of its first pod in trouble, where there is one.
QString podCause(const client::LiveCache& cache, const client::Key& deployment) {
  const RolloutPods pods = rolloutPods(cache, deployment);
  for (const auto* side : {&pods.newPods, &pods.oldPods}) {
    for (const client::ObjectPtr& pod : *side) {
      const PodHealth health = podHealth(pod->pod());
      if (!health.why.isEmpty() && (health.tone == Tone::kBad || health.tone == Tone::kWarning)) {
        return health.why;
      }
    }
  }
  return {};
}

/// "← 8f2c1a9 "pool size" (Ana)": the last commit applied in the Deployment's namespace.
std::map<std::string, QString> lastCommits(const client::LiveCache& cache) {
  std::map<std::string, QString> commits;
  for (const auto& [key, object] : cache.table(client::Kind::kApplication)) {
    const schema::Application& application = object->application();
    commits[application.spec().destination().namespace_()] =
        QStringLiteral("← ") + describeRevision(application.status().applied());
  }
  return commits;
}

void addDeployments(const client::LiveCache& cache, Overview& overview) {
  const std::map<std::string, QString> commits = lastCommits(cache);
  for (const auto& [key, object] : cache.table(client::Kind::kDeployment)) {
    const DeploymentHealth health = deploymentHealth(object->deployment());
    overview.rollouts += health.isReplacing() && health.tone != Tone::kBad ? 1 : 0;
    if (health.tone == Tone::kGood || health.tone == Tone::kBusy) {
      ++overview.healthy;
      continue;
    }
    ++(health.tone == Tone::kBad ? overview.failing : overview.degraded);
    const QString cause = podCause(cache, key);
    QVariantMap row =
        exceptionRow(client::Kind::kDeployment, key,
                     QStringLiteral("%1/%2 available").arg(health.available).arg(health.wanted),
                     health.tone, cause.isEmpty() ? health.why : cause);
    const auto commit = commits.find(key.ns);
    if (commit != commits.end()) row["commit"] = commit->second;
    overview.exceptions.push_back(std::move(row));
  }
}

void addJobs(const client::LiveCache& cache, Overview& overview) {
  for (const auto& [key, object] : cache.table(client::Kind::kJob)) {
    const JobHealth health = jobHealth(object->job());
    if (health.tone != Tone::kBad) continue;
    ++overview.failing;
    overview.exceptions.push_back(
        exceptionRow(client::Kind::kJob, key, health.status, health.tone, health.why));
  }
}

void addNodes(const client::LiveCache& cache, Overview& overview) {
  for (const auto& [key, object] : cache.table(client::Kind::kNode)) {
    ++overview.nodes;
    const NodeHealth health = nodeHealth(object->node());
    overview.nodesDown += health.ready ? 0 : 1;
    if (health.tone != Tone::kBad && health.tone != Tone::kWarning) continue;
    overview.exceptions.push_back(
        exceptionRow(client::Kind::kNode, key, health.status, health.tone, health.why));
  }
}

void addPods(const client::LiveCache& cache, Overview& overview) {
  for (const auto& [key, object] : cache.table(client::Kind::kPod)) {
    ++overview.pods;
    const schema::Pod& pod = object->pod();
    const PodHealth health = podHealth(pod);
    // Pods of a Deployment or Job speak through it, and a Job's are not there to be ready.
    const bool alone = pod.metadata().owner_references_size() == 0;
    const bool isJobs = !alone && pod.metadata().owner_references(0).kind() == "Job";
    const bool isFine = health.isReady() || pod.status().phase() == "Succeeded" || isJobs;
    overview.podsNotReady += isFine ? 0 : 1;
    if (!alone || (health.tone != Tone::kBad && health.tone != Tone::kWarning)) continue;
    overview.exceptions.push_back(
        exceptionRow(client::Kind::kPod, key, health.status, health.tone, health.why));
  }
}

void addApplications(const client::LiveCache& cache, Overview& overview) {
  for (const auto& [key, object] : cache.table(client::Kind::kApplication)) {
    const schema::ApplicationStatus& status = object->application().status();
    overview.applications.push_back(
        {{"id", idOf(client::Kind::kApplication, key)},
         {"ns", qs(key.ns)},
         {"name", qs(key.name)},
         {"health", qs(status.health().empty() ? "Unknown" : status.health())},
         {"tone", int(applicationTone(object->application()))},
         {"sync", qs(status.sync())},
         {"revision", describeRevision(status.applied())},
         {"message", qs(status.message())}});
    const bool failed = std::ranges::any_of(status.conditions(), [](const schema::Condition& c) {
      return c.status() == "True" &&
             (c.type() == "Source" || c.type() == "Render" || c.type() == "Apply");
    });
    if (status.sync() == "Unknown" || failed) {
      overview.exceptions.push_back(exceptionRow(client::Kind::kApplication, key,
                                                 QStringLiteral("sync %1").arg(qs(status.sync())),
                                                 Tone::kWarning, qs(status.message())));
    }
  }
}

void addPlans(const client::LiveCache& cache, qint64 nowMs, Overview& overview) {
  for (const auto& [key, object] : cache.table(client::Kind::kPlan)) {
    const api::Plan& plan = object->plan();
    if (!client::needsPerson(plan, base::fromUnixMs(nowMs))) continue;
    ++overview.approvals;
    overview.plans.push_back({{"id", idOf(client::Kind::kPlan, key)},
                              {"ns", qs(key.ns)},
                              {"name", qs(key.name)},
                              {"application", qs(plan.application())},
                              {"commit", shortCommit(plan.revision().commit())},
                              {"subject", qs(plan.revision().subject())},
                              {"author", qs(plan.revision().author())},
                              {"age", age(plan.created_at(), nowMs)},
                              {"effect", qs(plan.message())}});
  }
}

Tone blockTone(const schema::Pod& pod, const PodHealth& health) {
  if (pod.metadata().has_deletion_timestamp()) return Tone::kNeutral;
  // Well, but not in service yet: on its way.
  return health.tone == Tone::kGood && !health.isReady() ? Tone::kBusy : health.tone;
}

QVariantList blocksOf(const std::vector<client::ObjectPtr>& pods, int wanted) {
  QVariantList blocks;
  for (const client::ObjectPtr& pod : pods) {
    if (blocks.size() >= kMaxBlocks) break;
    const PodHealth health = podHealth(pod->pod());
    const QString name = qs(pod->pod().metadata().name());
    blocks << QVariantMap{{"name", name},
                          {"tone", int(blockTone(pod->pod(), health))},
                          {"tip", QStringLiteral("%1\n%2 on %3%4")
                                      .arg(name, health.status, qs(pod->pod().spec().node_name()),
                                           health.why.isEmpty() ? QString() : '\n' + health.why)}};
  }
  while (blocks.size() < std::min(wanted, kMaxBlocks)) {
    blocks << QVariantMap{{"name", QString()}, {"tone", int(Tone::kNeutral)}, {"tip", "planned"}};
  }
  return blocks;
}

QVariantMap rolloutRow(const client::LiveCache& cache, const client::Key& key,
                       const schema::Deployment& deployment) {
  const DeploymentHealth health = deploymentHealth(deployment);
  const RolloutPods pods = rolloutPods(cache, key);
  QString why = health.tone == Tone::kGood ? QString() : health.why;
  Tone whyTone = health.tone;
  QString failingPod;
  for (const client::ObjectPtr& pod : pods.newPods) {
    const PodHealth podState = podHealth(pod->pod());
    if (podState.why.isEmpty() || podState.tone == Tone::kBusy) continue;
    failingPod = qs(pod->pod().metadata().name());
    const QString cause = QStringLiteral("%1 on %2: %3")
                              .arg(failingPod, qs(pod->pod().spec().node_name()), podState.why);
    whyTone = podState.tone;
    why = health.paused ? health.why + QStringLiteral(" · ") + cause : cause;
    break;
  }
  return {{"id", idOf(client::Kind::kDeployment, key)},
          {"ns", qs(key.ns)},
          {"name", qs(key.name)},
          {"status", health.status},
          {"tone", int(health.tone)},
          {"why", why},
          {"whyTone", int(whyTone)},
          {"paused", health.paused},
          {"rolling", health.isReplacing()},
          {"summary", QStringLiteral("%1 of %2 new · %3 available")
                          .arg(health.updated)
                          .arg(health.wanted)
                          .arg(health.available)},
          {"newImage", pods.newImage},
          {"oldImage", pods.oldPods.empty() ? QString() : pods.oldImage},
          {"newBlocks", blocksOf(pods.newPods, health.wanted)},
          {"oldBlocks", blocksOf(pods.oldPods, 0)},
          {"failingPod", failingPod}};
}

int urgency(const QVariantMap& row) {
  const auto tone = static_cast<Tone>(row["tone"].toInt());
  if (tone == Tone::kBad) return 0;
  if (row["rolling"].toBool()) return 1;
  return tone == Tone::kWarning ? 2 : 3;
}

}  // namespace

Overview overviewOf(const client::LiveCache& cache, qint64 nowMs) {
  Overview overview;
  addDeployments(cache, overview);
  addJobs(cache, overview);
  addNodes(cache, overview);
  addPods(cache, overview);
  addApplications(cache, overview);
  addPlans(cache, nowMs, overview);
  // Tables are in order of names: worst first, and within that as they are.
  for (auto* rows : {&overview.exceptions, &overview.applications}) {
    std::ranges::stable_sort(*rows, [](const QVariantMap& a, const QVariantMap& b) {
      return a["tone"].toInt() > b["tone"].toInt();
    });
  }
  return overview;
}

std::vector<QVariantMap> rolloutRows(const client::LiveCache& cache) {
  std::vector<QVariantMap> rows;
  for (const auto& [key, object] : cache.table(client::Kind::kDeployment)) {
    rows.push_back(rolloutRow(cache, key, object->deployment()));
  }
  std::ranges::stable_sort(
      rows, [](const QVariantMap& a, const QVariantMap& b) { return urgency(a) < urgency(b); });
  return rows;
}

}  // namespace gantry::models
