// SPDX-License-Identifier: Apache-2.0
#include "app/cli/format.h"

#include "absl/strings/str_join.h"
#include "manifests/diff/diff.h"

namespace gantry::cli {
namespace {

const google::protobuf::Message& messageOf(const api::Object& object) {
  const auto* field = object.GetDescriptor()->FindFieldByNumber(object.object_case());
  return object.GetReflection()->GetMessage(object, field);
}

}  // namespace

std::string formatObjects(const std::vector<api::Object>& objects, bool json) {
  std::vector<std::string> texts;
  for (const api::Object& object : objects) {
    texts.push_back(json ? manifests::toJson(messageOf(object), true)
                         : manifests::toYaml(messageOf(object), true));
  }
  if (!json) return absl::StrJoin(texts, "---\n");
  if (texts.size() == 1) return texts.front() + "\n";
  return "[" + absl::StrJoin(texts, ",\n") + "]\n";
}

}  // namespace gantry::cli
