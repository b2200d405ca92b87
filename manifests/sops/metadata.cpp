// SPDX-License-Identifier: Apache-2.0
#include "manifests/sops/metadata.h"

#include <re2/re2.h>

#include <algorithm>

#include "manifests/decode/scalars.h"

namespace gantry::manifests::sops {
namespace {

using Kind = YamlNode::Kind;

constexpr std::size_t kMostRecipients = 100;
constexpr const char* kDefaultSuffix = "_unencrypted";

struct Rule {
  const char* field;
  Scope::Rule rule;
};

constexpr Rule kRules[] = {
    {"unencrypted_suffix", Scope::Rule::kUnencryptedSuffix},
    {"encrypted_suffix", Scope::Rule::kEncryptedSuffix},
    {"unencrypted_regex", Scope::Rule::kUnencryptedRegex},
    {"encrypted_regex", Scope::Rule::kEncryptedRegex},
};

class MetadataReader {
 public:
  MetadataReader(const YamlNode& map, const std::string& file, std::vector<Diagnostic>& diagnostics)
      : map_(map), file_(file), diagnostics_(diagnostics) {}

  std::optional<Metadata> read() {
    Metadata metadata;
    metadata.node = &map_;
    const bool good =
        refuseUnsupported() && readRecipients(metadata) && readMac(metadata) && readScope(metadata);
    return good ? std::optional(std::move(metadata)) : std::nullopt;
  }

 private:
  bool error(const YamlNode& at, std::string path, std::string message, std::string hint) {
    diagnostics_.push_back({.where = {file_, at.line, at.column},
                            .path = "sops" + std::move(path),
                            .message = std::move(message),
                            .hint = std::move(hint)});
    return false;
  }

  static bool isText(const YamlNode* node) {
    return node != nullptr && node->kind == Kind::kScalar && !node->text.empty();
  }

  static bool asksForNothing(const YamlNode& node) {
    return node.kind == Kind::kNull || (node.kind == Kind::kScalar && node.text.empty()) ||
           (node.kind == Kind::kList && node.items.empty());
  }

  bool refuseUnsupported() {
    for (const char* name : {"encrypted_comment_regex", "unencrypted_comment_regex"}) {
      const YamlNode* value = map_.find(name);
      if (value != nullptr && !asksForNothing(*value)) {
        return error(*value, std::string(".") + name, "not supported: comments decide nothing here",
                     "use encrypted_regex");
      }
    }
    const YamlNode* groups = map_.find("key_groups");
    if (groups == nullptr || asksForNothing(*groups)) return true;
    return error(*groups, ".key_groups", "not supported: the key is split among groups",
                 "encrypt the file for recipients of age, without groups");
  }

  bool readRecipients(Metadata& metadata) {
    const YamlNode* list = map_.find("age");
    if (list == nullptr || asksForNothing(*list)) {
      return error(map_, ".age", "the file is not encrypted for age, but in another way",
                   "add a recipient of age with `sops updatekeys`");
    }
    if (list->kind != Kind::kList || list->items.size() > kMostRecipients) {
      return error(*list, ".age",
                   "expected a list of at most " + std::to_string(kMostRecipients) + " recipients",
                   "encrypt the file again");
    }
    for (const YamlNode* item : list->items) {
      const YamlNode* encrypted = item->find("enc");
      if (!isText(encrypted)) {
        return error(*item, ".age", "a recipient without enc", "encrypt the file again");
      }
      const YamlNode* name = item->find("recipient");
      metadata.recipients.push_back(
          {isText(name) ? std::string_view(name->text) : std::string_view(), encrypted->text,
           encrypted});
    }
    return true;
  }

  bool readMac(Metadata& metadata) {
    metadata.mac = map_.find("mac");
    if (!isText(metadata.mac)) {
      return error(map_, ".mac",
                   "it is missing, so that nobody can tell whether the file was changed",
                   "encrypt the file again");
    }
    const YamlNode* modified = map_.find("lastmodified");
    if (!isText(modified)) {
      return error(map_, ".lastmodified", "it is missing", "encrypt the file again");
    }
    metadata.lastModified = modified->text;
    const YamlNode* only = map_.find("mac_only_encrypted");
    if (only == nullptr || only->kind == Kind::kNull) return true;
    if (only->kind != Kind::kScalar || typeOf(*only) != ScalarType::kBool) {
      return error(*only, ".mac_only_encrypted", "expected true or false", "");
    }
    metadata.macOnlyEncrypted = only->text.starts_with('t') || only->text.starts_with('T');
    return true;
  }

  bool readScope(Metadata& metadata) {
    metadata.scope = *Scope::of(Scope::Rule::kUnencryptedSuffix, kDefaultSuffix);
    const char* first = nullptr;
    for (const Rule& rule : kRules) {
      const YamlNode* value = map_.find(rule.field);
      if (value == nullptr || asksForNothing(*value)) continue;
      const std::string path = std::string(".") + rule.field;
      if (!isText(value)) return error(*value, path, "expected text", "");
      if (first != nullptr) {
        return error(*value, path, std::string("given beside ") + first, "SOPS takes one of them");
      }
      first = rule.field;
      std::optional<Scope> scope = Scope::of(rule.rule, value->text);
      if (!scope) return error(*value, path, "not a regular expression", "");
      metadata.scope = *std::move(scope);
    }
    return true;
  }

  const YamlNode& map_;
  const std::string& file_;
  std::vector<Diagnostic>& diagnostics_;
};

}  // namespace

std::optional<Scope> Scope::of(Rule rule, const std::string& text) {
  Scope scope;
  scope.rule_ = rule;
  scope.suffix_ = text;
  if (rule == Rule::kEncryptedRegex || rule == Rule::kUnencryptedRegex) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    scope.expression_ = std::make_shared<const re2::RE2>(text, options);
    if (!scope.expression_->ok()) return std::nullopt;
  }
  return scope;
}

bool Scope::encrypts(const std::vector<std::string_view>& path) const {
  const bool found = std::ranges::any_of(path, [&](std::string_view name) {
    if (expression_ == nullptr) return name.ends_with(suffix_);
    return re2::RE2::PartialMatch(re2::StringPiece(name.data(), name.size()), *expression_);
  });
  return found == (rule_ == Rule::kEncryptedSuffix || rule_ == Rule::kEncryptedRegex);
}

std::optional<Metadata> readMetadata(const YamlNode& map, const std::string& file,
                                     std::vector<Diagnostic>& diagnostics) {
  return MetadataReader(map, file, diagnostics).read();
}

}  // namespace gantry::manifests::sops
