// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/navigator.h"

namespace gantry::desktop {

void Navigator::openObject(client::Kind kind, const client::Key& key) {
  using enum api::Object::ObjectCase;
  switch (kind) {
    case kPlan:
      return open(Place::Changes, kind, key);
    case kNode:
      return open(Place::Nodes, kind, key);
    case kHistoryEntry:
    case kHold:
    case kApplication:
      return open(Place::History, kind, key);
    default:
      return open(Place::Workloads, kind, key);
  }
}

}  // namespace gantry::desktop
