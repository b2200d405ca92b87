// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace gantry::client {

/// How to reach one control plane, and as whom.
struct Context {
  std::string name;
  /// "host:port".
  std::string server;
  /// PEM. The identity and role of the caller are those of `certificate` (CN, O).
  std::string caCertificate;
  std::string certificate;
  std::string key;
  /// "#rrggbb" or empty: colours the desktop's frame and every question that it asks.
  std::string color;
  /// Dangerous actions ask for more, and the desktop opens locked (docs/desktop.md).
  bool production = false;
  /// The desktop opens locked; the CLI refuses what changes anything.
  bool readOnly = false;

  bool operator==(const Context&) const = default;
};

/// The context file, as CLI and desktop read it and `gantry-controller` writes it (admin.context):
///
///   currentContext: prod
///   contexts:
///     - name: prod
///       server: 10.0.0.1:7443
///       caCertificate: |      # PEM, as are the next two
///         -----BEGIN CERTIFICATE-----
///         …
///       certificate: |
///         …
///       key: |
///         …
///       color: "#b3261e"      # optional, as are the next two
///       production: true
///       readOnly: false
struct ContextFile {
  /// Name of the context that is used when none is named; may be empty.
  std::string currentContext;
  std::vector<Context> contexts;

  /// Null if there is none of that name.
  const Context* find(std::string_view name) const;

  bool operator==(const ContextFile&) const = default;
};

/// Reads a context file's text. Error: INVALID_ARGUMENT with line and column: not YAML, an unknown
/// or missing field, a name used twice, a current context that is not there.
absl::StatusOr<ContextFile> parseContexts(std::string_view yaml);

/// The text of a context file; parseContexts gives the same file back.
std::string formatContexts(const ContextFile& file);

/// $GANTRY_CONFIG, else $XDG_CONFIG_HOME/gantry/config.yaml, else ~/.config/gantry/config.yaml.
std::filesystem::path defaultContextPath();

/// Errors: NOT_FOUND, PERMISSION_DENIED, UNAVAILABLE, INVALID_ARGUMENT, with the path in front.
absl::StatusOr<ContextFile> loadContexts(const std::filesystem::path& path);

/// Replaces the file as a whole, readable by its owner only (mode 0600); makes its folder.
absl::Status saveContexts(const std::filesystem::path& path, const ContextFile& file);

/// Adds the contexts of `from`; one of the same name is replaced. The current context becomes that
/// of `from` if `into` has none.
void mergeContexts(ContextFile& into, const ContextFile& from);

/// What `--context NAME` and `--context-file FILE` mean, both of which may be empty: the context of
/// that name, else the file's current one, else its only one; from that file, else from
/// defaultContextPath(). Errors: as loadContexts; NOT_FOUND if there is no such context.
absl::StatusOr<Context> resolveContext(const std::string& name, const std::filesystem::path& file);

}  // namespace gantry::client
