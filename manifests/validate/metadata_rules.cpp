// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/numbers.h"
#include "manifests/decode/json_text.h"
#include "manifests/validate/names.h"
#include "manifests/validate/rules.h"

namespace gantry::manifests {
namespace {

constexpr std::size_t kMaxAnnotationBytes = 256 << 10;
constexpr const char* kSubdomainHint =
    "use lower-case letters, digits, '-' and '.', beginning and ending with a letter or digit";
constexpr const char* kLabelHint =
    "use at most 63 lower-case letters, digits and '-', beginning and ending with a letter or "
    "digit";
constexpr const char* kServiceHint =
    "use at most 63 lower-case letters, digits and '-', beginning with a letter";

void checkName(const Kind& kind, const std::string& name, const FieldPath& path,
               Problems& problems) {
  if (name.empty()) return problems.error(path, "a name is missing", "add metadata.name");
  const std::string wrong = jsonText(name) + " is not a valid name";
  if (kind.info->kind() == "Service") {
    if (!isDnsLabel1035(name)) problems.error(path, wrong, kServiceHint);
  } else if (kind.info->kind() == "Namespace") {
    if (!isDnsLabel(name)) problems.error(path, wrong, kLabelHint);
  } else if (!isDnsSubdomain(name)) {
    problems.error(path, wrong, kSubdomainHint);
  }
}

void checkAnnotations(const Kind& kind,
                      const google::protobuf::Map<std::string, std::string>& annotations,
                      const FieldPath& path, Problems& problems) {
  std::size_t bytes = 0;
  for (const auto& [key, value] : annotations) {
    bytes += key.size() + value.size();
    if (!isLabelKey(key)) problems.error(path.key(key), "not a valid key of an annotation");
    if (int wave = 0; key == "gantry.dev/sync-wave" && !absl::SimpleAtoi(value, &wave)) {
      problems.error(path.key(key), jsonText(value) + " is not a wave",
                     "write a whole number in quotes, such as \"-1\" or \"2\"");
    }
    if (key != "gantry.dev/hook") continue;
    problems.requireOneOf(value, {"PreSync", "PostSync", "SyncFail"}, path.key(key));
    problems.require(kind.info->kind() == "Job", path.key(key), "only a Job can be a hook",
                     "make it a Job, or remove the annotation");
  }
  problems.require(bytes <= kMaxAnnotationBytes, path, "more than 256 KiB of annotations",
                   "keep large texts in a ConfigMap");
}

}  // namespace

void checkMetadata(const Kind& kind, const schema::ObjectMeta& metadata, const FieldPath& path,
                   Problems& problems) {
  checkName(kind, metadata.name(), path.field("name"), problems);
  if (kind.info->cluster_scoped()) {
    problems.require(metadata.namespace_().empty(), path.field("namespace"),
                     "this kind stands outside of namespaces", "remove it");
  } else if (!metadata.namespace_().empty() && !isDnsLabel(metadata.namespace_())) {
    problems.error(path.field("namespace"),
                   jsonText(metadata.namespace_()) + " is not a valid name of a namespace",
                   kLabelHint);
  }
  checkLabels(metadata.labels(), path.field("labels"), problems);
  checkAnnotations(kind, metadata.annotations(), path.field("annotations"), problems);
}

void checkLabels(const google::protobuf::Map<std::string, std::string>& labels,
                 const FieldPath& path, Problems& problems) {
  for (const auto& [key, value] : labels) {
    if (!isLabelKey(key)) {
      problems.error(path.key(key), "not a valid key of a label",
                     "write it like app or example.com/app");
    }
    if (!isLabelValue(value)) {
      problems.error(path.key(key), jsonText(value) + " is not a valid value of a label",
                     "use at most 63 letters, digits, '-', '_' and '.'");
    }
  }
}

}  // namespace gantry::manifests
