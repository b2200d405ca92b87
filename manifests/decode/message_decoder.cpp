// SPDX-License-Identifier: Apache-2.0
#include "manifests/decode/message_decoder.h"

#include <algorithm>
#include <limits>
#include <ranges>

#include "base/time.h"
#include "manifests/decode/quantity.h"
#include "manifests/decode/scalars.h"
#include "manifests/decode/source_text.h"
#include "manifests/decode/suggest.h"
#include "manifests/schema/meta.pb.h"
#include "manifests/schema/options.pb.h"

namespace gantry::manifests {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using NodeKind = YamlNode::Kind;

const FieldDescriptor* fieldByYamlName(const Descriptor& message, std::string_view name) {
  for (int i = 0; i < message.field_count(); ++i) {
    if (message.field(i)->json_name() == name) return message.field(i);
  }
  return nullptr;
}

/// Whether the value asks for nothing: absent, an empty list, or what Gantry does anyway.
bool asksForNothing(const YamlNode& node, const schema::FieldSupport& support) {
  switch (node.kind) {
    case NodeKind::kNull:
      return true;
    case NodeKind::kScalar:
      return std::ranges::count(support.allowed(), node.text) > 0;
    case NodeKind::kList:
      return std::ranges::all_of(
          node.items, [&](const YamlNode* item) { return asksForNothing(*item, support); });
    case NodeKind::kMap:
      return false;
  }
  return false;
}

/// "spec.template" of "spec.template.containers".
std::string parentOf(const std::string& path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string::npos ? "" : path.substr(0, dot);
}

template <class T>
void setNumber(Message& message, const FieldDescriptor& field, T value) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  if constexpr (sizeof(T) == 4) {
    field.is_repeated() ? reflection.AddInt32(&message, &field, value)
                        : reflection.SetInt32(&message, &field, value);
  } else {
    field.is_repeated() ? reflection.AddInt64(&message, &field, value)
                        : reflection.SetInt64(&message, &field, value);
  }
}

}  // namespace

void MessageDecoder::decodeObject(const YamlNode& node, Message& message) {
  kind_ = message.GetDescriptor();
  const FieldPath root;
  locations_.add(root, placeOf(node));
  for (const YamlNode::Entry& entry : node.entries) {
    if (entry.key->text != "apiVersion" && entry.key->text != "kind") {
      decodeEntry(entry, message, root);
    }
  }
}

FieldLocations::Place MessageDecoder::placeOf(const YamlNode& node) {
  const bool own = node.file == nullptr || *node.file == file_;
  return {node.line, node.column, own ? 0 : locations_.fileNumber(*node.file)};
}

FieldLocations MessageDecoder::takeLocations() {
  locations_.seal();
  return std::move(locations_);
}

void MessageDecoder::decodeMessage(const YamlNode& node, Message& message, const FieldPath& path) {
  if (node.kind != NodeKind::kMap) return expected("fields", node, path);
  for (const YamlNode::Entry& entry : node.entries) decodeEntry(entry, message, path);
}

void MessageDecoder::decodeEntry(const YamlNode::Entry& entry, Message& message,
                                 const FieldPath& path) {
  const FieldDescriptor* field = fieldByYamlName(*message.GetDescriptor(), entry.key->text);
  if (field == nullptr) return refuseUnknown(*entry.key, message, path);
  // What the system writes comes along when somebody exports an object; it is not theirs to set.
  if (field->options().GetExtension(schema::system)) return;
  const FieldPath fieldPath = path.field(field->json_name());
  locations_.add(fieldPath, placeOf(*entry.key));
  if (entry.value->kind == NodeKind::kNull || !admit(entry, *field, fieldPath)) return;
  const bool outer = secret_;
  secret_ = secret_ || field->options().GetExtension(schema::secret);
  decodeField(*entry.value, message, *field, fieldPath);
  secret_ = outer;
}

void MessageDecoder::decodeField(const YamlNode& node, Message& message, const Field& field,
                                 const FieldPath& path) {
  if (field.is_map()) {
    decodeMap(node, message, field, path);
  } else if (field.is_repeated()) {
    decodeList(node, message, field, path);
  } else {
    decodeValue(node, message, field, path);
  }
}

