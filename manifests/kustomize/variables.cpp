// SPDX-License-Identifier: Apache-2.0
#include "manifests/kustomize/variables.h"

#include <absl/strings/ascii.h>

#include <algorithm>

#include "manifests/decode/suggest.h"
#include "manifests/kustomize/build.h"

namespace gantry::manifests::kustomize {
namespace {

struct Problem {
  std::string message;
  std::string hint;
};

bool isName(std::string_view text) {
  return !text.empty() && !absl::ascii_isdigit(text[0]) &&
         std::ranges::all_of(text, [](char c) { return absl::ascii_isalnum(c) || c == '_'; });
}

Problem undefined(std::string_view name, const Variables& variables) {
  std::vector<std::string> names;
  for (const auto& [known, value] : variables) names.push_back(known);
  const std::string near = nearest(name, names);
  return {"the variable " + std::string(name) + " is not defined",
          near.empty() ? "define it, give a default as ${" + std::string(name) +
                             ":-…}, or write $${ for a literal ${"
                       : "did you mean \"" + near + "\"?"};
}

/// The value of what stands between the braces.
std::optional<Problem> evaluate(std::string_view inside, const Variables& variables,
                                std::string& out) {
  const std::size_t colon = inside.find(":-");
  const std::string_view name = inside.substr(0, colon);
  if (!isName(name)) {
    return Problem{"${ is not followed by the name of a variable",
                   "write ${NAME} or ${NAME:-default}, or $${ for a literal ${"};
  }
  if (const auto known = variables.find(std::string(name)); known != variables.end()) {
    out += known->second;
  } else if (colon != std::string_view::npos) {
    out += inside.substr(colon + 2);
  } else {
    return undefined(name, variables);
  }
  return std::nullopt;
}

std::optional<Problem> expand(std::string_view text, const Variables& variables, std::string& out) {
  std::size_t at = 0;
  for (std::size_t next; (next = text.find("${", at)) != std::string_view::npos;) {
    out += text.substr(at, next - at);
    if (next > at && text[next - 1] == '$') {
      // "$${": the first $ is in `out` already and stands for both.
      out += '{';
      at = next + 2;
      continue;
    }
    const std::size_t end = text.find('}', next);
    if (end == std::string_view::npos) {
      return Problem{"a ${ that is not closed", "add the }, or write $${ for a literal ${"};
    }
    if (auto problem = evaluate(text.substr(next + 2, end - next - 2), variables, out)) {
      return problem;
    }
    at = end + 1;
  }
  out += text.substr(at);
  return std::nullopt;
}

}  // namespace

bool substitute(Node& node, const Variables& variables, Build& build) {
  bool good = true;
  if (node.isScalar() && node.text.find("${") != std::string::npos) {
    std::string out;
    if (const auto problem = expand(node.text, variables, out)) {
      if (node.decrypted != 0) {
        return build.error(node.where, "", "an encrypted value with a ${ that cannot be replaced",
                           "define the variable, or write $${ for a literal ${");
      }
      return build.error(node.where, "", problem->message, problem->hint);
    }
    if (!build.spend(out.size() / 64, node.where)) return false;
    node.text = std::move(out);
  }
  for (Node& item : node.items) good = substitute(item, variables, build) && good;
  for (Node::Entry& entry : node.entries) good = substitute(entry.value, variables, build) && good;
  return good;
}

bool isLeftAsItIs(const Node& object) {
  const Node* metadata = object.find("metadata");
  const Node* annotations = metadata == nullptr ? nullptr : metadata->find("annotations");
  return annotations != nullptr && annotations->textOf(kSubstituteAnnotation) == "disabled";
}

bool substituteText(std::string& text, const Variables& variables) {
  std::string out;
  if (expand(text, variables, out)) return false;
  text = std::move(out);
  return true;
}

}  // namespace gantry::manifests::kustomize
