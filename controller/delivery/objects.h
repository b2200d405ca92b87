// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "controller/model/state.h"
#include "manifests/resource.h"

namespace gantry::delivery {

using Message = google::protobuf::Message;

/// An object of the state by its key; null if there is none, or if its kind is not one of those
/// that Git may hold. A Pod is converted.
std::shared_ptr<const Message> findObject(const model::State& state,
                                          const manifests::ObjectKey& key);

/// All objects of such kinds in a namespace, by kind and name. Pods are converted.
std::vector<std::shared_ptr<const Message>> objectsIn(const std::string& ns,
                                                      const model::State& state);

/// Puts an object of any kind that Git may hold.
void putObject(model::Transaction& transaction, const Message& object);

/// Begins the deletion of an object (model::beginDeletion); nothing happens if it is not there.
void eraseObject(model::Transaction& transaction, const model::State& state,
                 const manifests::ObjectKey& key, const std::string& reason, base::Timestamp now);

/// Whether an Application that is there has applied the object and still holds it in its inventory:
/// taken away, it would be missed. Pure.
bool isInInventory(const model::State& state, const Message& object);

}  // namespace gantry::delivery
