// SPDX-License-Identifier: Apache-2.0
#include "manifests/sops/masked.h"

#include "absl/strings/str_cat.h"

namespace gantry::manifests::sops {
namespace {

class Search {
 public:
  Search(const std::string& file, const std::function<bool(const YamlNode&)>& isEncrypted)
      : file_(file), isEncrypted_(isEncrypted) {}

  std::optional<Diagnostic> inDocument(const YamlNode& root) const {
    if (!find(root, "", false)) return std::nullopt;
    const YamlNode* kind = root.find("kind");
    if (kind == nullptr) {
      return problem(root, "kind", "it is missing, and the file is encrypted",
                     "write `kind: Secret`: of other kinds, plans show the values");
    }
    if (kind->text != "Secret" && !isEncrypted_(*kind)) {
      return problem(*kind, "kind", "only a Secret may be encrypted: plans show what others hold",
                     "move the values to a Secret, and encrypt that with encrypted_regex "
                     "^(data|stringData)$");
    }
    return find(root, "", true);
  }

 private:
  Diagnostic problem(const YamlNode& at, std::string path, std::string message,
                     std::string hint) const {
    return {.where = {file_, at.line, at.column},
            .path = std::move(path),
            .message = std::move(message),
            .hint = std::move(hint)};
  }

  /// The first encrypted value, with the way to it; of a Secret, that is not masked.
  std::optional<Diagnostic> find(const YamlNode& node, const std::string& path,
                                 bool ofSecret) const {
    if (isEncrypted_(node)) {
      return problem(
          node, path, "it is encrypted, and plans show what stands here",
          "encrypt only what is secret, in a Secret: with encrypted_regex ^(data|stringData)$");
    }
    for (const YamlNode::Entry& entry : node.entries) {
      const std::string& name = entry.key->text;
      if (ofSecret && path.empty() && (name == "data" || name == "stringData")) continue;
      const std::string below = path.empty() ? name : absl::StrCat(path, ".", name);
      if (auto found = find(*entry.value, below, ofSecret)) return found;
    }
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      const std::string below = absl::StrCat(path, "[", i, "]");
      if (auto found = find(*node.items[i], below, ofSecret)) return found;
    }
    return std::nullopt;
  }

  const std::string& file_;
  const std::function<bool(const YamlNode&)>& isEncrypted_;
};

}  // namespace

std::optional<Diagnostic> findUnmasked(const YamlFile& yaml, const std::string& file,
                                       const std::function<bool(const YamlNode&)>& isEncrypted) {
  const Search search(file, isEncrypted);
  for (const YamlFile::Document& document : yaml.documents()) {
    if (auto found = search.inDocument(*document.root)) return found;
  }
  return std::nullopt;
}

}  // namespace gantry::manifests::sops
