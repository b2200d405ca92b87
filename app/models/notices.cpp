// SPDX-License-Identifier: Apache-2.0
#include "app/models/notices.h"

#include "app/client/review.h"
#include "app/models/text.h"
#include "controller/api/system_names.h"

namespace gantry::models {
namespace {

/// What is in `now` and was not in `before`.
template <class Keys>
Keys added(const Keys& before, const Keys& now) {
  Keys keys;
  for (const auto& key : now) {
    if (!before.contains(key)) keys.insert(key);
  }
  return keys;
}

}  // namespace

const schema::Project* projectOf(const client::LiveCache& cache, const client::Key& application) {
  std::string name = api::kDefaultProject;
  const client::ObjectPtr found = cache.find(client::Kind::kApplication, application);
  if (found != nullptr && !found->application().spec().project().empty()) {
    name = found->application().spec().project();
  }
  const client::ObjectPtr project =
      cache.find(client::Kind::kProject, {api::kSystemNamespace, name});
  return project == nullptr ? nullptr : &project->project();
}

std::vector<Notice> NoticeFinder::look(const client::LiveCache& cache, const std::string& identity,
                                       bool mayApprove, base::Timestamp now) {
  Seen seen;
  std::map<std::string, client::Key> planKeys;
  for (const auto& [key, object] : cache.table(client::Kind::kPlan)) {
    const api::Plan& plan = object->plan();
    if (plan.state() == api::FAILED) seen.failed.insert(key);
    const bool waitsForMe =
        mayApprove && client::waitsForApproval(plan, now) &&
        client::whyNotApprove(plan, identity,
                              projectOf(cache, {plan.namespace_(), plan.application()}), now)
            .empty();
    if (!waitsForMe) continue;
    const std::string id = key.ns + "/" + key.name + "@" + plan.digest();
    seen.plans.insert(id);
    planKeys[id] = key;
  }
  for (const auto& [key, object] : cache.table(client::Kind::kApplication)) {
    if (object->application().status().health() == "Degraded") seen.degraded.insert(key);
  }
  for (const auto& [key, object] : cache.table(client::Kind::kHistoryEntry)) {
    if (object->history_entry().cause() == "rollback") seen.rollbacks.insert(key);
  }
  const Seen before = std::exchange(seen_, seen);
  std::vector<Notice> notices;
  if (std::exchange(first_, false)) return notices;
  const auto find = [&](client::Kind kind, const client::Key& key) {
    return cache.find(kind, key);
  };
  for (const std::string& id : added(before.plans, seen.plans)) {
    const api::Plan& plan = find(client::Kind::kPlan, planKeys[id])->plan();
    notices.push_back({QStringLiteral("%1 waits for your approval").arg(qs(plan.application())),
                       describeRevision(plan.revision()), Tone::kWarning, client::Kind::kPlan,
                       planKeys[id]});
  }
  for (const client::Key& key : added(before.degraded, seen.degraded)) {
    notices.push_back({QStringLiteral("%1 is degraded").arg(qs(key.name)),
                       qs(find(client::Kind::kApplication, key)->application().status().message()),
                       Tone::kBad, client::Kind::kApplication, key});
  }
  for (const client::Key& key : added(before.rollbacks, seen.rollbacks)) {
    const api::HistoryEntry& entry = find(client::Kind::kHistoryEntry, key)->history_entry();
    notices.push_back({QStringLiteral("%1 was rolled back").arg(qs(entry.application())),
                       QStringLiteral("by %1: %2").arg(qs(entry.initiator()), qs(entry.reason())),
                       Tone::kWarning, client::Kind::kHistoryEntry, key});
  }
  for (const client::Key& key : added(before.failed, seen.failed)) {
    const api::Plan& plan = find(client::Kind::kPlan, key)->plan();
    notices.push_back({QStringLiteral("Sync of %1 failed").arg(qs(plan.application())),
                       qs(plan.message()), Tone::kBad, client::Kind::kPlan, key});
  }
  return notices;
}

}  // namespace gantry::models
