// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/client/health.h"

namespace gantry::cli {

/// Standard input, output and error as a person uses them. Colour is used only if standard output
/// is a terminal and NO_COLOR is not set.
class Terminal {
 public:
  Terminal();

  bool isInteractive() const { return interactive_; }

  /// Text in the colour of a tone; as it is where there is no colour.
  std::string tinted(std::string_view text, client::Tone tone) const;
  std::string bold(std::string_view text) const;
  std::string dim(std::string_view text) const;

  void print(std::string_view text) const;
  void printLine(std::string_view text) const;
  /// To standard error.
  void complain(std::string_view text) const;

  /// Asks a question that only "yes" answers; false when nobody can be asked.
  bool confirm(std::string_view question) const;

 private:
  std::string wrapped(std::string_view text, std::string_view code) const;

  bool interactive_;
  bool colour_;
};

/// One cell: its text, and how it is tinted.
struct TextCell {
  TextCell(std::string cellText, client::Tone cellTone = client::Tone::kNeutral)
      : text(std::move(cellText)), tone(cellTone) {}
  TextCell(const char* cellText) : text(cellText) {}

  std::string text;
  client::Tone tone = client::Tone::kNeutral;
};

/// Columns under their titles, as wide as their widest cell.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> titles) : titles_(std::move(titles)) {}
  void add(std::vector<TextCell> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.empty(); }
  std::string format(const Terminal& terminal, bool withTitles = true) const;

 private:
  std::vector<std::string> titles_;
  std::vector<std::vector<TextCell>> rows_;
};

}  // namespace gantry::cli
