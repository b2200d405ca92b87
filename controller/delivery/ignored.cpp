// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/ignored.h"

#include <optional>
#include <vector>

#include "manifests/resource.h"
#include "manifests/schema/options.pb.h"

namespace gantry::delivery {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Reflection;

/// "containers[web]": a field, and which of its elements.
struct Step {
  std::string field;
  std::optional<std::string> key;
};

std::vector<Step> stepsOf(const std::string& path) {
  std::vector<Step> steps;
  std::size_t at = 0;
  while (at < path.size()) {
    Step step;
    const std::size_t end = std::min(path.find_first_of(".[", at), path.size());
    step.field = path.substr(at, end - at);
    at = end;
    if (at < path.size() && path[at] == '[') {
      const std::size_t close = path.find(']', at);
      if (close == std::string::npos) return {};
      step.key = path.substr(at + 1, close - at - 1);
      at = close + 1;
    }
    if (at < path.size() && path[at] == '.') ++at;
    steps.push_back(std::move(step));
  }
  return steps;
}

const FieldDescriptor* fieldOf(const Message& message, const std::string& name) {
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    if (field->json_name() == name) return field;
  }
  return nullptr;
}

/// What names an element of a list, or of a map.
const FieldDescriptor* keyFieldOf(const FieldDescriptor& list) {
  if (list.message_type() == nullptr) return nullptr;
  if (list.is_map()) return list.message_type()->map_key();
  const std::string& key = list.options().GetExtension(schema::merge_key);
  for (int i = 0; i < list.message_type()->field_count(); ++i) {
    if (list.message_type()->field(i)->json_name() == key) return list.message_type()->field(i);
  }
  return nullptr;
}

/// The place of the element with that key; -1 if there is none.
int indexOf(const Message& message, const FieldDescriptor* list, const std::string& key) {
  const FieldDescriptor* keyField = keyFieldOf(*list);
  if (keyField == nullptr || keyField->cpp_type() != FieldDescriptor::CPPTYPE_STRING) return -1;
  const Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < reflection.FieldSize(message, list); ++i) {
    const Message& element = reflection.GetRepeatedMessage(message, list, i);
    if (element.GetReflection()->GetString(element, keyField) == key) return i;
  }
  return -1;
}

void copyWhole(const Message& from, Message& to, const FieldDescriptor* field) {
  // By way of a message that has nothing but this field.
  const std::unique_ptr<Message> only(from.New());
  only->CopyFrom(from);
  std::vector<const FieldDescriptor*> set;
  only->GetReflection()->ListFields(*only, &set);
  for (const FieldDescriptor* each : set) {
    if (each != field) only->GetReflection()->ClearField(only.get(), each);
  }
  to.GetReflection()->ClearField(&to, field);
  to.MergeFrom(*only);
}

void removeElement(Message& message, const FieldDescriptor* list, int index) {
  const Reflection& reflection = *message.GetReflection();
  for (int i = index; i + 1 < reflection.FieldSize(message, list); ++i) {
    reflection.SwapElements(&message, list, i, i + 1);
  }
  reflection.RemoveLast(&message, list);
}

bool copySteps(const Message& from, Message& to, const std::vector<Step>& steps, std::size_t at) {
  const Step& step = steps[at];
  const FieldDescriptor* field = fieldOf(from, step.field);
  if (field == nullptr) return false;
  const bool isLast = at + 1 == steps.size();
  const Reflection& source = *from.GetReflection();
  const Reflection& target = *to.GetReflection();
  if (!step.key) {
    if (isLast) {
      copyWhole(from, to, field);
      return true;
    }
    if (field->is_repeated() || field->message_type() == nullptr) return false;
    return copySteps(source.GetMessage(from, field), *target.MutableMessage(&to, field), steps,
                     at + 1);
  }
  if (!field->is_repeated()) return false;
  const int here = indexOf(from, field, *step.key);
  const int there = indexOf(to, field, *step.key);
  if (here < 0) {
    if (isLast && there >= 0) removeElement(to, field, there);
    return isLast;
  }
  const Message& element = source.GetRepeatedMessage(from, field, here);
  // An element that Git no longer holds goes, whatever is ignored in it.
  if (there < 0 && !isLast) return true;
  Message& wanted = there < 0 ? *target.AddMessage(&to, field)
                              : *target.MutableRepeatedMessage(&to, field, there);
  if (!isLast) return copySteps(element, wanted, steps, at + 1);
  wanted.CopyFrom(element);
  return true;
}

}  // namespace

bool copyField(const Message& from, Message& to, const std::string& path) {
  const std::vector<Step> steps = stepsOf(path);
  return !steps.empty() && copySteps(from, to, steps, 0);
}

void keepIgnored(const schema::Application& application, const Message& live, Message& wanted) {
  const manifests::ObjectKey key = manifests::keyOf(wanted);
  for (const schema::IgnoredDifference& rule : application.spec().ignore_differences()) {
    if (rule.kind() != key.kind || (!rule.name().empty() && rule.name() != key.name)) continue;
    for (const std::string& path : rule.fields()) copyField(live, wanted, path);
  }
}

}  // namespace gantry::delivery
