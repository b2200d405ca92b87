// SPDX-License-Identifier: Apache-2.0
#include "manifests/sops/decrypt.h"

#include <absl/strings/match.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "manifests/decode/json_text.h"
#include "manifests/decode/yaml_tree.h"
#include "manifests/sops/age.h"
#include "manifests/sops/crypto.h"
#include "manifests/sops/encrypted_value.h"
#include "manifests/sops/masked.h"
#include "manifests/sops/metadata.h"
#include "manifests/sops/plain_value.h"
#include "manifests/sops/rewrite.h"

namespace gantry::manifests::sops {
namespace {

using Kind = YamlNode::Kind;
using Values = std::unordered_map<const YamlNode*, DecryptedValue>;

constexpr std::size_t kDataKeyBytes = 32;
constexpr std::string_view kName = "sops";
/// How every encrypted value begins.
constexpr std::string_view kMark = "ENC[AES256_GCM,";
constexpr const char* kOption = "give its key with --sops-age-key-file";

/// What the MAC over the encrypted values only begins with: SHA-256 of "sops".
constexpr std::string_view kMacOnlyEncrypted =
    "\x8a\x3f\xd2\xad\x54\xce\x66\x52\x7b\x10\x34\xf3\xd1\x47\xbe\x0b"
    "\x0b\x97\x5b\x3b\xf4\x4f\x72\xc6\xfd\xad\xec\x81\x76\xf2\x7d\x69";

const YamlNode* metadataOf(const YamlNode& root) {
  const YamlNode* map = root.kind == Kind::kMap ? root.find(kName) : nullptr;
  return map != nullptr && map->kind == Kind::kMap ? map : nullptr;
}

bool isMetadata(const YamlNode& root, const YamlNode::Entry& entry) {
  return entry.value == metadataOf(root);
}

bool isYamlOrJson(const std::string& file) {
  return file.ends_with(".yaml") || file.ends_with(".yml") || file.ends_with(".json") ||
         file == "Kustomization" || file.ends_with("/Kustomization");
}

/// Whether `changed` is `original` with its values decrypted and without its metadata.
bool isDecryptionOf(const YamlNode& changed, const YamlNode& original, const Values& values,
                    bool outermost) {
  if (changed.kind != original.kind) return false;
  if (original.kind == Kind::kScalar) {
    const auto value = values.find(&original);
    return value == values.end()
               ? changed.text == original.text && changed.plain == original.plain
               : changed.text == value->second.text && changed.plain == value->second.plain;
  }
  std::size_t at = 0;
  for (const YamlNode::Entry& entry : original.entries) {
    if (outermost && isMetadata(original, entry)) continue;
    if (at == changed.entries.size() || changed.entries[at].key->text != entry.key->text ||
        !isDecryptionOf(*changed.entries[at].value, *entry.value, values, false)) {
      return false;
    }
    ++at;
  }
  return at == changed.entries.size() &&
         std::ranges::equal(changed.items, original.items,
                            [&](const YamlNode* after, const YamlNode* before) {
                              return isDecryptionOf(*after, *before, values, false);
                            });
}

class FileDecryptor {
 public:
  FileDecryptor(std::string_view content, const YamlFile& yaml, const std::string& file,
                const DecodeLimits& limits, std::vector<Diagnostic>& diagnostics)
      : content_(content), yaml_(yaml), file_(file), limits_(limits), diagnostics_(diagnostics) {}

  /// Nothing, with an error.
  std::optional<std::string> decrypt(const YamlNode& metadata, const Identities* keys) {
    std::optional<Metadata> read = readMetadata(metadata, file_, diagnostics_);
    if (!read) return std::nullopt;
    metadata_ = *std::move(read);
    if (!findKey(keys)) return std::nullopt;
    if (metadata_.macOnlyEncrypted) hash_.add(kMacOnlyEncrypted);
    for (const YamlFile::Document& document : yaml_.documents()) {
      if (!visit(*document.root, true)) return std::nullopt;
    }
    if (!checkAliases() || !checkMac()) return std::nullopt;
    return rewrite();
  }

  /// After decrypt(). Nothing can be opened with it.
  std::string hashKey() const { return hmacSha256(key_.view(), "gantry.dev/hash"); }

  /// After decrypt(): why the file is none of manifests.
  std::optional<Diagnostic> notForManifests() const {
    return findUnmasked(yaml_, file_,
                        [&](const YamlNode& node) { return values_.contains(&node); });
  }

 private:
  std::nullopt_t fail(const YamlNode& at, std::string path, std::string message,
                      std::string hint = "") {
    diagnostics_.push_back({.where = {file_, at.line, at.column},
                            .path = std::move(path),
                            .message = std::move(message),
                            .hint = std::move(hint)});
    return std::nullopt;
  }

  bool error(const YamlNode& at, std::string path, std::string message, std::string hint = "") {
    fail(at, std::move(path), std::move(message), std::move(hint));
    return false;
  }

