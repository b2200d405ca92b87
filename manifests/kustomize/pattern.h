// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "manifests/kustomize/kustomization.h"
#include "manifests/kustomize/object.h"

namespace re2 {
class RE2;
}

namespace gantry::manifests::kustomize {

/// A regular expression that must match the whole text; one that is not given matches all.
class Pattern {
 public:
  /// Errors are reported at the text.
  static std::optional<Pattern> compile(const Text& text, const std::string& path, Build& build);
  bool matches(std::string_view text) const;

 private:
  std::shared_ptr<const re2::RE2> expression_;
};

/// A label selector of Kubernetes: "app=web,tier in (a, b),!canary".
class LabelExpression {
 public:
  static std::optional<LabelExpression> parse(const Text& text, const std::string& path,
                                              Build& build);
  /// `labels` is a map of texts; null for none.
  bool matches(const Node* labels) const;

 private:
  struct Requirement {
    enum class Kind { kIn, kNotIn, kExists, kAbsent };
    Kind kind = Kind::kExists;
    std::string key;
    std::vector<std::string> values;
  };
  static std::optional<Requirement> parseOne(std::string_view text);

  std::vector<Requirement> requirements_;
};

/// A Selector that was looked at once.
class Matcher {
 public:
  static std::optional<Matcher> compile(const Selector& selector, const std::string& path,
                                        Build& build);
  /// By the first and the present name and namespace, as patches select.
  bool selects(const Object& object) const;
  /// By any name it ever had, as replacements select.
  bool selectsAny(const Object& object) const;
  /// Nothing is asked for.
  bool isEmpty() const { return empty_; }

 private:
  bool matchesContent(const Object& object) const;
  bool matchesKind(const ObjectId& id) const;

  Pattern group_, version_, kind_, name_, ns_;
  LabelExpression labels_, annotations_;
  bool empty_ = true;
};

}  // namespace gantry::manifests::kustomize
