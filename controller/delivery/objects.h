// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "controller/model/state.h"
#include "manifests/resource.h"

namespace gantry::delivery {

using Message = google::protobuf::Message;

/// An object of the state by its key; null if there is none, or if its kind is not one of those
/// that Git may hold. A Pod is converted.
std::shared_ptr<const Message> findObject(const model::State& state,
                                          const manifests::ObjectKey& key);

/// Puts an object of any kind that Git may hold.
void putObject(model::Transaction& transaction, const Message& object);

/// Erases an object; a Pod is told to go and erased when its agent says that nothing is left.
void eraseObject(model::Transaction& transaction, const model::State& state,
                 const manifests::ObjectKey& key, const std::string& reason, base::Timestamp now);

}  // namespace gantry::delivery
