// SPDX-License-Identifier: Apache-2.0
#include "manifests/kustomize/hash.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/hmac.h"
#include "base/ids.h"
#include "manifests/decode/json_text.h"

namespace gantry::manifests::kustomize {
namespace {

/// Text as Go's encoder writes it: what HTML could take for its own is escaped.
std::string goText(std::string_view text) {
  std::string json = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const std::string_view rest = text.substr(i);
    if (rest.starts_with("\xE2\x80\xA8") || rest.starts_with("\xE2\x80\xA9")) {
      json += text[i + 2] == '\xA8' ? "\\u2028" : "\\u2029";
      i += 2;
    } else if (byte == '"' || byte == '\\') {
      json += '\\';
      json += text[i];
    } else if (byte == '\n') {
      json += "\\n";
    } else if (byte == '\r') {
      json += "\\r";
    } else if (byte == '\t') {
      json += "\\t";
    } else if (byte == '\b') {
      json += "\\b";
    } else if (byte == '\f') {
      json += "\\f";
    } else if (byte < 0x20 || byte == '<' || byte == '>' || byte == '&') {
      json += absl::StrFormat("\\u%04x", byte);
    } else {
      json += text[i];
    }
  }
  return json += '"';
}

std::string goScalar(const Node& node) {
  if (node.type() == ScalarType::kBool) return absl::AsciiStrToLower(node.text);
  const bool isNumber = node.type() != ScalarType::kText && isJsonNumber(node.text);
  return isNumber ? node.text : goText(node.text);
}

/// Keys in order, as Go has it for maps.
std::string goMap(const Node* map) {
  if (map == nullptr) return "\"\"";
  std::map<std::string_view, const Node*> sorted;
  for (const Node::Entry& entry : map->entries) sorted[entry.key] = &entry.value;
  std::string json;
  for (const auto& [key, value] : sorted) {
    json += (json.empty() ? "" : ",") + goText(key) + ":" +
            (value->isScalar() ? goScalar(*value) : "null");
  }
  return "{" + json + "}";
}

void collectKeys(const Node& node, const Build& build, std::set<std::string>& keys) {
  if (node.decrypted != 0) keys.insert(build.hashKey(node.decrypted));
  for (const Node& item : node.items) collectKeys(item, build, keys);
  for (const Node::Entry& entry : node.entries) collectKeys(entry.value, build, keys);
}

/// The content as it is, or, if something of it was encrypted, a hash of it with the keys of the
/// files: names are shown, and guesses could be tried out against a hash without a key.
std::string keyed(std::string content, const Node& root, const Build& build) {
  std::set<std::string> keys;
  collectKeys(root, build, keys);
  for (const std::string& key : keys) content = base::hmacSha256(key, content);
  return content;
}

}  // namespace

std::string contentSuffix(const Object& object, const Build& build) {
  const Node& root = object.root;
  const Node* binary = root.find("binaryData");
  const Node* stringData = root.find("stringData");
  std::string json = "{";
  if (binary != nullptr && object.kind() == "ConfigMap") {
    json += "\"binaryData\":" + goMap(binary) + ",";
  }
  // The name is always empty: Kustomize looks for one field called "metadata/name".
  json += "\"data\":" + goMap(root.find("data")) + ",\"kind\":" + goText(object.kind()) +
          ",\"name\":\"\"";
  if (object.kind() == "Secret") {
    if (stringData != nullptr) json += ",\"stringData\":" + goMap(stringData);
    json += ",\"type\":" + goText(root.textOf("type"));
  }
  json += "}";
  std::string digits = base::sha256Hex(keyed(std::move(json), root, build)).substr(0, 10);
  constexpr std::string_view kFrom = "013ae";
  constexpr std::string_view kTo = "ghkmt";
  for (char& digit : digits) {
    const std::size_t at = kFrom.find(digit);
    if (at != std::string_view::npos) digit = kTo[at];
  }
  return digits;
}

void addContentSuffixes(ObjectSet& set, const Build& build) {
  for (const auto& object : set.objects()) {
    if (!object->hashed) continue;
    const std::string suffix = contentSuffix(*object, build);
    object->remember();
    Node& name = object->nameNode();
    name = Node::ofText(name.text + "-" + suffix, name.where);
  }
}

}  // namespace gantry::manifests::kustomize
