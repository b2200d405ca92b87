// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QStringList>
#include <QTextLayout>
#include <vector>

namespace gantry::desktop {

using LineFormats = QList<QTextLayout::FormatRange>;

/// Colours YAML, line by line: by KSyntaxHighlighting where it was built in, else by a plain
/// highlighter of our own. The only door to either. GUI thread.
class CodeHighlighter {
 public:
  /// The formats of each line, for the scheme (light or dark) of now.
  static std::vector<LineFormats> highlightYaml(const QStringList& lines);

  /// "KSyntaxHighlighting" or "plain", for Help > About.
  static QString engine();
};

}  // namespace gantry::desktop
