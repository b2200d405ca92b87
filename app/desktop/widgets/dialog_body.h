// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QDialog>
#include <QVBoxLayout>

#include "app/desktop/session.h"

namespace gantry::desktop {

/// Lays out a dialog: the cluster's colour with its name on top, as on the window, and below it a
/// title. What else the dialog holds goes into the layout that is returned.
QVBoxLayout* dialogBody(QDialog& dialog, Session& session, const QString& title);

}  // namespace gantry::desktop
