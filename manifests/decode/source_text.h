// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/decode/diagnostic.h"

namespace gantry::manifests {

/// `text` in quotes if it looks like the name of a field, else "a value": an error must not show
/// what may be a secret.
std::string printable(std::string_view text);

/// Length of the UTF-8 sequence at the beginning of `text`, which is not empty; 0 if it is not one.
/// Refuses overlong forms, surrogates and what is beyond U+10FFFF (RFC 3629).
std::size_t utf8Length(std::string_view text);

/// The text of a file by lines, to look at what the YAML parser stumbled over. Lines and columns
/// count from 1; what is outside the text is empty.
class SourceText {
 public:
  /// `text` must outlive this.
  explicit SourceText(std::string_view text);

  /// The line without its end.
  std::string_view line(int number) const;
  int lineCount() const { return static_cast<int>(starts_.size()); }
  /// The nearest line above that is neither blank nor a comment; 0 if there is none.
  int lineAbove(int number) const;
  /// Bytes before the place; all of them if it is outside.
  std::size_t offsetOf(int line, int column) const;
  /// Number of leading spaces.
  static int indentOf(std::string_view line);

  /// Whether the name that begins here is followed by a colon; true if that cannot be told.
  bool colonFollows(int line, int column, std::string_view name) const;
  /// Whether the quoted text that begins here is never closed.
  bool quoteIsOpen(int line, int column) const;
  /// Whether the line has "{{".
  bool hasTemplate(int line) const;

  /// What no YAML parser should be given: bytes that are not UTF-8, control characters.
  std::optional<Diagnostic> findUnreadable() const;

 private:
  /// The offset after the closing quote; npos if there is none.
  std::size_t quoteEnd(std::size_t begin) const;
  Diagnostic unreadable(std::size_t offset, std::string message, std::string hint) const;

  std::string_view text_;
  std::vector<std::size_t> starts_;
};

}  // namespace gantry::manifests
