// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QString>

#include <algorithm>
#include <string>
#include <vector>

#include "manifests/decode/json_text.h"
#include "manifests/kustomize/render.h"

namespace gantry::testing {

/// A value on indented lines with its names in order, so that two that mean the same are the same
/// text: `1` and `"1"` differ, `a` and `"a"` do not.
inline std::string canonical(const manifests::kustomize::Node& node, const std::string& indent) {
  using manifests::ScalarType;
  using manifests::kustomize::Node;
  if (node.isNull()) return " null\n";
  if (node.isScalar()) {
    const bool text = node.type() == ScalarType::kText;
    return " " + (text ? manifests::jsonText(node.text) : node.text) + "\n";
  }
  std::string all = node.isList() ? (node.items.empty() ? " []\n" : "\n")
                                  : (node.entries.empty() ? " {}\n" : "\n");
  for (const Node& item : node.items) all += indent + "-" + canonical(item, indent + "  ");
  std::vector<const Node::Entry*> entries;
  for (const Node::Entry& entry : node.entries) entries.push_back(&entry);
  std::ranges::sort(entries, {}, &Node::Entry::key);
  for (const Node::Entry* entry : entries) {
    all += indent + entry->key + ":" + canonical(entry->value, indent + "  ");
  }
  return all;
}

/// All of them, in one order, whatever theirs was.
inline std::vector<std::string> canonical(const std::vector<manifests::kustomize::Node>& objects) {
  std::vector<std::string> texts;
  for (const auto& object : objects) {
    const auto* metadata = object.find("metadata");
    texts.push_back("# " + std::string(object.textOf("kind")) + " " +
                    std::string(metadata ? metadata->textOf("name") : "") + canonical(object, ""));
  }
  std::ranges::sort(texts);
  return texts;
}

inline std::string texts(const std::vector<manifests::Diagnostic>& diagnostics) {
  std::string all;
  for (const manifests::Diagnostic& diagnostic : diagnostics) {
    all += (all.empty() ? "" : "\n") + diagnostic.toString();
  }
  return all;
}

}  // namespace gantry::testing
