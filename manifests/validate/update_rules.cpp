// SPDX-License-Identifier: Apache-2.0
#include "base/check.h"
#include "manifests/schema/core.pb.h"
#include "manifests/validate/problems.h"
#include "manifests/validate/validate.h"

namespace gantry::manifests {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

bool sameField(const Message& a, const Message& b, const FieldDescriptor& field) {
  // A copy with nothing but this field, so that every type of field is compared in one way.
  const std::unique_ptr<Message> left(a.New());
  const std::unique_ptr<Message> right(b.New());
  left->CopyFrom(a);
  right->CopyFrom(b);
  for (int i = 0; i < a.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* other = a.GetDescriptor()->field(i);
    if (other == &field) continue;
    left->GetReflection()->ClearField(left.get(), other);
    right->GetReflection()->ClearField(right.get(), other);
  }
  return canonicalBytes(*left) == canonicalBytes(*right);
}

void compare(const Message& before, const Message& after, const FieldPath& path,
             Problems& problems) {
  const Reflection& reflection = *before.GetReflection();
  for (int i = 0; i < before.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *before.GetDescriptor()->field(i);
    const FieldPath fieldPath = path.field(field.json_name());
    if (field.options().GetExtension(schema::immutable)) {
      if (sameField(before, after, field)) continue;
      problems.error(fieldPath, "it may not change once the object exists",
                     "put it back, or give the object a new name");
    } else if (field.message_type() != nullptr && !field.is_repeated() &&
               reflection.HasField(before, &field) && reflection.HasField(after, &field)) {
      compare(reflection.GetMessage(before, &field), reflection.GetMessage(after, &field),
              fieldPath, problems);
    }
  }
}

/// ConfigMaps and Secrets that were declared immutable keep their content for good.
template <class T>
void checkFrozen(const Resource& before, const Resource& after, Problems& problems) {
  const T* was = before.as<T>();
  const T* is = after.as<T>();
  if (was == nullptr || is == nullptr || !was->immutable()) return;
  const FieldPath root;
  problems.require(is->immutable(), root.field("immutable"), "it cannot be taken back",
                   "put it back, or give the object a new name");
  problems.require(sameField(*was, *is, *T::descriptor()->FindFieldByName("data")),
                   root.field("data"), "the object is immutable",
                   "put it back, or give the object a new name");
}

}  // namespace

std::vector<Diagnostic> validateUpdate(const Resource& before, const Resource& after) {
  GANTRY_CHECK(&before.kind() == &after.kind());
  Problems problems(after);
  compare(before.message(), after.message(), FieldPath(), problems);
  checkFrozen<schema::ConfigMap>(before, after, problems);
  checkFrozen<schema::Secret>(before, after, problems);
  return problems.take();
}

}  // namespace gantry::manifests
