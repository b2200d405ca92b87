// SPDX-License-Identifier: Apache-2.0
#include "manifests/decode/json_text.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_format.h>

namespace gantry::manifests {

std::string jsonText(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (c == '\n') {
      json += "\\n";
    } else if (c == '\t') {
      json += "\\t";
    } else if (c == '\r') {
      json += "\\r";
    } else if (byte < 0x20 || byte == 0x7F) {
      json += absl::StrFormat("\\u%04x", byte);
    } else {
      json += c;
    }
  }
  return json += '"';
}

bool isJsonNumber(std::string_view text) {
  std::size_t at = 0;
  const auto take = [&](auto accept) {
    const std::size_t begin = at;
    while (at < text.size() && accept(text[at])) ++at;
    return at - begin;
  };
  const auto digits = [&] { return take(absl::ascii_isdigit); };
  if (text.starts_with('-')) ++at;
  const std::size_t first = at;
  const std::size_t whole = digits();
  if (whole == 0 || (whole > 1 && text[first] == '0')) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (digits() == 0) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (digits() == 0) return false;
  }
  return at == text.size();
}

}  // namespace gantry::manifests
