// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "controller/api/watch.pb.h"

namespace gantry::cli {

/// Objects as YAML documents, or as one JSON list (one object: the object itself).
std::string formatObjects(const std::vector<api::Object>& objects, bool json);

}  // namespace gantry::cli
