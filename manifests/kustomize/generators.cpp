// SPDX-License-Identifier: Apache-2.0
#include "manifests/kustomize/generators.h"

#include <absl/strings/ascii.h>

#include <algorithm>

#include "manifests/decode/scalars.h"
#include "manifests/decode/source_text.h"
#include "manifests/kustomize/decrypted.h"
#include "manifests/kustomize/documents.h"

namespace gantry::manifests::kustomize {
namespace {

using Behavior = Generator::Behavior;

/// Keys of ConfigMaps and Secrets.
bool isKey(std::string_view key) {
  constexpr std::size_t kLongest = 253;
  return !key.empty() && key.size() <= kLongest && key != "." && key != ".." &&
         std::ranges::all_of(key, [](char c) {
           return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.';
         });
}

/// Base64 as Kustomize writes it: in lines of 70 if there is more than one. The name's hash is
/// computed over it.
std::string foldedBase64(const std::string& bytes) {
  constexpr std::size_t kLine = 70;
  std::string dense = encodeBase64(bytes);
  if (dense.size() < kLine) return dense;
  std::string folded;
  for (std::size_t at = 0; at < dense.size(); at += kLine) folded += dense.substr(at, kLine) + "\n";
  return folded;
}

bool isUtf8(std::string_view text) {
  // Control characters are fine in data.
  std::string plain(text);
  std::ranges::replace_if(plain, [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
  return !SourceText(plain).findUnreadable();
}

class Maker {
 public:
  Maker(const Generator& generator, const std::string& root, Build& build)
      : generator_(generator), root_(root), build_(build) {}

  std::optional<Object> make() {
    readEnvs();
    readLiterals();
    readFiles();
    if (!good_) return std::nullopt;
    Object object{Node::ofMap(generator_.where)};
    object.hashed = !generator_.options.disableNameSuffixHash;
    Node& root = object.root;
    root.set("apiVersion", text("v1"));
    root.set("kind", text(generator_.secret ? "Secret" : "ConfigMap"));
    root.set("metadata", metadata());
    if (generator_.secret) {
      root.set("type", text(generator_.type.value.empty() ? "Opaque" : generator_.type.value));
    }
    for (auto& [name, map] : {std::pair("data", &data_), std::pair("binaryData", &binary_)}) {
      std::ranges::sort(map->entries, {}, &Node::Entry::key);
      if (!map->entries.empty()) root.set(name, std::move(*map));
    }
    if (generator_.options.immutable) root.set("immutable", Node::ofPlain("true", root.where));
    return object;
  }

 private:
  Node text(std::string value) const { return Node::ofText(std::move(value), generator_.where); }

  Node metadata() const {
    Node metadata = Node::ofMap(generator_.where);
    metadata.set("name", Node::ofText(generator_.name.value, generator_.name.where));
    if (generator_.ns.given()) {
      metadata.set("namespace", Node::ofText(generator_.ns.value, generator_.ns.where));
    }
    for (const auto& [name, pairs] : {std::pair("labels", &generator_.options.labels),
                                      std::pair("annotations", &generator_.options.annotations)}) {
      Node map = Node::ofMap(generator_.where);
      for (const auto& [key, value] : *pairs) map.set(key, Node::ofText(value.value, value.where));
      if (!map.entries.empty()) metadata.set(name, std::move(map));
    }
    return metadata;
  }

  void fail(const Place& where, const char* field, std::string message, std::string hint) {
    good_ = build_.error(where, generator_.path + field, std::move(message), std::move(hint));
  }

  void add(const std::string& key, std::string value, const Place& where, const char* field,
           int encryptedFile = 0) {
    if (!isKey(key)) {
      return fail(where, field, inQuotes(key) + " cannot be a key",
                  "keys are letters, digits, '-', '_' and '.'");
    }
    if (data_.find(key) != nullptr || binary_.find(key) != nullptr) {
      return fail(where, field, "the key " + inQuotes(key) + " is set twice", "remove one of them");
    }
    if (!build_.spend(1 + value.size() / 64, where)) {
      good_ = false;
    } else if (generator_.secret) {
      Node secret = Node::ofText(foldedBase64(value), where);
      secret.decrypted = encryptedFile;
      data_.set(key, std::move(secret));
    } else if (isUtf8(value)) {
      data_.set(key, Node::ofText(std::move(value), where));
    } else {
      binary_.set(key, Node::ofText(foldedBase64(value), where));
    }
  }

  void readLiterals() {
    for (const Text& literal : generator_.literals) {
      const std::size_t equals = literal.value.find('=');
      if (equals == std::string::npos || equals == 0) {
        // Not shown: it may be a secret.
        fail(literal.where, ".literals", "not of the form key=value", "write it like LEVEL=info");
        continue;
      }
      std::string value = literal.value.substr(equals + 1);
      const bool isQuoted = value.size() > 1 && value.front() == value.back() &&
                            (value.front() == '"' || value.front() == '\'');
      if (isQuoted) value = value.substr(1, value.size() - 2);
      add(literal.value.substr(0, equals), std::move(value), literal.where, ".literals");
    }
  }

  /// The text of a file below the root; nothing, with an error.
  std::optional<std::string_view> read(const std::optional<std::string>& path, const Place& where,
                                       const char* field) {
    std::optional<std::string_view> content = path ? build_.read(*path) : std::nullopt;
    if (!content) {
      good_ = false;
    } else if (!generator_.secret && build_.isEncrypted(*path)) {
      fail(where, field, "the file is encrypted, and a ConfigMap would show it",
           "use a secretGenerator");
      return std::nullopt;
    }
    return content;
  }

  void readFiles() {
    for (const Text& entry : generator_.files) {
      const std::size_t equals = entry.value.find('=');
      const std::string name =
          equals == std::string::npos ? entry.value : entry.value.substr(equals + 1);
      const std::string key = equals == std::string::npos ? name.substr(name.rfind('/') + 1)
                                                          : entry.value.substr(0, equals);
      const auto path = fileBelow(root_, {name, entry.where}, generator_.path + ".files", build_);
      if (const auto content = read(path, entry.where, ".files")) {
        add(key, std::string(*content), entry.where, ".files", build_.numberOf(*path));
      }
    }
  }

  void readEnvs() {
    for (const Text& entry : generator_.envs) {
      const auto path = fileBelow(root_, entry, generator_.path + ".envs", build_);
      const auto content = read(path, entry.where, ".envs");
      if (!content) continue;
      if (build_.isEncrypted(*path)) {
        // Even one that is not what it seems: a password alone would be a key.
        fail(entry.where, ".envs", "the file is encrypted, and plans would show the names in it",
             "use files, or encrypt a Secret with the values in its stringData");
        continue;
      }
      const auto file = build_.files().find(*path);
      const SourceText source(*content);
      for (int number = 1; number <= source.lineCount(); ++number) {
        readEnvLine(source.line(number), {&file->first, number, 1});
      }
    }
  }

  void readEnvLine(std::string_view line, const Place& where) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (where.line == 1 && line.starts_with(kByteOrderMark)) {
      line.remove_prefix(kByteOrderMark.size());
    }
    line.remove_prefix(std::min(line.find_first_not_of(" \t\v\f\r"), line.size()));
    if (line.empty() || line[0] == '#') return;
    const std::size_t equals = line.find('=');
    const std::string value =
        equals == std::string_view::npos ? std::string() : std::string(line.substr(equals + 1));
    add(std::string(line.substr(0, equals)), value, where, ".envs");
  }

  const Generator& generator_;
  const std::string& root_;
  Build& build_;
  Node data_ = Node::ofMap(generator_.where);
  Node binary_ = Node::ofMap(generator_.where);
  bool good_ = true;
};

/// What the older one has and the newer has not.
void inherit(Node& newer, const Node& older) {
  for (const Node::Entry& entry : older.entries) {
    if (newer.find(entry.key) == nullptr) newer.at(entry.key, entry.where) = entry.value;
  }
}

void inheritMap(Node& newer, const Node* older, std::string_view field) {
  const Node* map = older == nullptr ? nullptr : older->find(field);
  if (map != nullptr && map->isMap()) inherit(newer.at(field, map->where), *map);
}

/// The new one in the place of the old one: its name, namespace, history, labels and annotations,
/// and, merged, its data.
void takeOver(Object& made, const Object& old, Behavior behavior) {
  const Node* metadata = old.root.find("metadata");
  Node& own = made.root.at("metadata", made.root.where);
  inheritMap(own, metadata, "labels");
  inheritMap(own, metadata, "annotations");
  own.set("name", *metadata->find("name"));
  own.erase("namespace");
  if (const Node* ns = metadata->find("namespace")) own.set("namespace", *ns);
  made.previous = old.previous;
  made.prefixes = old.prefixes;
  made.suffixes = old.suffixes;
  made.hashed = made.hashed && old.hashed;
  if (behavior != Behavior::kMerge) return;
  inheritMap(made.root, &old.root, "data");
  inheritMap(made.root, &old.root, "binaryData");
  for (const char* field : {"data", "binaryData"}) {
    if (Node* map = made.root.find(field)) std::ranges::sort(map->entries, {}, &Node::Entry::key);
  }
}

}  // namespace

bool generate(ObjectSet& set, const Generator& generator, const std::string& root, Build& build) {
  std::optional<Object> made = Maker(generator, root, build).make();
  if (!made) return false;
  const ObjectId id = made->id();
  Object* old = nullptr;
  for (const auto& object : set.objects()) {
    if (!object->isOrWas(id)) continue;
    if (old != nullptr) {
      return build.error(generator.where, generator.path + ".name",
                         id.toString() + " was the name of several objects",
                         "give this one a name of its own");
    }
    old = object.get();
  }
  if (generator.behavior == Behavior::kCreate) {
    if (old == nullptr) return set.add(std::make_unique<Object>(*std::move(made)), build);
    return build.error(
        generator.where, generator.path + ".name",
        id.toString() + " is also defined at " + old->root.where.location().toString(),
        "add `behavior: merge` or `behavior: replace`, or rename it");
  }
  if (old == nullptr) {
    return build.error(generator.where, generator.path + ".behavior",
                       "there is no " + id.toString() + " to be merged or replaced",
                       "compare its name and namespace with the resources, or remove behavior");
  }
  takeOver(*made, *old, generator.behavior);
  if (!keepsDecrypted(*made, generator.where, build)) return false;
  *old = *std::move(made);
  return true;
}

}  // namespace gantry::manifests::kustomize
