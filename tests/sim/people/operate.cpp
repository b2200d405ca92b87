// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "tests/sim/people/people.h"

namespace gantry::sim {

void People::operate() {
  if (world_.controller() == nullptr) return;
  api::NodeRequest request;
  const auto& nodes = world_.nodes();
  request.set_node(
      nodes.at(static_cast<std::size_t>(clock_.pick(static_cast<int>(nodes.size()))))->name());
  request.set_reason("maintenance");
  const int kind = clock_.pick(4);
  clock_.note("ana", absl::StrCat(kind == 0   ? "cordons "
                                  : kind == 1 ? "drains "
                                              : "uncordons ",
                                  request.node()));
  if (kind == 0) (void)world_.controller()->cordon({"ana"}, request);
  if (kind == 1) (void)world_.controller()->drain({"ana"}, request);
  if (kind > 1) (void)world_.controller()->uncordon({"ana"}, request);
}

void People::rollout(bool isPause) {
  if (world_.controller() == nullptr) return;
  for (const auto& [name, deployment] : world_.view().table<schema::Deployment>()) {
    if (!clock_.oneIn(3)) continue;
    api::RolloutRequest request;
    request.set_namespace_(name.ns);
    request.set_deployment(name.name);
    request.set_reason("looking into it");
    clock_.note("ana", absl::StrCat(isPause ? "pauses " : "resumes ", name.ns, "/", name.name));
    (void)(isPause ? world_.controller()->pauseRollout({"ana"}, request)
                   : world_.controller()->resumeRollout({"ana"}, request));
    return;
  }
}

}  // namespace gantry::sim
