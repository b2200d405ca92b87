// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "tests/sim/people/people.h"

namespace gantry::sim {

// Past Git: what is there is changed or taken away, and things appear that belong to nobody, or
// that say of themselves that they belong to an Application which has never heard of them.
void People::meddle() {
  std::string folder = anyFolder();
  for (const auto& [name, other] : folders_) {
    // What hurts most: under a plan that somebody has said yes to.
    const api::Plan* plan = waiting(name);
    if (plan != nullptr && plan->approvals_size() > 0) folder = name;
  }
  const std::string lab = labOf(folder);
  const bool isInLab = world_.view().find<schema::Namespace>({"", lab}) != nullptr;
  const int kind = clock_.pick(7);
  const std::string ns = isInLab && kind < 2 && clock_.oneIn(2) ? lab : namespaceOf(folder);
  if (kind < 2) {
    schema::ConfigMap map;
    const char* const names[] = {"extra-0",      "extra-1", "front",
                                 "greeting-old", "notes",   "shop-config"};
    map.mutable_metadata()->set_name(names[clock_.pick(6)]);
    map.mutable_metadata()->set_namespace_(ns);
    (*map.mutable_data())["text"] = "nobody's";
    if (kind == 1) {
      (*map.mutable_metadata()->mutable_annotations())["gantry.dev/application"] =
          absl::StrCat(kSystemNamespace, "/", ns == lab ? anyFolder() : folder);
    }
    if (world_.view().find<schema::ConfigMap>({ns, map.metadata().name()}) != nullptr) return;
    return world_.meddle(absl::StrCat("adds ConfigMap ", ns, "/", map.metadata().name()),
                         [&](auto& transaction) { transaction.put(map); });
  }
  if (kind == 2) {
    return world_.meddle(absl::StrCat("deletes ConfigMap ", ns, "/greeting"),
                         [&](auto& transaction) {
                           transaction.template erase<schema::ConfigMap>({ns, "greeting"});
                         });
  }
  if (kind == 3) {
    return world_.meddle(absl::StrCat("deletes Service ", ns, "/front"), [&](auto& transaction) {
      transaction.template erase<schema::Service>({ns, "front"});
    });
  }
  if (kind == 4) {
    return world_.meddle(absl::StrCat("deletes Deployment ", ns, "/front"), [&](auto& transaction) {
      transaction.template erase<schema::Deployment>({ns, "front"});
    });
  }
  const auto* found = world_.view().find<schema::Deployment>({ns, "front"});
  if (found == nullptr) return;
  schema::Deployment deployment = *found;
  deployment.mutable_metadata()->set_generation(deployment.metadata().generation() + 1);
  if (kind == 5) {
    deployment.mutable_spec()->set_replicas(clock_.pick(5));
  } else {
    (*deployment.mutable_metadata()->mutable_labels())["touched"] =
        absl::StrCat("at-", clock_.elapsed().count());
  }
  world_.meddle(absl::StrCat("changes Deployment ", ns, "/front"),
                [&](auto& transaction) { transaction.put(deployment); });
}

}  // namespace gantry::sim
