// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/diff/code_highlighter.h"

#include <QRegularExpression>

#include "app/desktop/theme.h"

#ifdef GANTRY_WITH_KSYNTAX
#include <KSyntaxHighlighting/AbstractHighlighter>
#include <KSyntaxHighlighting/Definition>
#include <KSyntaxHighlighting/Format>
#include <KSyntaxHighlighting/Repository>
#include <KSyntaxHighlighting/State>
#include <KSyntaxHighlighting/Theme>
#endif

namespace gantry::desktop {

#ifdef GANTRY_WITH_KSYNTAX

namespace {

namespace ksh = KSyntaxHighlighting;

/// Loading it costs some milliseconds: one a process, made when the first manifest is shown.
ksh::Repository& repository() {
  static ksh::Repository repository;
  return repository;
}

/// Values must not be red or green: those mean removed and added here. Breeze's dark theme falls
/// below 4.5:1 on our base colour; Nord keeps to blue.
ksh::Theme readableTheme() {
  const ksh::Theme wanted =
      repository().theme(theme::isDark() ? QStringLiteral("Nord") : QStringLiteral("Breeze Light"));
  if (wanted.isValid()) return wanted;
  return repository().defaultTheme(theme::isDark() ? ksh::Repository::DarkTheme
                                                   : ksh::Repository::LightTheme);
}

class LineCollector final : public ksh::AbstractHighlighter {
 public:
  LineFormats collect(const QString& line, ksh::State& state) {
    formats_.clear();
    state = highlightLine(line, state);
    return std::move(formats_);
  }

 protected:
  void applyFormat(int offset, int length, const ksh::Format& format) override {
    // A fragment of a manifest is not in error; red underlines would say so.
    if (length == 0 || format.textStyle() == ksh::Theme::Error) return;
    QTextCharFormat chars;
    if (format.hasTextColor(theme())) chars.setForeground(format.textColor(theme()));
    if (format.isBold(theme())) chars.setFontWeight(QFont::Bold);
    if (format.isItalic(theme())) chars.setFontItalic(true);
    formats_.append({offset, length, chars});
  }

 private:
  LineFormats formats_;
};

}  // namespace

std::vector<LineFormats> CodeHighlighter::highlightYaml(const QStringList& lines) {
  LineCollector collector;
  collector.setDefinition(repository().definitionForName(QStringLiteral("YAML")));
  collector.setTheme(readableTheme());
  std::vector<LineFormats> formats;
  formats.reserve(std::size_t(lines.size()));
  ksh::State state;
  for (const QString& line : lines) formats.push_back(collector.collect(line, state));
  return formats;
}

QString CodeHighlighter::engine() {
  return QStringLiteral("KSyntaxHighlighting");
}

#else

std::vector<LineFormats> CodeHighlighter::highlightYaml(const QStringList& lines) {
  static const QRegularExpression part(QStringLiteral(
      R"re((?<comment>(?:^|\s)#.*$)|(?<key>^[\s-]*[^\s:#][^:#]*:(?=\s|$))|(?<text>"[^"]*"|'[^']*')|(?<value>(?<=\s)(?:true|false|null|-?\d[\d.]*)(?=\s*$)))re"));
  const auto colored = [](models::Tone tone) {
    QTextCharFormat format;
    format.setForeground(theme::tone(tone));
    return format;
  };
  const std::pair<QString, QTextCharFormat> groups[] = {
      {QStringLiteral("comment"), colored(models::Tone::kNeutral)},
      {QStringLiteral("key"), colored(models::Tone::kBusy)},
      {QStringLiteral("text"), colored(models::Tone::kBad)},
      {QStringLiteral("value"), colored(models::Tone::kWarning)}};
  std::vector<LineFormats> formats(std::size_t(lines.size()));
  for (qsizetype i = 0; i < lines.size(); ++i) {
    for (auto matches = part.globalMatch(lines[i]); matches.hasNext();) {
      const QRegularExpressionMatch match = matches.next();
      for (const auto& [name, format] : groups) {
        if (match.capturedStart(name) < 0) continue;
        formats[std::size_t(i)].append(
            {int(match.capturedStart(name)), int(match.capturedLength(name)), format});
      }
    }
  }
  return formats;
}

QString CodeHighlighter::engine() {
  return QStringLiteral("plain");
}

#endif

}  // namespace gantry::desktop