  std::string recipients() const {
    std::string names;
    for (const Metadata::Recipient& recipient : metadata_.recipients) {
      const bool whole = recipient.name.starts_with("age1") && recipient.name.size() <= 100 &&
                         std::ranges::all_of(recipient.name, [](char c) {
                           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
                         });
      if (whole) names += (names.empty() ? "" : ", ") + std::string(recipient.name);
    }
    return names;
  }

  bool findKey(const Identities* keys) {
    if (keys == nullptr) {
      return error(*metadata_.node, "", "the file is encrypted with SOPS, and no key is given",
                   kOption);
    }
    const YamlNode* damaged = nullptr;
    absl::Status reason;
    for (const Metadata::Recipient& recipient : metadata_.recipients) {
      absl::StatusOr<SecretBytes> key = decryptAge(recipient.encrypted, *keys);
      if (key.ok() && key->size() == kDataKeyBytes) {
        key_ = *std::move(key);
        return true;
      }
      if (key.ok()) key = absl::InvalidArgumentError("it does not hold a key of SOPS");
      if (damaged == nullptr || !absl::IsFailedPrecondition(key.status())) {
        damaged = recipient.node;
        reason = key.status();
      }
    }
    const std::string names = recipients();
    const bool others = absl::IsFailedPrecondition(reason);
    if (others && keys->areLimited()) {
      return error(*damaged, "sops.age", "none of the keys that the Project allows opens the file",
                   "encrypt it for one of spec.ageRecipients of the Project, or add its recipient "
                   "there" +
                       (names.empty() ? "" : "; the file is for " + names));
    }
    return error(*damaged, "sops.age", std::string(reason.message()),
                 !others         ? "encrypt the file again"
                 : names.empty() ? kOption
                                 : std::string(kOption) + "; the file is for " + names);
  }

  bool visit(const YamlNode& node, bool outermost) {
    const std::size_t shown = shown_.size();
    bool good = true;
    for (const YamlNode::Entry& entry : node.entries) {
      if (outermost && isMetadata(node, entry)) continue;
      path_.push_back(entry.key->text);
      shown_ += (shown_.empty() ? "" : ".") + entry.key->text;
      good = visit(*entry.value, false);
      shown_.resize(shown);
      path_.pop_back();
      if (!good) return false;
    }
    // Elements of a list have the path of the list.
    for (std::size_t i = 0; i < node.items.size() && good; ++i) {
      shown_ += "[" + std::to_string(i) + "]";
      good = visit(*node.items[i], false);
      shown_.resize(shown);
    }
    return good && (node.kind != Kind::kScalar || visitScalar(node));
  }

  bool visitScalar(const YamlNode& scalar) {
    if (!metadata_.scope.encrypts(path_)) {
      if (!metadata_.macOnlyEncrypted) hash_.add(macText(scalar));
      plain_.insert(&scalar);
      return true;
    }
    // SOPS leaves empty texts as they are.
    if (scalar.text.empty()) return true;
    std::string path;
    for (const std::string_view name : path_) path.append(name) += ':';
    absl::StatusOr<DecryptedValue> value = decryptValue(scalar.text, key_.view(), path);
    if (!value.ok()) {
      return error(scalar, shown_, std::string(value.status().message()),
                   "encrypt the file again with sops");
    }
    hash_.add(value->mac);
    values_.emplace(&scalar, *std::move(value));
    return true;
  }

  bool checkMac() {
    const absl::StatusOr<DecryptedValue> mac =
        decryptValue(metadata_.mac->text, key_.view(), metadata_.lastModified);
    if (!mac.ok()) {
      return error(*metadata_.mac, "sops.mac", std::string(mac.status().message()),
                   "it belongs to lastmodified; encrypt the file again with sops");
    }
    if (sameBytes(hash_.finish(), mac->text)) return true;
    return error(*metadata_.mac, "sops.mac",
                 "the file was changed after it was encrypted: its MAC is wrong",
                 "change such files with `sops edit` only");
  }

  /// An alias could bring an encrypted value to where the file says that nothing is secret; with
  /// mac_only_encrypted, nothing else would be wrong with it.
  bool checkAliases() {
    for (const YamlNode* scalar : plain_) {
      if (!values_.contains(scalar)) continue;
      return error(*scalar, "", "an alias repeats the encrypted value where nothing is encrypted",
                   "write no aliases in encrypted files");
    }
    return true;
  }

  std::optional<std::string> rewrite() {
    Rewriter rewriter(content_);
    for (const auto& [scalar, value] : values_) {
      if (!rewriter.replace(*scalar, value.plain ? value.text : jsonText(value.text))) {
        return fail(*scalar, "", "an encrypted value that is not written in one line",
                    "write it as sops does");
      }
    }
    for (const YamlFile::Document& document : yaml_.documents()) {
      for (const YamlNode::Entry& entry : document.root->entries) {
        if (isMetadata(*document.root, entry) && !rewriter.erase(entry)) {
          return fail(*entry.key, "", "the end of the field cannot be found");
        }
      }
    }
    std::string text = rewriter.finish();
    if (isRight(text)) return text;
    OPENSSL_cleanse(text.data(), text.size());
    return std::nullopt;
  }

