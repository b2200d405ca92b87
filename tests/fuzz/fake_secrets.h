// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "manifests/decode/scalars.h"
#include "manifests/decode/yaml_tree.h"
#include "manifests/kustomize/render.h"

namespace gantry::testing {

/// How a file begins that is to be taken for an encrypted one.
inline constexpr std::string_view kEncryptedFile = "#enc";
/// What stands for an encrypted value in it, or for a part of one, and what that is decrypted to.
inline constexpr std::string_view kSealed = "@@";
inline constexpr std::string_view kOpened = "qzxCanaryXzq";

/// Whether a text shows the secret: in the clear, or somewhere in base64, which is folded.
inline bool shows(std::string text) {
  if (text.find(kOpened) != text.npos) return true;
  std::erase(text, '\n');
  for (std::size_t shift = 0; shift < 3; ++shift) {
    const std::string before(shift, 'x');
    std::string code = manifests::encodeBase64(before + std::string(kOpened));
    // What its neighbours have a say in.
    code = code.substr(4, code.size() - 8);
    if (text.find(code) != text.npos) return true;
  }
  return false;
}

/// Whether the tree shows it, in a name or in a value.
inline bool shows(const manifests::YamlNode& node) {
  using Entry = manifests::YamlNode::Entry;
  return shows(node.text) ||
         std::ranges::any_of(node.items, [](const auto* item) { return shows(*item); }) ||
         std::ranges::any_of(node.entries, [](const Entry& entry) {
           return shows(*entry.key) || shows(*entry.value);
         });
}

/// Whether a field of the object is that text.
inline bool says(const manifests::YamlNode& object, const char* field, std::string_view text) {
  const manifests::YamlNode* value = object.find(field);
  return value != nullptr && value->text == text;
}

/// Whether the secret stands only where plans mask it: in values below data and stringData, if that
/// is what they do with the object.
inline bool isMasked(const manifests::YamlNode& object, bool masksData) {
  const auto hides = [&](const manifests::YamlNode::Entry& entry) {
    const bool masked = masksData && (entry.key->text == "data" || entry.key->text == "stringData");
    const bool nameless = std::ranges::none_of(entry.value->entries,
                                               [](const auto& inner) { return shows(*inner.key); });
    return (masked && nameless) || (!shows(*entry.key) && !shows(*entry.value));
  };
  return !shows(object.text) &&
         std::ranges::none_of(object.items, [](const auto* item) { return shows(*item); }) &&
         std::ranges::all_of(object.entries, hides);
}

/// What sops::decryptFile does, without encryption: a file that holds the secret elsewhere than in
/// data and stringData of Secrets is none of manifests.
inline std::optional<manifests::kustomize::Opened> openFake(const std::string& path,
                                                            std::string_view content) {
  if (!content.starts_with(kEncryptedFile)) return std::nullopt;
  manifests::kustomize::Opened opened;
  opened.text = content;
  for (std::size_t at = 0; (at = opened.text.find(kSealed, at)) != std::string::npos;) {
    opened.text.replace(at, kSealed.size(), kOpened);
    at += kOpened.size();
  }
  const manifests::YamlFile yaml(opened.text, path, {}, opened.diagnostics);
  if (manifests::hasErrors(opened.diagnostics)) {
    // Of damage SOPS speaks before anything is decrypted.
    opened = {{}, {{.where = {path, 1, 1}, .message = "damaged"}}, {}};
    return opened;
  }
  for (const manifests::YamlFile::Document& document : yaml.documents()) {
    // A patch may leave out its version.
    if (!isMasked(*document.root, says(*document.root, "kind", "Secret"))) {
      opened.notForManifests = {.where = {path, 1, 1}, .message = "no manifests"};
    }
  }
  return opened;
}

}  // namespace gantry::testing
