// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QString>
#include <QStringList>
#include <vector>

namespace gantry::models {

/// Part of a line, in characters.
struct Span {
  int start = 0;
  int length = 0;
  bool operator==(const Span&) const = default;
};

/// One line of one side. `number` is -1 where the other side has a line and this one has none.
struct DiffSide {
  int number = -1;
  /// What of it differs from its partner; a whole line without partner has none.
  std::vector<Span> changed;
};

/// One row of a side-by-side view.
struct DiffRow {
  enum class Kind { kSame, kChanged, kHidden };
  Kind kind = Kind::kSame;
  DiffSide left;
  DiffSide right;
  /// Hidden: how many equal lines are folded away, and the YAML path of the line that follows, so
  /// that nobody takes a startupProbe for a livenessProbe.
  int hidden = 0;
  QString path;
};

/// A whole comparison. Lines are kept once, rows name them by number (from 0).
struct TextDiff {
  QStringList leftLines;
  QStringList rightLines;
  std::vector<DiffRow> rows;
  /// First row of each run of changed rows.
  std::vector<int> changes;
};

/// Compares two texts line by line (shortest edit script), then the paired lines word by word, and
/// folds equal lines farther than `context` from a change away; a negative context folds nothing.
/// Pure.
TextDiff diffTexts(const QString& left, const QString& right, int context = 3);

/// Puts the lines that the hidden row `row` stands for in its place. Pure but for `diff`.
void unfold(TextDiff& diff, int row);

/// The comparison as a unified patch, with three lines around each change: "@@ -1,4 +1,5 @@", then
/// lines that begin with ' ', '-' or '+'. Empty if nothing differs. Pure.
QString patchText(const QString& left, const QString& right);

/// Where a line of YAML belongs: "spec › template › containers[web] › startupProbe". Named by
/// indentation; elements of a list by their name, else by their number. Pure.
QString yamlPath(const QStringList& lines, int line);

}  // namespace gantry::models
