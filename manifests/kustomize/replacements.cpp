// SPDX-License-Identifier: Apache-2.0
#include "manifests/kustomize/replacements.h"

#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>

#include <algorithm>

#include "manifests/kustomize/decrypted.h"
#include "manifests/kustomize/pattern.h"
#include "manifests/kustomize/value_path.h"

namespace gantry::manifests::kustomize {
namespace {

constexpr const char* kDefaultField = "metadata.name";
/// A part that is there, or is not, would tell what the whole is.
constexpr const char* kWholeOnly = "an encrypted value is not taken apart";
constexpr const char* kTakeWhole = "remove delimiter, and encrypt the parts as values of their own";

class Replacer {
 public:
  Replacer(ObjectSet& set, const Replacement& replacement, Build& build)
      : set_(set), replacement_(replacement), build_(build) {}

  bool apply() {
    const std::optional<Node> value = sourceValue();
    if (!value) return false;
    for (const Replacement::Target& target : replacement_.targets) {
      if (!applyTo(target, *value)) return false;
    }
    return true;
  }

 private:
  std::string sourceField() const {
    return replacement_.sourcePath.value.empty() ? kDefaultField : replacement_.sourcePath.value;
  }

  Object* source() {
    Object* found = nullptr;
    for (const auto& object : set_.objects()) {
      if (!isSource(*object)) continue;
      if (found != nullptr) {
        build_.error(replacement_.source.where, replacement_.path + ".source",
                     "it selects several objects, among them " + found->id().toString() + " and " +
                         object->id().toString(),
                     "add kind, name or namespace");
        return nullptr;
      }
      found = object.get();
    }
    if (found == nullptr) {
      build_.error(replacement_.source.where, replacement_.path + ".source", "it selects no object",
                   "compare it with the resources");
    }
    return found;
  }

  bool isSource(const Object& object) const {
    const auto same = [](const Text& wanted, const std::string& own) {
      return wanted.value.empty() || wanted.value == own;
    };
    const Selector& wanted = replacement_.source;
    return std::ranges::any_of(object.ids(), [&](const ObjectId& id) {
      return same(wanted.group, id.group) && same(wanted.version, id.version) &&
             same(wanted.kind, id.kind) && same(wanted.name, id.name) &&
             same(wanted.ns, id.effectiveNamespace());
    });
  }

  std::optional<Node> sourceValue() {
    Object* object = source();
    if (object == nullptr) return std::nullopt;
    const Place& where =
        replacement_.sourcePath.given() ? replacement_.sourcePath.where : replacement_.source.where;
    const std::string path = replacement_.path + ".source.fieldPath";
    const auto fail = [&](std::string message, std::string hint) {
      build_.error(where, path, std::move(message), std::move(hint));
      return std::nullopt;
    };
    const std::vector<Node*> found =
        followPath(object->root, splitFieldPath(sourceField()), false, where);
    if (found.empty() || found.front()->isNull()) {
      return fail(object->id().toString() + " has no field " + inQuotes(sourceField()),
                  "compare it with " + object->root.where.location().toString());
    }
    if (!build_.spend(weightOf(*found.front()), where)) return std::nullopt;
    Node value = *found.front();
    const PartOptions& options = replacement_.sourceOptions;
    if (options.delimiter.value.empty()) return value;
    if (holdsDecrypted(value)) return fail(kWholeOnly, kTakeWhole);
    if (!value.isScalar()) return fail("only a text has parts", "remove delimiter");
    const std::vector<std::string> parts = absl::StrSplit(value.text, options.delimiter.value);
    if (options.index < 0 || options.index >= static_cast<int>(parts.size())) {
      return fail("there is no part " + std::to_string(options.index) + " in the value",
                  "it has " + std::to_string(parts.size()) + "; the first is 0");
    }
    value.text = parts[static_cast<std::size_t>(options.index)];
    return value;
  }

