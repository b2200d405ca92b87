// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "manifests/resource.h"
#include "tests/sim/view.h"

namespace gantry::sim {

/// How objects fare, read by the checkers from what is in the store.

/// Every pod that the Deployment's newest generation asks for is there and available, and no other.
bool isRolledOut(const schema::Deployment& deployment);

/// The rollout was given up: it took longer than its deadline.
bool isLate(const schema::Deployment& deployment);

/// It was rolled out, and pods are not available since.
bool lacksPods(const schema::Deployment& deployment);

/// The node is heard of.
bool isNodeReady(const View& view, const std::string& name);

/// The Job has succeeded; it has failed.
bool hasSucceeded(const schema::Job& job);
bool hasFailed(const schema::Job& job);

/// An object that Git may hold; null if it is not there.
const google::protobuf::Message* findObject(const View& view, const manifests::ObjectKey& key);

/// It is there and, where that can be said of it, rolled out or succeeded.
bool isHealthy(const View& view, const manifests::ObjectKey& key);

/// It is missing, late, failed or short of pods: waiting may not help.
bool isBad(const View& view, const manifests::ObjectKey& key);

}  // namespace gantry::sim
