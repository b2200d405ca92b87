// SPDX-License-Identifier: Apache-2.0
#include "manifests/kustomize/patches.h"

#include <re2/re2.h>

#include <algorithm>

#include "manifests/kustomize/decrypted.h"
#include "manifests/kustomize/documents.h"
#include "manifests/kustomize/json_patch.h"
#include "manifests/kustomize/pattern.h"
#include "manifests/kustomize/strategic_merge.h"

namespace gantry::manifests::kustomize {
namespace {

using google::protobuf::Descriptor;

const Descriptor* typeOf(const Object& object) {
  const Kind* kind = findKind(object.root.textOf("apiVersion"), object.kind());
  return kind == nullptr ? nullptr : kind->descriptor;
}

class Patcher {
 public:
  Patcher(ObjectSet& set, const Patch& patch, const std::string& root, Build& build)
      : set_(set), patch_(patch), root_(root), build_(build) {}

  bool apply() {
    std::optional<std::vector<Node>> documents = read();
    if (!documents) return false;
    if (documents->empty()) {
      return build_.error(at(), patch_.path, "the patch is empty", "remove it, or write it");
    }
    if (documents->size() == 1 && documents->front().isList()) {
      if (patch_.form != Patch::Form::kStrategic) return applyJson(documents->front());
      return build_.error(at(), patch_.path, "a JSON patch cannot stand here",
                          "move it to patches, with a target");
    }
    if (patch_.form == Patch::Form::kJson) {
      return build_.error(at(), patch_.path, "not a list of operations",
                          "move a strategic merge patch to patches");
    }
    return applyStrategic(*documents);
  }

 private:
  const Place& at() const { return patch_.file.given() ? patch_.file.where : patch_.text.where; }

  std::optional<std::vector<Node>> read() {
    if (patch_.text.given()) return readInline(patch_.text, build_);
    const bool entry = patch_.form == Patch::Form::kStrategic;
    const std::optional<std::string> file =
        fileBelow(root_, patch_.file, patch_.path + (entry ? "" : ".path"), build_);
    return file ? readDocuments(*file, build_) : std::nullopt;
  }

  /// What the target selects; nothing, with an error, if that cannot be said.
  std::optional<std::vector<Object*>> selected() {
    Selector target = *patch_.target;
    if (patch_.form == Patch::Form::kJson) quoteAll(target);
    const auto matcher = Matcher::compile(target, patch_.path + ".target", build_);
    if (!matcher) return std::nullopt;
    std::vector<Object*> objects;
    for (const auto& object : set_.objects()) {
      if (matcher->selects(*object)) objects.push_back(object.get());
    }
    if (!objects.empty()) return objects;
    if (patch_.form == Patch::Form::kJson) {
      build_.error(target.where, patch_.path + ".target", "it selects no object",
                   "compare it with the resources");
      return std::nullopt;
    }
    build_.warn(target.where, patch_.path + ".target", "it selects no object",
                "compare it with the resources, or remove the patch");
    return objects;
  }

  /// The older form names its target to the letter.
  static void quoteAll(Selector& selector) {
    for (Text* text :
         {&selector.group, &selector.version, &selector.kind, &selector.name, &selector.ns}) {
      text->value = RE2::QuoteMeta(text->value);
    }
  }

  bool applyJson(const Node& operations) {
    if (!patch_.target) {
      return build_.error(at(), patch_.path, "a JSON patch needs a target",
                          "add `target: {kind: …, name: …}`");
    }
    const auto patch = JsonPatch::read(operations, build_);
    if (!patch) return false;
    const auto objects = selected();
    if (!objects) return false;
    for (Object* object : *objects) {
      object->remember();
      if (!patch->apply(object->root, build_) || !keepsDecrypted(*object, at(), build_)) {
        return false;
      }
      if (object->name().empty() || object->kind().empty()) {
        return build_.error(at(), patch_.path, "it leaves an object without its name or kind",
                            "use $patch: delete in a strategic merge patch to remove an object");
      }
    }
    return true;
  }

  bool applyStrategic(const std::vector<Node>& documents) {
    if (!patch_.target) {
      for (const Node& document : documents) {
        if (!applyToNamed(document)) return false;
      }
      return dropDeleted();
    }
    if (documents.size() > 1) {
      return build_.error(at(), patch_.path, "several patches cannot share a target",
                          "give each an entry of its own, or remove the target");
    }
    const auto objects = selected();
    if (!objects) return false;
    for (Object* object : *objects) {
      if (!merge(*object, documents.front())) return false;
    }
    return dropDeleted();
  }

  bool applyToNamed(const Node& document) {
    const Object named{document};
    if (!document.isMap() || named.name().empty() || named.kind().empty()) {
      return build_.error(document.where, patch_.path,
                          "neither a target nor the object that it names says what it changes",
                          "add apiVersion, kind and metadata.name to it, or a target beside it");
    }
    const ObjectId id = named.id();
    Object* found = nullptr;
    for (const auto& object : set_.objects()) {
      if (!object->isOrWas(id)) continue;
      if (found != nullptr) {
        return build_.error(document.where, patch_.path,
                            id.toString() + " was the name of several objects",
                            "use a target that selects one of them");
      }
      found = object.get();
    }
    if (found != nullptr) return merge(*found, document);
    return build_.error(document.where, patch_.path,
                        "there is no " + id.toString() + " (" +
                            std::string(document.textOf("apiVersion")) + ") to be patched",
                        "compare its apiVersion, kind, name and namespace with the resources");
  }

  bool merge(Object& object, const Node& patch) {
    const ObjectId before = object.id();
    if (patch_.allowNameChange || patch_.allowKindChange) object.remember();
    const std::string apiVersion(object.root.textOf("apiVersion"));
    const Merged outcome = mergePatch(object.root, patch, typeOf(object), build_);
    if (outcome == Merged::kFailed) return false;
    if (outcome == Merged::kDeleted) {
      deleted_.push_back(&object);
      return true;
    }
    keepIdentity(object, before, apiVersion, patch.where);
    return keepsDecrypted(object, patch.where, build_);
  }

  /// A patch that was aimed by its target may carry any name: it is not a new one.
  void keepIdentity(Object& object, const ObjectId& before, const std::string& apiVersion,
                    const Place& where) {
    const auto restore = [&](Node& map, const char* field, const std::string& value) {
      if (map.textOf(field) != value) map.set(field, Node::ofText(value, where));
    };
    // Which allowKindChange does not speak of.
    restore(object.root, "apiVersion", apiVersion);
    if (!patch_.allowKindChange) restore(object.root, "kind", before.kind);
    Node& metadata = object.root.at("metadata", where);
    if (!patch_.allowNameChange) restore(metadata, "name", before.name);
    if (before.ns.empty()) {
      metadata.erase("namespace");
    } else {
      restore(metadata, "namespace", before.ns);
    }
  }

  bool dropDeleted() {
    if (deleted_.empty()) return true;
    set_.removeIf([&](const Object& object) {
      return std::ranges::find(deleted_, &object) != deleted_.end();
    });
    deleted_.clear();
    return true;
  }

  ObjectSet& set_;
  const Patch& patch_;
  const std::string& root_;
  Build& build_;
  std::vector<const Object*> deleted_;
};

}  // namespace

bool applyPatch(ObjectSet& set, const Patch& patch, const std::string& root, Build& build) {
  return Patcher(set, patch, root, build).apply();
}

}  // namespace gantry::manifests::kustomize
