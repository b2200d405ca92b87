// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <vector>

#include "manifests/kustomize/node.h"
#include "manifests/kustomize/render.h"

namespace gantry::manifests::kustomize {

/// What the steps of one rendering share: the files, what went wrong, and how much was used up.
/// A step that fails has said why, and answers false; nothing that was made may then be used.
class Build {
 public:
  Build(const Files& files, const Limits& limits, Rendered& result)
      : files_(files), limits_(limits), result_(result) {}

  const Files& files() const { return files_; }
  const Limits& limits() const { return limits_; }

  /// Always false, to be returned.
  bool error(const Place& where, std::string path, std::string message, std::string hint = "");
  void warn(const Place& where, std::string path, std::string message, std::string hint = "");
  /// Takes over what the decoder said; false if an error is among it.
  bool take(std::vector<Diagnostic> diagnostics);

  /// Counts what is copied; false, with an error at `where`, once the limit is passed.
  bool spend(std::size_t weight, const Place& where);
  /// The same for one more kustomization.
  bool enter(const Place& where);

  /// A folder outside of the rendered one.
  void use(const std::string& folder) { result_.folders.insert(folder); }

 private:
  const Files& files_;
  const Limits& limits_;
  Rendered& result_;
  std::size_t spent_ = 0;
  std::size_t entered_ = 0;
};

/// "apiVersion" of an object, or any other text, for an error; see printable().
std::string inQuotes(std::string_view text);

}  // namespace gantry::manifests::kustomize
