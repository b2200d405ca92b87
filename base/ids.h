// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/executor.h"

namespace gantry::base {

/// A random UUID (version 4 layout) from the executor's chance. Never used twice.
std::string newUid(Executor& executor);

/// Five letters and digits without vowels, as Kubernetes ends generated names with.
std::string newNameSuffix(Executor& executor);

/// Lower-case hex of SHA-256.
std::string sha256Hex(std::string_view bytes);

/// Eight letters and digits without vowels that stand for `bytes`: the pod-template-hash.
std::string shortHash(std::string_view bytes);

}  // namespace gantry::base
