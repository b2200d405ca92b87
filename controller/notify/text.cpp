// SPDX-License-Identifier: Apache-2.0
#include "controller/notify/text.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace gantry::notify {
namespace {

/// Of the Applications to which one thing happened, where there are many, in bytes: with all events
/// that there are, less than what Slack takes in a message (40,000 characters).
constexpr std::size_t kLongestNames = 2'000;

std::string counted(std::int64_t count, const char* one, const char* many) {
  return absl::StrCat(count, " ", count == 1 ? one : many);
}

std::map<std::string, std::string, std::less<>> valuesOf(const Notice& notice,
                                                         const std::string& link) {
  return {{"application", notice.application.name},
          {"project", notice.project},
          {"environment", notice.environment},
          {"event", notice.event},
          {"plan", notice.plan},
          {"by", notice.by},
          {"revision", notice.revision.commit().substr(0, 8)},
          {"author", notice.revision.author()},
          {"summary", notice.summary},
          {"reason", notice.reason},
          {"link", link}};
}

std::string everything(const Notice& notice, const std::string& link, const Escape& escape) {
  std::string text = absl::StrCat(escape(notice.application.name), ": ", notice.event);
  if (!notice.by.empty()) absl::StrAppend(&text, " by ", escape(notice.by));
  if (!notice.summary.empty()) absl::StrAppend(&text, "\n", escape(notice.summary));
  if (!notice.reason.empty()) absl::StrAppend(&text, "\n", escape(notice.reason));
  if (!notice.revision.commit().empty()) {
    absl::StrAppend(&text, "\n", notice.revision.commit().substr(0, 8));
    if (!notice.revision.subject().empty()) {
      absl::StrAppend(&text, " ", escape(notice.revision.subject()));
    }
    if (!notice.revision.author().empty()) {
      absl::StrAppend(&text, " (", escape(notice.revision.author()), ")");
    }
  }
  if (!link.empty()) absl::StrAppend(&text, "\n", escape(link));
  return text;
}

}  // namespace

std::string summaryOf(const api::Plan& plan) {
  const auto deletions = std::ranges::count_if(
      plan.changes(), [](const api::PlannedChange& each) { return each.action() == api::DELETE; });
  std::string text = counted(plan.changes_size(), "change", "changes");
  if (deletions > 0) {
    absl::StrAppend(&text, ", ", deletions,
                    deletions == 1 ? " of them a deletion" : " of them deletions");
  }
  const api::PlanEffect& effect = plan.effect();
  const char* separator = "; ";
  for (const auto& [count, verb] :
       {std::pair(effect.pods_restarted(), "restarted"),
        std::pair(effect.pods_created(), "created"), std::pair(effect.pods_deleted(), "deleted")}) {
    if (count == 0) continue;
    absl::StrAppend(&text, separator, counted(count, "pod", "pods"), " ", verb);
    separator = ", ";
  }
  return text;
}

std::string linkTo(const Notice& notice, const std::string& externalUrl) {
  if (externalUrl.empty()) return "";
  const bool isPlan = !notice.plan.empty();
  return absl::StrCat(externalUrl, isPlan ? "/plans/" : "/applications/", notice.application.ns,
                      "/", isPlan ? notice.plan : notice.application.name);
}

std::string textOf(const Notice& notice, std::string_view pattern, const std::string& link,
                   const Escape& escape) {
  if (pattern.empty()) return everything(notice, link, escape);
  const auto values = valuesOf(notice, link);
  std::string text;
  std::size_t at = 0;
  while (at < pattern.size()) {
    const std::size_t open = pattern.find("{{", at);
    const std::size_t close = open == pattern.npos ? open : pattern.find("}}", open);
    if (close == pattern.npos) break;
    text += pattern.substr(at, open - at);
    const auto value = values.find(pattern.substr(open + 2, close - open - 2));
    text += value == values.end() ? std::string(pattern.substr(open, close + 2 - open))
                                  : escape(value->second);
    at = close + 2;
  }
  text += pattern.substr(std::min(at, pattern.size()));
  return text;
}

std::string gatheredText(std::span<const Notice> notices, const std::string& externalUrl,
                         const Escape& escape) {
  std::map<std::string, std::pair<std::size_t, std::set<std::string>>> byEvent;
  for (const Notice& notice : notices) {
    auto& [count, names] = byEvent[notice.event];
    ++count;
    names.insert(notice.application.name);
  }
  std::string text = absl::StrCat(notices.size(), " notifications");
  for (const auto& [event, entry] : byEvent) {
    const auto& [count, names] = entry;
    absl::StrAppend(&text, "\n", event, " (", count,
                    "): ", escape(shortened(absl::StrJoin(names, ", "), kLongestNames)));
  }
  if (!externalUrl.empty()) absl::StrAppend(&text, "\n", escape(externalUrl));
  return text;
}

std::string shortened(std::string_view text, std::size_t most) {
  constexpr std::string_view kEllipsis = "…";
  if (text.size() <= most) return std::string(text);
  std::size_t end = most - kEllipsis.size();
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return absl::StrCat(std::string(text.substr(0, end)), std::string(kEllipsis));
}

}  // namespace gantry::notify
