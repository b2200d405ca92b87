// SPDX-License-Identifier: Apache-2.0
#include "manifests/kustomize/decrypted.h"

#include <algorithm>
#include <optional>

namespace gantry::manifests::kustomize {
namespace {

constexpr std::string_view kMasked[] = {"data", "stringData"};

bool isMasked(std::string_view field) {
  return std::ranges::count(kMasked, field) > 0;
}

void markAll(Node& node, int file) {
  node.decrypted = node.isScalar() ? file : 0;
  for (Node& item : node.items) markAll(item, file);
  for (Node::Entry& entry : node.entries) markAll(entry.value, file);
}

bool isSecret(const Object& object) {
  return object.kind() == "Secret" && object.root.textOf("apiVersion") == "v1";
}

struct Found {
  const Node* value;
  /// The way to it: "metadata.labels.a", "spec.args[0]".
  std::string path;
};

std::string below(const std::string& name, const std::string& path) {
  return name + (path.empty() || path.front() == '[' ? "" : ".") + path;
}

/// The first decrypted value of the tree.
std::optional<Found> find(const Node& node) {
  if (node.decrypted != 0) return Found{&node, ""};
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    if (auto found = find(node.items[i])) {
      return Found{found->value, below("[" + std::to_string(i) + "]", found->path)};
    }
  }
  for (const Node::Entry& entry : node.entries) {
    if (auto found = find(entry.value)) return Found{found->value, below(entry.key, found->path)};
  }
  return std::nullopt;
}

/// The first that is shown.
std::optional<Found> findShown(const Object& object) {
  if (!isSecret(object)) return find(object.root);
  for (const Node::Entry& entry : object.root.entries) {
    if (isMasked(entry.key)) continue;
    if (auto found = find(entry.value)) return Found{found->value, below(entry.key, found->path)};
  }
  return std::nullopt;
}

}  // namespace

void markDecrypted(Node& document, int file) {
  if (document.textOf("kind") != "Secret") return;
  for (const std::string_view field : kMasked) {
    if (Node* values = document.find(field)) markAll(*values, file);
  }
}

bool holdsDecrypted(const Node& node) {
  return node.decrypted != 0 || std::ranges::any_of(node.items, holdsDecrypted) ||
         std::ranges::any_of(node.entries,
                             [](const Node::Entry& entry) { return holdsDecrypted(entry.value); });
}

bool keepsDecrypted(const Object& object, const Place& where, Build& build) {
  if (!build.hasDecrypted()) return true;
  const std::optional<Found> shown = findShown(object);
  if (!shown) return true;
  // The name may be what must not be shown.
  return build.error(
      where, shown->path,
      "it would show an encrypted value, that of " + shown->value->where.location().toString(),
      "such values may be in data and stringData of a Secret only");
}

}  // namespace gantry::manifests::kustomize
