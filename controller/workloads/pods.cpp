// SPDX-License-Identifier: Apache-2.0
#include "controller/workloads/pods.h"

#include "base/check.h"

namespace gantry::workloads {

model::Pod makePod(const char* ownerKind, const schema::ObjectMeta& owner,
                   std::shared_ptr<const schema::PodTemplateSpec> shape, std::string name,
                   std::string uid, base::Timestamp now) {
  GANTRY_CHECK(shape != nullptr);
  model::Pod pod;
  pod.ns = owner.namespace_();
  pod.name = std::move(name);
  pod.uid = std::move(uid);
  pod.ownerKind = ownerKind;
  pod.ownerName = owner.name();
  pod.ownerUid = owner.uid();
  pod.createdAt = now;
  if (shape->spec().has_termination_grace_period_seconds()) {
    pod.gracePeriodSeconds = shape->spec().termination_grace_period_seconds();
  }
  auto status = std::make_shared<schema::PodStatus>();
  status->set_phase(model::phaseName(pod.phase));
  pod.status = std::move(status);
  pod.shape = std::move(shape);
  return pod;
}

}  // namespace gantry::workloads
