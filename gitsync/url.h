// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"

namespace gantry::gitsync {

/// Whether a URL is one that Gantry follows: an absolute path, file:// or https://. Everything else
/// is INVALID_ARGUMENT with the reason; nothing is ever handed to a shell.
absl::Status checkUrl(const std::string& url);

/// The URL as people may see it: without user name and password.
std::string displayUrl(const std::string& url);

}  // namespace gantry::gitsync
