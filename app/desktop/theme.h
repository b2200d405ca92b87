// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QColor>
#include <QIcon>
#include <QPalette>

#include "app/models/health.h"

namespace gantry::desktop::theme {

enum class Scheme { kSystem, kLight, kDark };

/// Sets style, palette and font of the application. System follows the palette that Qt found.
void apply(Scheme scheme);

/// Whether text is light on dark now.
bool isDark();

/// Colour of text and shapes of a tone: at least 4.5:1 on the base colour in both schemes.
QColor tone(models::Tone tone);

/// A wash of that colour for backgrounds.
QColor toneWash(models::Tone tone);

/// Secondary text, thin lines, and panels beside the page.
QColor muted();
QColor line();
QColor panel();

/// Marks in a diff: whole lines and changed words.
QColor removedLine();
QColor addedLine();
QColor removedWord();
QColor addedWord();

/// resources/icons/<name>.svg in the given colour (default: the text's).
QIcon icon(const QString& name, const QColor& color = {});

/// Fixed pitch, for manifests and logs.
QFont codeFont();

/// The colour that stands for a context: its own, or one made from its name.
QColor contextColor(const std::string& configured, const std::string& name);

/// Black or white, whichever reads better on `background`.
QColor textOn(const QColor& background);

}  // namespace gantry::desktop::theme
