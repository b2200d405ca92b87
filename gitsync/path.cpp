// SPDX-License-Identifier: Apache-2.0
#include "gitsync/path.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace gantry::gitsync {

absl::StatusOr<std::string> normalisePath(const std::string& path) {
  std::vector<std::string> kept;
  for (const absl::string_view segment : absl::StrSplit(absl::StripSuffix(path, "/"), '/')) {
    if (segment == ".") continue;
    if (segment.empty() && path.find('/') == std::string::npos) continue;
    if (segment.empty() || segment == "..") {
      return absl::InvalidArgumentError(absl::StrCat(
          "\"", path, "\" is not a folder of the repository; write it like apps/shop"));
    }
    kept.emplace_back(segment);
  }
  return absl::StrJoin(kept, "/");
}

}  // namespace gantry::gitsync