void MessageDecoder::decodeList(const YamlNode& node, Message& message, const Field& field,
                                const FieldPath& path) {
  if (node.kind != NodeKind::kList) {
    return expected("a list", node, path, "begin each item with `- `");
  }
  for (int i = 0; i < static_cast<int>(node.items.size()); ++i) {
    const FieldPath element = path.element(i);
    locations_.add(element, placeOf(*node.items[i]));
    decodeValue(*node.items[i], message, field, element);
  }
}

void MessageDecoder::decodeMap(const YamlNode& node, Message& message, const Field& field,
                               const FieldPath& path) {
  if (node.kind != NodeKind::kMap) return expected("names with values", node, path);
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  const Descriptor& entryType = *field.message_type();
  for (const YamlNode::Entry& entry : node.entries) {
    const FieldPath element = path.key(entry.key->text);
    locations_.add(element, placeOf(*entry.key));
    Message& target = *reflection.AddMessage(&message, &field);
    target.GetReflection()->SetString(&target, entryType.map_key(), entry.key->text);
    decodeValue(*entry.value, target, *entryType.map_value(), element);
  }
}

void MessageDecoder::decodeValue(const YamlNode& node, Message& message, const Field& field,
                                 const FieldPath& path) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return decodeText(node, message, field, path);
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
      return decodeNumber(node, message, field, path);
    case FieldDescriptor::CPPTYPE_BOOL:
      return decodeBool(node, message, field, path);
    default:
      return decodeSubmessage(node,
                              field.is_repeated() ? *reflection.AddMessage(&message, &field)
                                                  : *reflection.MutableMessage(&message, &field),
                              path);
  }
}

void MessageDecoder::decodeText(const YamlNode& node, Message& message, const Field& field,
                                const FieldPath& path) {
  if (node.kind == NodeKind::kNull)
    return expected("text", node, path, "write \"\" for empty text");
  if (node.kind != NodeKind::kScalar) return expected("text", node, path);
  if (typeOf(node) != ScalarType::kText) {
    return expected("text", node, path,
                    secret_ ? "put it in quotes" : "put it in quotes: \"" + node.text + "\"");
  }
  std::string value = node.text;
  if (field.type() == FieldDescriptor::TYPE_BYTES) {
    std::optional<std::string> bytes = decodeBase64(node.text);
    if (!bytes) {
      return error(node, path, "not base64",
                   secret_ ? "encode it, or put it as plain text under stringData" : "encode it");
    }
    value = *std::move(bytes);
  }
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  field.is_repeated() ? reflection.AddString(&message, &field, std::move(value))
                      : reflection.SetString(&message, &field, std::move(value));
}

void MessageDecoder::decodeNumber(const YamlNode& node, Message& message, const Field& field,
                                  const FieldPath& path) {
  std::optional<std::int64_t> value = wholeNumber(node);
  if (!value) {
    const bool quoted = node.kind == NodeKind::kScalar && !node.plain;
    return expected("a whole number", node, path, quoted ? "leave out the quotes" : "");
  }
  if (isOldOctal(node)) {
    // Modes are octal by habit, and by the YAML 1.1 that Kubernetes reads. Elsewhere it is a guess.
    const bool mode = field.name().ends_with("mode");
    if (!mode || !oldOctal(node)) {
      return error(node, path,
                   "a number with a leading zero is octal to some and decimal to others",
                   "write it without, or as 0o" + node.text.substr(1));
    }
    value = oldOctal(node);
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT64) return setNumber(message, field, *value);
  if (*value < std::numeric_limits<std::int32_t>::min() ||
      *value > std::numeric_limits<std::int32_t>::max()) {
    return error(node, path, "the number " + node.text + " does not fit in 32 bits", "");
  }
  setNumber(message, field, static_cast<std::int32_t>(*value));
}

void MessageDecoder::decodeBool(const YamlNode& node, Message& message, const Field& field,
                                const FieldPath& path) {
  if (node.kind != NodeKind::kScalar || typeOf(node) != ScalarType::kBool) {
    const std::string& text = node.text;
    const bool yes = text == "yes" || text == "on" || text == "true";
    const bool no = text == "no" || text == "off" || text == "false";
    return expected("true or false", node, path, yes ? "write true" : no ? "write false" : "");
  }
  const bool value = node.text[0] == 't' || node.text[0] == 'T';
  message.GetReflection()->SetBool(&message, &field, value);
}

