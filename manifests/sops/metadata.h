// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/decode/diagnostic.h"
#include "manifests/decode/yaml_tree.h"

namespace re2 {
class RE2;
}

namespace gantry::manifests::sops {

/// Which values of a file are encrypted, by the names of the fields on the way to them.
class Scope {
 public:
  enum class Rule { kUnencryptedSuffix, kEncryptedSuffix, kUnencryptedRegex, kEncryptedRegex };
  /// Nothing if `text` is no regular expression of RE2, where the rule needs one.
  static std::optional<Scope> of(Rule rule, const std::string& text);
  bool encrypts(const std::vector<std::string_view>& path) const;

 private:
  Rule rule_ = Rule::kUnencryptedSuffix;
  std::string suffix_;
  std::shared_ptr<const re2::RE2> expression_;
};

/// What the map `sops` of a file says. Views and nodes are those of its document.
struct Metadata {
  struct Recipient {
    /// "age1…", as written: it is not protected by anything, and only shown.
    std::string_view name;
    /// The key of the file, as an armored file of age.
    std::string_view encrypted;
    const YamlNode* node;
  };
  const YamlNode* node = nullptr;
  std::vector<Recipient> recipients;
  const YamlNode* mac = nullptr;
  std::string_view lastModified;
  bool macOnlyEncrypted = false;
  Scope scope;
};

/// Reads the map. What is wrong or not supported is reported, and nothing returned.
std::optional<Metadata> readMetadata(const YamlNode& map, const std::string& file,
                                     std::vector<Diagnostic>& diagnostics);

}  // namespace gantry::manifests::sops
