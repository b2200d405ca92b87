// SPDX-License-Identifier: Apache-2.0
// Kustomize's default field specs, for what can be in Gantry's manifests and what stands beside it:
// where names, labels and annotations are.
#include "manifests/kustomize/field_spec.h"

namespace gantry::manifests::kustomize {
namespace {

struct Workload {
  const char* group;
  const char* version;
  const char* kind;
  /// Its pod's template.
  const char* templatePath;
};

constexpr Workload kWorkloads[] = {
    {"", "v1", "ReplicationController", "spec/template"},
    {"", "", "Deployment", "spec/template"},
    {"", "", "ReplicaSet", "spec/template"},
    {"", "", "DaemonSet", "spec/template"},
    {"apps", "", "StatefulSet", "spec/template"},
    {"batch", "", "Job", "spec/template"},
    {"batch", "", "CronJob", "spec/jobTemplate/spec/template"},
};

/// The metadata of what has a template: `what` is labels or annotations.
void addTemplates(std::vector<FieldSpec>& specs, const std::string& what) {
  for (const Workload& workload : kWorkloads) {
    specs.push_back({std::string(workload.templatePath) + "/metadata/" + what, workload.group,
                     workload.version, workload.kind, true});
  }
  specs.push_back({"spec/jobTemplate/metadata/" + what, "batch", "", "CronJob", true});
}

/// The selectors inside a pod, which are extended but never made.
void addPodSelectors(std::vector<FieldSpec>& specs, const std::string& kind) {
  const std::string pod = "spec/template/spec/";
  for (const char* affinity : {"podAffinity", "podAntiAffinity"}) {
    const std::string path = pod + "affinity/" + affinity + "/";
    specs.push_back({path + "preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/"
                            "labelSelector/matchLabels",
                     "apps", "", kind, false});
    specs.push_back(
        {path + "requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels", "apps",
         "", kind, false});
  }
  specs.push_back(
      {pod + "topologySpreadConstraints/labelSelector/matchLabels", "apps", "", kind, false});
}

std::vector<FieldSpec> makeSelectorLabels() {
  std::vector<FieldSpec> specs = {
      {"spec/selector", "", "v1", "Service", true},
      {"spec/selector", "", "v1", "ReplicationController", true},
      {"spec/selector/matchLabels", "", "", "Deployment", true},
      {"spec/selector/matchLabels", "", "", "ReplicaSet", true},
      {"spec/selector/matchLabels", "", "", "DaemonSet", true},
      {"spec/selector/matchLabels", "apps", "", "StatefulSet", true},
      {"spec/selector/matchLabels", "batch", "", "Job", false},
      {"spec/jobTemplate/spec/selector/matchLabels", "batch", "", "CronJob", false},
      {"spec/selector/matchLabels", "policy", "", "PodDisruptionBudget", false},
      {"spec/podSelector/matchLabels", "networking.k8s.io", "", "NetworkPolicy", false},
      {"spec/ingress/from/podSelector/matchLabels", "networking.k8s.io", "", "NetworkPolicy",
       false},
      {"spec/egress/to/podSelector/matchLabels", "networking.k8s.io", "", "NetworkPolicy", false},
      {"metadata/labels", "", "", "", true},
      {"spec/volumeClaimTemplates[]/metadata/labels", "apps", "", "StatefulSet", true},
  };
  addPodSelectors(specs, "Deployment");
  addPodSelectors(specs, "StatefulSet");
  addTemplates(specs, "labels");
  return specs;
}

std::vector<FieldSpec> makeTemplateLabels() {
  std::vector<FieldSpec> specs;
  addTemplates(specs, "labels");
  return specs;
}

std::vector<FieldSpec> makeAnnotations() {
  std::vector<FieldSpec> specs = {{"metadata/annotations", "", "", "", true}};
  addTemplates(specs, "annotations");
  return specs;
}

/// The pods of what holds any, with the path to their spec.
struct PodHolder {
  const char* kind;
  const char* path;
};

constexpr PodHolder kPods[] = {
    {"Pod", "spec/"},
    {"PodTemplate", "template/spec/"},
    {"Deployment", "spec/template/spec/"},
    {"ReplicaSet", "spec/template/spec/"},
    {"ReplicationController", "spec/template/spec/"},
    {"DaemonSet", "spec/template/spec/"},
    {"StatefulSet", "spec/template/spec/"},
    {"Job", "spec/template/spec/"},
    {"CronJob", "spec/jobTemplate/spec/template/spec/"},
};

NameReference fromPods(FieldSpec target, std::initializer_list<const char*> paths,
                       std::initializer_list<FieldSpec> others = {}) {
  NameReference reference{std::move(target), others};
  for (const PodHolder& holder : kPods) {
    for (const char* path : paths) {
      reference.fields.push_back({std::string(holder.path) + path, "", "", holder.kind, false});
    }
  }
  return reference;
}

FieldSpec target(const char* group, const char* version, const char* kind) {
  return {"", group, version, kind, false};
}

std::vector<NameReference> makeReferences() {
  constexpr const char* kRbac = "rbac.authorization.k8s.io";
  const FieldSpec scaled{"spec/scaleTargetRef/name", "", "", "HorizontalPodAutoscaler", false};
  std::vector<NameReference> all;
  for (const char* kind : {"Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"}) {
    all.push_back({target("", "", kind), {scaled}});
  }
  all.push_back(fromPods(
      target("", "v1", "ConfigMap"),
      {"volumes/configMap/name", "containers/env/valueFrom/configMapKeyRef/name",
       "initContainers/env/valueFrom/configMapKeyRef/name", "containers/envFrom/configMapRef/name",
       "initContainers/envFrom/configMapRef/name", "volumes/projected/sources/configMap/name"},
      {{"rules/resourceNames", "", "", "Role", false},
       {"rules/resourceNames", "", "", "ClusterRole", false}}));
  all.push_back(
      fromPods(target("", "v1", "Secret"),
               {"volumes/secret/secretName", "containers/env/valueFrom/secretKeyRef/name",
                "initContainers/env/valueFrom/secretKeyRef/name",
                "containers/envFrom/secretRef/name", "initContainers/envFrom/secretRef/name",
                "imagePullSecrets/name", "volumes/projected/sources/secret/name"},
               {{"spec/tls/secretName", "", "", "Ingress", false},
                {"imagePullSecrets/name", "", "", "ServiceAccount", false},
                {"rules/resourceNames", "", "", "Role", false},
                {"rules/resourceNames", "", "", "ClusterRole", false}}));
  all.push_back({target("", "v1", "Service"),
                 {{"spec/serviceName", "apps", "", "StatefulSet", false},
                  {"spec/rules/http/paths/backend/serviceName", "", "", "Ingress", false},
                  {"spec/backend/serviceName", "", "", "Ingress", false},
                  {"spec/rules/http/paths/backend/service/name", "", "", "Ingress", false},
                  {"spec/defaultBackend/service/name", "", "", "Ingress", false},
                  {"spec/rules/backendRefs/name", "", "", "HTTPRoute", false}}});
  all.push_back({target(kRbac, "", "Role"), {{"roleRef/name", kRbac, "", "RoleBinding", false}}});
  all.push_back({target(kRbac, "", "ClusterRole"),
                 {{"roleRef/name", kRbac, "", "RoleBinding", false},
                  {"roleRef/name", kRbac, "", "ClusterRoleBinding", false}}});
  all.push_back(fromPods(target("", "v1", "ServiceAccount"), {"serviceAccountName"},
                         {{"subjects", kRbac, "", "RoleBinding", false},
                          {"subjects", kRbac, "", "ClusterRoleBinding", false}}));
  all.push_back(fromPods(target("", "v1", "PersistentVolumeClaim"),
                         {"volumes/persistentVolumeClaim/claimName"}));
  all.push_back(
      fromPods(target("scheduling.k8s.io", "v1", "PriorityClass"), {"priorityClassName"}));
  return all;
}

}  // namespace

const std::vector<FieldSpec>& selectorLabelFields() {
  static const std::vector<FieldSpec> specs = makeSelectorLabels();
  return specs;
}

const std::vector<FieldSpec>& templateLabelFields() {
  static const std::vector<FieldSpec> specs = makeTemplateLabels();
  return specs;
}

const std::vector<FieldSpec>& annotationFields() {
  static const std::vector<FieldSpec> specs = makeAnnotations();
  return specs;
}

const std::vector<FieldSpec>& namespaceFields() {
  static const std::vector<FieldSpec> specs = {
      {"metadata/name", "", "", "Namespace", true},
      {"spec/service/namespace", "apiregistration.k8s.io", "", "APIService", false},
  };
  return specs;
}

const std::vector<NameReference>& nameReferences() {
  static const std::vector<NameReference> references = makeReferences();
  return references;
}

}  // namespace gantry::manifests::kustomize
