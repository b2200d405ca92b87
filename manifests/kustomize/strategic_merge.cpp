// SPDX-License-Identifier: Apache-2.0
#include "manifests/kustomize/strategic_merge.h"

#include <algorithm>
#include <optional>

#include "manifests/kustomize/reader.h"
#include "manifests/schema/meta.pb.h"
#include "manifests/schema/options.pb.h"

namespace gantry::manifests::kustomize {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr std::string_view kDirective = "$patch";

/// What the schema says of a field: what is in it, and how its elements are named.
struct Shape {
  const Descriptor* message = nullptr;
  std::string key;
  std::string secondKey;
};

Shape shapeOf(const Descriptor* parent, std::string_view name) {
  if (parent == nullptr) return {};
  for (int i = 0; i < parent->field_count(); ++i) {
    const FieldDescriptor& field = *parent->field(i);
    if (field.json_name() != name) continue;
    if (field.is_map()) return {};
    return {
        field.message_type() == schema::Unmodelled::descriptor() ? nullptr : field.message_type(),
        field.options().GetExtension(schema::merge_key),
        field.options().GetExtension(schema::second_merge_key)};
  }
  return {};
}

enum class Directive { kMerge, kReplace, kDelete };

class Merger {
 public:
  explicit Merger(Build& build) : build_(build) {}

  Merged mergeMap(Node& target, const Node& patch, const Descriptor* type,
                  const std::string& path) {
    const std::optional<Directive> directive = directiveOf(patch, path);
    if (!directive) return Merged::kFailed;
    if (*directive == Directive::kDelete) return Merged::kDeleted;
    if (*directive == Directive::kReplace) {
      return addCopy(target, patch, path) ? Merged::kKept : Merged::kFailed;
    }
    bool good = true;
    for (const Node::Entry& entry : patch.entries) {
      if (entry.key == kDirective) continue;
      good = mergeEntry(target, entry, shapeOf(type, entry.key), below(path, entry.key)) && good;
    }
    return good ? Merged::kKept : Merged::kFailed;
  }

 private:
  static std::string below(const std::string& path, const std::string& key) {
    return path.empty() ? key : path + "." + key;
  }

  std::optional<Directive> directiveOf(const Node& map, const std::string& path) {
    for (const Node::Entry& entry : map.entries) {
      if (!entry.key.starts_with('$')) continue;
      if (entry.key != kDirective) {
        build_.error(entry.where, below(path, entry.key), "not supported",
                     "use $patch: replace to set a list or map as a whole");
        return std::nullopt;
      }
      const std::string& text = entry.value.text;
      if (text == "merge") return Directive::kMerge;
      if (text == "replace") return Directive::kReplace;
      if (text == "delete") return Directive::kDelete;
      build_.error(entry.value.where, below(path, entry.key),
                   "unknown directive" + (entry.value.decrypted != 0 ? "" : " " + inQuotes(text)),
                   "write merge, replace or delete");
      return std::nullopt;
    }
    return Directive::kMerge;
  }

  bool mergeEntry(Node& target, const Node::Entry& entry, const Shape& shape,
                  const std::string& path) {
    if (entry.value.isNull()) {
      target.erase(entry.key);
      return true;
    }
    Node* known = target.find(entry.key);
    if (known == nullptr || known->isNull()) {
      Node added;
      if (entry.value.isMap()) {
        const std::optional<Directive> directive = directiveOf(entry.value, path);
        if (!directive) return false;
        if (*directive == Directive::kDelete) return true;
      }
      if (!addCopy(added, entry.value, path)) return false;
      target.at(entry.key, entry.where) = std::move(added);
      return true;
    }
    if (known->kind != entry.value.kind) {
      return build_.error(entry.value.where, path,
                          "the patch has " + describeNode(entry.value) + " where " +
                              known->where.location().toString() + " has " + describeNode(*known),
                          "write the value as it is there");
    }
    if (known->isMap()) {
      const Merged merged = mergeMap(*known, entry.value, shape.message, path);
      if (merged == Merged::kDeleted) target.erase(entry.key);
      return merged != Merged::kFailed;
    }
    if (known->isList() && !shape.key.empty()) {
      return mergeList(target, entry, shape, path);
    }
    return copy(*known, entry.value);
  }

