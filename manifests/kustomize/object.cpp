// SPDX-License-Identifier: Apache-2.0
#include "manifests/kustomize/object.h"

#include <algorithm>

namespace gantry::manifests::kustomize {
namespace {

/// Kinds of Kubernetes that have no namespace; those of the schema say so themselves.
constexpr std::string_view kClusterScoped[] = {"APIService",
                                               "ClusterRole",
                                               "ClusterRoleBinding",
                                               "CustomResourceDefinition",
                                               "IngressClass",
                                               "Namespace",
                                               "MutatingWebhookConfiguration",
                                               "Node",
                                               "PersistentVolume",
                                               "PriorityClass",
                                               "RuntimeClass",
                                               "StorageClass",
                                               "ValidatingWebhookConfiguration"};

bool isClusterScopedKind(std::string_view apiVersion, std::string_view kind) {
  if (const Kind* known = findKind(apiVersion, kind)) return known->info->cluster_scoped();
  return std::ranges::count(kClusterScoped, kind) > 0;
}

}  // namespace

std::pair<std::string_view, std::string_view> splitApiVersion(std::string_view apiVersion) {
  const std::size_t slash = apiVersion.find('/');
  if (slash == std::string_view::npos) return {{}, apiVersion};
  return {apiVersion.substr(0, slash), apiVersion.substr(slash + 1)};
}

bool ObjectId::isClusterScoped() const {
  return isClusterScopedKind(group.empty() ? version : group + "/" + version, kind);
}

std::string ObjectId::effectiveNamespace() const {
  if (isClusterScoped()) return "";
  return ns.empty() ? "default" : ns;
}

bool ObjectId::operator==(const ObjectId& other) const {
  return name == other.name && kind == other.kind && group == other.group &&
         version == other.version && effectiveNamespace() == other.effectiveNamespace();
}

std::string ObjectId::key() const {
  return group + "/" + version + "/" + kind + "/" + effectiveNamespace() + "/" + name;
}

std::string ObjectId::toString() const {
  return kind + " " + (ns.empty() ? "" : ns + "/") + name;
}

const Node* Object::metadata(std::string_view field) const {
  const Node* metadata = root.find("metadata");
  return metadata == nullptr ? nullptr : metadata->find(field);
}

std::string_view Object::name() const {
  const Node* node = metadata("name");
  return node == nullptr ? std::string_view() : std::string_view(node->text);
}

std::string_view Object::ns() const {
  const Node* node = metadata("namespace");
  return node == nullptr ? std::string_view() : std::string_view(node->text);
}

Node& Object::nameNode() {
  return root.at("metadata", root.where).at("name", root.where);
}

ObjectId Object::id() const {
  const auto [group, version] = splitApiVersion(root.textOf("apiVersion"));
  return {std::string(group), std::string(version), std::string(kind()), std::string(name()),
          std::string(ns())};
}

std::vector<ObjectId> Object::ids() const {
  std::vector<ObjectId> all = previous;
  all.push_back(id());
  return all;
}

bool Object::isOrWas(const ObjectId& wanted) const {
  // Most are another name: not worth making an id of.
  return (name() == wanted.name && id() == wanted) || std::ranges::count(previous, wanted) > 0;
}

bool ObjectSet::add(std::unique_ptr<Object> object, Build& build) {
  if (objects_.size() >= build.limits().maxObjects) {
    return build.error(object->root.where, "",
                       "more than " + std::to_string(build.limits().maxObjects) + " objects",
                       "split the kustomization into several Applications");
  }
  if (byKey_.empty()) index();
  const auto [known, fresh] = byKey_.emplace(object->id().key(), object.get());
  if (!fresh) {
    return build.error(object->root.where, "metadata.name",
                       object->id().toString() + " is also defined at " +
                           known->second->root.where.location().toString(),
                       "remove or rename one of them");
  }
  objects_.push_back(std::move(object));
  return true;
}

bool ObjectSet::addAll(ObjectSet& others, Build& build) {
  bool good = true;
  for (std::unique_ptr<Object>& object : others.objects_) {
    good = add(std::move(object), build) && good;
  }
  others.objects_.clear();
  return good;
}

bool ObjectSet::checkNames(const std::string& path, const Place& where, Build& build) {
  byKey_.clear();
  for (const auto& object : objects_) {
    const auto [known, fresh] = byKey_.emplace(object->id().key(), object.get());
    if (fresh) continue;
    return build.error(where, path,
                       "two objects become " + object->id().toString() + ", those at " +
                           known->second->root.where.location().toString() + " and " +
                           object->root.where.location().toString(),
                       "remove or rename one of them");
  }
  return true;
}

void ObjectSet::removeIf(const std::function<bool(const Object&)>& unwanted) {
  std::erase_if(objects_, [&](const auto& object) { return unwanted(*object); });
  byKey_.clear();
}

void ObjectSet::index() {
  for (const auto& object : objects_) byKey_.emplace(object->id().key(), object.get());
}

}  // namespace gantry::manifests::kustomize
