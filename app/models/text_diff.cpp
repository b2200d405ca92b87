// SPDX-License-Identifier: Apache-2.0
#include "app/models/text_diff.h"

#include <algorithm>
#include <map>

namespace gantry::models {
namespace {

/// Beyond so many differing lines the texts are shown as replaced as a whole: the shortest script
/// of texts that have little in common costs time and tells nobody anything.
constexpr int kMaxEdits = 3000;

/// Which elements of two sequences stay: pairs of equal positions, ascending. Myers' greedy
/// algorithm ("An O(ND) Difference Algorithm", 1986), with the trace kept to walk back.
std::vector<std::pair<int, int>> commonElements(const QStringList& a, const QStringList& b) {
  const int n = int(a.size());
  const int m = int(b.size());
  int head = 0;
  while (head < n && head < m && a[head] == b[head]) ++head;
  int tail = 0;
  while (tail < n - head && tail < m - head && a[n - 1 - tail] == b[m - 1 - tail]) ++tail;
  const int x1 = n - head - tail;
  const int y1 = m - head - tail;

  std::vector<std::pair<int, int>> common;
  for (int i = 0; i < head; ++i) common.emplace_back(i, i);
  const int limit = std::min(x1 + y1, kMaxEdits);
  std::vector<std::vector<int>> trace;
  std::vector<int> best(std::size_t(2 * limit + 3), 0);
  const auto at = [&best, limit](int k) -> int& { return best.begin()[k + limit + 1]; };
  bool found = false;
  for (int d = 0; d <= limit && !found; ++d) {
    trace.emplace_back(best.begin() + (limit + 1 - d), best.begin() + (limit + 2 + d));
    for (int k = -d; k <= d && !found; k += 2) {
      const bool down = k == -d || (k != d && at(k - 1) < at(k + 1));
      int x = down ? at(k + 1) : at(k - 1) + 1;
      while (x < x1 && x - k < y1 && a[head + x] == b[head + x - k]) ++x;
      at(k) = x;
      found = x >= x1 && x - k >= y1;
    }
  }
  std::vector<std::pair<int, int>> middle;
  int x = x1, y = y1;
  for (int d = found ? int(trace.size()) - 1 : -1; d >= 0; --d) {
    // trace[d] holds diagonals -d…d as they were before step d.
    const auto before = [&](int k) {
      return k < -d || k > d ? -1 : trace[std::size_t(d)].begin()[k + d];
    };
    const int k = x - y;
    const bool down = k == -d || (k != d && before(k - 1) < before(k + 1));
    const int fromK = down ? k + 1 : k - 1;
    const int fromX = d == 0 ? 0 : before(fromK);
    const int fromY = fromX - (d == 0 ? 0 : fromK);
    const int startX = d == 0 ? 0 : (down ? fromX : fromX + 1);
    while (x > startX) {
      --x;
      --y;
      middle.emplace_back(head + x, head + y);
    }
    x = fromX;
    y = fromY;
  }
  common.insert(common.end(), middle.rbegin(), middle.rend());
  for (int i = tail; i > 0; --i) common.emplace_back(n - i, m - i);
  return common;
}

/// Words, runs of blanks, and single signs, so that a changed tag marks the tag.
QStringList tokens(const QString& line) {
  const auto kindOf = [](QChar c) {
    return c.isLetterOrNumber() || c == '_' ? 1 : c.isSpace() ? 2 : 0;
  };
  QStringList found;
  for (int i = 0; i < line.size();) {
    int end = i + 1;
    while (kindOf(line[i]) != 0 && end < line.size() && kindOf(line[end]) == kindOf(line[i])) ++end;
    found << line.mid(i, end - i);
    i = end;
  }
  return found;
}

/// The characters of tokens that are not in `kept`, neighbours joined.
std::vector<Span> spansWithout(const QStringList& words, const std::vector<int>& kept) {
  std::vector<Span> spans;
  int start = 0;
  for (int i = 0; i < words.size(); start += int(words[i].size()), ++i) {
    if (std::ranges::binary_search(kept, i)) continue;
    if (!spans.empty() && spans.back().start + spans.back().length == start) {
      spans.back().length += int(words[i].size());
    } else {
      spans.push_back({start, int(words[i].size())});
    }
  }
  return spans;
}

void markWords(const QString& left, const QString& right, DiffRow& row) {
  const QStringList a = tokens(left);
  const QStringList b = tokens(right);
  std::vector<int> keptLeft, keptRight;
  for (const auto& [i, j] : commonElements(a, b)) {
    keptLeft.push_back(i);
    keptRight.push_back(j);
  }
  row.left.changed = spansWithout(a, keptLeft);
  row.right.changed = spansWithout(b, keptRight);
}

QString keyOf(const QString& line) {
  QString text = line.trimmed();
  while (text.startsWith(QLatin1String("- "))) text = text.mid(2).trimmed();
  const auto colon = text.indexOf(':');
  return colon < 0 ? QString() : text.left(colon);
}

int indentOf(const QString& line) {
  int indent = 0;
  while (indent < line.size() && line[indent] == ' ') ++indent;
  return indent;
}

/// "[web]" for the list element that begins at `line`, by its `name`, else by its place in the
/// list.
QString elementName(const QStringList& lines, int line) {
  const int indent = indentOf(lines[line]);
  for (int i = line; i < lines.size(); ++i) {
    const bool belongs = i == line || indentOf(lines[i]) > indent;
    if (!belongs) break;
    const bool ownField = i == line || indentOf(lines[i]) == indent + 2;
    if (ownField && keyOf(lines[i]) == QLatin1String("name")) {
      return '[' + lines[i].mid(lines[i].indexOf(':') + 1).trimmed() + ']';
    }
  }
  int number = 0;
  for (int i = line - 1; i >= 0; --i) {
    const int before = indentOf(lines[i]);
    const bool isElement = lines[i].trimmed().startsWith('-');
    if (before < indent || (before == indent && !isElement)) break;
    number += before == indent && isElement ? 1 : 0;
  }
  return QStringLiteral("[%1]").arg(number);
}

void foldEqual(TextDiff& diff, int context) {
  if (context < 0) return;
  std::vector<DiffRow> folded;
  const int count = int(diff.rows.size());
  const auto isSame = [&](int row) {
    return diff.rows[std::size_t(row)].kind == DiffRow::Kind::kSame;
  };
  for (int row = 0; row < count;) {
    int end = row;
    while (end < count && isSame(end)) ++end;
    const int from = row == 0 ? 0 : row + context;
    const int to = end == count ? count : end - context;
    // One line less is no gain over the bar that stands for it.
    const bool fold = to - from > 1 && end > row;
    for (; row < end; ++row) {
      if (!fold || row < from || row >= to) {
        folded.push_back(diff.rows[std::size_t(row)]);
      } else if (row == from) {
        DiffRow bar{.kind = DiffRow::Kind::kHidden,
                    .left = {},
                    .right = {},
                    .hidden = to - from,
                    .path = {}};
        bar.left.number = diff.rows[std::size_t(from)].left.number;
        bar.right.number = diff.rows[std::size_t(from)].right.number;
        if (to < count)
          bar.path = yamlPath(diff.rightLines, diff.rows[std::size_t(to)].right.number);
        folded.push_back(bar);
      }
    }
    if (row < count) folded.push_back(diff.rows[std::size_t(row++)]);
  }
  diff.rows = std::move(folded);
}

/// First row of each run of changed rows.
std::vector<int> changesOf(const std::vector<DiffRow>& rows) {
  std::vector<int> changes;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool changed = rows[i].kind == DiffRow::Kind::kChanged;
    if (changed && (i == 0 || rows[i - 1].kind != DiffRow::Kind::kChanged)) {
      changes.push_back(int(i));
    }
  }
  return changes;
}

/// "-1,4": where a part of one side begins, from 1, and how long it is. An empty part stands behind
/// the line before it.
QString rangeText(QChar sign, int before, int count) {
  return QStringLiteral("%1%2,%3").arg(sign).arg(count == 0 ? before : before + 1).arg(count);
}

/// One part of a patch: the rows between two folded ones. `left` and `right` count the lines of
/// each side that are behind.
QString hunkText(const TextDiff& diff, std::size_t from, std::size_t to, int& left, int& right) {
  const int leftBefore = left, rightBefore = right;
  QStringList removed, lines, added;
  const auto flush = [&] {
    lines << removed << added;
    removed.clear();
    added.clear();
  };
  for (std::size_t i = from; i < to; ++i) {
    const DiffRow& row = diff.rows[i];
    if (row.left.number >= 0) ++left;
    if (row.right.number >= 0) ++right;
    if (row.kind == DiffRow::Kind::kSame) {
      flush();
      lines << ' ' + diff.leftLines[row.left.number];
      continue;
    }
    if (row.left.number >= 0) removed << '-' + diff.leftLines[row.left.number];
    if (row.right.number >= 0) added << '+' + diff.rightLines[row.right.number];
  }
  flush();
  return QStringLiteral("@@ %1 %2 @@\n")
             .arg(rangeText('-', leftBefore, left - leftBefore),
                  rangeText('+', rightBefore, right - rightBefore)) +
         lines.join('\n') + '\n';
}

QStringList splitLines(const QString& text) {
  if (text.isEmpty()) return {};
  QStringList lines = text.split('\n');
  if (lines.back().isEmpty()) lines.removeLast();
  return lines;
}

}  // namespace

