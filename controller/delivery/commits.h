// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "controller/api/records.pb.h"
#include "manifests/schema/gantry.pb.h"

namespace gantry::delivery {

/// The commits that a plan brings: the newest are shown, and nobody who wrote any may approve it.
struct Commits {
  /// Newest first, at most kShownCommits. Empty: not known.
  std::vector<schema::Revision> newest;
  /// How many more there are, and who wrote those: each author once, ordered.
  int older = 0;
  std::vector<api::Author> olderAuthors;
};

/// How many commits a plan names at most.
inline constexpr std::size_t kShownCommits = 100;

/// How many are read at most. Of more, nothing is known: then nobody may approve.
inline constexpr int kMostCommits = 10'000;

/// Of a whole list, newest first. Pure.
Commits commitsOf(std::vector<schema::Revision> all);

/// Writes them into the plan; the one that is its revision is signed as that is. Pure.
void setCommits(api::Plan& plan, const Commits& commits);

/// The same, from another plan of the same commits. Pure.
void copyCommits(api::Plan& plan, const api::Plan& from);

}  // namespace gantry::delivery
