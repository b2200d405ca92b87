// SPDX-License-Identifier: Apache-2.0
#include "controller/loops/pod_factory.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "controller/workloads/pods.h"
#include "manifests/resource.h"

namespace gantry::loops {
namespace {

std::string freeName(const LoopContext& context, const schema::ObjectMeta& owner,
                     const std::vector<model::Pod>& made) {
  while (true) {
    const std::string name = absl::StrCat(owner.name(), "-", base::newNameSuffix(context.executor));
    const bool taken = context.state().pods.find({owner.namespace_(), name}) != nullptr ||
                       std::ranges::find(made, name, &model::Pod::name) != made.end();
    if (!taken) return name;
  }
}

}  // namespace

std::vector<model::Pod> makePods(const LoopContext& context, const char* ownerKind,
                                 const schema::ObjectMeta& owner,
                                 const schema::PodTemplateSpec& shape,
                                 const std::vector<model::Ptr<model::Pod>>& siblings, int count) {
  std::vector<model::Pod> made;
  if (count <= 0) return made;
  const auto sibling = std::ranges::find_if(
      siblings, [&](const auto& pod) { return manifests::sameContent(*pod->shape, shape); });
  const auto shared = sibling != siblings.end()
                          ? (*sibling)->shape
                          : std::make_shared<const schema::PodTemplateSpec>(shape);
  for (int i = 0; i < std::min(count, kMostPodsAtOnce); ++i) {
    made.push_back(workloads::makePod(ownerKind, owner, shared, freeName(context, owner, made),
                                      base::newUid(context.executor), context.executor.wallNow()));
  }
  return made;
}

}  // namespace gantry::loops
