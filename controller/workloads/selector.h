// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "manifests/selector.h"

namespace gantry::workloads {

using manifests::Labels;
using manifests::matches;
using manifests::matchesAll;

}  // namespace gantry::workloads
