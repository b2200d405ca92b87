// SPDX-License-Identifier: Apache-2.0
#include "app/models/filter.h"

#include <QStringList>
#include <algorithm>

namespace gantry::models {
namespace {

/// Words apart by blanks; quotes hold blanks and are dropped.
QStringList splitWords(const QString& text) {
  QStringList words;
  QString word;
  bool quoted = false;
  for (const QChar c : text) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c.isSpace() && !quoted) {
      if (!word.isEmpty()) words << word;
      word.clear();
    } else {
      word += c;
    }
  }
  if (!word.isEmpty()) words << word;
  return words;
}

bool same(const QString& a, const QString& b) {
  return a.compare(b, Qt::CaseInsensitive) == 0;
}

}  // namespace

Filter::Term Filter::parseTerm(const QString& word, const std::vector<QString>& columns) {
  static const std::vector<std::pair<QString, Test>> kOperators = {
      {">=", Test::kAtLeast}, {"<=", Test::kAtMost}, {"!=", Test::kIsNot},       {">", Test::kMore},
      {"<", Test::kLess},     {"=", Test::kIs},      {":", Test::kCellContains},
  };
  const auto isOperator = [](QChar c) { return QStringLiteral("<>!=:").contains(c); };
  const auto at = std::ranges::find_if(word, isOperator) - word.begin();
  const auto column =
      std::ranges::find_if(columns, [&](const QString& id) { return same(id, word.left(at)); });
  for (const auto& [symbol, test] : kOperators) {
    if (column == columns.end() || !word.mid(at).startsWith(symbol)) continue;
    return {test, int(column - columns.begin()), word.mid(at + symbol.size())};
  }
  if (word.size() > 1 && word.startsWith('-')) return {Test::kLacks, -1, word.mid(1)};
  return {Test::kContains, -1, word};
}

Filter Filter::parse(const QString& text, const std::vector<QString>& columns) {
  Filter filter;
  filter.columnCount_ = int(columns.size());
  for (const QString& word : splitWords(text)) filter.terms_.push_back(parseTerm(word, columns));
  return filter;
}

bool Filter::compare(const Term& term, const QString& shown, const QVariant& sortKey) {
  switch (term.test) {
    case Test::kCellContains:
      return shown.contains(term.value, Qt::CaseInsensitive);
    case Test::kIs:
      return same(shown, term.value) || same(sortKey.toString(), term.value);
    case Test::kIsNot:
      return !same(shown, term.value) && !same(sortKey.toString(), term.value);
    default:
      break;
  }
  bool isNumber = false;
  const double limit = term.value.toDouble(&isNumber);
  const bool both = isNumber && sortKey.typeId() != QMetaType::QString;
  const double value = sortKey.toDouble();
  const int order =
      both ? (value > limit) - (value < limit) : shown.compare(term.value, Qt::CaseInsensitive);
  switch (term.test) {
    case Test::kMore:
      return order > 0;
    case Test::kAtLeast:
      return order >= 0;
    case Test::kLess:
      return order < 0;
    default:
      return order <= 0;
  }
}

bool Filter::accepts(const std::function<QString(int)>& shown,
                     const std::function<QVariant(int)>& sortKey) const {
  return std::ranges::all_of(terms_, [&](const Term& term) {
    if (term.column >= 0) return compare(term, shown(term.column), sortKey(term.column));
    bool found = false;
    for (int column = 0; column < columnCount_ && !found; ++column) {
      found = shown(column).contains(term.value, Qt::CaseInsensitive);
    }
    return found == (term.test == Test::kContains);
  });
}

}  // namespace gantry::models
