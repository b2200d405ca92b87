// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/shop.h"

#include "absl/strings/str_cat.h"

namespace gantry::sim {
namespace {

std::string deploymentYaml(const Workload& workload) {
  const std::string strategy =
      workload.isRecreate ? "    type: Recreate\n"
                          : absl::StrCat("    rollingUpdate:\n      maxSurge: ", workload.surge,
                                         "\n      maxUnavailable: ", workload.unavailable, "\n");
  return absl::StrCat(
      "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: ", workload.name,
      "\nspec:\n  replicas: ", workload.replicas, "\n  minReadySeconds: ", workload.minReadySeconds,
      "\n  strategy:\n", strategy, "  selector:\n    matchLabels:\n      app: ", workload.name,
      "\n  template:\n    metadata:\n      labels:\n        app: ", workload.name,
      "\n    spec:\n      terminationGracePeriodSeconds: 5\n      containers:\n      - name: web\n"
      "        image: ",
      workload.image,
      "\n        ports:\n        - containerPort: 8080\n        readinessProbe:\n"
      "          httpGet:\n            path: /\n            port: 8080\n"
      "          periodSeconds: 2\n          failureThreshold: 2\n        resources:\n"
      "          requests:\n            cpu: ",
      workload.cpuMillis,
      "m\n            memory: 64Mi\n        volumeMounts:\n        - name: greeting\n"
      "          mountPath: /etc/shop\n      volumes:\n      - name: greeting\n"
      "        configMap:\n          name: greeting\n---\napiVersion: v1\nkind: "
      "Service\nmetadata:\n"
      "  name: ",
      workload.name, "\nspec:\n  selector:\n    app: ", workload.name,
      "\n  ports:\n  - port: 80\n    targetPort: 8080\n");
}

std::string configYaml(const std::string& name, const std::string& text, int wave) {
  return absl::StrCat("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ", name,
                      "\n  annotations:\n    gantry.dev/sync-wave: \"", wave,
                      "\"\ndata:\n  text: ", text, "\n");
}

std::string boolean(bool value) {
  return value ? "true" : "false";
}

}  // namespace

std::string namespaceOf(const std::string& folder) {
  return absl::StrCat("shop-", folder);
}

support::FakeGit::Files filesOf(const Folder& folder) {
  support::FakeGit::Files files;
  const auto add = [&](const std::string& name, std::string text) {
    files[absl::StrCat(folder.name, "/", name, ".yaml")] = std::move(text);
  };
  add("namespace", absl::StrCat("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ",
                                namespaceOf(folder.name), "\n"));
  add("greeting", configYaml("greeting", folder.greeting, 0));
  add("secret", absl::StrCat("apiVersion: v1\nkind: Secret\nmetadata:\n  name: password\n"
                             "stringData:\n  password: ",
                             folder.password, "\n"));
  for (const Workload& workload : folder.workloads) add(workload.name, deploymentYaml(workload));
  // They wait until the Deployments are healthy.
  for (const auto& [name, text] : folder.extras) add(name, configYaml(name, text, 1));
  if (folder.isBroken) add("broken", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  nmae: x\n");
  return files;
}

std::string applicationFile(const std::string& name) {
  return absl::StrCat("applications/", name, ".yaml");
}

std::string applicationYaml(const std::string& name, const Policy& policy) {
  return absl::StrCat("apiVersion: gantry.dev/v1\nkind: Application\nmetadata:\n  name: ", name,
                      "\nspec:\n  source:\n    repoURL: .\n    path: ", name,
                      "\n  destination:\n    namespace: ", namespaceOf(name),
                      "\n  syncPolicy:\n    pollIntervalSeconds: 8\n",
                      policy.automated
                          ? absl::StrCat("    automated:\n      prune: ", boolean(policy.prune),
                                         "\n      selfHeal: ", boolean(policy.selfHeal), "\n")
                          : "",
                      "    approval:\n      required: ", policy.approvals, "\n");
}

}  // namespace gantry::sim
