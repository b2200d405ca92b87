// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace gantry::gitsync {

/// A version as https://semver.org 2.0.0 orders them. Build metadata does not count.
struct Version {
  /// Major, minor, patch.
  std::array<std::uint64_t, 3> numbers = {};
  /// The identifiers of "-rc.1"; none: a release.
  std::vector<std::string> prerelease;

  std::strong_ordering operator<=>(const Version& other) const;
  bool operator==(const Version& other) const = default;
};

/// "1.2.3", "v1.2.3-rc.1+build"; "1.2" and "1" stand for 1.2.0 and 1.0.0. Nothing for other text.
std::optional<Version> parseVersion(const std::string& text);

/// Which versions are wanted, as npm and Go's semver write it: "1.x", "^1.2", "~1.2.3",
/// ">=1.2 <2", "1.2.3 || ^2". Comparators with a space or comma between must all hold.
/// Prereleases are in only if the alternative that holds names one: ">=1.2-0".
class VersionRange {
 public:
  /// Error: INVALID_ARGUMENT.
  static absl::StatusOr<VersionRange> parse(const std::string& text);

  bool contains(const Version& version) const;

 private:
  struct Comparator {
    /// '<', '>', '=', 'l' (<=), 'g' (>=), '!'.
    char relation = '=';
    Version version;

    bool holds(const Version& other) const;
  };
  struct Alternative {
    std::vector<Comparator> all;
    bool namesPrerelease = false;
  };

  static absl::Status add(Alternative& alternative, const std::string& text);

  std::vector<Alternative> any_;
};

}  // namespace gantry::gitsync
