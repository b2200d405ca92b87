// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "manifests/render/folder.h"

namespace gantry::bench {

/// `objects` Deployments as people write them, a hundred to a file, each with a probe, resources,
/// an environment and a volume; all with the image "web:`version`".
std::vector<manifests::SourceFile> sampleManifests(int objects, int version);

}  // namespace gantry::bench
