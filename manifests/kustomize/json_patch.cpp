// SPDX-License-Identifier: Apache-2.0
#include "manifests/kustomize/json_patch.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_replace.h>
#include <absl/strings/str_split.h>

#include <map>
#include <span>

#include "manifests/kustomize/decrypted.h"
#include "manifests/kustomize/reader.h"

namespace gantry::manifests::kustomize {
namespace {

/// The index that `step` means in a list of `size`; nothing if it means none.
std::optional<std::size_t> indexOf(const std::string& step, std::size_t size) {
  std::size_t index = 0;
  const bool leadingZero = step.size() > 1 && step[0] == '0';
  if (leadingZero || step.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  if (!absl::SimpleAtoi(step, &index) || index >= size) return std::nullopt;
  return index;
}

Node* childOf(Node& node, const std::string& step) {
  if (node.isMap()) return node.find(step);
  if (!node.isList()) return nullptr;
  const std::optional<std::size_t> index = indexOf(step, node.items.size());
  return index ? &node.items[*index] : nullptr;
}

Node* follow(Node& root, std::span<const std::string> steps) {
  Node* node = &root;
  for (const std::string& step : steps) {
    node = childOf(*node, step);
    if (node == nullptr) return nullptr;
  }
  return node;
}

std::span<const std::string> parentOf(const std::vector<std::string>& steps) {
  return std::span(steps).first(steps.size() - 1);
}

}  // namespace

std::optional<JsonPatch::Pointer> JsonPatch::parsePointer(const Node& node, Build& build) {
  if (!node.isScalar() || !node.text.starts_with('/')) {
    build.error(node.where, "", "not the path of a field: " + inQuotes(node.text),
                "write it like /spec/replicas");
    return std::nullopt;
  }
  Pointer steps = absl::StrSplit(node.text.substr(1), '/');
  for (std::string& step : steps) step = absl::StrReplaceAll(step, {{"~1", "/"}, {"~0", "~"}});
  return steps;
}

bool JsonPatch::readOne(const Node& node, Build& build, Operation& out) {
  static const std::map<std::string_view, Operation::Kind> kKinds = {
      {"add", Operation::Kind::kAdd},         {"remove", Operation::Kind::kRemove},
      {"replace", Operation::Kind::kReplace}, {"move", Operation::Kind::kMove},
      {"copy", Operation::Kind::kCopy},       {"test", Operation::Kind::kTest}};
  if (!node.isMap()) return build.error(node.where, "", "expected fields: op, path, value");
  const auto kind = kKinds.find(node.textOf("op"));
  if (kind == kKinds.end()) {
    const Node* op = node.find("op");
    return build.error(op == nullptr ? node.where : op->where, "op", "it is missing or not known",
                       "write add, remove, replace, move, copy or test");
  }
  out.kind = kind->second;
  out.where = node.where;
  const Node* path = node.find("path");
  if (path == nullptr) return build.error(node.where, "path", "it is missing", "add it");
  const auto steps = parsePointer(*path, build);
  if (!steps) return false;
  out.path = path->text;
  out.pathSteps = *steps;
  if (out.kind == Operation::Kind::kMove || out.kind == Operation::Kind::kCopy) {
    const Node* from = node.find("from");
    if (from == nullptr) return build.error(node.where, "from", "it is missing", "add it");
    const auto fromSteps = parsePointer(*from, build);
    if (!fromSteps) return false;
    out.from = from->text;
    out.fromSteps = *fromSteps;
  } else if (out.kind != Operation::Kind::kRemove) {
    const Node* value = node.find("value");
    if (value == nullptr) return build.error(node.where, "value", "it is missing", "add it");
    out.value = *value;
  }
  return true;
}

std::optional<JsonPatch> JsonPatch::read(const Node& list, Build& build) {
  JsonPatch patch;
  bool good = true;
  for (const Node& item : list.items) {
    good = readOne(item, build, patch.operations_.emplace_back()) && good;
  }
  return good ? std::optional(std::move(patch)) : std::nullopt;
}

bool JsonPatch::apply(Node& object, Build& build) const {
  for (const Operation& operation : operations_) {
    if (!applyOne(object, operation, build)) return false;
  }
  return true;
}

bool JsonPatch::missing(const Operation& operation, const std::string& path, Build& build) {
  return build.error(operation.where, path, "the object has no such field",
                     "check the path; op: add makes a field, not those around it");
}

bool JsonPatch::applyOne(Node& object, const Operation& operation, Build& build) {
  using Kind = Operation::Kind;
  if (operation.kind == Kind::kAdd) return add(object, operation, operation.value, build);
  if (operation.kind == Kind::kRemove) {
    if (remove(object, operation.pathSteps, nullptr)) return true;
    return missing(operation, operation.path, build);
  }
  if (operation.kind == Kind::kCopy) {
    const Node* from = follow(object, operation.fromSteps);
    if (from == nullptr) return missing(operation, operation.from, build);
    return add(object, operation, *from, build);
  }
  if (operation.kind == Kind::kMove) {
    Node taken;
    if (!remove(object, operation.fromSteps, &taken)) {
      return missing(operation, operation.from, build);
    }
    return add(object, operation, std::move(taken), build);
  }
  Node* node = follow(object, operation.pathSteps);
  if (node == nullptr) return missing(operation, operation.path, build);
  if (operation.kind == Kind::kTest) {
    if (holdsDecrypted(*node)) {
      return build.error(operation.where, operation.path,
                         "a test of an encrypted value would tell what it is", "remove it");
    }
    if (sameValue(*node, operation.value)) return true;
    return build.error(operation.where, operation.path, "the test fails: the value is another",
                       "it is written at " + node->where.location().toString());
  }
  if (!build.spend(weightOf(operation.value), operation.where)) return false;
  *node = operation.value;
  return true;
}

bool JsonPatch::add(Node& object, const Operation& operation, Node value, Build& build) {
  Node* parent = follow(object, parentOf(operation.pathSteps));
  if (parent == nullptr) return missing(operation, operation.path, build);
  if (!build.spend(weightOf(value), operation.where)) return false;
  if (operation.pathSteps.size() + heightOf(value) > build.limits().file.maxDepth) {
    return build.error(operation.where, operation.path, "nested too deep",
                       "no kind needs so many levels");
  }
  const std::string& last = operation.pathSteps.back();
  if (parent->isMap()) {
    parent->set(last, std::move(value));
    return true;
  }
  if (!parent->isList()) return missing(operation, operation.path, build);
  const auto index =
      last == "-" ? std::optional(parent->items.size()) : indexOf(last, parent->items.size() + 1);
  if (!index) return missing(operation, operation.path, build);
  parent->items.insert(parent->items.begin() + static_cast<std::ptrdiff_t>(*index),
                       std::move(value));
  return true;
}

bool JsonPatch::remove(Node& object, const Pointer& steps, Node* taken) {
  Node* parent = follow(object, parentOf(steps));
  Node* node = parent == nullptr ? nullptr : childOf(*parent, steps.back());
  if (node == nullptr) return false;
  if (taken != nullptr) *taken = std::move(*node);
  if (parent->isMap()) {
    parent->erase(steps.back());
  } else {
    parent->items.erase(parent->items.begin() + (node - parent->items.data()));
  }
  return true;
}

}  // namespace gantry::manifests::kustomize
