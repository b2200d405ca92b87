// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/shop.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace gantry::sim {
namespace {

std::string deploymentYaml(const Workload& workload) {
  const std::string strategy =
      workload.isRecreate ? "    type: Recreate\n"
                          : absl::StrCat("    rollingUpdate:\n      maxSurge: ", workload.surge,
                                         "\n      maxUnavailable: ", workload.unavailable, "\n");
  return absl::StrCat(
      "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: ", workload.name,
      "\n  annotations:\n    gantry.dev/sync-wave: \"", workload.wave,
      "\"\nspec:\n  replicas: ", workload.replicas,
      "\n  minReadySeconds: ", workload.minReadySeconds,
      "\n  progressDeadlineSeconds: ", workload.deadlineSeconds, "\n  strategy:\n", strategy,
      "  selector:\n    matchLabels:\n      app: ", workload.name,
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

std::string budgetYaml(const Workload& workload) {
  return absl::StrCat("apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata:\n  name: ",
                      workload.name, "\nspec:\n  ", workload.keeps,
                      "\n  selector:\n    matchLabels:\n      app: ", workload.name, "\n");
}

std::string configYaml(const std::string& name, const std::string& text, int wave) {
  return absl::StrCat("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ", name,
                      "\n  annotations:\n    gantry.dev/sync-wave: \"", wave,
                      "\"\ndata:\n  text: ", text, "\n");
}

std::string hookYaml(const std::string& name, const Hook& hook) {
  return absl::StrCat(
      "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: ", name,
      "\n  annotations:\n    gantry.dev/hook: ", hook.phase, "\n    gantry.dev/sync-wave: \"",
      hook.wave, "\"\nspec:\n  backoffLimit: 0\n  activeDeadlineSeconds: 15\n",
      hook.isShortLived ? "  ttlSecondsAfterFinished: 10\n" : "",
      "  template:\n    spec:\n      restartPolicy: Never\n"
      "      terminationGracePeriodSeconds: 2\n      containers:\n      - name: task\n"
      "        image: ",
      hook.image,
      "\n        resources:\n          requests:\n            cpu: 50m\n"
      "            memory: 16Mi\n");
}

std::string boolean(bool value) {
  return value ? "true" : "false";
}

std::string windowsYaml(const std::vector<Window>& windows, const std::string& indent) {
  std::string yaml;
  for (const Window& window : windows) {
    absl::StrAppend(&yaml, indent, "- kind: ", window.isDeny ? "deny" : "allow", "\n", indent,
                    "  schedule: \"", window.schedule, "\"\n", indent,
                    "  duration: ", window.duration, "\n");
  }
  return yaml;
}

std::string approvalYaml(const Policy& policy) {
  return absl::StrCat("    approval:\n      required: ", policy.approvals,
                      "\n      expiresAfterSeconds: ", policy.expirySeconds,
                      "\n      authorMayApprove: ", boolean(policy.authorMayApprove),
                      "\n      roles: [", absl::StrJoin(policy.roles, ", "), "]\n");
}

std::string promotionYaml(const Policy& policy) {
  if (policy.promotedFrom.empty()) return {};
  return absl::StrCat("  promotion:\n    from: ", policy.promotedFrom,
                      "\n    soakSeconds: ", policy.soakSeconds, "\n");
}

std::string ignoredYaml(const Policy& policy) {
  if (!policy.ignoresReplicas) return {};
  return "  ignoreDifferences:\n  - {kind: Deployment, fields: [spec.replicas]}\n";
}

std::string roleYaml(const std::string& name, const std::string& permissions,
                     const std::set<std::string>& members) {
  return absl::StrCat("  - name: ", name, "\n    permissions: [", permissions, "]\n    members: [",
                      absl::StrJoin(members, ", "), "]\n");
}

}  // namespace

std::string namespaceOf(const std::string& folder) {
  return absl::StrCat("shop-", folder);
}

std::string labOf(const std::string& folder) {
  return absl::StrCat(namespaceOf(folder), "-lab");
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
  for (const Workload& workload : folder.workloads) {
    add(workload.name, deploymentYaml(workload));
    if (!workload.keeps.empty()) add(workload.name + "-budget", budgetYaml(workload));
  }
  // They wait until the Deployments are healthy.
  for (const auto& [name, text] : folder.extras) add(name, configYaml(name, text, 1));
  for (const auto& [name, hook] : folder.hooks) add(name, hookYaml(name, hook));
  const std::string lab = labOf(folder.name);
  if (folder.hasLab) {
    add("lab", absl::StrCat("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ", lab,
                            "\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: notes\n"
                            "  namespace: ",
                            lab, "\ndata:\n  text: ", folder.greeting, "\n"));
  }
  if (folder.isBroken) add("broken", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  nmae: x\n");
  return files;
}

std::string applicationFile(const std::string& name) {
  return absl::StrCat("applications/", name, ".yaml");
}

std::string applicationYaml(const std::string& name, const Policy& policy) {
  std::string yaml = absl::StrCat(
      "apiVersion: gantry.dev/v1\nkind: Application\nmetadata:\n  name: ", name,
      "\nspec:\n  source:\n    repoURL: .\n    path: ", name,
      "\n  destination:\n    namespace: ", namespaceOf(name), "\n", promotionYaml(policy),
      "  dependsOn: [", policy.dependsOn, "]\n", ignoredYaml(policy),
      "  syncPolicy:\n    pollIntervalSeconds: 8\n", approvalYaml(policy));
  if (policy.automated) {
    absl::StrAppend(&yaml, "    automated:\n      prune: ", boolean(policy.prune),
                    "\n      selfHeal: ", boolean(policy.selfHeal), "\n");
  }
  if (policy.mostDeletions) {
    absl::StrAppend(&yaml, "    deletionBudget:\n      maxObjects: ", *policy.mostDeletions, "\n");
  }
  if (policy.watchSeconds) {
    absl::StrAppend(&yaml, "    automaticRollback:\n      watchSeconds: ", *policy.watchSeconds,
                    "\n");
  }
  if (policy.retries > 0) {
    absl::StrAppend(&yaml, "    retry:\n      limit: ", policy.retries,
                    "\n      backoffSeconds: 2\n      maxBackoffSeconds: 8\n");
  }
  if (!policy.windows.empty()) {
    absl::StrAppend(&yaml, "    windows:\n", windowsYaml(policy.windows, "    "));
  }
  return yaml;
}

std::string teamYaml(const Team& team) {
  std::string yaml = absl::StrCat(
      "apiVersion: gantry.dev/v1\nkind: Project\nmetadata:\n  name: default\nspec:\n  roles:\n",
      roleYaml("owners", "sync, approve, rollback, hold, suspend, override", team.owners),
      roleYaml("reviewers", "approve", team.reviewers),
      roleYaml("operators", "sync, hold, suspend", team.operators));
  if (!team.windows.empty()) {
    absl::StrAppend(&yaml, "  syncWindows:\n", windowsYaml(team.windows, "  "));
  }
  return yaml;
}

}  // namespace gantry::sim
