// SPDX-License-Identifier: Apache-2.0
#include "app/models/plan_words.h"

#include <algorithm>
#include <set>

#include "app/client/plan_outline.h"
#include "app/client/review.h"
#include "app/models/node_load.h"
#include "app/models/text.h"
#include "base/time.h"

namespace gantry::models {
namespace {

/// The first gate that keeps a plan back; null if there is none.
const api::Gate* closedGate(const api::Plan& plan) {
  const auto closed = std::ranges::find(plan.gates(), false, &api::Gate::open);
  return closed == plan.gates().end() ? nullptr : &*closed;
}

/// "window", and of that of approvals what is missing; empty if nothing keeps the plan back.
QString waitsFor(const api::Plan& plan, qint64 nowMs) {
  const std::string missing = client::missingText(client::quorumOf(plan, base::fromUnixMs(nowMs)));
  if (!missing.empty()) return qs(missing);
  const api::Gate* closed = closedGate(plan);
  return closed == nullptr ? QString() : qs(closed->kind());
}

/// "5m ago"; empty for a time that is not set.
QString ago(const schema::Time& time, qint64 nowMs) {
  return time.unix_ms() == 0 ? QString() : QStringLiteral(" %1 ago").arg(age(time, nowMs));
}

QString afterColon(const std::string& text) {
  return text.empty() ? QString() : QStringLiteral(": ") + qs(text);
}

/// ", tried again in 20s (attempt 2)".
QString retryText(const api::Plan& plan, qint64 nowMs) {
  if (!plan.has_retry_at()) return {};
  const base::Duration left(std::max<qint64>(0, plan.retry_at().unix_ms() - nowMs));
  // The plan itself was one more than those before it, and the next is one more than that.
  return QStringLiteral(", tried again in %1 (attempt %2)")
      .arg(qs(base::formatAge(left)))
      .arg(plan.attempt() + 2);
}

/// "asked for by ana: hotfix"; empty where nobody did.
QString initiatorText(const api::Plan& plan) {
  if (plan.initiator().empty() || plan.initiator() == "controller") return {};
  return QStringLiteral("asked for by %1%2").arg(qs(plan.initiator()), afterColon(plan.reason()));
}

QString capitalised(QString text) {
  if (!text.isEmpty()) text[0] = text[0].toUpper();
  return text;
}

QString where(const api::PlannedChange& change) {
  return qs(change.namespace_().empty() ? change.name()
                                        : change.namespace_() + "/" + change.name());
}

/// The end of a path says enough beside the object: "containers[web].image".
QString shortPath(const std::string& path) {
  const QStringList parts = qs(path).split('.');
  return parts.mid(std::max<qsizetype>(0, parts.size() - 2)).join('.');
}

QString valueText(bool has, const std::string& value) {
  return has ? qs(value) : QStringLiteral("(not set)");
}

QString signedText(qint64 amount, const QString& formatted) {
  return amount > 0 ? '+' + formatted : formatted;
}

QString fitText(const api::PlanEffect& effect) {
  int homeless = 0;
  for (const api::PlannedPod& pod : effect.placements()) homeless += pod.node().empty() ? 1 : 0;
  if (homeless > 0) {
    return QStringLiteral("▲ %1 nowhere")
        .arg(homeless == 1 ? QStringLiteral("1 pod fits")
                           : QStringLiteral("%1 pods fit").arg(homeless));
  }
  return effect.placements().empty() ? QString() : QStringLiteral("all fit");
}

QString podsText(int count, const QString& one, const QString& many) {
  return QStringLiteral("%1 %2").arg(counted(count, QStringLiteral("pod")),
                                     count == 1 ? one : many);
}

}  // namespace

Tone planTone(api::PlanState state) {
  switch (state) {
    case api::PENDING:
      return Tone::kWarning;
    case api::APPROVED:
    case api::APPLYING:
      return Tone::kBusy;
    case api::APPLIED:
      return Tone::kGood;
    case api::FAILED:
    case api::REJECTED:
      return Tone::kBad;
    default:
      return Tone::kNeutral;
  }
}

QString planStateName(api::PlanState state) {
  if (state == api::PLAN_STATE_UNSPECIFIED || !api::PlanState_IsValid(state)) {
    return QStringLiteral("Unknown");
  }
  return capitalised(qs(api::PlanState_Name(state)).toLower());
}

QString planStateText(const api::Plan& plan, qint64 nowMs) {
  QString name = planStateName(plan.state());
  if (!client::isOpen(plan)) return name;
  const QString waits = waitsFor(plan, nowMs);
  if (plan.state() == api::PENDING) {
    return waits.isEmpty() ? QStringLiteral("Waits") : QStringLiteral("Waits: %1").arg(waits);
  }
  return waits.isEmpty() ? name : QStringLiteral("%1, waits: %2").arg(name, waits);
}

QString planTitle(const api::Plan& plan) {
  const QString commit = shortCommit(plan.revision().commit());
  if (client::isRepair(plan)) {
    const int count = plan.changes_size();
    return QStringLiteral("Drift: %1 %2 from Git at %3")
        .arg(counted(count, QStringLiteral("object")),
             count == 1 ? QStringLiteral("differs") : QStringLiteral("differ"), commit);
  }
  return QStringLiteral("%1 \"%2\"").arg(commit, qs(plan.revision().subject()));
}

std::string planCause(const api::Plan& plan) {
  return client::isRepair(plan) && plan.cause() == "sync" ? "drift" : plan.cause();
}

QString outcomeText(const api::Plan& plan, qint64 nowMs) {
  const QString mark = toneMark(planTone(plan.state()));
  const QString when = ago(plan.finished_at(), nowMs);
  const QString asked = initiatorText(plan);
  switch (plan.state()) {
    case api::REJECTED:
      return QStringLiteral("%1 Rejected by %2%3%4")
          .arg(mark, qs(plan.rejected_by()), when, afterColon(plan.rejected_reason()));
    case api::FAILED:
      return QStringLiteral("%1 Failed%2%3%4")
          .arg(mark, when, afterColon(plan.message()), retryText(plan, nowMs));
    case api::SUPERSEDED:
      return QStringLiteral("%1 Superseded%2%3").arg(mark, when, afterColon(plan.message()));
    case api::APPLIED:
      return QStringLiteral("%1 Applied%2%3")
          .arg(mark, when, asked.isEmpty() ? QString() : QStringLiteral(", ") + asked);
    default:
      break;
  }
  QStringList parts;
  if (plan.attempt() > 0) parts << QStringLiteral("attempt %1").arg(plan.attempt() + 1);
  if (!asked.isEmpty()) parts << asked;
  return capitalised(parts.join(QStringLiteral(", ")));
}

QString changeSummary(const api::Plan& plan) {
  const auto [created, changed, deleted, hooks] = client::countChanges(plan);
  QStringList parts;
  const auto add = [&parts](const QString& mark, int count) {
    if (count > 0) parts << mark + QString::number(count);
  };
  add(QStringLiteral("~"), changed);
  add(QStringLiteral("+"), created);
  add(QStringLiteral("−"), deleted);
  add(QStringLiteral("▷"), hooks);
  return parts.isEmpty() ? QStringLiteral("–") : parts.join(' ');
}

Tone changeTone(const api::Plan& plan) {
  const client::ChangeCounts counts = client::countChanges(plan);
  if (counts.deleted > 0) return Tone::kBad;
  return counts.changed == 0 && counts.created > 0 ? Tone::kGood : Tone::kNeutral;
}

QString effectText(const api::Plan& plan) {
  const auto [created, changed, deleted, hooks] = client::countChanges(plan);
  const api::PlanEffect& effect = plan.effect();
  QStringList parts;
  const auto add = [&parts](int count, const QString& text) {
    if (count > 0) parts << text;
  };
  add(changed, QStringLiteral("%1 changed").arg(changed));
  add(created, QStringLiteral("%1 created").arg(created));
  add(deleted, QStringLiteral("✖ %1 deleted").arg(deleted));
  add(hooks, hooks == 1 ? QStringLiteral("1 hook run") : QStringLiteral("%1 hooks run").arg(hooks));
  add(effect.pods_restarted(),
      podsText(effect.pods_restarted(), QStringLiteral("restarts"), QStringLiteral("restart")));
  const QString made = QStringLiteral("created"), gone = QStringLiteral("deleted");
  add(effect.pods_created(), podsText(effect.pods_created(), made, made));
  add(effect.pods_deleted(), podsText(effect.pods_deleted(), gone, gone));
  if (const qint64 cpu = effect.cpu_millis_delta(); cpu != 0) {
    parts << QStringLiteral("CPU ") + signedText(cpu, formatCpu(cpu));
  }
  if (const qint64 memory = effect.memory_bytes_delta(); memory != 0) {
    parts << QStringLiteral("memory ") + signedText(memory, formatMemory(memory));
  }
  if (const QString fit = fitText(effect); !fit.isEmpty()) parts << fit;
  return parts.isEmpty() ? QStringLiteral("changes nothing")
                         : parts.join(QStringLiteral("   ·   "));
}

QStringList pinnedRisks(const api::Plan& plan) {
  QStringList deletions, risks;
  for (const api::PlannedChange& change : plan.changes()) {
    if (change.action() == api::DELETE) {
      deletions << QStringLiteral("✖ DELETE %1").arg(changeTitle(change));
      continue;
    }
    if (change.action() != api::UPDATE) continue;
    for (const api::FieldChange& field : change.fields()) {
      if (!field.risk()) continue;
      risks << QStringLiteral("▲ %1  %2:  %3 → %4")
                   .arg(where(change), shortPath(field.path()),
                        valueText(field.has_before(), field.before()),
                        valueText(field.has_after(), field.after()));
    }
  }
  return deletions + risks;
}

QString changeTitle(const api::PlannedChange& change) {
  return qs(client::objectName(change));
}

QString changeLabel(const api::PlannedChange& change, bool withNamespace) {
  const QString name = withNamespace ? where(change) : qs(change.name());
  if (!change.hook().empty()) {
    return QStringLiteral("▷ %1 %2 %3").arg(qs(change.hook()), qs(change.kind()), name);
  }
  const QString mark = change.action() == api::CREATE   ? QStringLiteral("+")
                       : change.action() == api::DELETE ? QStringLiteral("✖")
                                                        : QStringLiteral("~");
  return QStringLiteral("%1 %2 %3").arg(mark, qs(change.kind()), name);
}

Tone changeTone(const api::PlannedChange& change) {
  if (!change.hook().empty()) return Tone::kBusy;
  switch (change.action()) {
    case api::CREATE:
      return Tone::kGood;
    case api::DELETE:
      return Tone::kBad;
    default:
      return Tone::kBusy;
  }
}

bool isOfSeveralNamespaces(const api::Plan& plan) {
  std::set<std::string> namespaces;
  for (const api::PlannedChange& change : plan.changes()) {
    if (!change.namespace_().empty()) namespaces.insert(change.namespace_());
  }
  return namespaces.size() > 1;
}

}  // namespace gantry::models
