// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/dependencies.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/delivery/health.h"
#include "controller/delivery/records.h"

namespace gantry::delivery {
namespace {

/// The way from `name` back to itself over dependsOn; empty if there is none.
std::vector<std::string> circleThrough(const model::Name& name, const model::State& state) {
  std::vector<std::string> way;
  std::set<std::string> seen;
  const auto walk = [&](const auto& self, const std::string& at) -> bool {
    const schema::Application* application = state.applications.find({name.ns, at});
    if (application == nullptr) return false;
    way.push_back(at);
    for (const std::string& next : application->spec().depends_on()) {
      if (next == name.name) return true;
      if (seen.insert(next).second && self(self, next)) return true;
    }
    way.pop_back();
    return false;
  };
  if (!walk(walk, name.name)) return {};
  way.push_back(name.name);
  return way;
}

/// Why the Application is not yet where Git wants it; empty if it is.
std::string whyNotThere(const schema::Application& application, const model::State& state,
                        base::Timestamp now) {
  const schema::ApplicationStatus& status = application.status();
  if (status.observed().commit().empty()) return "Git has not been read for it yet";
  if (status.has_rollback()) return "a rollback of it is on its way";
  if (status.applied().tree_hash() != status.observed().tree_hash()) {
    return absl::StrCat("its revision ", shortCommit(status.observed()), " is not applied yet");
  }
  if (status.applied().rendered_hash().empty()) {
    return absl::StrCat("only some waves of ", shortCommit(status.observed()), " are applied");
  }
  const Health health = healthOf(application, state, now);
  if (health.health != "Healthy") {
    return health.message.empty()
               ? absl::StrCat("it is ", health.health)
               : absl::StrCat("it is ", health.health, " (", health.message, ")");
  }
  const auto history = historyOf(state, model::nameOf(application));
  if (!history.empty() && history.front()->outcome() == "Progressing") {
    return "its rollout has not ended";
  }
  return {};
}

}  // namespace

std::string blockedBy(const schema::Application& application, const model::State& state,
                      base::Timestamp now) {
  if (application.spec().depends_on().empty()) return {};
  const model::Name name = model::nameOf(application);
  if (const std::vector<std::string> way = circleThrough(name, state); !way.empty()) {
    return absl::StrCat("dependsOn goes in a circle: ", absl::StrJoin(way, " → "));
  }
  for (const std::string& other : application.spec().depends_on()) {
    const schema::Application* found = state.applications.find({name.ns, other});
    const std::string why =
        found == nullptr ? "there is no such Application" : whyNotThere(*found, state, now);
    if (!why.empty()) return absl::StrCat("blocked by ", other, ": ", why);
  }
  return {};
}

std::vector<model::Name> looksAt(const schema::Application& application) {
  std::vector<model::Name> names;
  for (const std::string& other : application.spec().depends_on()) {
    names.push_back({application.metadata().namespace_(), other});
  }
  if (application.spec().has_promotion()) {
    names.push_back({application.metadata().namespace_(), application.spec().promotion().from()});
  }
  return names;
}

}  // namespace gantry::delivery
