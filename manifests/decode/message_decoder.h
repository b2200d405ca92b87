// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "manifests/decode/diagnostic.h"
#include "manifests/decode/yaml_tree.h"
#include "manifests/field_path.h"

namespace gantry::manifests {

/// Fills one object's message from its YAML, by reflection, and notes where each field stands.
class MessageDecoder {
 public:
  MessageDecoder(const std::string& file, std::vector<Diagnostic>& diagnostics)
      : file_(file), diagnostics_(diagnostics) {}

  /// `node` is a document's map; `apiVersion` and `kind` are skipped.
  void decodeObject(const YamlNode& node, google::protobuf::Message& message);

  /// Whether anything was an error.
  bool failed() const { return failed_; }
  FieldLocations takeLocations();

 private:
  using Message = google::protobuf::Message;
  using Field = google::protobuf::FieldDescriptor;

  void decodeMessage(const YamlNode& node, Message& message, const FieldPath& path);
  void decodeEntry(const YamlNode::Entry& entry, Message& message, const FieldPath& path);
  void decodeField(const YamlNode& node, Message& message, const Field& field,
                   const FieldPath& path);
  void decodeList(const YamlNode& node, Message& message, const Field& field,
                  const FieldPath& path);
  void decodeMap(const YamlNode& node, Message& message, const Field& field, const FieldPath& path);
  /// A value on its own, or the element that it becomes if the field is a list.
  void decodeValue(const YamlNode& node, Message& message, const Field& field,
                   const FieldPath& path);
  void decodeText(const YamlNode& node, Message& message, const Field& field,
                  const FieldPath& path);
  void decodeNumber(const YamlNode& node, Message& message, const Field& field,
                    const FieldPath& path);
  void decodeBool(const YamlNode& node, Message& message, const Field& field,
                  const FieldPath& path);
  void decodeSubmessage(const YamlNode& node, Message& message, const FieldPath& path);
  /// Amounts, ports and times: messages that are one scalar in YAML. False if it is none of these.
  bool decodeScalarMessage(const YamlNode& node, Message& message, const FieldPath& path);

  FieldLocations::Place placeOf(const YamlNode& node);

  /// What the schema says of setting the field at all; false if that is refused.
  bool admit(const YamlNode::Entry& entry, const Field& field, const FieldPath& path);
  void refuseUnknown(const YamlNode& key, const Message& message, const FieldPath& path);
  void expected(const char* what, const YamlNode& node, const FieldPath& path,
                std::string hint = "");

  void error(const YamlNode& at, const FieldPath& path, std::string message, std::string hint);
  void report(Diagnostic::Severity severity, const YamlNode& at, const FieldPath& path,
              std::string message, std::string hint);

  const std::string& file_;
  std::vector<Diagnostic>& diagnostics_;
  FieldLocations locations_;
  const google::protobuf::Descriptor* kind_ = nullptr;
  /// Below a secret field: values must not be shown.
  bool secret_ = false;
  bool failed_ = false;
};

}  // namespace gantry::manifests
