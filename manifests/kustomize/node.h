// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/decode/scalars.h"
#include "manifests/decode/yaml_tree.h"
#include "manifests/resource.h"

namespace gantry::manifests::kustomize {

/// Where something was written. `file` is a key of the Files that are rendered, which outlive it.
struct Place {
  const std::string* file = nullptr;
  /// From 1.
  int line = 0;
  int column = 0;

  SourceLocation location() const;
};

/// A value of YAML that can be edited; each part knows where it was written. Unlike YamlNode, a
/// tree: aliases are copies.
struct Node {
  using Kind = YamlNode::Kind;
  struct Entry;

  Kind kind = Kind::kNull;
  /// A scalar without quotes: its text may mean a number or true.
  bool plain = false;
  /// Of a scalar of an encrypted file, which must not be shown: the number of the file. See
  /// decrypted.h and Build::hashKey().
  int decrypted = 0;
  Place where = {};
  std::string text = {};
  std::vector<Node> items;
  std::vector<Entry> entries;

  static Node ofText(std::string text, const Place& where);
  static Node ofPlain(std::string text, const Place& where);
  static Node ofMap(const Place& where);
  static Node ofList(const Place& where);

  bool isNull() const { return kind == Kind::kNull; }
  bool isMap() const { return kind == Kind::kMap; }
  bool isList() const { return kind == Kind::kList; }
  bool isScalar() const { return kind == Kind::kScalar; }
  /// What the scalar means.
  ScalarType type() const { return typeOf(plain, text); }

  /// The value of `key` in a map; null if this is no map or has no such key.
  const Node* find(std::string_view key) const;
  Node* find(std::string_view key);
  /// The text of the scalar under `key`; empty if there is none.
  std::string_view textOf(std::string_view key) const;
  /// The value of `key`, which becomes null if it is not there; this becomes a map if it is null.
  Node& at(std::string_view key, const Place& ifNew);
  void set(std::string_view key, Node value);
  void erase(std::string_view key);
};

struct Node::Entry {
  std::string key;
  Place where;
  Node value;
};

/// Whether both say the same: by meaning, so that 1 and "1" differ; the order of keys is nothing.
bool sameValue(const Node& a, const Node& b);
/// Nodes of the tree, and for its texts one for each 64 bytes: what a copy of it costs.
std::size_t weightOf(const Node& node);
/// Levels of the tree; 1 for a scalar.
std::size_t heightOf(const Node& node);

Node fromYaml(const YamlNode& yaml, const std::string* file);
/// The tree as what `decodeTree` takes; its nodes go to `storage`.
const YamlNode* toYaml(const Node& node, std::deque<YamlNode>& storage);

}  // namespace gantry::manifests::kustomize
