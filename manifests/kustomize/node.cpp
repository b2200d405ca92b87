// SPDX-License-Identifier: Apache-2.0
#include "manifests/kustomize/node.h"

#include <algorithm>

namespace gantry::manifests::kustomize {
namespace {

constexpr std::size_t kBytesLikeANode = 64;

Node make(Node::Kind kind, bool plain, std::string text, const Place& where) {
  Node node;
  node.kind = kind;
  node.plain = plain;
  node.text = std::move(text);
  node.where = where;
  return node;
}

}  // namespace

SourceLocation Place::location() const {
  return {file == nullptr ? std::string() : *file, line, column};
}

Node Node::ofText(std::string text, const Place& where) {
  return make(Kind::kScalar, false, std::move(text), where);
}

Node Node::ofPlain(std::string text, const Place& where) {
  return make(Kind::kScalar, true, std::move(text), where);
}

Node Node::ofMap(const Place& where) {
  return make(Kind::kMap, false, {}, where);
}

Node Node::ofList(const Place& where) {
  return make(Kind::kList, false, {}, where);
}

const Node* Node::find(std::string_view key) const {
  const auto entry = std::ranges::find(entries, key, &Entry::key);
  return entry == entries.end() ? nullptr : &entry->value;
}

Node* Node::find(std::string_view key) {
  return const_cast<Node*>(std::as_const(*this).find(key));
}

std::string_view Node::textOf(std::string_view key) const {
  const Node* value = find(key);
  return value != nullptr && value->isScalar() ? std::string_view(value->text) : std::string_view();
}

Node& Node::at(std::string_view key, const Place& ifNew) {
  if (isNull()) kind = Kind::kMap;
  if (Node* known = find(key)) return *known;
  entries.push_back({std::string(key), ifNew, make(Kind::kNull, false, {}, ifNew)});
  return entries.back().value;
}

void Node::set(std::string_view key, Node value) {
  const Place ifNew = value.where;
  at(key, ifNew) = std::move(value);
}

void Node::erase(std::string_view key) {
  std::erase_if(entries, [&](const Entry& entry) { return entry.key == key; });
}

bool sameValue(const Node& a, const Node& b) {
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case Node::Kind::kNull:
      return true;
    case Node::Kind::kScalar:
      return a.text == b.text && a.type() == b.type();
    case Node::Kind::kList:
      return std::ranges::equal(a.items, b.items, sameValue);
    case Node::Kind::kMap:
      break;
  }
  return a.entries.size() == b.entries.size() &&
         std::ranges::all_of(a.entries, [&](const Node::Entry& entry) {
           const Node* other = b.find(entry.key);
           return other != nullptr && sameValue(entry.value, *other);
         });
}

std::size_t weightOf(const Node& node) {
  std::size_t weight = 1 + node.text.size() / kBytesLikeANode;
  for (const Node& item : node.items) weight += weightOf(item);
  for (const Node::Entry& entry : node.entries) weight += weightOf(entry.value);
  return weight;
}

std::size_t heightOf(const Node& node) {
  std::size_t below = 0;
  for (const Node& item : node.items) below = std::max(below, heightOf(item));
  for (const Node::Entry& entry : node.entries) below = std::max(below, heightOf(entry.value));
  return below + 1;
}

Node fromYaml(const YamlNode& yaml, const std::string* file) {
  Node node = make(yaml.kind, yaml.plain, yaml.text, {file, yaml.line, yaml.column});
  node.items.reserve(yaml.items.size());
  for (const YamlNode* item : yaml.items) node.items.push_back(fromYaml(*item, file));
  node.entries.reserve(yaml.entries.size());
  for (const YamlNode::Entry& entry : yaml.entries) {
    const Place where{file, entry.key->line, entry.key->column};
    node.entries.push_back({entry.key->text, where, fromYaml(*entry.value, file)});
  }
  return node;
}

const YamlNode* toYaml(const Node& node, std::deque<YamlNode>& storage) {
  const auto add = [&](Node::Kind kind, const Place& where) -> YamlNode& {
    YamlNode& yaml = storage.emplace_back();
    yaml.kind = kind;
    yaml.file = where.file;
    yaml.line = where.line;
    yaml.column = where.column;
    return yaml;
  };
  YamlNode& yaml = add(node.kind, node.where);
  yaml.plain = node.plain;
  yaml.text = node.text;
  for (const Node& item : node.items) yaml.items.push_back(toYaml(item, storage));
  for (const Node::Entry& entry : node.entries) {
    YamlNode& key = add(Node::Kind::kScalar, entry.where);
    key.text = entry.key;
    yaml.entries.push_back({&key, toYaml(entry.value, storage)});
  }
  return &yaml;
}

}  // namespace gantry::manifests::kustomize
