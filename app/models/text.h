// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QString>
#include <string>

#include "manifests/schema/gantry.pb.h"
#include "manifests/schema/meta.pb.h"

namespace gantry::models {

inline QString qs(const std::string& text) {
  return QString::fromStdString(text);
}

/// "45s", "12m", "3h", "5d"; empty for a time that is not set.
QString age(const schema::Time& since, qint64 nowMs);

/// "12:03:41" today, "21 Nov 12:03" before; empty for a time that is not set. Local time.
QString clock(const schema::Time& time, qint64 nowMs);

/// "8f2c1a9": enough of a commit to recognise it.
QString shortCommit(const std::string& commit);

/// "8f2c1a9 \"Raise pool size\" (Ana)".
QString describeRevision(const schema::Revision& revision);

/// "1 pod", "3 pods".
QString counted(qint64 count, const QString& noun);

/// Wall clock, ms since 1970.
qint64 nowMs();

}  // namespace gantry::models
