// SPDX-License-Identifier: Apache-2.0
#include <absl/strings/ascii.h>

#include <algorithm>

#include "manifests/decode/json_text.h"
#include "manifests/decode/scalars.h"
#include "manifests/diff/diff.h"
#include "manifests/diff/value.h"

namespace gantry::manifests {
namespace {

using Scalar = Value::Scalar;
using Raw = Value::Raw;
using List = Value::List;
using Fields = Value::Fields;

constexpr int kStep = 2;

bool isPlainChar(char c) {
  return absl::ascii_isalnum(c) ||
         std::string_view("-_./:@%+=(), ").find(c) != std::string_view::npos;
}

/// Whether YAML 1.1 and 1.2 both read the bare text as that text; when in doubt, no.
bool isPlainText(const std::string& text, bool inFlow) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ' || text.back() == ':') return false;
  if (!absl::ascii_isalnum(text.front()) && text.front() != '/' && text.front() != '(')
    return false;
  for (const char c : text) {
    if (!isPlainChar(c) || (inFlow && (c == ',' || c == ' ' || c == ':'))) return false;
  }
  if (text.find(": ") != std::string::npos) return false;
  static constexpr std::string_view kWords[] = {"null", "true", "false", "yes", "no",
                                                "on",   "off",  "y",     "n"};
  const std::string lower = absl::AsciiStrToLower(text);
  for (const std::string_view word : kWords) {
    if (lower == word) return false;
  }
  // Numbers, dates and the base-60 of YAML 1.1 all begin with a digit and hold no letter but e, x,
  // o.
  const bool numeric =
      absl::ascii_isdigit(text.front()) &&
      text.find_first_not_of("0123456789abcdefABCDEFTZxXoO_+-.:,") == std::string::npos;
  return !numeric;
}

std::string scalarText(const Scalar& scalar, bool inFlow) {
  if (!scalar.isText || isPlainText(scalar.text, inFlow)) return scalar.text;
  return jsonText(scalar.text);
}

std::string keyText(const std::string& key) {
  return scalarText({key, true}, true);
}

/// Whether the lines can be shown as they are: what YAML would fold or cut away goes in quotes.
bool fitsBlockScalar(const std::string& text) {
  if (text.find('\n') == std::string::npos || text.front() == ' ' || text.front() == '\n')
    return false;
  const bool control = std::ranges::any_of(text, [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7F;
  });
  return !control && !text.ends_with("\n\n") && !text.ends_with(' ') &&
         text.find(" \n") == std::string::npos;
}

void writeBlockScalar(std::string_view text, int indent, std::string& out) {
  out += text.ends_with('\n') ? "|\n" : "|-\n";
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (!line.empty()) out.append(indent, ' ').append(line);
    out += '\n';
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
}

void writeBlock(const Value& value, int indent, std::string& out);

void writeFields(const Fields& fields, int indent, bool firstInPlace, std::string& out) {
  for (const auto& [key, value] : fields) {
    if (!firstInPlace) out.append(indent, ' ');
    firstInPlace = false;
    out += keyText(key) + ":";
    writeBlock(value, indent, out);
  }
}

void writeItems(const List& list, int indent, std::string& out) {
  for (const Value& item : list) {
    out.append(indent, ' ') += "-";
    const Fields* fields = std::get_if<Fields>(&item.data);
    if (fields != nullptr && !fields->empty()) {
      out += ' ';
      writeFields(*fields, indent + kStep, true, out);
    } else {
      writeBlock(item, indent + kStep, out);
    }
  }
}

/// What comes after "key:" or "-" at `indent`, with the end of the line.
void writeBlock(const Value& value, int indent, std::string& out) {
  const Fields* fields = std::get_if<Fields>(&value.data);
  const List* list = std::get_if<List>(&value.data);
  const Scalar* scalar = std::get_if<Scalar>(&value.data);
  if (fields != nullptr && !fields->empty()) {
    out += '\n';
    writeFields(*fields, indent + kStep, false, out);
  } else if (list != nullptr && !list->empty()) {
    out += '\n';
    writeItems(*list, indent, out);
  } else if (scalar != nullptr && scalar->isText && fitsBlockScalar(scalar->text)) {
    out += ' ';
    writeBlockScalar(scalar->text, indent + kStep, out);
  } else if (scalar != nullptr) {
    out += ' ' + scalarText(*scalar, false) + '\n';
  } else {
    out += ' ' + toFlowYaml(value) + '\n';
  }
}

void writeJson(const Value& value, int indent, std::string& out) {
  const auto list = [&](char open, char close, const auto& elements, auto writeElement) {
    out += open;
    bool first = true;
    for (const auto& element : elements) {
      out += first ? "\n" : ",\n";
      first = false;
      out.append(indent + kStep, ' ');
      writeElement(element);
    }
    if (!first) out.append("\n").append(indent, ' ');
    out += close;
  };
  if (const auto* scalar = std::get_if<Scalar>(&value.data)) {
    out += scalar->isText ? jsonText(scalar->text) : scalar->text;
  } else if (const auto* raw = std::get_if<Raw>(&value.data)) {
    out += raw->json;
  } else if (const auto* items = std::get_if<List>(&value.data)) {
    list('[', ']', *items, [&](const Value& item) { writeJson(item, indent + kStep, out); });
  } else {
    list('{', '}', std::get<Fields>(value.data), [&](const auto& field) {
      out += jsonText(field.name) + ": ";
      writeJson(field.value, indent + kStep, out);
    });
  }
}

}  // namespace

std::string toFlowYaml(const Value& value) {
  std::string out;
  if (const auto* scalar = std::get_if<Scalar>(&value.data)) return scalarText(*scalar, true);
  if (const auto* raw = std::get_if<Raw>(&value.data)) return raw->json;
  if (const auto* list = std::get_if<List>(&value.data)) {
    for (const Value& item : *list) out += (out.empty() ? "" : ", ") + toFlowYaml(item);
    return "[" + out + "]";
  }
  for (const auto& [key, item] : std::get<Fields>(value.data)) {
    out += (out.empty() ? "" : ", ") + keyText(key) + ": " + toFlowYaml(item);
  }
  return "{" + out + "}";
}

std::string toBlockYaml(const Value& value) {
  const Fields* fields = std::get_if<Fields>(&value.data);
  if (fields == nullptr || fields->empty()) return toFlowYaml(value) + "\n";
  std::string out;
  writeFields(*fields, 0, false, out);
  return out;
}

std::string toJsonText(const Value& value) {
  std::string out;
  writeJson(value, 0, out);
  return out;
}

std::string toYaml(const google::protobuf::Message& message, bool withSystemFields) {
  return toBlockYaml(toValue(message, withSystemFields));
}

std::string toJson(const google::protobuf::Message& message, bool withSystemFields) {
  return toJsonText(toValue(message, withSystemFields)) + "\n";
}

}  // namespace gantry::manifests