QString yamlPath(const QStringList& lines, int line) {
  if (line < 0 || line >= lines.size()) return {};
  QStringList path;
  int indent = indentOf(lines[line]);
  QString element = lines[line].trimmed().startsWith('-') ? elementName(lines, line) : QString();
  for (int i = line - 1; i >= 0 && (indent > 0 || !element.isEmpty()); --i) {
    const QString text = lines[i].trimmed();
    if (text.isEmpty() || text.startsWith('#')) continue;
    const int here = indentOf(lines[i]);
    const bool isElement = text.startsWith('-');
    // A list may stand at the indentation of its key: "ports:" over "- port: 80".
    const bool listAtKey = !element.isEmpty() && here == indent && !isElement;
    if (here >= indent && !listAtKey) continue;
    if (isElement) {
      // "- name: web" holds what is indented by two more; a field of its own line is inside it.
      if (indent > here + 2) path.prepend(keyOf(lines[i]) + element), element.clear();
      if (!element.isEmpty()) path.prepend(element);
      element = elementName(lines, i);
    } else {
      path.prepend(keyOf(lines[i]) + element);
      element.clear();
    }
    indent = here;
  }
  return path.join(QStringLiteral(" › "));
}

TextDiff diffTexts(const QString& left, const QString& right, int context) {
  TextDiff diff{
      .leftLines = splitLines(left), .rightLines = splitLines(right), .rows = {}, .changes = {}};
  std::vector<std::pair<int, int>> common = commonElements(diff.leftLines, diff.rightLines);
  common.emplace_back(int(diff.leftLines.size()), int(diff.rightLines.size()));
  int x = 0, y = 0;
  for (const auto& [nextX, nextY] : common) {
    while (x < nextX || y < nextY) {
      DiffRow row{.kind = DiffRow::Kind::kChanged, .left = {}, .right = {}, .path = {}};
      if (x < nextX) row.left.number = x++;
      if (y < nextY) row.right.number = y++;
      if (row.left.number >= 0 && row.right.number >= 0) {
        markWords(diff.leftLines[row.left.number], diff.rightLines[row.right.number], row);
      }
      diff.rows.push_back(std::move(row));
    }
    if (x == diff.leftLines.size() && y == diff.rightLines.size()) break;
    DiffRow row;
    row.left.number = x++;
    row.right.number = y++;
    diff.rows.push_back(std::move(row));
  }
  foldEqual(diff, context);
  diff.changes = changesOf(diff.rows);
  return diff;
}

