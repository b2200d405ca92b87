// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/field_path.h"
#include "manifests/schema/meta.pb.h"
#include "manifests/schema/options.pb.h"

namespace gantry::manifests {

/// What the schema says of one kind; taken from the `resource` option of its message.
struct Kind {
  const google::protobuf::Descriptor* descriptor;
  const schema::KindInfo* info;
};

/// All kinds of the schema, in the order in which a sync creates them: Namespace first, then what
/// others refer to, Application last. Never changes; any thread.
std::span<const Kind> allKinds();

/// The kind for ("apps/v1", "Deployment"); null if there is none.
const Kind* findKind(std::string_view apiVersion, std::string_view kind);

/// The kind that a person means by "deploy", "deployments" or "Deployment"; null if none.
const Kind* findKindByWord(std::string_view word);

/// Names one object. Ordered by kind, namespace, name.
struct ObjectKey {
  std::string kind;
  /// Empty for what is cluster-scoped.
  std::string ns;
  std::string name;

  auto operator<=>(const ObjectKey&) const = default;
  /// "Deployment/shop/front", "Namespace/shop".
  std::string toString() const;
};

/// Where something stands in a file; line and column count from 1, 0 is unknown.
struct SourceLocation {
  std::string file;
  int line = 0;
  int column = 0;

  /// "front.yaml:9:13".
  std::string toString() const;
};

/// One object of the manifest language. Immutable; copying shares the message.
class Resource {
 public:
  /// `message` is one of the kinds of the schema.
  Resource(std::shared_ptr<const google::protobuf::Message> message, SourceLocation location = {},
           std::shared_ptr<const FieldLocations> fields = nullptr);

  template <class T>
  static Resource of(T message, SourceLocation location = {}) {
    return Resource(std::make_shared<const T>(std::move(message)), std::move(location));
  }

  const Kind& kind() const { return *kind_; }
  const google::protobuf::Message& message() const { return *message_; }
  const schema::ObjectMeta& metadata() const;
  ObjectKey key() const;
  const SourceLocation& location() const { return location_; }
  /// Where the field "spec.template.spec.containers[0].image" stands, or what is around it.
  SourceLocation locate(std::string_view path) const;
  /// The same place in the same file, with other content: after defaults were applied.
  Resource with(std::shared_ptr<const google::protobuf::Message> message) const;

  /// The message as `T`; null if it is of another kind.
  template <class T>
  const T* as() const {
    return dynamic_cast<const T*>(message_.get());
  }
  template <class T>
  std::shared_ptr<const T> share() const {
    return std::dynamic_pointer_cast<const T>(message_);
  }

 private:
  const Kind* kind_;
  std::shared_ptr<const google::protobuf::Message> message_;
  SourceLocation location_;
  std::shared_ptr<const FieldLocations> fields_;
};

/// The metadata of any kind's message.
const schema::ObjectMeta& metadataOf(const google::protobuf::Message& message);
schema::ObjectMeta* mutableMetadataOf(google::protobuf::Message& message);

/// The key of any kind's message.
ObjectKey keyOf(const google::protobuf::Message& message);

/// Bytes of a message that are the same whenever the content is: map entries are sorted.
std::string canonicalBytes(const google::protobuf::Message& message);

/// Whether two messages of one type say the same.
bool sameContent(const google::protobuf::Message& a, const google::protobuf::Message& b);

/// Clears every field that the system writes (option `system`), at any depth.
void dropSystemFields(google::protobuf::Message& message);

}  // namespace gantry::manifests
