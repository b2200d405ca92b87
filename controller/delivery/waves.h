// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "controller/model/state.h"
#include "manifests/render/folder.h"

namespace gantry::delivery {

/// Annotation: the wave in which an object is applied; a whole number, 0 if it is not there.
inline constexpr char kWaveAnnotation[] = "gantry.dev/sync-wave";
/// Annotation of a Job that is run while a plan is applied: PreSync, PostSync or SyncFail.
inline constexpr char kHookAnnotation[] = "gantry.dev/hook";

/// Phases of a plan. kSync creates and updates, kPrune deletes.
inline constexpr char kPreSync[] = "PreSync";
inline constexpr char kSync[] = "Sync";
inline constexpr char kPrune[] = "Prune";
inline constexpr char kPostSync[] = "PostSync";
inline constexpr char kSyncFail[] = "SyncFail";

/// What became of a wave.
inline constexpr char kWaveWaiting[] = "Waiting";
inline constexpr char kWaveProgressing[] = "Progressing";
inline constexpr char kWaveDone[] = "Done";
inline constexpr char kWaveFailed[] = "Failed";

using Message = google::protobuf::Message;

/// What the annotations say; 0 and empty if they say nothing. Pure.
int waveOf(const Message& object);
std::string hookOf(const Message& object);

/// Adds the hooks of `set` to the changes of a plan: PreSync before, PostSync and SyncFail after
/// them. Pure.
void addHooks(const std::string& owner, const manifests::RenderedSet& set,
              std::vector<api::PlannedChange>& changes);

/// Whether a plan is applied in several steps: only one of Git's does it, and only if it has hooks
/// or changes in more than one wave. Pure.
bool hasWaves(const api::Plan& plan);

/// The steps of a plan in order, all of them waiting: PreSync, Sync by wave, Prune by wave
/// downwards, PostSync. Those of SyncFail are added when another has failed. Pure.
std::vector<api::Wave> wavesOf(const api::Plan& plan);

/// The Job that a hook is run as: the hook's name and the number of the plan, so that each plan
/// runs it once. Pure.
std::string hookJobName(const api::Plan& plan, const api::PlannedChange& hook);

/// Whether `change` is one of `wave`.
bool isIn(const api::PlannedChange& change, const api::Wave& wave);

/// Whether a change of `plan` is in already, or being put in.
bool hasBegun(const api::Plan& plan, const api::PlannedChange& change);

/// Whether anything but hooks has been applied.
bool hasChanged(const api::Plan& plan);

/// The next that is to be done about a plan that is APPLYING.
struct WaveStep {
  /// As it is from now on: its waves, its message; APPLIED, FAILED or SUPERSEDED if that is over.
  api::Plan plan;
  /// To be carried out now.
  std::vector<api::PlannedChange> changes;
};

/// The wave under way is done once all that it has put is healthy, and has failed once something of
/// it is Degraded, or is gone. The next one begins unless there is a reason to stop (`stop`, one
/// sentence), and only if what it changes is as the plan says: else the plan is SUPERSEDED. After a
/// failure the SyncFail hooks are run, whatever `stop` says; then the plan is FAILED. `set` is what
/// the plan's revision renders to; null while that is not known: nothing begins. Pure.
WaveStep nextStep(const api::Plan& plan, const manifests::RenderedSet* set, const std::string& stop,
                  const model::State& state, base::Timestamp now);

/// Jobs of hooks that have not ended yet, by name: they are deleted when another plan takes over.
std::vector<model::Name> runningHooks(const api::Plan& plan, const model::State& state);

}  // namespace gantry::delivery