  /// Reads the text again: what was put into it must mean what was decrypted, and nothing else.
  bool isRight(const std::string& text) {
    std::vector<Diagnostic> problems;
    const YamlFile changed(text, file_, limits_, problems);
    if (hasErrors(problems)) {
      std::ranges::move(problems, std::back_inserter(diagnostics_));
      return false;
    }
    const bool right = std::ranges::equal(
        changed.documents(), yaml_.documents(), [&](const auto& after, const auto& before) {
          return isDecryptionOf(*after.root, *before.root, values_, true);
        });
    return right || error(*metadata_.node, "", "the file is written in an unusual way",
                          "write it as sops does: decrypt and encrypt it once");
  }

  std::string_view content_;
  const YamlFile& yaml_;
  const std::string& file_;
  const DecodeLimits& limits_;
  std::vector<Diagnostic>& diagnostics_;
  Metadata metadata_;
  SecretBytes key_;
  Sha512 hash_;
  Values values_;
  /// Scalars that the file says are not encrypted.
  std::unordered_set<const YamlNode*> plain_;
  std::vector<std::string_view> path_;
  /// The same for people, with the numbers of list elements.
  std::string shown_;
};

/// The one value of a file of SOPS' binary format.
void takeData(Decrypted& result, const std::string& file, const DecodeLimits& limits) {
  std::vector<Diagnostic> problems;
  const YamlFile yaml(result.text, file, limits, problems);
  OPENSSL_cleanse(result.text.data(), result.text.size());
  result.text.clear();
  const auto& documents = yaml.documents();
  const YamlNode* data = documents.size() == 1 ? documents[0].root->find("data") : nullptr;
  if (data != nullptr && documents[0].root->entries.size() == 1 && data->kind == Kind::kScalar) {
    result.text = data->text;
  } else {
    result.diagnostics.push_back({.where = {file, 1, 1},
                                  .message = "not a file of SOPS' binary format",
                                  .hint = "end its name with .yaml or .json"});
  }
}

bool hasLine(std::string_view content, std::string_view beginning) {
  return content.starts_with(beginning) ||
         absl::StrContains(absl::string_view(content.data(), content.size()),
                           "\n" + std::string(beginning));
}

std::optional<Diagnostic> refuseFormat(std::string_view content, const std::string& file) {
  const bool marked = hasLine(content, "sops_mac=") || hasLine(content, "[sops]");
  if (!marked || content.find(kMark) == std::string_view::npos) return std::nullopt;
  return Diagnostic{.where = {file, 1, 1},
                    .message = "SOPS' formats .env and .ini are not supported",
                    .hint = "encrypt the values in a Secret in YAML"};
}

}  // namespace

Decrypted decryptFile(std::string_view content, const std::string& file, const Identities* keys,
                      const DecodeLimits& limits) {
  Decrypted result;
  // Most files are not encrypted, and need not be read twice.
  if (content.find(kName) == std::string_view::npos) return result;
  const bool binary = !isYamlOrJson(file);
  if (binary && !content.starts_with('{')) {
    if (std::optional<Diagnostic> refused = refuseFormat(content, file)) {
      result.encrypted = true;
      result.diagnostics.push_back(*std::move(refused));
    }
    return result;
  }
  std::vector<Diagnostic> problems;
  const YamlFile yaml(content, file, limits, problems);
  const auto isEncrypted = [](const YamlFile::Document& document) {
    return metadataOf(*document.root) != nullptr;
  };
  const auto first = std::ranges::find_if(yaml.documents(), isEncrypted);
  // What cannot be read must not be taken for plain text, either.
  result.encrypted = first != yaml.documents().end() ||
                     (hasErrors(problems) && content.find(kMark) != std::string_view::npos);
  if (!result.encrypted) return result;
  if (hasErrors(problems)) {
    result.diagnostics = std::move(problems);
    return result;
  }
  FileDecryptor decryptor(content, yaml, file, limits, result.diagnostics);
  std::optional<std::string> text = decryptor.decrypt(*metadataOf(*first->root), keys);
  if (!text) return result;
  result.text = *std::move(text);
  result.hashKey = decryptor.hashKey();
  if (binary) {
    takeData(result, file, limits);
    result.notForManifests = Diagnostic{.where = {file, 1, 1},
                                        .message = "SOPS' binary format holds no manifests",
                                        .hint = "name it among the files of a secretGenerator"};
  } else {
    result.notForManifests = decryptor.notForManifests();
  }
  return result;
}

}  // namespace gantry::manifests::sops