void unfold(TextDiff& diff, int row) {
  const auto at = diff.rows.begin() + row;
  const DiffRow& bar = *at;
  std::vector<DiffRow> lines(std::size_t(bar.hidden));
  for (int i = 0; i < bar.hidden; ++i) {
    lines[std::size_t(i)].left.number = bar.left.number + i;
    lines[std::size_t(i)].right.number = bar.right.number + i;
  }
  diff.rows.insert(diff.rows.erase(at), lines.begin(), lines.end());
  diff.changes = changesOf(diff.rows);
}

QString patchText(const QString& left, const QString& right) {
  const TextDiff diff = diffTexts(left, right);
  if (diff.changes.empty()) return {};
  QString patch;
  int leftBefore = 0, rightBefore = 0;
  for (std::size_t row = 0; row < diff.rows.size();) {
    if (diff.rows[row].kind == DiffRow::Kind::kHidden) {
      leftBefore += diff.rows[row].hidden;
      rightBefore += diff.rows[row].hidden;
      ++row;
      continue;
    }
    std::size_t end = row;
    while (end < diff.rows.size() && diff.rows[end].kind != DiffRow::Kind::kHidden) ++end;
    patch += hunkText(diff, row, end, leftBefore, rightBefore);
    row = end;
  }
  return patch;
}

}  // namespace gantry::models
