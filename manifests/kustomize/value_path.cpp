// SPDX-License-Identifier: Apache-2.0
#include "manifests/kustomize/value_path.h"

#include <absl/strings/numbers.h>

#include <optional>

namespace gantry::manifests::kustomize {
namespace {

bool isElement(std::string_view step) {
  return step.size() > 2 && step.starts_with('[') && step.ends_with(']') &&
         step.find('=') != std::string_view::npos;
}

/// "name" and "web" of "[name=web]"; "" and "web" of "[=web]".
std::pair<std::string, std::string> keyAndValue(std::string_view step) {
  const std::string inside(step.substr(1, step.size() - 2));
  const std::size_t equals = inside.find('=');
  return {inside.substr(0, equals), inside.substr(equals + 1)};
}

std::optional<std::size_t> numberOf(const std::string& step) {
  std::size_t number = 0;
  const bool digits = step.find_first_not_of("0123456789") == std::string::npos;
  if (!digits || !absl::SimpleAtoi(step, &number)) return std::nullopt;
  return number;
}

bool isListStep(const std::string& step) {
  return isElement(step) || step == "*" || numberOf(step).has_value();
}

class PathWalk {
 public:
  PathWalk(const std::vector<std::string>& steps, bool create, const Place& ifNew)
      : steps_(steps), create_(create), ifNew_(ifNew) {}

  std::vector<Node*> from(Node& root) {
    walk(root, 0);
    return std::move(found_);
  }

 private:
  void walk(Node& node, std::size_t at) {
    if (at == steps_.size()) {
      found_.push_back(&node);
      return;
    }
    const std::string& step = steps_[at];
    if (node.isNull() && create_ && isElement(step)) node = Node::ofList(ifNew_);
    if (node.isList()) {
      walkList(node, at);
    } else if (node.isMap() || (node.isNull() && create_ && !isListStep(step))) {
      Node* next = create_ ? &node.at(step, ifNew_) : node.find(step);
      if (next != nullptr) walk(*next, at + 1);
    }
  }

  void walkList(Node& list, std::size_t at) {
    const std::string& step = steps_[at];
    if (const auto index = numberOf(step)) {
      if (*index < list.items.size()) walk(list.items[*index], at + 1);
    } else if (step == "*") {
      for (Node& item : list.items) walk(item, at + 1);
    } else if (step == "-") {
      if (!list.items.empty()) walk(list.items.back(), at + 1);
    } else if (isElement(step)) {
      walkNamed(list, at);
    }
  }

  void walkNamed(Node& list, std::size_t at) {
    const auto [key, value] = keyAndValue(steps_[at]);
    bool any = false;
    for (Node& item : list.items) {
      const Node* named = key.empty() ? &item : item.find(key);
      // A guess that fits would tell what an encrypted value is.
      if (named != nullptr && named->decrypted != 0) continue;
      const std::string_view own =
          named != nullptr && named->isScalar() ? std::string_view(named->text) : "";
      if (own != value) continue;
      any = true;
      walk(item, at + 1);
    }
    if (any || !create_) return;
    Node& added = list.items.emplace_back();
    added = key.empty() ? Node::ofText(value, ifNew_) : Node::ofMap(ifNew_);
    if (!key.empty()) added.set(key, Node::ofText(value, ifNew_));
    walk(added, at + 1);
  }

  const std::vector<std::string>& steps_;
  const bool create_;
  const Place& ifNew_;
  std::vector<Node*> found_;
};

}  // namespace

std::vector<std::string> splitFieldPath(std::string_view path) {
  std::vector<std::string> steps(1);
  bool inBrackets = false;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const char c = path[i];
    if (c == '\\' && i + 1 < path.size() && path[i + 1] == '.') {
      steps.back() += path[++i];
    } else if (c == '.' && !inBrackets) {
      steps.emplace_back();
    } else {
      inBrackets = c == '[' || (inBrackets && c != ']');
      steps.back() += c;
    }
  }
  for (std::string& step : steps) {
    const bool quotedName = step.size() > 2 && step.starts_with('[') && step.ends_with(']') &&
                            step.find('=') == std::string::npos;
    if (quotedName) step = step.substr(1, step.size() - 2);
  }
  std::erase(steps, "");
  return steps;
}

std::vector<Node*> followPath(Node& root, const std::vector<std::string>& steps, bool create,
                              const Place& ifNew) {
  return PathWalk(steps, create, ifNew).from(root);
}

}  // namespace gantry::manifests::kustomize
