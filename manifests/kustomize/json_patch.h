// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "manifests/kustomize/build.h"

namespace gantry::manifests::kustomize {

/// A JSON patch (RFC 6902) whose shape was looked at.
class JsonPatch {
 public:
  /// `list` holds the operations. Errors are at the operation that is wrong.
  static std::optional<JsonPatch> read(const Node& list, Build& build);

  /// Applies them in order. What a path names must be there, as the RFC says; "-" stands for the
  /// end of a list.
  bool apply(Node& object, Build& build) const;

 private:
  using Pointer = std::vector<std::string>;
  struct Operation {
    enum class Kind { kAdd, kRemove, kReplace, kMove, kCopy, kTest };
    Kind kind = Kind::kAdd;
    Place where;
    std::string path, from;
    Pointer pathSteps, fromSteps;
    Node value;
  };

  static std::optional<Pointer> parsePointer(const Node& node, Build& build);
  static bool readOne(const Node& node, Build& build, Operation& out);
  static bool applyOne(Node& object, const Operation& operation, Build& build);
  static bool add(Node& object, const Operation& operation, Node value, Build& build);
  static bool remove(Node& object, const Pointer& steps, Node* taken);
  static bool missing(const Operation& operation, const std::string& path, Build& build);

  std::vector<Operation> operations_;
};

}  // namespace gantry::manifests::kustomize
