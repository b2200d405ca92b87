// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/checkers/policy.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/check.h"
#include "tests/sim/checkers/health.h"

namespace gantry::sim {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;

bool holds(const google::protobuf::RepeatedPtrField<std::string>& texts, const std::string& text) {
  return std::ranges::find(texts, text) != texts.end();
}

int numberOf(absl::string_view text) {
  int number = 0;
  GANTRY_CHECK(absl::SimpleAtoi(text, &number));
  return number;
}

/// Whether the schedule names a minute of the hour: "*", "*/2", "1-59/2".
bool namesMinute(absl::string_view schedule, int minute) {
  const std::pair<absl::string_view, absl::string_view> fields = absl::StrSplit(schedule, ' ');
  GANTRY_CHECK(absl::EndsWith(schedule, " * * * *"));
  const std::vector<absl::string_view> parts = absl::StrSplit(fields.first, '/');
  const int step = parts.size() > 1 ? numberOf(parts[1]) : 1;
  int from = 0;
  if (parts[0] != "*") {
    GANTRY_CHECK(absl::EndsWith(parts[0], "-59"));
    from = numberOf(parts[0].substr(0, parts[0].find('-')));
  }
  return minute >= from && (minute - from) % step == 0;
}

/// Whether one of the minutes that it opens at is less than its duration ago.
bool isOpen(const schema::SyncWindow& window, base::Timestamp now) {
  GANTRY_CHECK(window.time_zone() == "UTC" && absl::EndsWith(window.duration(), "s"));
  const std::int64_t lengthMs =
      1000LL *
      numberOf(absl::string_view(window.duration()).substr(0, window.duration().size() - 1));
  const std::int64_t nowMs = base::toUnixMs(now);
  for (std::int64_t at = nowMs - nowMs % kMinuteMs; nowMs - at < lengthMs; at -= kMinuteMs) {
    if (namesMinute(window.schedule(), static_cast<int>(at / kMinuteMs % 60))) return true;
  }
  return false;
}

std::string whyNotThere(const schema::Application& application, const View& view) {
  const schema::ApplicationStatus& status = application.status();
  if (status.observed().commit().empty()) return "has not been read yet";
  if (status.has_rollback()) return "is on its way back";
  if (status.applied().tree_hash() != status.observed().tree_hash()) {
    return absl::StrCat("has not applied ", status.observed().commit().substr(0, 8));
  }
  for (const schema::InventoryItem& item : status.inventory()) {
    if (item.kind() != "Deployment") continue;
    const auto* deployment = view.find<schema::Deployment>({item.namespace_(), item.name()});
    if (deployment == nullptr) return absl::StrCat("lacks ", item.name());
    if (!isRolledOut(*deployment)) return absl::StrCat("has not rolled out ", item.name());
  }
  return status.inventory().empty() ? "has applied nothing" : "";
}

}  // namespace

std::string fullName(const model::Name& name) {
  return absl::StrCat(name.ns, "/", name.name);
}

model::Name projectOf(const schema::Application& application) {
  const std::string& name = application.spec().project();
  return {"gantry-system", name.empty() ? "default" : name};
}

std::set<std::string> rolesOf(const schema::Project* project, const std::string& person) {
  std::set<std::string> roles;
  if (project == nullptr) return roles;
  for (const schema::ProjectRole& role : project->spec().roles()) {
    if (holds(role.members(), person)) roles.insert(role.name());
  }
  return roles;
}

bool isPermitted(const schema::Project* project, const std::string& person,
                 const std::string& permission) {
  if (project == nullptr || project->spec().roles().empty()) return true;
  return std::ranges::any_of(project->spec().roles(), [&](const schema::ProjectRole& role) {
    return holds(role.members(), person) && holds(role.permissions(), permission);
  });
}

bool isStopped(const schema::Application& application, base::Timestamp now) {
  const schema::Suspension& suspension = application.status().suspension();
  return application.status().has_suspension() &&
         (!suspension.has_expires_at() || base::toUnixMs(now) < suspension.expires_at().unix_ms());
}

std::string closedWindow(const schema::Application& application, const schema::Project* project,
                         base::Timestamp now) {
  std::string deny, closedAllow;
  bool isAllowed = false;
  const auto look = [&](const schema::SyncWindow& window) {
    const bool isOpenNow = isOpen(window, now);
    const std::string text =
        absl::StrCat(window.kind(), " ", window.schedule(), " for ", window.duration());
    if (window.kind() == "deny") {
      if (isOpenNow) deny = text;
    } else {
      isAllowed |= isOpenNow;
      if (!isOpenNow) closedAllow = text;
    }
  };
  std::ranges::for_each(application.spec().sync_policy().windows(), look);
  if (project != nullptr) std::ranges::for_each(project->spec().sync_windows(), look);
  if (!deny.empty()) return deny;
  return isAllowed ? "" : closedAllow;
}

std::string missingDependency(const schema::Application& application, const View& view) {
  for (const std::string& other : application.spec().depends_on()) {
    const auto* found =
        view.find<schema::Application>({application.metadata().namespace_(), other});
    const std::string why = found == nullptr ? "does not exist" : whyNotThere(*found, view);
    if (!why.empty()) return absl::StrCat(other, " ", why);
  }
  return {};
}

bool isBeyondBudget(const schema::Application& application, int deletions) {
  const schema::DeletionBudget& budget = application.spec().sync_policy().deletion_budget();
  const int most = budget.has_max_objects() ? budget.max_objects() : 10;
  const int percent = budget.has_max_percent() ? budget.max_percent() : 50;
  return deletions > most ||
         (deletions > 1 && 100 * deletions > percent * application.status().inventory_size());
}

std::string holderOf(const model::Name& application, const std::string& commit,
                     const std::string& treeHash, const View& view) {
  for (const auto& [name, hold] : view.table<api::Hold>()) {
    if (hold->namespace_() != application.ns || hold->application() != application.name) continue;
    if (hold->commit() == commit || hold->tree_hash() == treeHash) return hold->by();
  }
  return {};
}

}  // namespace gantry::sim
