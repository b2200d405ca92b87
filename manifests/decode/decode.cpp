// SPDX-License-Identifier: Apache-2.0
#include "manifests/decode/decode.h"

#include <utility>

#include "manifests/decode/message_decoder.h"
#include "manifests/decode/scalars.h"
#include "manifests/decode/source_text.h"
#include "manifests/decode/suggest.h"
#include "manifests/decode/yaml_tree.h"
#include "manifests/schema/core.pb.h"

namespace gantry::manifests {
namespace {

using Severity = Diagnostic::Severity;

/// kubectl copies the whole object, Secrets included, into this annotation.
constexpr const char* kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";

class FileDecoder {
 public:
  FileDecoder(const std::string& file, Decoded& result) : file_(file), result_(result) {}

  void decodeDocument(const YamlNode& node) {
    if (node.kind != YamlNode::Kind::kMap) {
      return error(node, "",
                   "expected an object with apiVersion and kind, found " + describe(node, true),
                   "");
    }
    const YamlNode* apiVersion = requireText(node, "apiVersion", "v1");
    const YamlNode* kindName = requireText(node, "kind", "Deployment");
    if (apiVersion == nullptr || kindName == nullptr) return;
    if (apiVersion->text == "v1" && kindName->text == "List") return decodeItems(node);
    if (const Kind* kind = findKind(apiVersion->text, kindName->text)) {
      decodeKind(node, *kind, *kindName);
    } else {
      refuseKind(*apiVersion, *kindName);
    }
  }

 private:
  const YamlNode* requireText(const YamlNode& node, const std::string& name, const char* example) {
    const YamlNode* value = node.find(name);
    if (value == nullptr || value->kind != YamlNode::Kind::kScalar || value->text.empty()) {
      error(value != nullptr ? *value : node, "", name + " is missing",
            "add it, for example `" + name + ": " + example + "`");
      return nullptr;
    }
    return value;
  }

  void decodeItems(const YamlNode& list) {
    const YamlNode* items = list.find("items");
    if (items == nullptr || items->kind != YamlNode::Kind::kList) {
      return error(list, "items", "a List needs items", "add them, or remove the List");
    }
    for (const YamlNode* item : items->items) decodeDocument(*item);
  }

  void refuseKind(const YamlNode& apiVersion, const YamlNode& kindName) {
    std::vector<std::string> names;
    for (const Kind& kind : allKinds()) {
      if (kind.info->kind() == kindName.text) {
        return error(apiVersion, "apiVersion",
                     kindName.text + " is not in " + printable(apiVersion.text),
                     "write `apiVersion: " + kind.info->api_version() + "`");
      }
      if (kind.info->from_git()) names.push_back(kind.info->kind());
    }
    const std::string near = nearest(kindName.text, names);
    error(kindName, "kind", "unknown kind " + printable(kindName.text),
          near.empty() ? "remove it, or move it out of the folder"
                       : "did you mean \"" + near + "\"?");
  }

  void decodeKind(const YamlNode& node, const Kind& kind, const YamlNode& kindName) {
    if (!kind.info->from_git()) {
      return error(kindName, "kind", "a " + kind.info->kind() + " is made by the system only",
                   "remove it");
    }
    std::unique_ptr<google::protobuf::Message> message(
        google::protobuf::MessageFactory::generated_factory()
            ->GetPrototype(kind.descriptor)
            ->New());
    MessageDecoder decoder(file_, result_.diagnostics);
    decoder.decodeObject(node, *message);
    if (decoder.failed()) return;
    mergeStringData(*message);
    dropLastApplied(node, *message);
    result_.resources.emplace_back(std::move(message), locate(node),
                                   std::make_shared<const FieldLocations>(decoder.takeLocations()));
  }

  static void mergeStringData(google::protobuf::Message& message) {
    auto* secret = dynamic_cast<schema::Secret*>(&message);
    if (secret == nullptr) return;
    for (const auto& [key, text] : secret->string_data()) (*secret->mutable_data())[key] = text;
    secret->clear_string_data();
  }

  void dropLastApplied(const YamlNode& node, google::protobuf::Message& message) {
    if (metadataOf(message).annotations().count(kLastApplied) == 0) return;
    mutableMetadataOf(message)->mutable_annotations()->erase(kLastApplied);
    report(Severity::kWarning, node, "metadata.annotations",
           std::string(kLastApplied) + " is dropped", "Gantry remembers what it applied itself");
  }

  void error(const YamlNode& at, std::string path, std::string message, std::string hint) {
    report(Severity::kError, at, std::move(path), std::move(message), std::move(hint));
  }

  void report(Severity severity, const YamlNode& at, std::string path, std::string message,
              std::string hint) {
    result_.diagnostics.push_back(
        {severity, locate(at), std::move(path), std::move(message), std::move(hint)});
  }

  SourceLocation locate(const YamlNode& node) const {
    return {node.file == nullptr ? file_ : *node.file, node.line, node.column};
  }

  const std::string& file_;
  Decoded& result_;
};

}  // namespace

Decoded decode(std::string_view text, const std::string& file, const DecodeLimits& limits) {
  Decoded result;
  const YamlFile yaml(text, file, limits, result.diagnostics);
  FileDecoder decoder(file, result);
  for (const YamlFile::Document& document : yaml.documents()) {
    if (!document.damaged) decoder.decodeDocument(*document.root);
  }
  return result;
}

Decoded decodeTrees(const std::vector<const YamlNode*>& documents, const std::string& file) {
  Decoded result;
  for (const YamlNode* document : documents) {
    FileDecoder(document->file == nullptr ? file : *document->file, result)
        .decodeDocument(*document);
  }
  return result;
}

}  // namespace gantry::manifests