  bool applyTo(const Replacement::Target& target, const Node& value) {
    const auto select = Matcher::compile(target.select, target.path + ".select", build_);
    if (!select) return false;
    std::vector<Matcher> reject;
    for (const Selector& selector : target.reject) {
      const auto matcher = Matcher::compile(selector, target.path + ".reject", build_);
      if (!matcher) return false;
      if (!matcher->isEmpty()) reject.push_back(*matcher);
    }
    bool any = false;
    for (const auto& object : set_.objects()) {
      if (!select->selectsAny(*object)) continue;
      any = true;
      const bool rejected = std::ranges::any_of(
          reject, [&](const Matcher& matcher) { return matcher.selectsAny(*object); });
      if (!rejected && !applyToObject(*object, target, value)) return false;
    }
    if (!any) {
      build_.warn(target.select.where, target.path + ".select", "it selects no object",
                  "compare it with the resources");
    }
    return true;
  }

  bool applyToObject(Object& object, const Replacement::Target& target, const Node& value) {
    std::vector<Text> paths = target.fieldPaths;
    if (paths.empty()) paths.push_back({kDefaultField, target.where});
    for (const Text& path : paths) {
      if (!applyToField(object, target, path, value) ||
          !keepsDecrypted(object, path.where, build_)) {
        return false;
      }
    }
    return true;
  }

  bool applyToField(Object& object, const Replacement::Target& target, const Text& path,
                    const Node& value) {
    const std::vector<std::string> steps = splitFieldPath(path.value);
    const std::string fieldPaths = target.path + ".fieldPaths";
    if (steps.empty()) return build_.error(path.where, fieldPaths, "the path is empty", "write it");
    if (steps.size() + heightOf(value) > build_.limits().file.maxDepth) {
      return build_.error(path.where, fieldPaths, "nested too deep",
                          "no kind needs so many levels");
    }
    // Labels and annotations are texts, also where a number is put into a new one.
    const bool isText = steps.front() == "metadata";
    const bool renames = path.value == kDefaultField || path.value == "metadata.namespace";
    if (renames) object.remember();
    const std::vector<Node*> fields =
        followPath(object.root, steps, target.options.create, path.where);
    if (fields.empty()) {
      return build_.error(path.where, fieldPaths,
                          object.id().toString() + " has no field " + inQuotes(path.value),
                          "compare it with " + object.root.where.location().toString() +
                              ", or add `options: {create: true}`");
    }
    for (Node* field : fields) {
      if (!write(*field, target, path, value)) return false;
      if (isText) field->plain = false;
    }
    return true;
  }

  bool write(Node& field, const Replacement::Target& target, const Text& path, const Node& value) {
    const PartOptions& options = target.options;
    Node written = value;
    if (!options.delimiter.value.empty()) {
      if (holdsDecrypted(value) || holdsDecrypted(field)) {
        return build_.error(path.where, target.path + ".options.delimiter", kWholeOnly, kTakeWhole);
      }
      if (!value.isScalar() || !(field.isScalar() || field.isNull())) {
        return build_.error(path.where, target.path + ".options.delimiter", "only a text has parts",
                            "remove delimiter");
      }
      written.text = withPart(field.text, value.text, options);
      if (written.text.size() > build_.limits().file.maxBytes) {
        return build_.error(path.where, target.path, "the text becomes longer than a file may be",
                            "the replacements put it together from itself");
      }
    }
    if (!build_.spend(weightOf(written), path.where)) return false;
    if (field.isScalar() && written.isScalar()) {
      // What was text stays text, so that a port number can go into a variable's value.
      const bool plain = field.plain && field.type() != ScalarType::kText;
      written.plain = plain;
    }
    field = std::move(written);
    // Of a secret, errors name the place that it comes from.
    if (!holdsDecrypted(field)) field.where = path.where;
    return true;
  }

  static std::string withPart(const std::string& text, const std::string& part,
                              const PartOptions& options) {
    std::vector<std::string> parts = absl::StrSplit(text, options.delimiter.value);
    if (options.index < 0) {
      parts.insert(parts.begin(), part);
    } else if (options.index >= static_cast<int>(parts.size())) {
      parts.push_back(part);
    } else {
      parts[static_cast<std::size_t>(options.index)] = part;
    }
    return absl::StrJoin(parts, options.delimiter.value);
  }

  ObjectSet& set_;
  const Replacement& replacement_;
  Build& build_;
};

}  // namespace

bool applyReplacement(ObjectSet& set, const Replacement& replacement, Build& build) {
  return Replacer(set, replacement, build).apply();
}

}  // namespace gantry::manifests::kustomize
