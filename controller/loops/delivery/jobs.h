// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/api/control.pb.h"
#include "controller/delivery/caller.h"
#include "controller/loops/delivery/follower.h"
#include "controller/model/ledger.h"
#include "gitsync/git.h"

// What takes time carries what it has found so far from one answer to the next.
namespace gantry::loops {

/// What a revision that is not followed comes to.
struct Previewed {
  /// How it was looked at, in one word (Plan.preview) and in one sentence.
  std::string preview = "as-is";
  std::string message;
  schema::Revision revision;
  /// Null: there is nothing to merge.
  Rendered set;
  /// That changed the Application and are not applied yet.
  std::vector<schema::Revision> commits;
};

/// How to find a Way.
struct WayJob {
  model::Name name;
  /// What the fetch came to.
  absl::Status fetched;
  schema::Revision now;
  Follower::Way way;
  /// What was known before, so that people are told once.
  std::optional<Follower::Way> before;
  /// All of its commits, newest first.
  std::vector<schema::Revision> commits;
  /// None of them is newer than what is applied: the branch was moved back.
  bool isMovedBack = false;
};

/// The way to it.
struct PreviewJob {
  model::Name name;
  /// As it was asked for, and what is followed, as people read them.
  std::string wantedName;
  std::string intoName;
  gitsync::Fetched wanted;
  gitsync::Fetched into;
  enum class How { kAsItIs, kFastForward, kMerge };
  How how = How::kAsItIs;
  /// Holds what it comes to.
  std::string commit;
  Previewed result;
  std::function<void(absl::StatusOr<Previewed>)> done;
};

/// A rollback on its way from the request to its record.
struct RollbackJob {
  model::Name name;
  delivery::Caller caller;
  api::RollbackRequest request;
  model::Ptr<api::HistoryEntry> target;
  std::string headTreeHash;
  Rendered set;
  std::vector<gitsync::Commit> reverted;
  /// Of an automatic one: whether the policy, as it is by now, still has it.
  std::function<bool()> isStillWanted;
};

/// What a tree was rendered from.
struct Loaded {
  std::string treeHash;
  std::vector<std::string> bases;
  Rendered set;
};

}  // namespace gantry::loops
