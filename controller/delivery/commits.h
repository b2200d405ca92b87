// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "controller/api/records.pb.h"
#include "manifests/schema/gantry.pb.h"

namespace gantry::delivery {

/// The commits that a plan brings: the newest are shown, and nobody who wrote or signed any may
/// approve it.
struct Commits {
  /// Newest first, at most kShownCommits. Empty: not known.
  std::vector<schema::Revision> newest;
  /// How many more there are, and who wrote those: each author once, ordered. Who signed one counts
  /// as an author without an address.
  int older = 0;
  std::vector<api::Author> olderAuthors;
  /// What of the applied revision's history the plan leaves, for people (describeTakenAway). Empty:
  /// it goes forward.
  std::string takenAway = {};
};

/// How many commits a plan names at most.
inline constexpr std::size_t kShownCommits = 100;

/// How many are read at most. Of more, nothing is known: then nobody may approve.
inline constexpr int kMostCommits = 10'000;

/// Of a whole list, newest first. Pure.
Commits commitsOf(std::vector<schema::Revision> all);

/// "takes away 1a2b3c4d "Use v3" by Dan, 4d5e6f7a "Use v2" by Bo and 3 more", of the commits that
/// are left, newest first; empty of none. Pure.
std::string describeTakenAway(const std::vector<schema::Revision>& left);

/// Writes them into the plan. Pure.
void setCommits(api::Plan& plan, const Commits& commits);

/// The same, from another plan of the same commits. Pure.
void copyCommits(api::Plan& plan, const api::Plan& from);

}  // namespace gantry::delivery
