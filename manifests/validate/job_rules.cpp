// SPDX-License-Identifier: Apache-2.0
#include "manifests/validate/names.h"
#include "manifests/validate/rules.h"

namespace gantry::manifests {

void check(const schema::Job& job, Problems& problems) {
  const schema::JobSpec& spec = job.spec();
  const FieldPath root;
  // Its pods carry the name in a label.
  const FieldPath own = root.field("metadata");
  problems.require(isLabelValue(job.metadata().name()), own.field("name"),
                   "the name of a Job is a label of its pods", "use at most 63 characters");
  const FieldPath path = root.field("spec");
  problems.requireAtLeast(spec.parallelism(), 0, path.field("parallelism"));
  problems.requireAtLeast(spec.completions(), 0, path.field("completions"));
  problems.requireAtLeast(spec.backoff_limit(), 0, path.field("backoffLimit"));
  problems.requireAtLeast(spec.ttl_seconds_after_finished(), 0,
                          path.field("ttlSecondsAfterFinished"));
  if (spec.has_active_deadline_seconds()) {
    problems.requireAtLeast(spec.active_deadline_seconds(), 1, path.field("activeDeadlineSeconds"));
  }
  const FieldPath shape = path.field("template");
  const FieldPath metadata = shape.field("metadata");
  checkLabels(spec.template_().metadata().labels(), metadata.field("labels"), problems);
  const FieldPath pod = shape.field("spec");
  checkPodSpec(spec.template_().spec(), pod, problems);
  // AT-JOB-02: what always starts again never ends. Not named, it is Always.
  problems.require(spec.template_().spec().restart_policy() != "Always", pod.field("restartPolicy"),
                   "the pods of a Job end, and Always starts them again",
                   "write `restartPolicy: Never`, or OnFailure");
}

}  // namespace gantry::manifests
