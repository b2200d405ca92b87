// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QString>
#include <QStringList>

#include "app/models/health.h"
#include "controller/api/records.pb.h"

namespace gantry::models {

// What the desktop says of a plan. Times are ms since 1970. Pure.

Tone planTone(api::PlanState state);

/// "Pending", "Applied".
QString planStateName(api::PlanState state);

/// The state, and what is waited for: "Waits: one of security", "Approved, waits: window".
QString planStateText(const api::Plan& plan, qint64 nowMs);

/// "8f2c1a9 "Raise pool size""; "Drift: 2 objects differ from Git at 8f2c1a9" where the commit
/// changes nothing.
QString planTitle(const api::Plan& plan);

/// "sync", "drift", "self-heal", "rollback".
std::string planCause(const api::Plan& plan);

/// What became of the plan, and who asked for it: "✖ Rejected by bo 5m ago: not on Friday". Empty
/// if there is nothing that its gates do not say.
QString outcomeText(const api::Plan& plan, qint64 nowMs);

/// "~3 +1 −1 ▷1": changed, created, deleted, hooks.
QString changeSummary(const api::Plan& plan);
/// Bad where something is deleted.
Tone changeTone(const api::Plan& plan);

/// "3 changed · 1 created · ✖ 1 deleted · 1 hook run · 18 pods restart · CPU +1.2 · memory +4 GiB".
QString effectText(const api::Plan& plan);

/// One line a risk, deletions first: "▲ shop/front  containers[web].image:  1.4.2 → 1.5.0".
QStringList pinnedRisks(const api::Plan& plan);

/// "Deployment shop/front".
QString changeTitle(const api::PlannedChange& change);

/// The same for a list: "~ Deployment front", "▷ PreSync Job migrate"; with its namespace on
/// request.
QString changeLabel(const api::PlannedChange& change, bool withNamespace);
Tone changeTone(const api::PlannedChange& change);

/// Whether the objects of a plan are of more than one namespace.
bool isOfSeveralNamespaces(const api::Plan& plan);

}  // namespace gantry::models
