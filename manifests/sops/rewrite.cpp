// SPDX-License-Identifier: Apache-2.0
#include "manifests/sops/rewrite.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

namespace gantry::manifests::sops {
namespace {

constexpr std::size_t kNone = std::string_view::npos;
constexpr std::string_view kBlanks = " \t\r\n";

}  // namespace

Rewriter::~Rewriter() {
  for (Edit& edit : edits_) OPENSSL_cleanse(edit.text.data(), edit.text.size());
}

std::size_t Rewriter::offsetOf(const YamlNode& node) const {
  return source_.offsetOf(node.line, node.column);
}

bool Rewriter::replace(const YamlNode& scalar, std::string yaml) {
  std::size_t begin = offsetOf(scalar);
  std::string written = scalar.text;
  const char first = begin < text_.size() ? text_[begin] : '\0';
  if (first == '"' || first == '\'') written = first + written + first;
  if (!text_.substr(begin).starts_with(written)) return false;
  edits_.push_back({begin, begin + written.size(), std::move(yaml)});
  return true;
}

bool Rewriter::erase(const YamlNode::Entry& field) {
  std::size_t begin = offsetOf(*field.key);
  const std::size_t value = offsetOf(*field.value);
  if (value >= text_.size() || text_[value] != '{') {
    blank(begin, endOfBlock(*field.key));
    return true;
  }
  std::size_t end = endOfFlow(value);
  if (end == kNone) return false;
  // With the comma after it, or if it is the last, the one before.
  const std::size_t next = text_.find_first_not_of(kBlanks, end);
  const std::size_t previous = begin == 0 ? kNone : text_.find_last_not_of(kBlanks, begin - 1);
  if (next != kNone && text_[next] == ',') {
    end = next + 1;
  } else if (previous != kNone && text_[previous] == ',') {
    begin = previous;
  }
  blank(begin, end);
  return true;
}

std::string Rewriter::finish() {
  std::ranges::stable_sort(edits_, {}, &Edit::begin);
  std::string result;
  std::size_t at = 0;
  for (const Edit& edit : edits_) {
    // What an alias repeats is replaced once.
    if (edit.begin < at) continue;
    result += text_.substr(at, edit.begin - at);
    result += edit.text;
    at = edit.end;
  }
  result += text_.substr(at);
  return result;
}

void Rewriter::blank(std::size_t begin, std::size_t end) {
  std::string blanks(text_.substr(begin, end - begin));
  std::ranges::replace_if(blanks, [](char c) { return c != '\n' && c != '\r'; }, ' ');
  edits_.push_back({begin, end, std::move(blanks)});
}

std::size_t Rewriter::endOfFlow(std::size_t begin) const {
  int depth = 0;
  char quote = '\0';
  for (std::size_t i = begin; i < text_.size(); ++i) {
    const char c = text_[i];
    if (quote != '\0') {
      if (c == '\\' && quote == '"') {
        ++i;
      } else if (c == quote) {
        quote = '\0';
      }
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return i + 1;
    }
  }
  return kNone;
}

std::size_t Rewriter::endOfBlock(const YamlNode& key) const {
  for (int number = key.line + 1; number <= source_.lineCount(); ++number) {
    const std::string_view line = source_.line(number);
    if (line.find_first_not_of(kBlanks) == kNone) continue;
    if (SourceText::indentOf(line) < key.column) return source_.offsetOf(number, 1);
  }
  return text_.size();
}

}  // namespace gantry::manifests::sops
