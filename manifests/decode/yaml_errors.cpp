// SPDX-License-Identifier: Apache-2.0
#include "manifests/decode/yaml_errors.h"

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/exceptions.h>

#include <cstdlib>
#include <string_view>

namespace gantry::manifests {
namespace {

namespace msg = YAML::ErrorMsg;

struct Explanation {
  std::string message;
  std::string hint;
};

struct Spot {
  const SourceText& source;
  int line;
  int column;

  std::string_view text() const { return source.line(line); }
};

std::string spaces(int count) {
  return std::to_string(count) + (count == 1 ? " space" : " spaces");
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// The offset of the first colon that ends a name: one before a space or the end.
std::size_t colonIn(std::string_view line) {
  for (std::size_t at = line.find(':'); at != std::string_view::npos; at = line.find(':', at + 1)) {
    if (at + 1 == line.size() || line[at + 1] == ' ') return at;
  }
  return std::string_view::npos;
}

/// "replicas" of "  - replicas: 3".
std::string_view nameIn(std::string_view line) {
  std::string_view name = trimmed(line.substr(0, colonIn(line)));
  while (name.starts_with("- ")) name = trimmed(name.substr(2));
  return name;
}

/// Whether the line holds a name and its value: "replicas: 3".
bool hasValue(std::string_view line) {
  const std::size_t colon = colonIn(line);
  return colon != std::string_view::npos && !trimmed(line.substr(colon + 1)).empty();
}

std::size_t indentWithTabs(std::string_view line) {
  return std::min(line.find_first_not_of(" \t"), line.size());
}

bool indentedByTab(std::string_view line) {
  return line.substr(0, indentWithTabs(line)).find('\t') != std::string_view::npos;
}

/// A field that stands deeper than the line above it, which has no room for fields.
Explanation underScalar(const Spot& spot, std::string_view above) {
  const int excess = SourceText::indentOf(spot.text()) - SourceText::indentOf(above);
  const std::string name = printable(nameIn(spot.text()));
  const std::string parent = printable(nameIn(above));
  return {name + " is indented under " + parent + ", which already has a value on its line",
          "move " + name + " and what belongs to it " + spaces(excess) +
              " to the left, to stand beside " + parent};
}

Explanation illegalColon(const Spot& spot) {
  const std::string_view line = spot.text();
  const std::size_t colon = colonIn(line);
  if (colon != std::string_view::npos && static_cast<int>(colon) < spot.column - 1) {
    return {"a second colon in the value of " + printable(nameIn(line)), "put the value in quotes"};
  }
  const std::string_view above = spot.source.line(spot.source.lineAbove(spot.line));
  const bool deeper = SourceText::indentOf(line) > SourceText::indentOf(above);
  if (deeper && hasValue(above)) return underScalar(spot, above);
  if (colonIn(above) == std::string_view::npos && !above.empty()) {
    return {"the line above " + printable(nameIn(line)) + " has no colon",
            "write it as `name: value`"};
  }
  return {"a field cannot begin here", "check the indentation of this line and the one above"};
}

Explanation endOfBlock(const Spot& spot, const char* inside) {
  const std::string_view line = spot.text();
  const int indent = SourceText::indentOf(line);
  if (spot.column - 1 > indent) {
    return {"text after the end of a value", "put the whole value in quotes"};
  }
  if (trimmed(line).starts_with("-") && inside == std::string_view("fields")) {
    return {"a list item among fields", "indent it under the name that the list belongs to"};
  }
  return {"the indentation of " + spaces(indent) + " fits none of the lines above",
          std::string("align it with the ") + inside + " that it belongs to"};
}

Explanation unknownToken(const Spot& spot) {
  const std::string_view rest =
      spot.text().substr(std::min<std::size_t>(spot.column - 1, spot.text().size()));
  if (rest.starts_with('\t')) {
    return {"a tab before a value", "use spaces"};
  }
  return {"a value cannot begin with " + std::string(rest.substr(0, 1)), "put it in quotes"};
}

Explanation explain(const YAML::Exception& error, const Spot& spot) {
  const std::string& text = error.msg;
  if (dynamic_cast<const YAML::DeepRecursion*>(&error) != nullptr) {
    return {"nested too deep", "no kind needs so many levels; is the file what you meant?"};
  }
  if (text == msg::TAB_IN_INDENTATION || indentedByTab(spot.text())) {
    return {"the line is indented by a tab; YAML takes only spaces", "replace tabs by spaces"};
  }
  if (spot.source.hasTemplate(spot.line)) {
    return {"this looks like a template, not YAML", "render it to plain YAML first"};
  }
  if (text == msg::MAP_VALUE) return illegalColon(spot);
  if (text == msg::END_OF_MAP) return endOfBlock(spot, "fields");
  if (text == msg::END_OF_SEQ) return endOfBlock(spot, "list items");
  if (text == msg::BLOCK_ENTRY) {
    return {"a list item cannot begin here",
            "put it on a line of its own, under the name of its list"};
  }
  if (text == msg::END_OF_MAP_FLOW) return {"a { before this is not closed", "add the }"};
  if (text == msg::END_OF_SEQ_FLOW) return {"a [ before this is not closed", "add the ]"};
  if (text == msg::FLOW_END)
    return {"a ] or } that nothing opened", "remove it, or quote the value"};
  if (text == msg::UNKNOWN_TOKEN) return unknownToken(spot);
  if (text == msg::UNKNOWN_ANCHOR || text == msg::ALIAS_NOT_FOUND || text == msg::CHAR_IN_ALIAS) {
    return {"a value that begins with * repeats an anchor, and there is none of this name before",
            "put the value in quotes if the * belongs to it"};
  }
  if (text == msg::ANCHOR_NOT_FOUND || text == msg::CHAR_IN_ANCHOR) {
    return {"a value that begins with & names an anchor, and this name is not allowed",
            "put the value in quotes if the & belongs to it"};
  }
  if (text == msg::EOF_IN_SCALAR || text == msg::DOC_IN_SCALAR) {
    return {"a quoted text before this never ends", "close the quote"};
  }
  if (text.starts_with(msg::INVALID_ESCAPE) || text.starts_with(msg::INVALID_HEX) ||
      text.starts_with(msg::INVALID_UNICODE)) {
    return {"an escape in double quotes that YAML does not know",
            "use single quotes, or write the backslash twice"};
  }
  return {"not valid YAML: " + text, "check the indentation and quotes of this line"};
}

}  // namespace

Diagnostic explainSyntaxError(const YAML::Exception& error, const SourceText& source,
                              const std::string& file) {
  const Spot spot{source, error.mark.line + 1, error.mark.column + 1};
  Explanation explanation = explain(error, spot);
  return {.where = {file, spot.line, spot.column},
          .message = std::move(explanation.message),
          .hint = std::move(explanation.hint)};
}

}  // namespace gantry::manifests
