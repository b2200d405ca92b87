// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "runtime-agent/volumes/volumes.h"

namespace gantry::agent {

/// Volumes for real, in <root>/<pod uid>/<volume name>. Needs root for what is in memory (Secrets,
/// emptyDir with medium Memory) and for fsGroup. Blocks for as long as a few files take to write.
///
/// A volume without a source is an emptyDir. The size limit of an emptyDir holds for medium Memory;
/// one on disk is not limited. A hostPath is checked (and made, for the …OrCreate types), never
/// changed or deleted.
class DiskVolumes final : public Volumes {
 public:
  explicit DiskVolumes(std::filesystem::path root);

  absl::StatusOr<std::map<std::string, std::string>> prepare(const schema::Pod& pod,
                                                             const ConfigSources& sources) override;
  absl::Status remove(const std::string& podUid) override;

 private:
  absl::StatusOr<std::string> prepareOne(const schema::Pod& pod, const schema::Volume& volume,
                                         const ConfigSources& sources);

  std::filesystem::path root_;
};

}  // namespace gantry::agent
