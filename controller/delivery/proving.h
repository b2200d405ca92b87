// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "controller/model/state.h"

namespace gantry::delivery {

/// How one Application waits for the health of another.
inline constexpr char kIsPromotedFrom[] = "is promoted from";
inline constexpr char kDependsOn[] = "depends on";

/// An Application whose policy asks for approvals, and how it waits for another one.
struct Proven {
  const schema::Application* application = nullptr;
  const char* how = kIsPromotedFrom;
};

/// By those that they wait for. Walks all Applications; valid until the next commit. Pure.
std::multimap<model::Name, Proven> provenBy(const model::State& state);

/// The fields of an Application that say what is healthy when it is, as far as they differ and not
/// just by being stricter: pointed at something trivial, it would prove whatever waits for it.
/// Pure.
std::vector<std::string> provingFields(const schema::Application& before,
                                       const schema::Application& after);

}  // namespace gantry::delivery
