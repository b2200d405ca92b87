// SPDX-License-Identifier: Apache-2.0
#include "manifests/sops/plain_value.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

namespace gantry::manifests::sops {
namespace {

/// Longest of a double: a sign, "0.", 323 zeros and 17 digits.
constexpr std::size_t kLongestNumber = 400;

bool isOneOf(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, text) != words.end();
}

/// strconv.ParseInt with base 0, after go-yaml took the underscores out.
std::optional<std::int64_t> goInteger(std::string_view text) {
  const bool negative = text.starts_with('-');
  std::string digits(negative ? "-" : "");
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  int base = 10;
  if (text.size() > 1 && text[0] == '0') {
    const char sign = absl::ascii_tolower(text[1]);
    base = sign == 'x' ? 16 : sign == 'b' ? 2 : 8;
    text.remove_prefix(sign == 'x' || sign == 'b' || sign == 'o' ? 2 : 1);
  }
  if (text.empty() || !absl::ascii_isxdigit(text[0])) return std::nullopt;
  digits += text;
  std::int64_t value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

std::optional<double> goFraction(std::string_view text) {
  const bool good = std::ranges::all_of(text, [](char c) {
    return absl::ascii_isdigit(c) || std::string_view("+-.eE").find(c) != std::string_view::npos;
  });
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (!good || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string fixedNotation(double value) {
  std::array<char, kLongestNumber> buffer;
  const auto [end, error] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
  return {buffer.data(), error == std::errc() ? end : buffer.data()};
}

std::string macText(const YamlNode& scalar) {
  const std::string& text = scalar.text;
  if (!scalar.plain) return text;
  if (isOneOf(text, {"true", "True", "TRUE"})) return "True";
  if (isOneOf(text, {"false", "False", "FALSE"})) return "False";
  if (isOneOf(text, {".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"})) return "+Inf";
  if (isOneOf(text, {"-.inf", "-.Inf", "-.INF"})) return "-Inf";
  if (isOneOf(text, {".nan", ".NaN", ".NAN"})) return "NaN";
  std::string dense = text;
  std::erase(dense, '_');
  const bool asNumber =
      absl::ascii_isdigit(text[0]) || text[0] == '-' || text[0] == '+' || text[0] == '.';
  if (!asNumber) return text;
  if (const auto whole = goInteger(dense)) return std::to_string(*whole);
  if (const auto fraction = goFraction(dense)) return fixedNotation(*fraction);
  return text;
}

}  // namespace gantry::manifests::sops
