// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QString>

#include "absl/status/status.h"

namespace gantry::desktop {

/// What is shown beside the control that asked: "✔ <done>", or "✖ <refused>: <why>".
inline QString answerText(const absl::Status& status, const QString& done,
                          const QString& refused = QStringLiteral("Refused")) {
  if (status.ok()) return QStringLiteral("✔ ") + done;
  return QStringLiteral("✖ %1: %2")
      .arg(refused, QString::fromStdString(std::string(status.message())));
}

}  // namespace gantry::desktop
