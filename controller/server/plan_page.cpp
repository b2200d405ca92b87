// SPDX-License-Identifier: Apache-2.0
#include "controller/server/plan_page.h"

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
    "<title>Gantry: plan $plan</title><style>$style</style></head><body>\n"
    "<h1>Plan $plan</h1>\n"
    "<p>Plans are looked at and approved in gantry-desktop, or with gantry, by those who may.</p>\n"
    "<p><a href=\"gantry://plans/$ns/$plan\">Open in gantry-desktop</a></p>\n"
    "<p>Or in a terminal: <code>gantry plan $plan -n $ns</code></p>\n"
    "</body></html>\n";

// DNS names need no escape; should the rule for names ever be less strict, this still holds.
std::string escaped(std::string_view text) {
  return absl::StrReplaceAll(
      absl::string_view(text.data(), text.size()),
      {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}});
}

std::string view(absl::string_view text) {
  return {text.data(), text.size()};
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

std::optional<PlanPage> planPage(std::string_view path) {
  const std::vector<std::string> parts =
      absl::StrSplit(absl::string_view(path.data(), path.size()), '/');
  if (parts.size() != 4 || !parts[0].empty() || parts[1] != "plans") return std::nullopt;
  const std::string& ns = parts[2];
  const std::string& plan = parts[3];
  if (!manifests::isDnsLabel(ns) || !manifests::isDnsSubdomain(plan)) return std::nullopt;
  return PlanPage{
      absl::StrReplaceAll(view(absl::string_view(kPage.data(), kPage.size())),
                          {{"$style", view(absl::string_view(kStyle.data(), kStyle.size()))},
                           {"$plan", escaped(plan)},
                           {"$ns", escaped(ns)}}),
      policy()};
}

}  // namespace gantry::server
