// SPDX-License-Identifier: Apache-2.0
#include "manifests/sops/age_header.h"

#include <algorithm>
#include <optional>

#include "base/status.h"
#include "manifests/sops/base64.h"

namespace gantry::manifests::sops {
namespace {

constexpr std::string_view kVersion = "age-encryption.org/v1";
constexpr std::size_t kBodyColumns = 64;
constexpr std::size_t kMacBytes = 32;
constexpr std::size_t kMostStanzas = 256;
constexpr std::size_t kMostHeaderBytes = 256 << 10;

absl::Status damagedHeader(const char* what) {
  return absl::InvalidArgumentError(std::string("the header of age is damaged: ") + what);
}

class HeaderParser {
 public:
  explicit HeaderParser(std::string_view file) : file_(file) {}

  absl::StatusOr<Header> parse() {
    const std::optional<std::string_view> version = takeLine();
    if (version != kVersion) {
      return absl::InvalidArgumentError(
          version && version->starts_with("age-encryption.org/")
              ? "it was written by another version of age, which is not supported"
              : "it is not a file of age");
    }
    Header header;
    while (true) {
      const std::size_t begin = at_;
      const std::optional<std::string_view> line = takeLine();
      if (!line) return damagedHeader("it has no end");
      if (line->starts_with("---")) {
        header.authenticated = file_.substr(0, begin + 3);
        GANTRY_RETURN_IF_ERROR(readMac(line->substr(3), header));
        break;
      }
      if (header.stanzas.size() == kMostStanzas) return damagedHeader("it has too many recipients");
      GANTRY_RETURN_IF_ERROR(readStanza(*line, header));
    }
    if (header.stanzas.empty()) return damagedHeader("it has no recipient");
    header.payload = file_.substr(at_);
    return header;
  }

 private:
  std::optional<std::string_view> takeLine() {
    const std::size_t end = file_.substr(0, kMostHeaderBytes).find('\n', at_);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = file_.substr(at_, end - at_);
    at_ = end + 1;
    return line;
  }

  static absl::Status readMac(std::string_view rest, Header& header) {
    if (!rest.starts_with(' ')) return damagedHeader("its MAC is missing");
    const auto mac = decodeCanonicalBase64(rest.substr(1), Padding::kNone);
    if (!mac || mac->size() != kMacBytes) return damagedHeader("its MAC is not canonical base64");
    header.mac = *mac;
    return absl::OkStatus();
  }

  absl::Status readStanza(std::string_view line, Header& header) {
    if (!line.starts_with("-> ")) return damagedHeader("a recipient begins with another sign");
    Stanza stanza;
    line.remove_prefix(3);
    while (true) {
      const std::size_t end = line.find(' ');
      const std::string_view argument = line.substr(0, end);
      const bool good = !argument.empty() &&
                        std::ranges::all_of(argument, [](char c) { return c >= 33 && c <= 126; });
      if (!good) return damagedHeader("an argument of a recipient is empty or has other signs");
      stanza.arguments.push_back(argument);
      if (end == std::string_view::npos) break;
      line.remove_prefix(end + 1);
    }
    while (true) {
      const std::optional<std::string_view> body = takeLine();
      if (!body || body->size() > kBodyColumns) return damagedHeader("a recipient has no end");
      const auto bytes = decodeCanonicalBase64(*body, Padding::kNone);
      if (!bytes) return damagedHeader("a recipient is not canonical base64");
      stanza.body += *bytes;
      if (body->size() < kBodyColumns) break;
    }
    header.stanzas.push_back(std::move(stanza));
    return absl::OkStatus();
  }

  std::string_view file_;
  std::size_t at_ = 0;
};

}  // namespace

absl::StatusOr<Header> parseHeader(std::string_view file) {
  return HeaderParser(file).parse();
}

}  // namespace gantry::manifests::sops
