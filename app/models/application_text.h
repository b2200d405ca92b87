// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QString>

#include "manifests/schema/gantry.pb.h"

namespace gantry::models {

// An Application's status in words. Pure.

/// Whether nothing is applied to it now.
bool isSuspended(const schema::ApplicationStatus& status, qint64 nowMs);

/// "by cy since 12:03:41, until 14:00:00\nthe database moves".
QString suspensionText(const schema::Suspension& suspension, qint64 nowMs);

/// Why Git cannot be read; empty while it can.
QString sourceProblem(const schema::ApplicationStatus& status);

/// When Git was read, as the controller noted it: "12s ago"; it notes that at least every 5
/// minutes. With what is wrong, while Git cannot be read. Empty: never.
QString gitReadText(const schema::ApplicationStatus& status, qint64 nowMs);

/// "by ana since 12:03:41: 503; the revert commit is not in Git yet"; empty: none is under way.
QString rollbackText(const schema::ApplicationStatus& status, qint64 nowMs);

/// What is wrong, a line each: "Render: apps.yaml:3:7: …".
QString problemsText(const schema::ApplicationStatus& status);

}  // namespace gantry::models
