// SPDX-License-Identifier: Apache-2.0
#include "app/cli/terminal.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>

namespace gantry::cli {
namespace {

/// Columns that UTF-8 text takes: continuation bytes take none.
std::size_t displayWidth(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](unsigned char c) { return (c & 0xc0) != 0x80; }));
}

std::string_view colourOf(client::Tone tone) {
  switch (tone) {
    case client::Tone::kGood:
      return "32";
    case client::Tone::kBusy:
      return "36";
    case client::Tone::kWarning:
      return "33";
    case client::Tone::kBad:
      return "31";
    case client::Tone::kNeutral:
      break;
  }
  return "";
}

}  // namespace

Terminal::Terminal()
    : interactive_(::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0),
      colour_(::isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr) {}

std::string Terminal::wrapped(std::string_view text, std::string_view code) const {
  if (!colour_ || code.empty()) return std::string(text);
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

std::string Terminal::tinted(std::string_view text, client::Tone tone) const {
  return wrapped(text, colourOf(tone));
}

std::string Terminal::bold(std::string_view text) const {
  return wrapped(text, "1");
}

std::string Terminal::dim(std::string_view text) const {
  return wrapped(text, "2");
}

void Terminal::print(std::string_view text) const {
  std::cout << text << std::flush;
}

void Terminal::printLine(std::string_view text) const {
  std::cout << text << '\n' << std::flush;
}

void Terminal::complain(std::string_view text) const {
  std::cerr << text << '\n' << std::flush;
}

bool Terminal::confirm(std::string_view question) const {
  if (!interactive_) return false;
  std::cout << question << " Type yes to go on: " << std::flush;
  std::string answer;
  return std::getline(std::cin, answer) && answer == "yes";
}

std::string TextTable::format(const Terminal& terminal, bool withTitles) const {
  std::vector<std::size_t> widths;
  for (const std::string& title : titles_) widths.push_back(displayWidth(title));
  for (const std::vector<TextCell>& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], displayWidth(row[i].text));
    }
  }
  std::string text;
  const auto append = [&](std::size_t column, std::string_view cell, const std::string& tinted) {
    text += tinted;
    // Nothing trails a line.
    if (column + 1 < titles_.size()) text.append(widths[column] - displayWidth(cell) + 3, ' ');
  };
  if (withTitles) {
    for (std::size_t i = 0; i < titles_.size(); ++i)
      append(i, titles_[i], terminal.bold(titles_[i]));
    text += '\n';
  }
  for (const std::vector<TextCell>& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      append(i, row[i].text, terminal.tinted(row[i].text, row[i].tone));
    }
    text += '\n';
  }
  return text;
}

}  // namespace gantry::cli
