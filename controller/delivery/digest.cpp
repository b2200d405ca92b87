// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/digest.h"

#include "absl/strings/str_cat.h"
#include "base/ids.h"

namespace gantry::delivery {

std::string planDigest(const api::Plan& plan) {
  std::string text;
  const auto add = [&text](const std::string& part) {
    absl::StrAppend(&text, part.size(), ":", part);
  };
  add("gantry-plan-v1");
  add(plan.namespace_());
  add(plan.application());
  add(plan.revision().commit());
  add(plan.revision().rendered_hash());
  for (const api::PlannedChange& change : plan.changes()) {
    add(api::ChangeAction_Name(change.action()));
    add(change.kind());
    add(change.namespace_());
    add(change.name());
    add(change.before_hash());
    add(change.after_hash());
  }
  return base::sha256Hex(text);
}

}  // namespace gantry::delivery
