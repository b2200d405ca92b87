// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "manifests/schema/core.pb.h"
#include "runtime-agent/volumes/volumes.h"

namespace gantry::agent {

/// One file of a volume that is made from a ConfigMap or Secret.
struct VolumeFile {
  std::string content;
  unsigned mode = 0644;

  bool operator==(const VolumeFile&) const = default;
};

/// Path within the volume → file.
using VolumeFiles = std::map<std::string, VolumeFile>;

/// Whether `path` stays within the folder that it is taken to be in: relative, without ".." and not
/// beginning with "..", which is kept for the switch of ConfigMap and Secret volumes.
bool isInside(std::string_view path);

/// What a ConfigMap or Secret volume holds now. `volume` must be one of the two. Empty if the
/// object is missing and optional. Pure. Errors: FAILED_PRECONDITION (the object or a key is
/// missing), INVALID_ARGUMENT (a key or path that leads out of the volume).
absl::StatusOr<VolumeFiles> volumeFiles(const schema::Volume& volume,
                                        const std::string& podNamespace,
                                        const ConfigSources& sources);

}  // namespace gantry::agent
