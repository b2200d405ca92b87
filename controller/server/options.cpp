// SPDX-License-Identifier: Apache-2.0
#include "controller/server/options.h"

#include "absl/strings/str_cat.h"

namespace gantry::server {

absl::StatusOr<RootRepository> parseRootRepository(std::string_view text) {
  RootRepository repository;
  const std::size_t hash = text.rfind('#');
  repository.url = text.substr(0, hash);
  if (hash != std::string_view::npos) {
    const std::string_view rest = text.substr(hash + 1);
    const std::size_t colon = rest.find(':');
    repository.branch = rest.substr(0, colon);
    if (colon != std::string_view::npos) repository.path = rest.substr(colon + 1);
  }
  if (repository.url.empty() || repository.branch.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", std::string(text),
                     "\" names no repository; write URL, URL#branch or URL#branch:path"));
  }
  return repository;
}

}  // namespace gantry::server
