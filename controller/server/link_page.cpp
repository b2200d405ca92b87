// SPDX-License-Identifier: Apache-2.0
#include "controller/server/link_page.h"

#include <algorithm>
#include <array>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "base/ids.h"
#include "manifests/validate/names.h"

namespace gantry::server {
namespace {

constexpr std::string_view kStyle =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1rem;"
    "color:#1d2127;background:#f5f6f8}"
    "a{display:inline-block;padding:.5rem 1.2rem;border-radius:.3rem;background:#2563c9;"
    "color:#fff;text-decoration:none}"
    "code{background:#e4e7ec;padding:.2rem .4rem;border-radius:.2rem}"
    "@media(prefers-color-scheme:dark){body{color:#e4e7ec;background:#1f2228}"
    "code{background:#2b2f37}}";

constexpr std::string_view kPage =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width\">"
    "<title>Gantry: $title $name</title><style>$style</style></head><body>\n"
    "<h1>$title $name</h1>\n"
    "<p>$about in gantry-desktop, or with gantry, by those who may.</p>\n"
    "<p><a href=\"gantry://$place/$ns/$name\">Open in gantry-desktop</a></p>\n"
    "<p>Or in a terminal: <code>$command $name -n $ns</code></p>\n"
    "</body></html>\n";

/// What a link may lead to.
struct Kind {
  std::string_view place;
  std::string_view title;
  std::string_view about;
  std::string_view command;
};
constexpr std::array<Kind, 2> kKinds = {
    {{"plans", "Plan", "Plans are looked at and approved", "gantry plan"},
     {"applications", "Application", "Applications are looked at and steered",
      "gantry describe application"}}};

absl::string_view abseil(std::string_view text) {
  return {text.data(), text.size()};
}

// DNS names need no escape; should the rule for names ever be less strict, this still holds.
std::string escaped(std::string_view text) {
  return absl::StrReplaceAll(
      abseil(text),
      {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}});
}

const std::string& policy() {
  static const std::string* made = [] {
    const std::string hash = absl::HexStringToBytes(base::sha256Hex(kStyle));
    return new std::string(absl::StrCat("default-src 'none'; style-src 'sha256-",
                                        absl::Base64Escape(hash),
                                        "'; base-uri 'none'; form-action 'none'; "
                                        "frame-ancestors 'none'"));
  }();
  return *made;
}

}  // namespace

std::optional<LinkPage> linkPage(std::string_view path) {
  const std::vector<std::string> parts = absl::StrSplit(abseil(path), '/');
  if (parts.size() != 4 || !parts[0].empty()) return std::nullopt;
  const auto* kind = std::ranges::find(kKinds, parts[1], &Kind::place);
  const std::string& ns = parts[2];
  const std::string& name = parts[3];
  if (kind == kKinds.end() || !manifests::isDnsLabel(ns) || !manifests::isDnsSubdomain(name)) {
    return std::nullopt;
  }
  return LinkPage{absl::StrReplaceAll(abseil(kPage), {{"$style", abseil(kStyle)},
                                                      {"$place", abseil(kind->place)},
                                                      {"$title", abseil(kind->title)},
                                                      {"$about", abseil(kind->about)},
                                                      {"$command", abseil(kind->command)},
                                                      {"$name", escaped(name)},
                                                      {"$ns", escaped(ns)}}),
                  policy()};
}

}  // namespace gantry::server
