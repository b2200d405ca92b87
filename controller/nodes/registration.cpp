// SPDX-License-Identifier: Apache-2.0
#include "controller/nodes/registration.h"

namespace gantry::nodes {

schema::Node registerNode(const schema::Node* known, const std::string& name,
                          const api::Hello& hello, const std::string& uid,
                          const std::string& podCidr, base::Timestamp now) {
  schema::Node node;
  if (known != nullptr) {
    node = *known;
  } else {
    node.mutable_metadata()->set_name(name);
    node.mutable_metadata()->set_uid(uid);
    node.mutable_metadata()->set_generation(1);
    node.mutable_metadata()->mutable_creation_timestamp()->set_unix_ms(base::toUnixMs(now));
  }
  if (node.spec().pod_cidr().empty()) node.mutable_spec()->set_pod_cidr(podCidr);
  auto& labels = *node.mutable_metadata()->mutable_labels();
  for (const auto& [key, value] : hello.labels()) labels[key] = value;
  labels["kubernetes.io/hostname"] = name;
  return node;
}

}  // namespace gantry::nodes