void MessageDecoder::decodeSubmessage(const YamlNode& node, Message& message,
                                      const FieldPath& path) {
  if (!decodeScalarMessage(node, message, path)) decodeMessage(node, message, path);
}

bool MessageDecoder::decodeScalarMessage(const YamlNode& node, Message& message,
                                         const FieldPath& path) {
  if (auto* any = dynamic_cast<schema::Unmodelled*>(&message)) {
    any->set_json(toCompactJson(node));
  } else if (auto* quantity = dynamic_cast<schema::Quantity*>(&message)) {
    if (node.kind == NodeKind::kScalar && parseMillis(node.text).ok()) {
      quantity->set_text(node.text);
    } else {
      expected("an amount such as 250m, 0.5 or 64Mi", node, path);
    }
  } else if (auto* either = dynamic_cast<schema::IntOrString*>(&message)) {
    const std::optional<std::int64_t> number = wholeNumber(node);
    if (number && *number == static_cast<std::int32_t>(*number)) {
      either->set_number(static_cast<std::int32_t>(*number));
    } else if (node.kind == NodeKind::kScalar && typeOf(node) == ScalarType::kText) {
      either->set_text(node.text);
    } else {
      expected("a whole number or text", node, path);
    }
  } else if (auto* time = dynamic_cast<schema::Time*>(&message)) {
    const auto parsed = base::parseRfc3339(node.text);
    if (node.kind == NodeKind::kScalar && parsed.ok()) {
      time->set_unix_ms(base::toUnixMs(*parsed));
    } else {
      expected("a time such as 2026-11-21T10:00:00Z", node, path);
    }
  } else {
    return false;
  }
  return true;
}

bool MessageDecoder::admit(const YamlNode::Entry& entry, const Field& field,
                           const FieldPath& path) {
  const schema::FieldSupport& support = field.options().GetExtension(schema::field);
  if (support.support() == schema::IMPLEMENTED || asksForNothing(*entry.value, support))
    return true;
  if (support.support() == schema::REFUSED) {
    error(*entry.key, path, "not supported", support.reason());
    return false;
  }
  report(Diagnostic::Severity::kWarning, *entry.key, path, "has no effect", support.reason());
  return true;
}

void MessageDecoder::refuseUnknown(const YamlNode& key, const Message& message,
                                   const FieldPath& path) {
  const std::string& name = key.text;
  if (name == "<<") {
    return error(key, path, "the merge key << is gone from YAML 1.2", "write the fields out");
  }
  const std::string what = "unknown field " + printable(name);
  const Descriptor& type = *message.GetDescriptor();
  const std::string here = path.toString();
  if (const std::string below = findBelow(type, name); !below.empty()) {
    const std::string home = parentOf(here.empty() ? below : here + "." + below);
    return error(key, path, what, "it belongs in " + home + ": move it there");
  }
  if (const std::string near = nearest(name, fieldNames(type)); !near.empty()) {
    return error(key, path, what, "did you mean \"" + near + "\"?");
  }
  if (const std::string elsewhere = findBelow(*kind_, name); !elsewhere.empty()) {
    const std::string home = parentOf(elsewhere);
    return error(key, path, what,
                 home.empty() ? "it belongs beside metadata: move it to the left"
                              : "it belongs in " + home + ": move it there");
  }
  error(key, path, what, "remove it");
}

void MessageDecoder::expected(const char* what, const YamlNode& node, const FieldPath& path,
                              std::string hint) {
  error(node, path, std::string("expected ") + what + ", found " + describe(node, secret_),
        std::move(hint));
}

void MessageDecoder::error(const YamlNode& at, const FieldPath& path, std::string message,
                           std::string hint) {
  failed_ = true;
  report(Diagnostic::Severity::kError, at, path, std::move(message), std::move(hint));
}

void MessageDecoder::report(Diagnostic::Severity severity, const YamlNode& at,
                            const FieldPath& path, std::string message, std::string hint) {
  diagnostics_.push_back({severity,
                          {at.file == nullptr ? file_ : *at.file, at.line, at.column},
                          path.toString(),
                          std::move(message),
                          std::move(hint)});
}

}  // namespace gantry::manifests
