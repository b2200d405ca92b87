// SPDX-License-Identifier: Apache-2.0
#include "manifests/resource.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/check.h"
#include "manifests/schema/apps.pb.h"
#include "manifests/schema/batch.pb.h"
#include "manifests/schema/core.pb.h"
#include "manifests/schema/gantry.pb.h"
#include "manifests/schema/policy.pb.h"

namespace gantry::manifests {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

template <class T>
Kind kindOf() {
  return {T::descriptor(), &T::descriptor()->options().GetExtension(schema::resource)};
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return std::tolower(c); });
  return result;
}

const FieldDescriptor* metadataField(const Message& message) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName("metadata");
  GANTRY_CHECK(field != nullptr && field->message_type() == schema::ObjectMeta::descriptor());
  return field;
}

}  // namespace

std::span<const Kind> allKinds() {
  static const std::array kinds = {
      kindOf<schema::Namespace>(),   kindOf<schema::ConfigMap>(),
      kindOf<schema::Secret>(),      kindOf<schema::Service>(),
      kindOf<schema::Pod>(),         kindOf<schema::ReplicaSet>(),
      kindOf<schema::Deployment>(),  kindOf<schema::Job>(),
      kindOf<schema::Node>(),        kindOf<schema::PodDisruptionBudget>(),
      kindOf<schema::Event>(),       kindOf<schema::Project>(),
      kindOf<schema::Application>(), kindOf<schema::ApplicationSet>(),
  };
  return kinds;
}

const Kind* findKind(std::string_view apiVersion, std::string_view kind) {
  for (const Kind& candidate : allKinds()) {
    if (candidate.info->kind() == kind && candidate.info->api_version() == apiVersion) {
      return &candidate;
    }
  }
  return nullptr;
}

const Kind* findKindByWord(std::string_view word) {
  const std::string wanted = lower(word);
  for (const Kind& candidate : allKinds()) {
    const schema::KindInfo& info = *candidate.info;
    if (wanted == lower(info.kind()) || wanted == info.plural() ||
        std::ranges::count(info.short_names(), wanted) > 0) {
      return &candidate;
    }
  }
  return nullptr;
}

std::string ObjectKey::toString() const {
  return ns.empty() ? kind + "/" + name : kind + "/" + ns + "/" + name;
}

std::string SourceLocation::toString() const {
  if (line == 0) return file;
  return file + ":" + std::to_string(line) + ":" + std::to_string(column);
}

Resource::Resource(std::shared_ptr<const Message> message, SourceLocation location,
                   std::shared_ptr<const FieldLocations> fields)
    : kind_(nullptr),
      message_(std::move(message)),
      location_(std::move(location)),
      fields_(std::move(fields)) {
  for (const Kind& candidate : allKinds()) {
    if (candidate.descriptor == message_->GetDescriptor()) kind_ = &candidate;
  }
  GANTRY_CHECK(kind_ != nullptr);
}

const schema::ObjectMeta& Resource::metadata() const {
  return metadataOf(*message_);
}

ObjectKey Resource::key() const {
  return keyOf(*message_);
}

SourceLocation Resource::locate(std::string_view path) const {
  const FieldLocations::Place place = fields_ ? fields_->find(path) : FieldLocations::Place();
  if (place.line == 0) return location_;
  return {place.file == 0 ? location_.file : fields_->fileName(place.file), place.line,
          place.column};
}

Resource Resource::with(std::shared_ptr<const Message> message) const {
  return Resource(std::move(message), location_, fields_);
}

const schema::ObjectMeta& metadataOf(const Message& message) {
  return static_cast<const schema::ObjectMeta&>(
      message.GetReflection()->GetMessage(message, metadataField(message)));
}

schema::ObjectMeta* mutableMetadataOf(Message& message) {
  return static_cast<schema::ObjectMeta*>(
      message.GetReflection()->MutableMessage(&message, metadataField(message)));
}

ObjectKey keyOf(const Message& message) {
  const schema::ObjectMeta& metadata = metadataOf(message);
  return {message.GetDescriptor()->name(), metadata.namespace_(), metadata.name()};
}

std::string canonicalBytes(const Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

bool sameContent(const google::protobuf::Message& a, const google::protobuf::Message& b) {
  return canonicalBytes(a) == canonicalBytes(b);
}

void dropSystemFields(Message& message) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> set;
  reflection.ListFields(message, &set);
  for (const FieldDescriptor* field : set) {
    if (field->options().GetExtension(schema::system)) {
      reflection.ClearField(&message, field);
    } else if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map()) {
      continue;
    } else if (field->is_repeated()) {
      for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
        dropSystemFields(*reflection.MutableRepeatedMessage(&message, field, i));
      }
    } else {
      dropSystemFields(*reflection.MutableMessage(&message, field));
    }
  }
}

}  // namespace gantry::manifests
