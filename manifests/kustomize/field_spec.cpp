// SPDX-License-Identifier: Apache-2.0
#include "manifests/kustomize/field_spec.h"

#include <absl/strings/str_split.h>

namespace gantry::manifests::kustomize {
namespace {

std::vector<std::string> stepsOf(const std::string& path) {
  std::vector<std::string> steps;
  for (std::string& step : std::vector<std::string>(absl::StrSplit(path, '/'))) {
    if (!steps.empty() && steps.back().ends_with('\\')) {
      steps.back().back() = '/';
      steps.back() += step;
    } else {
      steps.push_back(std::move(step));
    }
  }
  return steps;
}

class Walk {
 public:
  Walk(std::vector<std::string> steps, bool create, const Place& ifNew,
       const std::function<void(Node&)>& visit)
      : steps_(std::move(steps)), create_(create), ifNew_(ifNew), visit_(visit) {}

  void from(Node& node, std::size_t step) {
    if (step == steps_.size()) return visit_(node);
    if (node.isList()) {
      for (Node& item : node.items) from(item, step);
    } else if (node.isMap() || (node.isNull() && create_)) {
      descend(node, step);
    }
  }

 private:
  void descend(Node& node, std::size_t step) {
    std::string_view name = steps_[step];
    const bool isList = name.ends_with("[]");
    if (isList) name.remove_suffix(2);
    Node* next = create_ && !isList ? &node.at(name, ifNew_) : node.find(name);
    if (next != nullptr) from(*next, step + 1);
  }

  const std::vector<std::string> steps_;
  const bool create_;
  const Place& ifNew_;
  const std::function<void(Node&)>& visit_;
};

}  // namespace

void visitField(Object& object, const FieldSpec& spec, const Place& ifNew,
                const std::function<void(Node&)>& visit) {
  if (!spec.kind.empty() && spec.kind != object.kind()) return;
  const auto [group, version] = splitApiVersion(object.root.textOf("apiVersion"));
  if (!spec.group.empty() && spec.group != group) return;
  if (!spec.version.empty() && spec.version != version) return;
  Walk(stepsOf(spec.path), spec.create, ifNew, visit).from(object.root, 0);
}

}  // namespace gantry::manifests::kustomize
