// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QLabel>

#include "app/models/health.h"

namespace gantry::desktop {

// Labels show text that came from manifests: always plain, never rich text.

/// Text that can be selected; muted on request.
QLabel* plainLabel(const QString& text, bool wrap = false);

QLabel* mutedLabel(const QString& text);

/// A page's or dialog's title.
QLabel* headline(const QString& text);

/// One that may be long, as of a dialog that names a commit: in as many lines as it needs.
QLabel* wrappedHeadline(const QString& text);

/// A word on a wash of its tone's colour.
QLabel* toneBadge(const QString& text, models::Tone tone);
void setToneBadge(QLabel& badge, const QString& text, models::Tone tone);

}  // namespace gantry::desktop
