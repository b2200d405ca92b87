// SPDX-License-Identifier: Apache-2.0
#include "manifests/kustomize/reader.h"

#include <algorithm>

#include "manifests/decode/source_text.h"
#include "manifests/decode/suggest.h"

namespace gantry::manifests::kustomize {
namespace {

bool asksForNothing(const Node& node) {
  return node.isNull() || (node.isList() && node.items.empty()) ||
         (node.isMap() && node.entries.empty());
}

YamlNode scalarOf(const Node& node) {
  YamlNode yaml;
  yaml.kind = node.kind;
  yaml.plain = node.plain;
  yaml.text = node.text;
  return yaml;
}

}  // namespace

std::string describeNode(const Node& node) {
  return describe(scalarOf(node), true);
}

Reader::Reader(const Node& map, std::string path, Build& build)
    : map_(map), path_(std::move(path)), build_(build) {}

const Node* Reader::take(const char* name) {
  known_.push_back(name);
  const Node* node = map_.find(name);
  return node == nullptr || node->isNull() ? nullptr : node;
}

std::string Reader::pathOf(std::string_view name) const {
  return path_.empty() ? std::string(name) : path_ + "." + std::string(name);
}

void Reader::expected(const char* what, const Node& node, const std::string& path,
                      const std::string& hint) {
  good_ = build_.error(node.where, path,
                       std::string("expected ") + what + ", found " + describeNode(node), hint);
}

bool Reader::readText(const Node& node, const std::string& path, Text& out) {
  if (node.isScalar() && node.type() == ScalarType::kText) {
    out = {node.text, node.where};
    return true;
  }
  expected("text", node, path, node.isScalar() ? "put it in quotes" : "");
  return false;
}

void Reader::text(const char* name, Text& out) {
  if (const Node* node = take(name)) readText(*node, pathOf(name), out);
}

void Reader::texts(const char* name, std::vector<Text>& out) {
  each(name, [&](const Node& item, const std::string& path) {
    Text text;
    if (readText(item, path, text)) out.push_back(std::move(text));
  });
}

void Reader::pairs(const char* name, Pairs& out) {
  map(name, [&](const Node& node, const std::string& path) {
    for (const Node::Entry& entry : node.entries) {
      Text text{"", entry.where};
      const bool empty = entry.value.isNull();
      if (empty || readText(entry.value, path + "[" + entry.key + "]", text)) {
        out[entry.key] = std::move(text);
      }
    }
  });
}

void Reader::flag(const char* name, bool& out) {
  const Node* node = take(name);
  if (node == nullptr) return;
  if (!node->isScalar() || node->type() != ScalarType::kBool) {
    return expected("true or false", *node, pathOf(name));
  }
  out = node->text[0] == 't' || node->text[0] == 'T';
}

void Reader::whole(const char* name, int& out) {
  const Node* node = take(name);
  if (node == nullptr) return;
  const auto number = wholeNumber(scalarOf(*node));
  if (!number || *number != static_cast<int>(*number)) {
    return expected("a whole number", *node, pathOf(name));
  }
  out = static_cast<int>(*number);
}

void Reader::value(const char* name, const Visit& visit) {
  if (const Node* node = take(name)) visit(*node, pathOf(name));
}

void Reader::map(const char* name, const Visit& visit) {
  value(name, [&](const Node& node, const std::string& path) {
    if (!node.isMap()) return expected("fields", node, path);
    visit(node, path);
  });
}

void Reader::each(const char* name, const Visit& visit) {
  value(name, [&](const Node& node, const std::string& path) {
    if (!node.isList()) return expected("a list", node, path, "begin each item with `- `");
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      visit(node.items[i], path + "[" + std::to_string(i) + "]");
    }
  });
}

void Reader::eachMap(const char* name, const Visit& visit) {
  each(name, [&](const Node& item, const std::string& path) {
    if (!item.isMap()) return expected("fields", item, path);
    visit(item, path);
  });
}

const Node::Entry* Reader::asked(const char* name) {
  known_.push_back(name);
  const auto entry = std::ranges::find(map_.entries, name, &Node::Entry::key);
  return entry == map_.entries.end() || asksForNothing(entry->value) ? nullptr : &*entry;
}

void Reader::refuse(const char* name, const char* reason) {
  if (const Node::Entry* entry = asked(name)) {
    good_ = build_.error(entry->where, pathOf(name), "not supported", reason);
  }
}

void Reader::ignore(const char* name, const char* reason) {
  if (const Node::Entry* entry = asked(name)) {
    build_.warn(entry->where, pathOf(name), "has no effect", reason);
  }
}

void Reader::deprecate(const char* name, const char* instead) {
  if (const Node::Entry* entry = asked(name)) {
    build_.warn(entry->where, pathOf(name), "Kustomize has given it up",
                std::string("use ") + instead);
  }
}

bool Reader::finish() {
  for (const Node::Entry& entry : map_.entries) {
    if (std::ranges::count(known_, entry.key) > 0) continue;
    const std::string near = nearest(entry.key, known_);
    good_ = build_.error(entry.where, pathOf(entry.key), "unknown field " + printable(entry.key),
                         near.empty() ? "remove it" : "did you mean \"" + near + "\"?");
  }
  return good_;
}

}  // namespace gantry::manifests::kustomize
