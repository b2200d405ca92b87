// SPDX-License-Identifier: Apache-2.0
#include "manifests/validate/validate.h"

#include "manifests/validate/rules.h"

namespace gantry::manifests {
namespace {

template <class... Kinds>
void dispatch(const Resource& resource, Problems& problems) {
  const auto attempt = [&]<class T>(T*) {
    if (const T* message = resource.as<T>()) check(*message, problems);
  };
  (attempt(static_cast<Kinds*>(nullptr)), ...);
}

}  // namespace

std::vector<Diagnostic> validate(const Resource& resource) {
  Problems problems(resource);
  const FieldPath root;
  checkMetadata(resource.kind(), resource.metadata(), root.field("metadata"), problems);
  dispatch<schema::Namespace, schema::ConfigMap, schema::Secret, schema::Service, schema::Pod,
           schema::ReplicaSet, schema::Deployment, schema::Job, schema::PodDisruptionBudget,
           schema::Application, schema::Project, schema::ApplicationSet>(resource, problems);
  return problems.take();
}

}  // namespace gantry::manifests
