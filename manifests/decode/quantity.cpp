// SPDX-License-Identifier: Apache-2.0
#include "manifests/decode/quantity.h"

#include <absl/numeric/int128.h>
#include <absl/strings/ascii.h>

#include <array>
#include <limits>
#include <optional>
#include <string_view>

#include "base/status.h"

namespace gantry::manifests {
namespace {

/// value = digits * 10^decimal * 2^binary; all digits of the text are kept, so nothing is lost.
struct Parsed {
  bool negative = false;
  absl::int128 digits = 0;
  int decimal = 0;
  int binary = 0;
};

constexpr int kMaxDigits = 30;
constexpr int kMaxExponent = 30;

absl::Status notAQuantity() {
  return absl::InvalidArgumentError("not an amount; write it like 250m, 0.5 or 64Mi");
}

absl::Status tooLarge() {
  return absl::OutOfRangeError("the amount does not fit in 64 bits");
}

/// Suffixes of Kubernetes' resource.Quantity.
bool applySuffix(std::string_view suffix, Parsed& amount) {
  struct Scale {
    std::string_view suffix;
    int decimal;
    int binary;
  };
  static constexpr std::array<Scale, 16> kScales = {{{"", 0, 0},
                                                     {"n", -9, 0},
                                                     {"u", -6, 0},
                                                     {"m", -3, 0},
                                                     {"k", 3, 0},
                                                     {"M", 6, 0},
                                                     {"G", 9, 0},
                                                     {"T", 12, 0},
                                                     {"P", 15, 0},
                                                     {"E", 18, 0},
                                                     {"Ki", 0, 10},
                                                     {"Mi", 0, 20},
                                                     {"Gi", 0, 30},
                                                     {"Ti", 0, 40},
                                                     {"Pi", 0, 50},
                                                     {"Ei", 0, 60}}};
  for (const Scale& scale : kScales) {
    if (scale.suffix == suffix) {
      amount.decimal += scale.decimal;
      amount.binary = scale.binary;
      return true;
    }
  }
  return false;
}

/// The exponent of "e3", "E-2"; nothing if it is none.
std::optional<int> exponentOf(std::string_view suffix) {
  if (suffix.size() < 2 || (suffix[0] != 'e' && suffix[0] != 'E')) return std::nullopt;
  suffix.remove_prefix(1);
  const bool negative = suffix.starts_with('-');
  if (negative || suffix.starts_with('+')) suffix.remove_prefix(1);
  if (suffix.empty() || suffix.size() > 3) return std::nullopt;
  int value = 0;
  for (const char c : suffix) {
    if (!absl::ascii_isdigit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return negative ? -value : value;
}

absl::StatusOr<Parsed> parse(std::string_view text) {
  Parsed amount;
  amount.negative = text.starts_with('-');
  if (amount.negative || text.starts_with('+')) text.remove_prefix(1);
  std::size_t at = 0;
  int digits = 0;
  int significant = 0;
  bool fraction = false;
  for (; at < text.size(); ++at) {
    if (text[at] == '.' && !fraction) {
      fraction = true;
      continue;
    }
    if (!absl::ascii_isdigit(text[at])) break;
    ++digits;
    if (amount.digits != 0 || text[at] != '0') ++significant;
    if (significant > kMaxDigits) return tooLarge();
    amount.digits = amount.digits * 10 + (text[at] - '0');
    if (fraction) --amount.decimal;
  }
  if (digits == 0) return notAQuantity();
  const std::string_view suffix = text.substr(at);
  if (const std::optional<int> exponent = exponentOf(suffix)) {
    amount.decimal += *exponent;
  } else if (!applySuffix(suffix, amount)) {
    return notAQuantity();
  }
  return amount;
}

bool multiply(absl::int128& value, int factor, int times) {
  for (; times > 0; --times) {
    if (value > absl::Int128Max() / factor) return false;
    value *= factor;
  }
  return true;
}

/// ceil(|amount| * unit), with the sign put back: away from zero, as Kubernetes rounds.
absl::StatusOr<std::int64_t> scaled(const std::string& text, int unit) {
  GANTRY_ASSIGN_OR_RETURN(const Parsed amount, parse(text));
  absl::int128 value = amount.digits;
  if (value == 0) return 0;
  if (!multiply(value, unit, 1) || !multiply(value, 2, amount.binary) ||
      !multiply(value, 10, std::min(amount.decimal, 2 * kMaxExponent))) {
    return tooLarge();
  }
  for (int i = amount.decimal; i < 0; ++i) {
    // Rounding up at each step comes to the same as rounding up once.
    value = (value + 9) / 10;
  }
  if (value > std::numeric_limits<std::int64_t>::max()) return tooLarge();
  const auto whole = static_cast<std::int64_t>(value);
  return amount.negative ? -whole : whole;
}

}  // namespace

absl::StatusOr<std::int64_t> parseMillis(const std::string& text) {
  return scaled(text, 1000);
}

absl::StatusOr<std::int64_t> parseUnits(const std::string& text) {
  return scaled(text, 1);
}

std::int64_t millisOf(const schema::Quantity& quantity) {
  return parseMillis(quantity.text()).value_or(0);
}

std::int64_t unitsOf(const schema::Quantity& quantity) {
  return parseUnits(quantity.text()).value_or(0);
}

std::string formatMillis(std::int64_t millis) {
  return millis % 1000 == 0 ? std::to_string(millis / 1000) : std::to_string(millis) + "m";
}

std::string formatBytes(std::int64_t bytes) {
  constexpr std::array kSuffixes = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
  std::size_t suffix = 0;
  while (bytes != 0 && bytes % 1024 == 0 && suffix + 1 < kSuffixes.size()) {
    bytes /= 1024;
    ++suffix;
  }
  return std::to_string(bytes) + kSuffixes[suffix];
}

}  // namespace gantry::manifests
