// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "manifests/schema/core.pb.h"

namespace gantry::manifests {

/// Kubernetes' defaults of a pod and its template alike (AT-POD-01, 12, 14, 15, AT-PRB-01).
void fillPodSpec(schema::PodSpec& spec);

/// Requests that are not given are the limits. Kubernetes does this for pods and not for templates,
/// so a template does not change when it is looked at; the pods that are made of it do.
void fillRequestsFromLimits(schema::PodSpec& spec);

/// Always for the tag `latest` or none, IfNotPresent for any other tag or a digest (AT-POD-12).
std::string defaultPullPolicy(const std::string& image);

}  // namespace gantry::manifests
