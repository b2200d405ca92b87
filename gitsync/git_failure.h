// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "gitsync/child.pb.h"
#include "gitsync/url.h"

namespace gantry::gitsync {

/// What a `git` that failed means, from what it and `ssh -v` wrote on standard error: a code that
/// says whether trying again helps, and words that a person can act on.
absl::Status gitFailure(const std::string& errors, const RemoteUrl& remote,
                        const child::Access& access);

}  // namespace gantry::gitsync
