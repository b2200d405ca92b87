// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "manifests/kustomize/build.h"

namespace gantry::manifests::kustomize {

/// What an object is called, at one point of the rendering.
struct ObjectId {
  std::string group, version, kind, name;
  /// As written; empty if it names none.
  std::string ns;

  /// "" and "default" are one namespace; what is cluster-scoped has none.
  std::string effectiveNamespace() const;
  bool isClusterScoped() const;
  bool operator==(const ObjectId& other) const;
  /// Unique in a set.
  std::string key() const;
  /// "Deployment web", "Deployment shop/web".
  std::string toString() const;
};

/// An object on its way through the kustomizations.
struct Object {
  Node root;
  /// What it was called before each change of its name or namespace; oldest first.
  std::vector<ObjectId> previous = {};
  /// Those that were given to its name, innermost first.
  std::vector<std::string> prefixes = {}, suffixes = {};
  /// A hash of its content becomes part of its name.
  bool hashed = false;

  ObjectId id() const;
  ObjectId original() const { return previous.empty() ? id() : previous.front(); }
  /// The one it has and those it had.
  std::vector<ObjectId> ids() const;
  /// To be called before its name or namespace changes.
  void remember() { previous.push_back(id()); }
  /// Whether `wanted` is, or was, its own.
  bool isOrWas(const ObjectId& wanted) const;

  std::string_view kind() const { return root.textOf("kind"); }
  std::string_view name() const;
  std::string_view ns() const;
  const Node* metadata(std::string_view field) const;
  /// metadata.name, which every object has.
  Node& nameNode();
};

/// The objects of a kustomization, in order. Addresses stay when objects are added.
class ObjectSet {
 public:
  using List = std::vector<std::unique_ptr<Object>>;

  /// False, with an error, if one of that name is there.
  bool add(std::unique_ptr<Object> object, Build& build);
  bool addAll(ObjectSet& others, Build& build);
  /// Names have changed: checks that they still differ.
  bool checkNames(const std::string& path, const Place& where, Build& build);
  void removeIf(const std::function<bool(const Object&)>& unwanted);

  List& objects() { return objects_; }
  const List& objects() const { return objects_; }
  std::size_t size() const { return objects_.size(); }

 private:
  void index();

  List objects_;
  /// By key; empty when names may have changed since.
  std::unordered_map<std::string, const Object*> byKey_;
};

/// The group and version of "apps/v1"; the group of "v1" is empty.
std::pair<std::string_view, std::string_view> splitApiVersion(std::string_view apiVersion);

}  // namespace gantry::manifests::kustomize
