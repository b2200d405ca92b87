// SPDX-License-Identifier: Apache-2.0
#include "manifests/kustomize/references.h"

#include <algorithm>
#include <unordered_map>

#include "manifests/kustomize/field_spec.h"

namespace gantry::manifests::kustomize {
namespace {

using Candidates = std::vector<const Object*>;

bool isOfKind(const ObjectId& id, const FieldSpec& target) {
  return id.kind == target.kind && (target.group.empty() || id.group == target.group) &&
         (target.version.empty() || id.version == target.version);
}

/// Whether the shorter list is the end of the longer.
bool sameEnd(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  const std::size_t common = std::min(a.size(), b.size());
  return std::equal(a.end() - static_cast<std::ptrdiff_t>(common), a.end(),
                    b.end() - static_cast<std::ptrdiff_t>(common));
}

/// Whether the two went through the same kustomizations, as far as their names tell. A name that
/// was never changed goes with all if `orEmpty`.
bool sameContext(const Object& a, const Object& b, bool orEmpty) {
  const auto same = [&](const std::vector<std::string>& one,
                        const std::vector<std::string>& other) {
    if (one.empty() || other.empty()) return orEmpty || one.size() == other.size();
    return sameEnd(one, other);
  };
  return same(a.prefixes, b.prefixes) && same(a.suffixes, b.suffixes);
}

class Updater {
 public:
  Updater(ObjectSet& set, Build& build) : set_(set), build_(build) {
    for (const auto& object : set.objects()) {
      for (const ObjectId& id : object->previous) {
        Candidates& known = byEarlierName_[id.name];
        if (known.empty() || known.back() != object.get()) known.push_back(object.get());
      }
    }
  }

  bool run() {
    for (const auto& object : set_.objects()) {
      for (const NameReference& reference : nameReferences()) {
        for (const FieldSpec& field : reference.fields) {
          if (field.kind != object->kind()) continue;
          visitField(*object, field, object->root.where,
                     [&](Node& node) { update(node, *object, reference.target, field); });
        }
      }
    }
    return good_;
  }

 private:
  void update(Node& node, const Object& referrer, const FieldSpec& target, const FieldSpec& field) {
    if (node.isScalar()) {
      const Object* found = select(node, node.text, referrer, target, field, nullptr);
      if (found != nullptr && found->name() != node.text) {
        node = Node::ofText(std::string(found->name()), node.where);
      }
    } else if (node.isList()) {
      for (Node& item : node.items) update(item, referrer, target, field);
    } else if (node.isMap()) {
      updateMap(node, referrer, target, field);
    }
  }

  /// A subject of a binding: a name with a namespace beside it.
  void updateMap(Node& node, const Object& referrer, const FieldSpec& target,
                 const FieldSpec& field) {
    const Node* name = node.find("name");
    if (name == nullptr || !name->isScalar()) return;
    const Node* ns = node.find("namespace");
    const Object* found = select(*name, name->text, referrer, target, field, ns);
    if (found == nullptr) return;
    node.set("name", Node::ofText(std::string(found->name()), name->where));
    if (!found->ns().empty()) {
      node.set("namespace", Node::ofText(std::string(found->ns()), node.where));
    }
  }

  const Object* select(const Node& at, const std::string& name, const Object& referrer,
                       const FieldSpec& target, const FieldSpec& field, const Node* ns) {
    const auto known = byEarlierName_.find(name);
    if (known == byEarlierName_.end()) return nullptr;
    Candidates candidates;
    for (const Object* object : known->second) {
      if (fits(*object, name, referrer, target, field, ns)) candidates.push_back(object);
    }
    for (const bool orEmpty : {true, false}) {
      if (candidates.size() > 1) {
        std::erase_if(candidates, [&](const Object* object) {
          return !sameContext(*object, referrer, orEmpty);
        });
      }
    }
    if (candidates.empty()) return nullptr;
    const bool oneName = std::ranges::all_of(candidates, [&](const Object* object) {
      return object->name() == candidates.front()->name() &&
             (ns == nullptr || object->ns() == candidates.front()->ns());
    });
    if (oneName) return candidates.front();
    good_ = build_.error(at.where, field.path,
                         inQuotes(name) + " may be " + candidates[0]->id().toString() + " or " +
                             candidates[1]->id().toString(),
                         "give them different names in their bases");
    return nullptr;
  }

  static bool fits(const Object& object, const std::string& name, const Object& referrer,
                   const FieldSpec& target, const FieldSpec& field, const Node* ns) {
    const bool named = std::ranges::any_of(object.previous, [&](const ObjectId& id) {
      return id.name == name && isOfKind(id, target);
    });
    if (!named) return false;
    if (field.path.ends_with("roleRef/name")) {
      const Node* role = referrer.root.find("roleRef");
      if (role != nullptr && role->textOf("kind") != object.kind()) return false;
    }
    const ObjectId own = object.id();
    if (ns != nullptr && ns->text != object.original().effectiveNamespace() &&
        ns->text != own.effectiveNamespace()) {
      return false;
    }
    const ObjectId other = referrer.id();
    return own.isClusterScoped() || other.isClusterScoped() || own.kind == "ServiceAccount" ||
           own.effectiveNamespace() == other.effectiveNamespace();
  }

  ObjectSet& set_;
  Build& build_;
  std::unordered_map<std::string, Candidates> byEarlierName_;
  bool good_ = true;
};

}  // namespace

bool updateReferences(ObjectSet& set, Build& build) {
  return Updater(set, build).run();
}

}  // namespace gantry::manifests::kustomize
