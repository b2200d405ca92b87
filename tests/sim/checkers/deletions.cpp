// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/checkers/deletions.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/sim/checkers/rendering.h"

namespace gantry::sim {
namespace {

template <class T>
std::string leftOf(const View& view, const std::string& ns) {
  for (const auto& [name, object] : view.table<T>()) {
    const bool isPart = !object->metadata().owner_references().empty();
    if (name.ns != ns || isPart || isGoing(object.get()) || !hookOf(*object).empty()) continue;
    return absl::StrCat(model::kindName<T>(), "/", ns, "/", name.name);
  }
  return {};
}

}  // namespace

bool deletes(const api::Plan& plan, const manifests::ObjectKey& key) {
  return std::ranges::any_of(plan.changes(), [&](const api::PlannedChange& change) {
    return change.action() == api::DELETE &&
           manifests::ObjectKey{change.kind(), change.namespace_(), change.name()} == key;
  });
}

bool isProtected(const google::protobuf::Message& object) {
  const auto& annotations = manifests::metadataOf(object).annotations();
  const auto found = annotations.find("gantry.dev/prune");
  return found != annotations.end() && found->second == "false";
}

std::string leftIn(const View& view, const std::string& ns) {
  for (const std::string& left :
       {leftOf<schema::ConfigMap>(view, ns), leftOf<schema::Secret>(view, ns),
        leftOf<schema::Service>(view, ns), leftOf<schema::Deployment>(view, ns),
        leftOf<schema::Job>(view, ns), leftOf<schema::PodDisruptionBudget>(view, ns),
        leftOf<schema::Application>(view, ns)}) {
    if (!left.empty()) return left;
  }
  return {};
}

}  // namespace gantry::sim
