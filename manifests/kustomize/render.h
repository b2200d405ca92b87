// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/decode/decode.h"
#include "manifests/kustomize/node.h"
#include "manifests/kustomize/variables.h"

namespace gantry::manifests::kustomize {

/// Path → content of the files of a repository, or of the part of it that is needed. Paths are
/// relative to its root, with '/', in one form: no ".", "..", "//".
using Files = std::map<std::string, std::string_view, std::less<>>;

/// What one rendering may take; beyond it there is an error, before memory is used.
struct Limits {
  /// Of each file.
  DecodeLimits file = {};
  /// Kustomizations inside each other.
  std::size_t maxDepth = 32;
  /// Kustomizations read in all: one that two others share counts twice.
  std::size_t maxKustomizations = 1'000;
  std::size_t maxObjects = 20'000;
  /// Values that are read and copied in all; long texts count more. See weightOf().
  std::size_t maxWeight = 1'500'000;
};

/// What a file says, if that is not its content itself: how encrypted files are read. Asked once
/// for each file that is used. Empty text with errors if it cannot be read; nothing if the content
/// is to be taken.
struct Opened {
  std::string text = {};
  std::vector<Diagnostic> diagnostics = {};
  /// Why the text must not be read as manifests, but only be a value of a Secret: more of it is
  /// secret than what is below data and stringData of Secrets.
  std::optional<Diagnostic> notForManifests = {};
  /// Key of the hash in the names of objects that hold something of it.
  std::string hashKey = {};
};
using Open =
    std::function<std::optional<Opened>(const std::string& path, std::string_view content)>;

struct Rendered {
  /// In the order that the kustomization asks for. Places point into the keys of the files.
  std::vector<Node> objects = {};
  /// With an error, `objects` is empty.
  std::vector<Diagnostic> diagnostics = {};
  /// Folders outside of the rendered one that were read or are wanted: bases and components. One of
  /// which the files hold nothing has an error among the diagnostics, too; who has more files to
  /// give renders again.
  std::set<std::string> folders = {};
};

/// Whether `folder` ("" is the root) holds kustomization.yaml, kustomization.yml or Kustomization.
bool isKustomized(const Files& files, const std::string& folder);

/// Renders the kustomization in `folder` as `kubectl kustomize` does; docs/kustomize.md says what
/// is supported, and what is refused. What was opened is in the objects below data and stringData
/// of Secrets only, and in no diagnostic (decrypted.h). Pure: no network, no program, no clock; the
/// same files give the same objects. With `variables`, ${NAME} is substituted in what was rendered
/// (variables.h).
Rendered render(const Files& files, const std::string& folder, const Variables& variables = {},
                const Limits& limits = {}, const Open& open = {});

/// The documents of files that are not kustomized, in their order, with the variables substituted:
/// what a plain folder is when there are variables.
Rendered readPlain(const Files& files, const Variables& variables, const Limits& limits = {},
                   const Open& open = {});

}  // namespace gantry::manifests::kustomize
