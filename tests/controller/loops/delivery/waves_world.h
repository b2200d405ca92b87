// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QTest>

#include "tests/controller/loops/delivery/delivery_world.h"

/// A shop whose plans are applied in waves.
namespace gantry::tests {

using Files = support::FakeGit::Edits;

/// The manifest with what the waves go by; an empty hook is none.
inline std::string at(int wave, std::string yaml, const std::string& hook = "") {
  const std::string metadata = "\nmetadata:\n";
  std::string more = absl::StrCat("  annotations:\n    gantry.dev/sync-wave: \"", wave, "\"\n");
  if (!hook.empty()) absl::StrAppend(&more, "    gantry.dev/hook: ", hook, "\n");
  return yaml.insert(yaml.find(metadata) + metadata.size(), more);
}

inline std::string jobYaml(const std::string& name) {
  return absl::StrCat("apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: ", name,
                      "\nspec:\n  template:\n    spec:\n      restartPolicy: Never\n"
                      "      containers:\n        - name: a\n          image: a:1\n");
}

/// back in wave 0, front in wave 1, both of that version.
inline Files shop(const std::string& version) {
  return {{"shop/back.yaml", at(0, deploymentYaml("back", "back:" + version))},
          {"shop/front.yaml", at(1, deploymentYaml("front", "front:" + version))}};
}

inline Files with(Files files, const std::string& name, const std::string& hook) {
  files[absl::StrCat("shop/", name, ".yaml")] = at(0, jobYaml(name), hook);
  return files;
}

inline std::string push(DeliveryWorld& world, const Files& files) {
  return world.git.commit(kUrl, "main", files, "Change the shop");
}

/// Lets everything that is asked for become approved, healthy and complete.
inline void settle(DeliveryWorld& world) {
  for (int i = 0; i < 6; ++i) {
    if (const auto plan = world.open()) QVERIFY(world.approve(*plan, "ana").ok());
    world.endRollouts();
  }
}

/// v1 is applied and healthy, then `files` are pushed and seen.
inline void prepare(DeliveryWorld& world, const Files& files,
                    const schema::SyncPolicy& policy = automatic(true, true)) {
  push(world, shop("v1"));
  world.putApplication("shop", "shop", policy);
  world.start();
  settle(world);
  push(world, files);
  world.poll();
}

inline std::string waves(const api::Plan& plan) {
  std::string text;
  for (const api::Wave& wave : plan.waves()) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", wave.phase(), " ", wave.number(), " ",
                    wave.state());
  }
  return text;
}

inline std::string jobs(const DeliveryWorld& world) {
  std::string text;
  for (const auto& [name, entry] : world.state().jobs.entries()) {
    if (entry.object->metadata().has_deletion_timestamp()) continue;
    absl::StrAppend(&text, text.empty() ? "" : " ", name.name);
  }
  return text;
}

inline bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace gantry::tests
