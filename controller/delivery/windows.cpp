// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/windows.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/cron.h"
#include "base/pattern.h"
#include "controller/delivery/project.h"

namespace gantry::delivery {
namespace {

constexpr base::Duration kLookAhead = std::chrono::days(31);
constexpr char kDeny[] = "deny";

struct Opening {
  bool readable = false;
  /// Until when it is open; unset: it is not.
  std::optional<base::Timestamp> until;
  std::optional<base::Timestamp> next;
};

Opening openingOf(const schema::SyncWindow& window, base::Timestamp now) {
  Opening opening;
  const auto schedule = base::CronSchedule::parse(window.schedule());
  const auto duration = base::parseDuration(window.duration());
  opening.readable = schedule.ok() && duration.ok() && base::checkTimeZone(window.time_zone()).ok();
  if (!opening.readable) return opening;
  if (const auto began = schedule->latest(now, window.time_zone(), *duration)) {
    opening.until = *began + *duration;
  }
  opening.next = schedule->next(now, window.time_zone(), kLookAhead);
  return opening;
}

std::string describe(const schema::SyncWindow& window) {
  std::string text = absl::StrCat("\"", window.schedule(), "\" for ", window.duration());
  if (!window.time_zone().empty()) absl::StrAppend(&text, " ", window.time_zone());
  if (!window.reason().empty()) absl::StrAppend(&text, " (", window.reason(), ")");
  return text;
}

void mayChangeAt(WindowState& state, const std::optional<base::Timestamp>& at) {
  if (at && (!state.changesAt || *at < *state.changesAt)) state.changesAt = at;
}

}  // namespace

std::vector<schema::SyncWindow> windowsOf(const schema::Application& application,
                                          const model::State& state) {
  const auto& own = application.spec().sync_policy().windows();
  std::vector<schema::SyncWindow> windows(own.begin(), own.end());
  const schema::Project* project = projectOf(application, state);
  if (project == nullptr) return windows;
  for (const schema::SyncWindow& window : project->spec().sync_windows()) {
    const bool meant = window.applications().empty() ||
                       std::ranges::any_of(window.applications(), [&](const std::string& pattern) {
                         return base::matchesPattern(pattern, application.metadata().name());
                       });
    if (meant) windows.push_back(window);
  }
  return windows;
}

WindowState windowStateAt(const std::vector<schema::SyncWindow>& windows, base::Timestamp now) {
  WindowState state;
  const schema::SyncWindow* closedAllow = nullptr;
  bool allowed = false;
  for (const schema::SyncWindow& window : windows) {
    const Opening opening = openingOf(window, now);
    mayChangeAt(state, opening.until ? opening.until : opening.next);
    if (window.kind() == kDeny) {
      if (!opening.readable || opening.until) {
        state.open = false;
        state.message = absl::StrCat("the deny window ", describe(window), " is open");
        if (opening.until) {
          absl::StrAppend(&state.message, " until ", base::formatRfc3339(*opening.until));
        }
      }
    } else if (opening.until) {
      allowed = true;
    } else if (closedAllow == nullptr) {
      closedAllow = &window;
    }
  }
  if (state.open && !allowed && closedAllow != nullptr) {
    state.open = false;
    state.message = absl::StrCat("the allow window ", describe(*closedAllow), " is closed");
    if (state.changesAt) {
      absl::StrAppend(&state.message, "; the next one opens at ",
                      base::formatRfc3339(*state.changesAt));
    }
  }
  return state;
}

}  // namespace gantry::delivery
