// SPDX-License-Identifier: Apache-2.0
#include "manifests/render/application_set.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "base/pattern.h"
#include "manifests/schema/gantry.pb.h"

namespace gantry::manifests {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Names = std::vector<std::string>;
/// "{{name}}" and what it stands for.
using Values = std::vector<std::pair<std::string, std::string>>;

Names namesIn(const std::string& path) {
  return absl::StrSplit(path, '/', absl::SkipEmpty());
}

/// The folders above a file that fit the pattern, by name: at most one.
std::string folderOf(const std::string& file, const Names& pattern) {
  const Names names = namesIn(file);
  if (names.size() <= pattern.size()) return {};
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (!base::matchesPattern(pattern[i], names[i])) return {};
  }
  return absl::StrJoin(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(pattern.size()),
                       "/");
}

std::string fixedPart(const Names& pattern) {
  const auto first = std::ranges::find_if(
      pattern, [](const std::string& name) { return name.find('*') != std::string::npos; });
  return absl::StrJoin(pattern.begin(), first, "/");
}

Values valuesOf(const std::string& folder, const Names& pattern) {
  const Names names = namesIn(folder);
  Values values = {{"{{name}}", names.back()}, {"{{path}}", folder}};
  int star = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i].find('*') == std::string::npos) continue;
    values.emplace_back(absl::StrCat("{{", ++star, "}}"), names[i]);
  }
  return values;
}

/// Replaces in every text of the message, also in those of maps.
void fillIn(Message& message, const Values& values) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int size = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < size; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        fillIn(field->is_repeated() ? *reflection->MutableRepeatedMessage(&message, field, i)
                                    : *reflection->MutableMessage(&message, field),
               values);
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        if (field->is_repeated()) {
          reflection->SetRepeatedString(
              &message, field, i,
              absl::StrReplaceAll(reflection->GetRepeatedString(message, field, i), values));
        } else {
          reflection->SetString(&message, field,
                                absl::StrReplaceAll(reflection->GetString(message, field), values));
        }
      }
    }
  }
}

Resource make(const Resource& set, const schema::ApplicationSet& from, const Values& values) {
  const auto application = std::make_shared<schema::Application>();
  *application->mutable_metadata() = from.spec().template_().metadata();
  *application->mutable_spec() = from.spec().template_().spec();
  fillIn(*application, values);
  schema::ObjectMeta& metadata = *application->mutable_metadata();
  if (metadata.namespace_().empty()) metadata.set_namespace_(from.metadata().namespace_());
  (*metadata.mutable_annotations())[kApplicationSetAnnotation] = from.metadata().name();
  return Resource(application, set.location());
}

}  // namespace

Expanded expand(const Resource& applicationSet, const std::vector<std::string>& paths) {
  const auto& from = *applicationSet.as<schema::ApplicationSet>();
  Expanded result;
  std::map<std::string, Values> found;
  for (const std::string& text : from.spec().folders()) {
    const Names pattern = namesIn(text);
    const std::string fixed = fixedPart(pattern);
    if (!fixed.empty()) result.folders.insert(fixed);
    for (const std::string& path : paths) {
      const std::string folder = folderOf(path, pattern);
      if (!folder.empty()) found.try_emplace(folder, valuesOf(folder, pattern));
    }
  }
  std::erase_if(found, [&](const auto& each) {
    return std::ranges::any_of(from.spec().exclude(), [&](const std::string& pattern) {
      return base::matchesPattern(pattern, each.first);
    });
  });
  for (const auto& [folder, values] : found) {
    result.applications.push_back(make(applicationSet, from, values));
  }
  if (found.empty()) {
    result.diagnostics.push_back(
        {.where = applicationSet.locate("spec.folders"),
         .path = "spec.folders",
         .message = "no folder of the repository is named so",
         .hint = "delete the ApplicationSet itself if its Applications are to go"});
  }
  return result;
}

}  // namespace gantry::manifests
