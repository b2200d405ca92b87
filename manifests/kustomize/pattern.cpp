// SPDX-License-Identifier: Apache-2.0
#include "manifests/kustomize/pattern.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/str_split.h>
#include <re2/re2.h>

#include <algorithm>

namespace gantry::manifests::kustomize {
namespace {

constexpr std::int64_t kMaxPatternMemory = 1 << 20;

/// Splits at commas that are not inside parentheses.
std::vector<std::string_view> splitRequirements(std::string_view text) {
  std::vector<std::string_view> parts;
  int open = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i == text.size() || (text[i] == ',' && open == 0)) {
      parts.push_back(text.substr(begin, i - begin));
      begin = i + 1;
    } else if (text[i] == '(') {
      ++open;
    } else if (text[i] == ')') {
      --open;
    }
  }
  return parts;
}

std::string trimmed(std::string_view text) {
  return std::string(absl::StripAsciiWhitespace(absl::string_view(text.data(), text.size())));
}

bool isLabelText(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return absl::ascii_isalnum(c) || std::string_view("-_./").find(c) != std::string_view::npos;
  });
}

}  // namespace

std::optional<Pattern> Pattern::compile(const Text& text, const std::string& path, Build& build) {
  Pattern pattern;
  if (!text.given() || text.value.empty()) return pattern;
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxPatternMemory);
  auto expression = std::make_shared<const RE2>(text.value, options);
  if (!expression->ok()) {
    build.error(text.where, path, "not a regular expression: " + expression->error(),
                "write the name itself, or an expression that matches all of it");
    return std::nullopt;
  }
  pattern.expression_ = std::move(expression);
  return pattern;
}

bool Pattern::matches(std::string_view text) const {
  return expression_ == nullptr ||
         RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *expression_);
}

std::optional<LabelExpression> LabelExpression::parse(const Text& text, const std::string& path,
                                                      Build& build) {
  LabelExpression expression;
  if (!text.given() || trimmed(text.value).empty()) return expression;
  for (const std::string_view part : splitRequirements(text.value)) {
    std::optional<Requirement> requirement = parseOne(part);
    if (!requirement) {
      build.error(text.where, path, "not a label selector: " + inQuotes(part),
                  "write it like `app=web,tier in (front, back),!canary`");
      return std::nullopt;
    }
    expression.requirements_.push_back(*std::move(requirement));
  }
  return expression;
}

std::optional<LabelExpression::Requirement> LabelExpression::parseOne(std::string_view text) {
  static const LazyRE2 kEquality = {R"(\s*([^\s!=()]+)\s*(==|=|!=)\s*([^\s!=()]*)\s*)"};
  static const LazyRE2 kMembership = {R"(\s*([^\s!=()]+)\s+(in|notin)\s*\(([^()]*)\)\s*)"};
  static const LazyRE2 kExistence = {R"(\s*(!?)\s*([^\s!=()]+)\s*)"};
  const re2::StringPiece piece(text.data(), text.size());
  Requirement requirement;
  std::string operation, value;
  if (RE2::FullMatch(piece, *kEquality, &requirement.key, &operation, &value)) {
    requirement.kind = operation == "!=" ? Requirement::Kind::kNotIn : Requirement::Kind::kIn;
    requirement.values = {value};
  } else if (RE2::FullMatch(piece, *kMembership, &requirement.key, &operation, &value)) {
    requirement.kind = operation == "in" ? Requirement::Kind::kIn : Requirement::Kind::kNotIn;
    for (const std::string& one : std::vector<std::string>(absl::StrSplit(value, ','))) {
      requirement.values.push_back(trimmed(one));
    }
  } else if (RE2::FullMatch(piece, *kExistence, &operation, &requirement.key)) {
    requirement.kind = operation.empty() ? Requirement::Kind::kExists : Requirement::Kind::kAbsent;
  } else {
    return std::nullopt;
  }
  const bool good =
      isLabelText(requirement.key) && std::ranges::all_of(requirement.values, isLabelText);
  return good ? std::optional(std::move(requirement)) : std::nullopt;
}

bool LabelExpression::matches(const Node* labels) const {
  return std::ranges::all_of(requirements_, [&](const Requirement& requirement) {
    const Node* value = labels == nullptr ? nullptr : labels->find(requirement.key);
    const bool listed = value != nullptr && std::ranges::count(requirement.values, value->text) > 0;
    switch (requirement.kind) {
      case Requirement::Kind::kIn:
        return listed;
      case Requirement::Kind::kNotIn:
        return !listed;
      case Requirement::Kind::kExists:
        return value != nullptr;
      case Requirement::Kind::kAbsent:
        return value == nullptr;
    }
    return false;
  });
}

std::optional<Matcher> Matcher::compile(const Selector& selector, const std::string& path,
                                        Build& build) {
  Matcher matcher;
  const struct {
    const Text& text;
    const char* name;
    Pattern& pattern;
  } patterns[] = {{selector.group, ".group", matcher.group_},
                  {selector.version, ".version", matcher.version_},
                  {selector.kind, ".kind", matcher.kind_},
                  {selector.name, ".name", matcher.name_},
                  {selector.ns, ".namespace", matcher.ns_}};
  for (const auto& [text, name, pattern] : patterns) {
    std::optional<Pattern> compiled = Pattern::compile(text, path + name, build);
    if (!compiled) return std::nullopt;
    pattern = *std::move(compiled);
    matcher.empty_ = matcher.empty_ && text.value.empty();
  }
  auto labels = LabelExpression::parse(selector.labels, path + ".labelSelector", build);
  auto annotations =
      LabelExpression::parse(selector.annotations, path + ".annotationSelector", build);
  if (!labels || !annotations) return std::nullopt;
  matcher.labels_ = *std::move(labels);
  matcher.annotations_ = *std::move(annotations);
  matcher.empty_ =
      matcher.empty_ && selector.labels.value.empty() && selector.annotations.value.empty();
  return matcher;
}

bool Matcher::matchesContent(const Object& object) const {
  return labels_.matches(object.metadata("labels")) &&
         annotations_.matches(object.metadata("annotations"));
}

bool Matcher::matchesKind(const ObjectId& id) const {
  return kind_.matches(id.kind) && group_.matches(id.group) && version_.matches(id.version);
}

bool Matcher::selects(const Object& object) const {
  const ObjectId now = object.id();
  const ObjectId first = object.original();
  return (ns_.matches(first.effectiveNamespace()) || ns_.matches(now.effectiveNamespace())) &&
         (name_.matches(first.name) || name_.matches(now.name)) && matchesKind(now) &&
         matchesContent(object);
}

bool Matcher::selectsAny(const Object& object) const {
  return matchesContent(object) && std::ranges::any_of(object.ids(), [&](const ObjectId& id) {
           return matchesKind(id) && name_.matches(id.name) && ns_.matches(id.effectiveNamespace());
         });
}

}  // namespace gantry::manifests::kustomize
