// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/check.h"
#include "controller/delivery/merge.h"
#include "controller/delivery/planner.h"
#include "controller/delivery/settings.h"
#include "controller/model/ledger.h"
#include "controller/store/memory_store.h"
#include "manifests/render/folder.h"

namespace gantry::tests {

/// A state to plan against, and the Application "shop" of which everything is said.
struct Sample {
  Sample() {
    auto opened = model::Ledger::open(store);
    GANTRY_CHECK(opened.ok());
    ledger = *std::move(opened);
    application.mutable_metadata()->set_namespace_("gantry-system");
    application.mutable_metadata()->set_name("shop");
  }

  const model::State& state() const { return ledger->state(); }

  template <class T>
  void put(T object) {
    model::Transaction transaction(state());
    transaction.put(std::move(object));
    GANTRY_CHECK(ledger->commit(std::move(transaction)).ok());
  }

  /// Makes the state what applying `set` makes it.
  void apply(const manifests::RenderedSet& set) {
    const delivery::ChangeSet planned = delivery::planChanges(application, set, state());
    GANTRY_CHECK(planned.errors.empty());
    model::Transaction transaction(state());
    int uid = 0;
    for (const manifests::Resource& resource : set.resources) {
      const auto live = delivery::findObject(state(), resource.key());
      const auto object =
          delivery::merge(resource.message(), delivery::fullName(application), live.get());
      schema::ObjectMeta& metadata = *manifests::mutableMetadataOf(*object);
      if (live == nullptr) metadata.set_uid("uid-" + std::to_string(++uid));
      metadata.set_generation(metadata.generation() + 1);
      delivery::putObject(transaction, *object);
    }
    const auto inventory = delivery::inventoryAfter(application, set, planned.changes, state());
    application.mutable_status()->mutable_inventory()->Assign(inventory.begin(), inventory.end());
    GANTRY_CHECK(ledger->commit(std::move(transaction)).ok());
  }

  store::MemoryStore store;
  std::unique_ptr<model::Ledger> ledger;
  schema::Application application;
};

inline manifests::RenderedSet rendered(const std::string& yaml) {
  manifests::RenderedSet set = manifests::renderFolder({{"all.yaml", yaml}}, "shop");
  for (const manifests::Diagnostic& each : set.diagnostics) {
    if (!set.ok()) fprintf(stderr, "%s\n", each.toString().c_str());
  }
  GANTRY_CHECK(set.ok());
  return set;
}

}  // namespace gantry::tests
