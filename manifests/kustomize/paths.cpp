// SPDX-License-Identifier: Apache-2.0
#include "manifests/kustomize/paths.h"

#include <absl/strings/match.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>

#include <vector>

namespace gantry::manifests::kustomize {

std::optional<std::string> resolve(const std::string& folder, std::string_view path) {
  if (path.starts_with('/')) return std::nullopt;
  std::vector<std::string> steps;
  const std::string whole = joined(folder, path);
  for (std::string& step : std::vector<std::string>(absl::StrSplit(whole, '/'))) {
    if (step.empty() || step == ".") continue;
    if (step != "..") {
      steps.push_back(std::move(step));
    } else if (steps.empty()) {
      return std::nullopt;
    } else {
      steps.pop_back();
    }
  }
  return absl::StrJoin(steps, "/");
}

bool isInside(std::string_view path, std::string_view folder) {
  if (folder.empty() || path == folder) return true;
  return path.starts_with(folder) && path.substr(folder.size()).starts_with('/');
}

bool isFolder(const Files& files, const std::string& folder) {
  if (folder.empty()) return !files.empty();
  const auto next = files.lower_bound(folder + "/");
  return next != files.end() && next->first.starts_with(folder + "/");
}

std::string joined(const std::string& folder, std::string_view name) {
  return folder.empty() ? std::string(name) : folder + "/" + std::string(name);
}

bool isRemote(std::string_view text) {
  return text.find("://") != std::string_view::npos ||
         text.find("?ref=") != std::string_view::npos || text.starts_with("git@") ||
         text.starts_with("git::") || text.starts_with("github.com/") ||
         text.starts_with("github.com:");
}

}  // namespace gantry::manifests::kustomize
