// SPDX-License-Identifier: Apache-2.0
#include "manifests/decode/scalars.h"

#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <absl/strings/string_view.h>

#include <algorithm>
#include <charconv>

#include "manifests/decode/json_text.h"

namespace gantry::manifests {
namespace {

constexpr std::size_t kMaxShown = 40;

bool allDigits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, absl::ascii_isdigit);
}

std::string_view withoutSign(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return text;
}

bool isWhole(std::string_view text) {
  if (text.starts_with("0x")) {
    return text.size() > 2 && std::ranges::all_of(text.substr(2), absl::ascii_isxdigit);
  }
  if (text.starts_with("0o")) {
    return text.size() > 2 && text.find_first_not_of("01234567", 2) == std::string_view::npos;
  }
  return allDigits(withoutSign(text));
}

/// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?  and .inf, .nan
bool isFraction(std::string_view text) {
  const std::string_view body = withoutSign(text);
  if (body == ".inf" || body == ".Inf" || body == ".INF") return true;
  if (text == ".nan" || text == ".NaN" || text == ".NAN") return true;
  const std::size_t e = body.find_first_of("eE");
  const std::string_view mantissa = body.substr(0, e);
  if (e != std::string_view::npos && !allDigits(withoutSign(body.substr(e + 1)))) return false;
  const std::size_t dot = mantissa.find('.');
  if (dot == std::string_view::npos) return allDigits(mantissa);
  const std::string_view before = mantissa.substr(0, dot);
  const std::string_view after = mantissa.substr(dot + 1);
  return (before.empty() || allDigits(before)) && (after.empty() || allDigits(after)) &&
         !(before.empty() && after.empty());
}

std::optional<std::int64_t> parse(std::string_view digits, int base) {
  std::int64_t value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

std::string shortened(const std::string& text) {
  if (text.size() <= kMaxShown) return text;
  std::size_t end = kMaxShown;
  while (end > 0 && (text[end] & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

}  // namespace

ScalarType typeOf(const YamlNode& scalar) {
  return typeOf(scalar.plain, scalar.text);
}

ScalarType typeOf(bool plain, const std::string& text) {
  if (!plain) return ScalarType::kText;
  for (const char* word : {"true", "True", "TRUE", "false", "False", "FALSE"}) {
    if (text == word) return ScalarType::kBool;
  }
  if (isWhole(text)) return ScalarType::kWhole;
  return isFraction(text) ? ScalarType::kFraction : ScalarType::kText;
}

std::optional<std::int64_t> wholeNumber(const YamlNode& scalar) {
  if (scalar.kind != YamlNode::Kind::kScalar || typeOf(scalar) != ScalarType::kWhole) {
    return std::nullopt;
  }
  std::string_view text = scalar.text;
  if (text.starts_with("0x")) return parse(text.substr(2), 16);
  if (text.starts_with("0o")) return parse(text.substr(2), 8);
  if (text.starts_with('+')) text.remove_prefix(1);
  return parse(text, 10);
}

bool isOldOctal(const YamlNode& scalar) {
  return scalar.plain && scalar.text.size() > 1 && scalar.text[0] == '0' && allDigits(scalar.text);
}

std::optional<std::int64_t> oldOctal(const YamlNode& scalar) {
  return isOldOctal(scalar) ? parse(scalar.text, 8) : std::nullopt;
}

std::string describe(const YamlNode& node, bool secret) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "nothing";
    case YamlNode::Kind::kList:
      return "a list";
    case YamlNode::Kind::kMap:
      return "fields";
    case YamlNode::Kind::kScalar:
      break;
  }
  const ScalarType type = typeOf(node);
  const bool number = type == ScalarType::kWhole || type == ScalarType::kFraction;
  if (secret) return number ? "a number" : type == ScalarType::kBool ? "true or false" : "text";
  if (number) return "the number " + node.text;
  return type == ScalarType::kBool ? node.text : jsonText(shortened(node.text));
}

std::optional<std::string> decodeBase64(std::string_view text) {
  std::string dense(text);
  std::erase_if(dense, absl::ascii_isspace);
  std::string bytes;
  if (dense.size() % 4 != 0 || !absl::Base64Unescape(dense, &bytes)) return std::nullopt;
  return bytes;
}

std::string encodeBase64(std::string_view bytes) {
  return absl::Base64Escape(absl::string_view(bytes.data(), bytes.size()));
}

std::string toCompactJson(const YamlNode& node) {
  std::string json;
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "null";
    case YamlNode::Kind::kScalar:
      // Hexadecimal, signs and .inf have no form in JSON: they stay text.
      if (typeOf(node) == ScalarType::kBool) return absl::AsciiStrToLower(node.text);
      return isJsonNumber(node.text) && node.plain ? node.text : jsonText(node.text);
    case YamlNode::Kind::kList:
      for (const YamlNode* item : node.items)
        json += (json.empty() ? "" : ",") + toCompactJson(*item);
      return "[" + json + "]";
    case YamlNode::Kind::kMap:
      for (const YamlNode::Entry& entry : node.entries) {
        json += (json.empty() ? "" : ",") + jsonText(entry.key->text) + ":" +
                toCompactJson(*entry.value);
      }
      return "{" + json + "}";
  }
  return json;
}

}  // namespace gantry::manifests
