// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "runtime-agent/session/checkpoint.h"

namespace gantry::agent {

/// A checkpoint in one file, encrypted as a whole with AES-256-GCM: <folder>/checkpoint, under the
/// key <folder>/checkpoint.key (0600), which is made at the first save. Replaced atomically: a
/// crash leaves the old one or the new one.
class FileCheckpoint final : public Checkpoint {
 public:
  explicit FileCheckpoint(std::filesystem::path folder);

  absl::StatusOr<api::WantedSet> load() override;
  absl::Status save(const api::WantedSet& wanted) override;

 private:
  /// Makes the key if there is none.
  absl::StatusOr<std::string> key();

  std::filesystem::path folder_;
};

}  // namespace gantry::agent
