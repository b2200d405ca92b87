// SPDX-License-Identifier: Apache-2.0
#include "manifests/decode/source_text.h"

#include <algorithm>
#include <cctype>

namespace gantry::manifests {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

bool isBlankOrComment(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t");
  return first == kNone || line[first] == '#';
}

}  // namespace

std::size_t utf8Length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const bool overlong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
  const bool outside = (first == 0xED && byte(1) > 0x9F) || (first == 0xF4 && byte(1) > 0x8F);
  return overlong || outside ? 0 : length;
}

std::string printable(std::string_view text) {
  const bool name = !text.empty() && text.size() <= 63 && std::ranges::all_of(text, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || std::string_view("-_./").find(c) != kNone;
  });
  return name ? "\"" + std::string(text) + "\"" : "a value";
}

SourceText::SourceText(std::string_view text) : text_(text), starts_{0} {
  for (std::size_t at = text.find('\n'); at != kNone; at = text.find('\n', at + 1)) {
    starts_.push_back(at + 1);
  }
}

std::string_view SourceText::line(int number) const {
  if (number < 1 || number > lineCount()) return {};
  const std::size_t begin = starts_[number - 1];
  std::string_view line = text_.substr(begin, text_.find('\n', begin) - begin);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

int SourceText::lineAbove(int number) const {
  do {
    --number;
  } while (number > 0 && isBlankOrComment(line(number)));
  return std::max(number, 0);
}

int SourceText::indentOf(std::string_view line) {
  return static_cast<int>(std::min(line.find_first_not_of(' '), line.size()));
}

std::size_t SourceText::offsetOf(int line, int column) const {
  if (line < 1 || line > lineCount() || column < 1) return text_.size();
  return std::min(starts_[line - 1] + column - 1, text_.size());
}

std::size_t SourceText::quoteEnd(std::size_t begin) const {
  const char quote = text_[begin];
  for (std::size_t i = begin + 1; i < text_.size(); ++i) {
    if (quote == '"' && text_[i] == '\\') {
      ++i;
    } else if (text_[i] == quote) {
      const bool doubled = quote == '\'' && i + 1 < text_.size() && text_[i + 1] == '\'';
      if (!doubled) return i + 1;
      ++i;
    }
  }
  return kNone;
}

bool SourceText::colonFollows(int line, int column, std::string_view name) const {
  std::size_t at = offsetOf(line, column);
  if (at == text_.size()) return true;
  if (text_[at] == '"' || text_[at] == '\'') {
    at = quoteEnd(at);
  } else if (text_.substr(at).starts_with(name)) {
    at += name.size();
  } else {
    return true;
  }
  at = text_.find_first_not_of(" \t\r\n", at);
  return at != kNone && text_[at] == ':';
}

bool SourceText::quoteIsOpen(int line, int column) const {
  const std::size_t at = offsetOf(line, column);
  const bool quoted = at < text_.size() && (text_[at] == '"' || text_[at] == '\'');
  return quoted && quoteEnd(at) == kNone;
}

bool SourceText::hasTemplate(int number) const {
  return line(number).find("{{") != kNone;
}

std::optional<Diagnostic> SourceText::findUnreadable() const {
  for (std::size_t i = 0; i < text_.size();) {
    const unsigned char byte = text_[i];
    if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F) {
      return unreadable(i, "a control character, which YAML does not allow",
                        "remove it, or write it as an escape in double quotes");
    }
    const std::size_t length = utf8Length(text_.substr(i));
    if (length == 0) return unreadable(i, "the file is not UTF-8", "save it as UTF-8");
    i += length;
  }
  return std::nullopt;
}

Diagnostic SourceText::unreadable(std::size_t offset, std::string message, std::string hint) const {
  const auto next = std::ranges::upper_bound(starts_, offset);
  const int line = static_cast<int>(next - starts_.begin());
  const int column = static_cast<int>(offset - starts_[line - 1]) + 1;
  return {.where = {"", line, column}, .message = std::move(message), .hint = std::move(hint)};
}

}  // namespace gantry::manifests
