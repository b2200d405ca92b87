// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/navigator.h"

namespace gantry::desktop {

void Navigator::openObject(client::Kind kind, const client::Key& key) {
  using enum api::Object::ObjectCase;
  switch (kind) {
    case kPlan:
      return open(Place::kChanges, kind, key);
    case kNode:
      return open(Place::kNodes, kind, key);
    case kHistoryEntry:
    case kHold:
    case kAuditRecord:
    case kApplication:
      return open(Place::kHistory, kind, key);
    default:
      return open(Place::kWorkloads, kind, key);
  }
}

}  // namespace gantry::desktop
