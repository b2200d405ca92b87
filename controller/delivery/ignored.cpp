// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/ignored.h"

#include <span>
#include <vector>

#include "manifests/resource.h"
#include "manifests/validate/ignored_path.h"

namespace gantry::delivery {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Reflection;

using Steps = std::span<const manifests::IgnoredStep>;

/// The place of the element with that key; -1 if there is none.
int indexOf(const Message& message, const FieldDescriptor* list, const std::string& key) {
  const FieldDescriptor* name = manifests::nameOfElements(*list);
  const Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < reflection.FieldSize(message, list); ++i) {
    const Message& element = reflection.GetRepeatedMessage(message, list, i);
    if (element.GetReflection()->GetString(element, name) == key) return i;
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

void copySteps(const Message& from, Message& to, Steps steps);

/// One element of a list or map, or what is below it.
void copyElement(const Message& from, Message& to, Steps steps) {
  const FieldDescriptor* list = steps.front().field;
  const Reflection& target = *to.GetReflection();
  const bool isLast = steps.size() == 1;
  const int here = indexOf(from, list, *steps.front().key);
  const int there = indexOf(to, list, *steps.front().key);
  if (here < 0) {
    if (isLast && there >= 0) removeElement(to, list, there);
    return;
  }
  const Message& element = from.GetReflection()->GetRepeatedMessage(from, list, here);
  // An element that Git no longer holds goes, whatever is ignored in it.
  if (there < 0 && !isLast) return;
  Message& wanted =
      there < 0 ? *target.AddMessage(&to, list) : *target.MutableRepeatedMessage(&to, list, there);
  if (isLast) {
    wanted.CopyFrom(element);
  } else {
    copySteps(element, wanted, steps.subspan(1));
  }
}

void copySteps(const Message& from, Message& to, Steps steps) {
  const FieldDescriptor* field = steps.front().field;
  if (steps.front().key) return copyElement(from, to, steps);
  if (steps.size() == 1) return copyWhole(from, to, field);
  const Reflection& source = *from.GetReflection();
  const Reflection& target = *to.GetReflection();
  // What is in neither must not be there afterwards.
  if (!source.HasField(from, field) && !target.HasField(to, field)) return;
  copySteps(source.GetMessage(from, field), *target.MutableMessage(&to, field), steps.subspan(1));
}

}  // namespace

bool copyField(const Message& from, Message& to, const std::string& path) {
  const manifests::IgnoredPath way = manifests::resolveIgnored(*to.GetDescriptor(), path);
  if (way.steps.empty()) return false;
  copySteps(from, to, way.steps);
  return true;
}

void keepIgnored(const schema::Application& application, const Message& live, Message& wanted) {
  const manifests::ObjectKey key = manifests::keyOf(wanted);
  for (const schema::IgnoredDifference& rule : application.spec().ignore_differences()) {
    if (rule.kind() != key.kind || (!rule.name().empty() && rule.name() != key.name)) continue;
    for (const std::string& path : rule.fields()) copyField(live, wanted, path);
  }
}

}  // namespace gantry::delivery
