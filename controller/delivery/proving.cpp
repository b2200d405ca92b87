// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/proving.h"

#include <algorithm>

#include "controller/delivery/loosening.h"

namespace gantry::delivery {

std::multimap<model::Name, Proven> provenBy(const model::State& state) {
  std::multimap<model::Name, Proven> proven;
  for (const auto& [name, entry] : state.applications.entries()) {
    const schema::ApplicationSpec& spec = entry.object->spec();
    if (!asksPeople(spec.sync_policy().approval())) continue;
    if (spec.has_promotion()) {
      proven.insert({{name.ns, spec.promotion().from()}, {entry.object.get(), kIsPromotedFrom}});
    }
    for (const std::string& other : spec.depends_on()) {
      proven.insert({{name.ns, other}, {entry.object.get(), kDependsOn}});
    }
  }
  return proven;
}

std::vector<std::string> provingFields(const schema::Application& before,
                                       const schema::Application& after) {
  static const char* const kProving[] = {"spec.source",    "spec.destination",
                                         "spec.variables", "spec.promotion",
                                         "spec.project",   "spec.ignoreDifferences"};
  std::vector<std::string> fields = loosenedFields(before, after);
  std::erase_if(fields, [](const std::string& field) {
    return std::ranges::none_of(kProving,
                                [&](const char* proving) { return field.starts_with(proving); });
  });
  return fields;
}

}  // namespace gantry::delivery
