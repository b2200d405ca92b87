// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <variant>
#include <vector>

namespace gantry::manifests {

/// A message as what it is in YAML: scalars, lists and fields in schema order. What prints and
/// compares works on this, so that amounts, ports, times and masks are known in one place.
struct Value {
  struct Scalar {
    /// As JSON writes it if it is a number or true/false, else the text itself.
    std::string text;
    bool isText;
  };
  /// What is kept as JSON and not looked into.
  struct Raw {
    std::string json;
  };
  using List = std::vector<Value>;
  struct Field;
  using Fields = std::vector<Field>;

  std::variant<Scalar, Raw, List, Fields> data;
};

struct Value::Field {
  std::string name;
  Value value;
};

/// The message as a value; secrets masked, with apiVersion and kind if it is a resource. Fields of
/// the system are left out unless asked for.
Value toValue(const google::protobuf::Message& message, bool withSystemFields);

/// The value of one field: of a list or map all of it, of a message field the message.
Value fieldValue(const google::protobuf::Message& message,
                 const google::protobuf::FieldDescriptor& field, bool withSystemFields);

/// One element of a list field.
Value elementValue(const google::protobuf::Message& message,
                   const google::protobuf::FieldDescriptor& field, int index,
                   bool withSystemFields);

/// On one line: `{name: web, ports: [80]}`.
std::string toFlowYaml(const Value& value);
std::string toBlockYaml(const Value& value);
/// Indented by two spaces.
std::string toJsonText(const Value& value);

}  // namespace gantry::manifests
