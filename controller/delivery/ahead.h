// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "controller/delivery/objects.h"
#include "manifests/render/folder.h"

namespace gantry::delivery {

/// What will be there once a plan that is being applied in waves is in. What comes after it is
/// planned over this: so its digest, and what people have said of it, stays the same while the
/// waves go in, and is right when they are.
struct Ahead {
  /// The Application as it will be: `applied` and the inventory are those of the plan.
  schema::Application application;
  /// The objects of the plan as they will be; null: it deletes them.
  std::map<manifests::ObjectKey, std::shared_ptr<const Message>> objects;
  /// Name of the plan.
  std::string plan;

  /// As findObject, of what will be.
  std::shared_ptr<const Message> find(const model::State& state,
                                      const manifests::ObjectKey& key) const;
};

/// `set` is what the revision of `running` renders to. Pure.
Ahead aheadOf(const schema::Application& application, const api::Plan& running,
              const manifests::RenderedSet& set, const model::State& state);

}  // namespace gantry::delivery
