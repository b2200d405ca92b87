// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/merge.h"

#include "manifests/diff/mask.h"
#include "manifests/schema/options.pb.h"

namespace gantry::delivery {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Reflection;

/// Clears every field but those that the system writes. Such fields are never inside a list.
void keepSystemFields(Message& message) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> set;
  reflection.ListFields(message, &set);
  for (const FieldDescriptor* field : set) {
    if (field->options().GetExtension(schema::system)) continue;
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field->is_repeated()) {
      Message& child = *reflection.MutableMessage(&message, field);
      keepSystemFields(child);
      std::vector<const FieldDescriptor*> kept;
      child.GetReflection()->ListFields(child, &kept);
      if (!kept.empty()) continue;
    }
    reflection.ClearField(&message, field);
  }
}

bool hasNodePorts(const schema::ServiceSpec& spec) {
  return spec.type() == "NodePort" || spec.type() == "LoadBalancer";
}

void copyAllocated(const schema::ServiceSpec& from, schema::ServiceSpec& to) {
  if (to.cluster_ip().empty() && to.type() != "ExternalName" && from.cluster_ip() != "None") {
    to.set_cluster_ip(from.cluster_ip());
  }
  if (!hasNodePorts(to)) return;
  for (schema::ServicePort& port : *to.mutable_ports()) {
    for (const schema::ServicePort& before : from.ports()) {
      if (port.node_port() == 0 && before.port() == port.port() &&
          before.protocol() == port.protocol()) {
        port.set_node_port(before.node_port());
      }
    }
  }
}

/// Clears what the system may allocate where `desired` names nothing.
void dropAllocated(schema::ServiceSpec& spec, const schema::ServiceSpec* desired) {
  if ((desired == nullptr || desired->cluster_ip().empty()) && spec.cluster_ip() != "None") {
    spec.clear_cluster_ip();
  }
  for (schema::ServicePort& port : *spec.mutable_ports()) {
    bool named = false;
    for (int i = 0; desired != nullptr && i < desired->ports_size(); ++i) {
      const schema::ServicePort& wanted = desired->ports(i);
      named |= wanted.port() == port.port() && wanted.protocol() == port.protocol() &&
               wanted.node_port() != 0;
    }
    if (!named) port.clear_node_port();
  }
}

}  // namespace

std::string ownerOf(const Message& object) {
  const auto& annotations = manifests::metadataOf(object).annotations();
  const auto found = annotations.find(kOwnerAnnotation);
  return found == annotations.end() ? std::string() : found->second;
}

std::unique_ptr<Message> merge(const Message& desired, const std::string& owner,
                               const Message* live) {
  std::unique_ptr<Message> merged(desired.New());
  merged->CopyFrom(desired);
  manifests::dropSystemFields(*merged);
  (*manifests::mutableMetadataOf(*merged)->mutable_annotations())[kOwnerAnnotation] = owner;
  if (live == nullptr) return merged;
  std::unique_ptr<Message> system(live->New());
  system->CopyFrom(*live);
  keepSystemFields(*system);
  merged->MergeFrom(*system);
  if (auto* service = dynamic_cast<schema::Service*>(merged.get())) {
    copyAllocated(dynamic_cast<const schema::Service&>(*live).spec(), *service->mutable_spec());
  } else if (auto* pod = dynamic_cast<schema::Pod*>(merged.get())) {
    const std::string& node = dynamic_cast<const schema::Pod&>(*live).spec().node_name();
    if (pod->spec().node_name().empty()) pod->mutable_spec()->set_node_name(node);
  }
  return merged;
}

std::string contentHash(const Message& object, const Message* desired) {
  std::unique_ptr<Message> content(object.New());
  content->CopyFrom(object);
  manifests::dropSystemFields(*content);
  if (auto* service = dynamic_cast<schema::Service*>(content.get())) {
    const auto* wanted = dynamic_cast<const schema::Service*>(desired);
    dropAllocated(*service->mutable_spec(), wanted == nullptr ? nullptr : &wanted->spec());
  } else if (auto* pod = dynamic_cast<schema::Pod*>(content.get())) {
    const auto* wanted = dynamic_cast<const schema::Pod*>(desired);
    if (wanted == nullptr || wanted->spec().node_name().empty()) {
      pod->mutable_spec()->clear_node_name();
    }
  }
  return manifests::contentDigest(*content);
}

}  // namespace gantry::delivery
