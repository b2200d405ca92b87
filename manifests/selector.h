// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/map.h>

#include <string>

#include "manifests/schema/meta.pb.h"

namespace gantry::manifests {

using Labels = google::protobuf::Map<std::string, std::string>;

/// Whether labels match: all of matchLabels and all of matchExpressions. An empty selector matches
/// all.
bool matches(const schema::LabelSelector& selector, const Labels& labels);

/// Whether every pair of `selector` is in `labels` (a Service's selector). An empty one matches
/// nothing.
bool matchesAll(const Labels& selector, const Labels& labels);

}  // namespace gantry::manifests
