// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "controller/loops/loop_context.h"

namespace gantry::loops {

/// A commit of bounded size, however many pods an owner wants; the rest follows with the next look.
inline constexpr int kMostPodsAtOnce = 500;

/// New pods of one owner, kMostPodsAtOnce at most: each with a name that is free, all with one
/// template, shared with those of `siblings` that have the same. Nothing is recorded.
std::vector<model::Pod> makePods(const LoopContext& context, const char* ownerKind,
                                 const schema::ObjectMeta& owner,
                                 const schema::PodTemplateSpec& shape,
                                 const std::vector<model::Ptr<model::Pod>>& siblings, int count);

}  // namespace gantry::loops
