// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/str_cat.h"

namespace gantry::tests {

/// Small manifests as people write them.

inline std::string deploymentYaml(const std::string& name, const std::string& image,
                                  int replicas = 2) {
  return absl::StrCat(
      "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: ", name,
      "\nspec:\n  replicas: ", replicas, "\n  selector:\n    matchLabels:\n      app: ", name,
      "\n  template:\n    metadata:\n      labels:\n        app: ", name,
      "\n    spec:\n      containers:\n        - name: web\n          image: ", image,
      "\n          ports:\n            - containerPort: 8080\n");
}

inline std::string serviceYaml(const std::string& name) {
  return absl::StrCat("apiVersion: v1\nkind: Service\nmetadata:\n  name: ", name,
                      "\nspec:\n  type: NodePort\n  selector:\n    app: ", name,
                      "\n  ports:\n    - port: 80\n      targetPort: 8080\n");
}

inline std::string configYaml(const std::string& name, const std::string& value) {
  return absl::StrCat("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ", name,
                      "\ndata:\n  greeting: ", value, "\n");
}

}  // namespace gantry::tests
