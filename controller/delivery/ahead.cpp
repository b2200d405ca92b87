// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/ahead.h"

#include <algorithm>

#include "controller/delivery/ignored.h"
#include "controller/delivery/merge.h"
#include "controller/delivery/planner.h"
#include "controller/delivery/settings.h"

namespace gantry::delivery {

std::shared_ptr<const Message> Ahead::find(const model::State& state,
                                           const manifests::ObjectKey& key) const {
  const auto found = objects.find(key);
  return found == objects.end() ? findObject(state, key) : found->second;
}

Ahead aheadOf(const schema::Application& application, const api::Plan& running,
              const manifests::RenderedSet& set, const model::State& state) {
  Ahead ahead{application, {}, running.name()};
  const std::vector<api::PlannedChange> changes(running.changes().begin(), running.changes().end());
  for (const api::PlannedChange& change : changes) {
    if (!change.hook().empty()) continue;
    const manifests::ObjectKey key{change.kind(), change.namespace_(), change.name()};
    std::shared_ptr<const Message>& object = ahead.objects[key];
    if (change.action() == api::DELETE) continue;
    const auto wanted =
        std::ranges::find(set.resources, key, [](const auto& each) { return each.key(); });
    if (wanted == set.resources.end()) continue;
    const std::shared_ptr<const Message> live = findObject(state, key);
    std::unique_ptr<Message> next = merge(wanted->message(), fullName(application), live.get());
    if (live != nullptr) keepIgnored(application, *live, *next);
    object = std::move(next);
  }
  schema::ApplicationStatus& status = *ahead.application.mutable_status();
  *status.mutable_applied() = running.revision();
  const auto inventory = inventoryAfter(application, set, changes, state);
  status.mutable_inventory()->Assign(inventory.begin(), inventory.end());
  return ahead;
}

}  // namespace gantry::delivery
