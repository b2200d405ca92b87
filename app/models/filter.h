// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QString>
#include <QVariant>
#include <functional>
#include <vector>

namespace gantry::models {

/// What a person types into a filter bar: terms apart by blanks, all of which must hold.
///
///   checkout            some cell contains it
///   -health             no cell contains it
///   ns:pay              the cell "ns" contains it
///   phase=Running       the cell is it;  != is not
///   restarts>3          the cell compares so: > >= < <=, by number where both are numbers
///   "two words"         blanks inside quotes belong to the term
///
/// Case does not matter. A word before an operator that names no column makes the whole term plain
/// text, so that "http://x" finds itself.
class Filter {
 public:
  Filter() = default;

  /// `columns`: the ids that may stand before an operator.
  static Filter parse(const QString& text, const std::vector<QString>& columns);

  bool isEmpty() const { return terms_.empty(); }

  /// `shown` and `sortKey` give the text and the sort value of a cell. Pure.
  bool accepts(const std::function<QString(int column)>& shown,
               const std::function<QVariant(int column)>& sortKey) const;

 private:
  enum class Test {
    kContains,
    kLacks,
    kCellContains,
    kIs,
    kIsNot,
    kMore,
    kAtLeast,
    kLess,
    kAtMost
  };
  struct Term {
    Test test;
    int column;
    QString value;
  };
  static Term parseTerm(const QString& word, const std::vector<QString>& columns);
  static bool compare(const Term& term, const QString& shown, const QVariant& sortKey);

  std::vector<Term> terms_;
  int columnCount_ = 0;
};

}  // namespace gantry::models
