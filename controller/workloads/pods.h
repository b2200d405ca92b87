// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "base/time.h"
#include "controller/model/state.h"

namespace gantry::workloads {

/// A pod that a reconciler wants to be told to go, and why.
struct DeletePod {
  model::Name name;
  std::string reason;
};

/// The pod that an object of kind `ownerKind` makes: name and owner as given, labels and spec from
/// `shape`, which is shared by all its pods; unscheduled. Pure.
model::Pod makePod(const char* ownerKind, const schema::ObjectMeta& owner,
                   std::shared_ptr<const schema::PodTemplateSpec> shape, std::string name,
                   std::string uid, base::Timestamp now);

}  // namespace gantry::workloads
