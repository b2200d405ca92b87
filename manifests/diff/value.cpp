// SPDX-License-Identifier: Apache-2.0
#include "manifests/diff/value.h"

#include <algorithm>

#include "base/time.h"
#include "manifests/decode/scalars.h"
#include "manifests/diff/mask.h"
#include "manifests/schema/meta.pb.h"
#include "manifests/schema/options.pb.h"

namespace gantry::manifests {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

Value text(std::string value) {
  return {Value::Scalar{std::move(value), true}};
}
Value literal(std::string value) {
  return {Value::Scalar{std::move(value), false}};
}

Value textField(const FieldDescriptor& field, bool secret, std::string value) {
  if (secret) return text(maskOf(value));
  return text(field.type() == FieldDescriptor::TYPE_BYTES ? encodeBase64(value) : std::move(value));
}

Value messageValue(const Message& message, bool withSystemFields) {
  const auto* type = message.GetDescriptor();
  if (type == schema::Quantity::descriptor()) {
    return text(static_cast<const schema::Quantity&>(message).text());
  }
  if (type == schema::Unmodelled::descriptor()) {
    return {Value::Raw{static_cast<const schema::Unmodelled&>(message).json()}};
  }
  if (type == schema::IntOrString::descriptor()) {
    const auto& either = static_cast<const schema::IntOrString&>(message);
    return either.has_text() ? text(either.text()) : literal(std::to_string(either.number()));
  }
  if (type == schema::Time::descriptor()) {
    const auto& time = static_cast<const schema::Time&>(message);
    return text(base::formatRfc3339(base::fromUnixMs(time.unix_ms())));
  }
  return toValue(message, withSystemFields);
}

/// `index` is -1 for a field that is not a list.
Value single(const Message& message, const FieldDescriptor& field, int index, bool secret,
             bool withSystemFields) {
  const Reflection& r = *message.GetReflection();
  const bool list = index >= 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return textField(
          field, secret,
          list ? r.GetRepeatedString(message, &field, index) : r.GetString(message, &field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return literal((list ? r.GetRepeatedBool(message, &field, index) : r.GetBool(message, &field))
                         ? "true"
                         : "false");
    case FieldDescriptor::CPPTYPE_INT32:
      return literal(std::to_string(list ? r.GetRepeatedInt32(message, &field, index)
                                         : r.GetInt32(message, &field)));
    case FieldDescriptor::CPPTYPE_INT64:
      return literal(std::to_string(list ? r.GetRepeatedInt64(message, &field, index)
                                         : r.GetInt64(message, &field)));
    case FieldDescriptor::CPPTYPE_UINT32:
      return literal(std::to_string(list ? r.GetRepeatedUInt32(message, &field, index)
                                         : r.GetUInt32(message, &field)));
    case FieldDescriptor::CPPTYPE_UINT64:
      return literal(std::to_string(list ? r.GetRepeatedUInt64(message, &field, index)
                                         : r.GetUInt64(message, &field)));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return literal(std::to_string(list ? r.GetRepeatedDouble(message, &field, index)
                                         : r.GetDouble(message, &field)));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return literal(std::to_string(list ? r.GetRepeatedFloat(message, &field, index)
                                         : r.GetFloat(message, &field)));
    case FieldDescriptor::CPPTYPE_ENUM:
      return text(
          (list ? r.GetRepeatedEnum(message, &field, index) : r.GetEnum(message, &field))->name());
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return messageValue(
          list ? r.GetRepeatedMessage(message, &field, index) : r.GetMessage(message, &field),
          withSystemFields);
  }
  return {Value::Raw{"null"}};
}

Value mapValue(const Message& message, const FieldDescriptor& field, bool secret) {
  const Reflection& reflection = *message.GetReflection();
  const FieldDescriptor* key = field.message_type()->map_key();
  const FieldDescriptor* value = field.message_type()->map_value();
  Value::Fields entries;
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    const Message& entry = reflection.GetRepeatedMessage(message, &field, i);
    Value name = single(entry, *key, -1, false, false);
    entries.emplace_back(std::get<Value::Scalar>(name.data).text,
                         single(entry, *value, -1, secret, false));
  }
  std::ranges::sort(entries, {}, &Value::Field::name);
  return {std::move(entries)};
}

}  // namespace

Value toValue(const Message& message, bool withSystemFields) {
  Value::Fields fields;
  const schema::KindInfo& kind = message.GetDescriptor()->options().GetExtension(schema::resource);
  if (!kind.kind().empty()) {
    fields.emplace_back("apiVersion", text(kind.api_version()));
    fields.emplace_back("kind", text(kind.kind()));
  }
  const Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    const bool set = field.is_repeated() ? reflection.FieldSize(message, &field) > 0
                                         : reflection.HasField(message, &field);
    if (!set || (!withSystemFields && field.options().GetExtension(schema::system))) continue;
    fields.emplace_back(field.json_name(), fieldValue(message, field, withSystemFields));
  }
  return {std::move(fields)};
}

Value fieldValue(const Message& message, const FieldDescriptor& field, bool withSystemFields) {
  const bool secret = field.options().GetExtension(schema::secret);
  if (field.is_map()) return mapValue(message, field, secret);
  if (!field.is_repeated()) return single(message, field, -1, secret, withSystemFields);
  Value::List list;
  for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
    list.push_back(single(message, field, i, secret, withSystemFields));
  }
  return {std::move(list)};
}

Value elementValue(const Message& message, const FieldDescriptor& field, int index,
                   bool withSystemFields) {
  return single(message, field, index, field.options().GetExtension(schema::secret),
                withSystemFields);
}

}  // namespace gantry::manifests
