// SPDX-License-Identifier: Apache-2.0
#include "manifests/kustomize/transformers.h"

#include <algorithm>

#include "manifests/kustomize/field_spec.h"

namespace gantry::manifests::kustomize {
namespace {

void setPairs(Object& object, const FieldSpec& spec, const Pairs& pairs) {
  if (pairs.empty()) return;
  visitField(object, spec, pairs.begin()->second.where, [&](Node& map) {
    if (!map.isMap() && !map.isNull()) return;
    for (const auto& [key, text] : pairs) map.set(key, Node::ofText(text.value, text.where));
  });
}

bool isBinding(const Object& object) {
  return object.kind() == "RoleBinding" || object.kind() == "ClusterRoleBinding";
}

void setSubjectNamespaces(Object& object, const Text& ns) {
  Node* subjects = object.root.find("subjects");
  if (subjects == nullptr) return;
  for (Node& subject : subjects->items) {
    if (subject.textOf("name") == "default") {
      subject.set("namespace", Node::ofText(ns.value, ns.where));
    }
  }
}

/// Kinds whose names others know by heart.
bool keepsItsName(const ObjectId& id) {
  return id.kind == "Namespace" || id.kind == "CustomResourceDefinition" || id.kind == "APIService";
}

void rename(Object& object, const Text& affix, const std::string& prefix,
            const std::string& suffix) {
  object.remember();
  Node& name = object.nameNode();
  name = Node::ofText(prefix + name.text + suffix, affix.where);
}

struct ImageName {
  std::string name, tag, digest;
};

/// "registry:5000/web:1@sha256:…" in its parts.
ImageName splitImage(const std::string& image) {
  ImageName parts;
  const std::size_t at = image.find('@');
  if (at != std::string::npos) parts.digest = image.substr(at + 1);
  const std::string named = image.substr(0, at);
  // A colon before the first slash belongs to a port.
  const std::size_t slash = named.find('/');
  const std::size_t colon = named.find(':', slash == std::string::npos ? 0 : slash);
  parts.name = named.substr(0, colon);
  if (colon != std::string::npos) parts.tag = named.substr(colon + 1);
  return parts;
}

std::string newImage(const Image& image, ImageName parts) {
  if (!image.newName.value.empty()) parts.name = image.newName.value;
  if (!image.newTag.value.empty() || !image.digest.value.empty()) {
    parts.tag = image.newTag.value;
    parts.digest = image.digest.value;
  } else if (!image.tagSuffix.value.empty()) {
    parts.tag += image.tagSuffix.value;
    parts.digest.clear();
  }
  return parts.name + (parts.tag.empty() ? "" : ":" + parts.tag) +
         (parts.digest.empty() ? "" : "@" + parts.digest);
}

/// How many there are of that name.
int setImages(Node& containers, const Image& image) {
  int found = 0;
  for (Node& container : containers.items) {
    Node* value = container.find("image");
    if (value == nullptr || !value->isScalar() || value->decrypted != 0) continue;
    const ImageName parts = splitImage(value->text);
    if (parts.name != image.name.value) continue;
    *value = Node::ofText(newImage(image, parts), image.where);
    ++found;
  }
  return found;
}

int setImagesBelow(Node& node, const Image& image) {
  int found = 0;
  for (Node& item : node.items) found += setImagesBelow(item, image);
  for (Node::Entry& entry : node.entries) {
    const bool here = entry.key == "containers" || entry.key == "initContainers";
    found += here ? setImages(entry.value, image) : setImagesBelow(entry.value, image);
  }
  return found;
}

}  // namespace

void setNamespace(ObjectSet& set, const Text& ns) {
  if (ns.value.empty()) return;
  for (const auto& object : set.objects()) {
    object->remember();
    if (!object->id().isClusterScoped()) {
      Node& metadata = object->root.at("metadata", ns.where);
      metadata.set("namespace", Node::ofText(ns.value, ns.where));
    }
    if (isBinding(*object)) setSubjectNamespaces(*object, ns);
    for (const FieldSpec& spec : namespaceFields()) {
      visitField(*object, spec, ns.where,
                 [&](Node& node) { node = Node::ofText(ns.value, ns.where); });
    }
  }
}

void addNamePrefix(ObjectSet& set, const Text& prefix) {
  if (prefix.value.empty()) return;
  for (const auto& object : set.objects()) {
    if (keepsItsName(object->original())) continue;
    rename(*object, prefix, prefix.value, "");
    object->prefixes.push_back(prefix.value);
  }
}

void addNameSuffix(ObjectSet& set, const Text& suffix) {
  if (suffix.value.empty()) return;
  for (const auto& object : set.objects()) {
    if (keepsItsName(object->original())) continue;
    rename(*object, suffix, "", suffix.value);
    object->suffixes.push_back(suffix.value);
  }
}

void addLabels(ObjectSet& set, const LabelSet& labels) {
  static const FieldSpec kOwn{"metadata/labels", "", "", "", true};
  for (const auto& object : set.objects()) {
    for (const FieldSpec& spec : labels.fields) setPairs(*object, spec, labels.pairs);
    if (labels.includeSelectors) {
      for (const FieldSpec& spec : selectorLabelFields()) setPairs(*object, spec, labels.pairs);
      continue;
    }
    setPairs(*object, kOwn, labels.pairs);
    if (!labels.includeTemplates) continue;
    for (const FieldSpec& spec : templateLabelFields()) setPairs(*object, spec, labels.pairs);
  }
}

void addAnnotations(ObjectSet& set, const Pairs& annotations) {
  for (const auto& object : set.objects()) {
    for (const FieldSpec& spec : annotationFields()) setPairs(*object, spec, annotations);
  }
}

bool setReplicas(ObjectSet& set, const Replicas& replicas, Build& build) {
  static constexpr std::string_view kKinds[] = {"Deployment", "ReplicationController", "ReplicaSet",
                                                "StatefulSet"};
  bool found = false;
  for (const auto& object : set.objects()) {
    if (std::ranges::count(kKinds, object->kind()) == 0) continue;
    const std::vector<ObjectId> ids = object->ids();
    if (std::ranges::count(ids, replicas.name.value, &ObjectId::name) == 0) continue;
    found = true;
    Node& spec = object->root.at("spec", replicas.where);
    if (!spec.isMap() && !spec.isNull()) continue;
    spec.set("replicas", Node::ofPlain(std::to_string(replicas.count), replicas.where));
  }
  if (found) return true;
  return build.error(replicas.name.where, replicas.path + ".name",
                     "no object with replicas is called " + inQuotes(replicas.name.value),
                     "name a Deployment, ReplicaSet or StatefulSet of the resources");
}

void setImage(ObjectSet& set, const Image& image, Build& build) {
  int found = 0;
  for (const auto& object : set.objects()) {
    if (object->kind() != "CustomResourceDefinition") {
      found += setImagesBelow(object->root, image);
    }
  }
  if (found > 0) return;
  build.warn(image.name.where, image.path + ".name",
             "no container runs the image " + inQuotes(image.name.value),
             "name it as the containers do, without the tag");
}

}  // namespace gantry::manifests::kustomize