  /// The whole of it, counted.
  bool copy(Node& target, const Node& patch) {
    if (!build_.spend(weightOf(patch), patch.where)) return false;
    target = patch;
    return true;
  }

  /// What a patch adds: without what only says how to merge it, and without nulls, which remove.
  bool addCopy(Node& target, const Node& patch, const std::string& path) {
    if (!copy(target, patch)) return false;
    return clean(target, path);
  }

  bool clean(Node& node, const std::string& path) {
    std::vector<Node::Entry> kept;
    for (Node::Entry& entry : node.entries) {
      if (entry.key == kDirective || entry.value.isNull()) continue;
      if (entry.value.isMap()) {
        const auto directive = directiveOf(entry.value, below(path, entry.key));
        if (!directive) return false;
        if (*directive == Directive::kDelete) continue;
      }
      if (!clean(entry.value, below(path, entry.key))) return false;
      kept.push_back(std::move(entry));
    }
    node.entries = std::move(kept);
    std::vector<Node> items;
    for (Node& item : node.items) {
      const std::optional<Directive> directive = directiveOf(item, path);
      if (!directive) return false;
      const bool onlySays = item.isMap() && item.entries.size() == 1 && item.find(kDirective);
      if (*directive == Directive::kDelete || onlySays) continue;
      if (!clean(item, path)) return false;
      items.push_back(std::move(item));
    }
    node.items = std::move(items);
    return true;
  }

  bool mergeList(Node& parent, const Node::Entry& entry, const Shape& shape,
                 const std::string& path) {
    Node& target = *parent.find(entry.key);
    for (const Node& item : entry.value.items) {
      // `- $patch: replace` on its own speaks of the whole list.
      if (!item.isMap() || item.entries.size() != 1 || !item.find(kDirective)) continue;
      if (item.textOf(kDirective) == "replace") return addCopy(target, entry.value, path);
      if (item.textOf(kDirective) == "delete") {
        parent.erase(entry.key);
        return true;
      }
    }
    std::vector<Node> merged;
    for (std::size_t i = 0; i < entry.value.items.size(); ++i) {
      const Node& item = entry.value.items[i];
      if (!mergeItem(target, item, shape, path + "[" + std::to_string(i) + "]", merged)) {
        return false;
      }
    }
    std::ranges::move(target.items, std::back_inserter(merged));
    target.items = std::move(merged);
    return true;
  }

  /// Takes what the element patches out of `target`, and puts the outcome to `merged`.
  bool mergeItem(Node& target, const Node& item, const Shape& shape, const std::string& path,
                 std::vector<Node>& merged) {
    if (!item.isMap() || item.textOf(shape.key).empty()) {
      return build_.error(item.where, path, "it has no " + shape.key,
                          "elements of this list are told apart by " + shape.key);
    }
    auto known = std::ranges::find_if(
        target.items, [&](const Node& other) { return isSame(other, item, shape); });
    if (known == target.items.end()) {
      const std::optional<Directive> directive = directiveOf(item, path);
      if (!directive) return false;
      if (*directive == Directive::kDelete) return true;
      return addCopy(merged.emplace_back(), item, path);
    }
    Node found = std::move(*known);
    target.items.erase(known);
    const Merged outcome = mergeMap(found, item, shape.message, path);
    if (outcome == Merged::kKept) merged.push_back(std::move(found));
    return outcome != Merged::kFailed;
  }

  /// The second key is a protocol, or the like, that may be left out where the first is enough.
  static bool isSame(const Node& a, const Node& b, const Shape& shape) {
    if (a.textOf(shape.key) != b.textOf(shape.key)) return false;
    if (shape.secondKey.empty()) return true;
    const std::string_view one = a.textOf(shape.secondKey);
    const std::string_view other = b.textOf(shape.secondKey);
    return one.empty() || other.empty() || one == other;
  }

  Build& build_;
};

}  // namespace

Merged mergePatch(Node& target, const Node& patch, const Descriptor* type, Build& build) {
  return Merger(build).mergeMap(target, patch, type, "");
}

}  // namespace gantry::manifests::kustomize
