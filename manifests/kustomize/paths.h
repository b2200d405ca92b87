// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "manifests/kustomize/render.h"

namespace gantry::manifests::kustomize {

/// Where `path` leads from `folder`, in one form; nothing if it leaves the repository or is
/// absolute. "" is the root.
std::optional<std::string> resolve(const std::string& folder, std::string_view path);

/// Whether `path` is `folder` or below it.
bool isInside(std::string_view path, std::string_view folder);

/// Whether the files hold anything below `folder`.
bool isFolder(const Files& files, const std::string& folder);

std::string joined(const std::string& folder, std::string_view name);

/// Whether `text` names something on the network: https://…, git@host:…, host/repo?ref=…
bool isRemote(std::string_view text);

}  // namespace gantry::manifests::kustomize
