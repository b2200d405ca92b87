// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QTest>

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "tests/controller/loops/delivery/delivery_world.h"

namespace gantry::tests {

/// A shop of one Deployment whose next plans stand under some policy.

inline std::string push(DeliveryWorld& world, const std::string& image,
                        const std::string& author = "Dan") {
  return world.git.commit(kUrl, "main", {{"shop/front.yaml", deploymentYaml("front", image)}},
                          "Use " + image, author);
}
/// v1 is applied to "shop", whose next plans stand under `policy`.
inline void prepare(DeliveryWorld& world, const schema::SyncPolicy& policy) {
  push(world, "front:v1");
  world.putApplication("shop", "shop", automatic(true, true));
  world.start();
  world.endRollouts();
  QCOMPARE(world.image(), "front:v1");
  world.putApplication("shop", "shop", policy);
  world.executor.settle();
}
inline const api::Gate* gate(const api::Plan& plan, const std::string& kind) {
  for (const api::Gate& each : plan.gates()) {
    if (each.kind() == kind) return &each;
  }
  return nullptr;
}
inline schema::Project project(std::initializer_list<schema::ProjectRole> roles = {}) {
  schema::Project project;
  project.mutable_metadata()->set_namespace_("gantry-system");
  project.mutable_metadata()->set_name("default");
  for (const schema::ProjectRole& role : roles) *project.mutable_spec()->add_roles() = role;
  return project;
}
inline schema::ProjectRole role(const std::string& name,
                                std::initializer_list<const char*> permissions,
                                std::initializer_list<const char*> members) {
  schema::ProjectRole role;
  role.set_name(name);
  for (const char* permission : permissions) role.add_permissions(permission);
  for (const char* member : members) role.add_members(member);
  return role;
}
inline schema::SyncWindow window(const char* kind, const char* schedule, const char* duration) {
  schema::SyncWindow window;
  window.set_kind(kind);
  window.set_schedule(schedule);
  window.set_duration(duration);
  window.set_reason("month end");
  return window;
}
inline absl::StatusOr<api::SyncResponse> override(DeliveryWorld& world, const std::string& digest,
                                                  const std::string& reason) {
  std::optional<absl::StatusOr<api::SyncResponse>> answer;
  api::SyncRequest request;
  request.set_namespace_("gantry-system");
  request.set_application("shop");
  request.set_reason(reason);
  request.set_override_digest(digest);
  world.loop->sync({"ana"}, request, [&](const auto& got) { answer = got; });
  world.pass(std::chrono::seconds(1));
  return *answer;
}
inline std::vector<api::AuditRecord> records(const DeliveryWorld& world) {
  std::vector<api::AuditRecord> all;
  for (const auto& record : delivery::auditOf(world.state(), {"gantry-system", "shop"})) {
    all.push_back(*record);
  }
  return all;
}

}  // namespace gantry::tests
