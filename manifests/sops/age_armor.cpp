// SPDX-License-Identifier: Apache-2.0
#include "manifests/sops/age_armor.h"

#include <absl/strings/ascii.h>
#include <absl/strings/string_view.h>

#include "manifests/sops/base64.h"

namespace gantry::manifests::sops {
namespace {

constexpr std::string_view kBegin = "-----BEGIN AGE ENCRYPTED FILE-----";
constexpr std::string_view kEnd = "-----END AGE ENCRYPTED FILE-----";
constexpr std::size_t kArmorColumns = 64;

std::string_view trimmed(std::string_view text) {
  const absl::string_view inner =
      absl::StripAsciiWhitespace(absl::string_view(text.data(), text.size()));
  return {inner.data(), inner.size()};
}

std::string_view takeLine(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

absl::Status damagedArmor(const char* what) {
  return absl::InvalidArgumentError(std::string("the armor of age is damaged: ") + what);
}

}  // namespace

bool isArmored(std::string_view file) {
  return trimmed(file).starts_with("-----BEGIN");
}

absl::StatusOr<std::string> removeArmor(std::string_view file) {
  std::string_view text = trimmed(file);
  if (takeLine(text) != kBegin) return damagedArmor("it begins with another line");
  std::string bytes;
  bool lastSeen = false;
  while (!text.empty()) {
    const std::string_view line = takeLine(text);
    if (line == kEnd) {
      if (!text.empty()) return damagedArmor("something follows its end");
      if (bytes.empty()) return damagedArmor("it holds nothing");
      return bytes;
    }
    if (lastSeen) return damagedArmor("a line before the last is short");
    if (line.empty() || line.size() > kArmorColumns)
      return damagedArmor("a line is empty or too long");
    const auto decoded = decodeCanonicalBase64(line, Padding::kRequired);
    if (!decoded) return damagedArmor("a line is not canonical base64");
    lastSeen = line.size() < kArmorColumns || line.ends_with('=');
    bytes += *decoded;
  }
  return damagedArmor("it has no end");
}

}  // namespace gantry::manifests::sops
