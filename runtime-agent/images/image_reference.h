// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace gantry::agent {

/// The parts of an image's name, filled in as Docker and the CRI runtimes do: "nginx" is
/// docker.io / library/nginx / latest.
struct ImageReference {
  std::string registry;
  std::string repository;
  /// Empty only if there is a digest.
  std::string tag;
  /// "sha256:…" or empty.
  std::string digest;

  bool operator==(const ImageReference&) const = default;
};

/// Parses `text` by the grammar of the distribution project. Errors: INVALID_ARGUMENT, which says
/// which part is wrong.
absl::StatusOr<ImageReference> parseImage(std::string_view text);

/// "docker.io/library/nginx:1.25", "ghcr.io/a/b:1@sha256:…": what the runtime is asked for.
std::string formatImage(const ImageReference& image);

}  // namespace gantry::agent
