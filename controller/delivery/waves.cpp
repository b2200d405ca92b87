// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/waves.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/delivery/deletions.h"
#include "controller/delivery/health.h"
#include "controller/delivery/ignored.h"
#include "controller/delivery/left_pods.h"
#include "controller/delivery/merge.h"
#include "controller/delivery/plan_state.h"
#include "controller/delivery/settings.h"
#include "controller/workloads/job.h"
#include "manifests/diff/diff.h"

namespace gantry::delivery {
namespace {

using manifests::ObjectKey;
using manifests::Resource;

/// A Job's name is a label of its pods.
constexpr std::size_t kMaxJobName = 63;

std::string annotationOf(const Message& object, const char* key) {
  const auto& annotations = manifests::metadataOf(object).annotations();
  const auto found = annotations.find(key);
  return found == annotations.end() ? std::string() : found->second;
}

std::string phaseOf(const api::PlannedChange& change) {
  if (!change.hook().empty()) return change.hook();
  return change.action() == api::DELETE ? kPrune : kSync;
}

std::string titleOf(const api::Wave& wave) {
  if (wave.phase() == kSync) return absl::StrCat("wave ", wave.number());
  return absl::StrCat(wave.phase(), " ", wave.number());
}

void addWaves(const api::Plan& plan, const char* phase, bool downwards,
              std::vector<api::Wave>& waves) {
  std::set<int> numbers;
  for (const api::PlannedChange& change : plan.changes()) {
    if (phaseOf(change) == phase) numbers.insert(change.wave());
  }
  std::vector<int> order(numbers.begin(), numbers.end());
  if (downwards) std::ranges::reverse(order);
  for (const int number : order) {
    api::Wave& wave = waves.emplace_back();
    wave.set_number(number);
    wave.set_phase(phase);
    wave.set_state(kWaveWaiting);
  }
}

ObjectKey keyOf(const api::Plan& plan, const api::PlannedChange& change) {
  return {change.kind(), change.namespace_(),
          change.hook().empty() ? change.name() : hookJobName(plan, change)};
}

/// A Job has ended: what it printed says more than its exit code.
std::string whereToLook(const ObjectKey& key) {
  if (key.kind != "Job") return {};
  return absl::StrCat(" (see `gantry logs job/", key.name, " -n ", key.ns, "`)");
}

/// Takes a plan through its waves.
class Walk {
 public:
  Walk(const api::Plan& plan, const manifests::RenderedSet* set, const std::string& stop,
       const model::State& state, base::Timestamp now)
      : set_(set), stop_(stop), state_(state), now_(now) {
    step_.plan = plan;
  }

  WaveStep run() {
    for (int i = 0; i < plan().waves_size(); ++i) {
      api::Wave& wave = *plan().mutable_waves(i);
      if (wave.state() == kWaveProgressing) follow(wave);
      if (wave.state() == kWaveProgressing) return waits(wave);
      if (wave.state() == kWaveWaiting && (!failed() || wave.phase() == kSyncFail)) {
        begin(wave);
        return std::move(step_);
      }
      if (wave.state() == kWaveFailed && wave.phase() != kSyncFail) addSyncFail();
    }
    end();
    return std::move(step_);
  }

 private:
  api::Plan& plan() { return step_.plan; }

  const api::Wave* failed() {
    const auto found = std::ranges::find_if(plan().waves(), [](const api::Wave& wave) {
      return wave.state() == kWaveFailed && wave.phase() != kSyncFail;
    });
    return found == plan().waves().end() ? nullptr : &*found;
  }

  /// Says how far the wave is.
  void follow(api::Wave& wave) {
    wave.clear_message();
    wave.set_state(kWaveDone);
    for (const api::PlannedChange& change : plan().changes()) {
      if (!isIn(change, wave)) continue;
      const ObjectKey key = keyOf(plan(), change);
      if (change.action() == api::DELETE) {
        const std::size_t pods = podsLeftOf(key, state_).size();
        if (findObject(state_, key) != nullptr) {
          keepWaiting(wave, key, "is being deleted");
        } else if (pods > 0) {
          keepWaiting(wave, key, absl::StrCat(pods, " of its pods are still to go"));
        }
        continue;
      }
      const Health health = healthOf(key, state_, now_);
      if (health.health == "Healthy") continue;
      if (health.health == "Degraded" || health.health == "Missing") {
        wave.set_state(kWaveFailed);
        wave.set_message(absl::StrCat(key.toString(), ": ", health.message, whereToLook(key)));
        return;
      }
      keepWaiting(wave, key, health.message);
    }
  }

  static void keepWaiting(api::Wave& wave, const ObjectKey& key, const std::string& why) {
    if (wave.state() == kWaveProgressing) return;
    wave.set_state(kWaveProgressing);
    wave.set_message(absl::StrCat(key.toString(), ": ", why));
  }

  WaveStep waits(const api::Wave& wave) {
    std::string message = absl::StrCat(titleOf(wave), " waits for ", wave.message());
    if (!stop_.empty()) absl::StrAppend(&message, "; the next does not begin: ", stop_);
    plan().set_message(std::move(message));
    return std::move(step_);
  }

  void begin(api::Wave& wave) {
    const bool asAlways = wave.phase() == kSyncFail;
    std::string stop = asAlways ? std::string() : stop_;
    if (stop.empty() && set_ == nullptr) stop = "what its revision holds is not known yet";
    if (!stop.empty()) {
      wave.set_message(stop);
      plan().set_message(absl::StrCat(titleOf(wave), " does not begin: ", stop));
      return;
    }
    if (set_->hash != plan().revision().rendered_hash()) {
      return supersede("its revision renders to something else now");
    }
    for (const api::PlannedChange& change : plan().changes()) {
      if (!isIn(change, wave)) continue;
      if (const std::string why = movedOn(change); !why.empty()) return supersede(why);
      step_.changes.push_back(change);
    }
    wave.set_state(kWaveProgressing);
    wave.clear_message();
    wave.mutable_started_at()->set_unix_ms(base::toUnixMs(now_));
    plan().set_message(absl::StrCat(titleOf(wave), " has begun"));
  }

  /// Why the change is no longer the one that was planned; empty if it is.
  std::string movedOn(const api::PlannedChange& change) {
    const ObjectKey key = keyOf(plan(), change);
    const std::shared_ptr<const Message> live = findObject(state_, key);
    if (live == nullptr) {
      return change.action() == api::UPDATE ? absl::StrCat(key.toString(), " is gone")
                                            : std::string();
    }
    if (change.action() == api::CREATE) {
      return absl::StrCat(key.toString(), " exists meanwhile");
    }
    const auto wanted = std::ranges::find_if(
        set_->resources, [&](const Resource& resource) { return resource.key() == key; });
    const Message* desired = change.action() == api::DELETE || wanted == set_->resources.end()
                                 ? nullptr
                                 : &wanted->message();
    if (contentHash(*live, desired) != change.before_hash()) {
      return absl::StrCat(key.toString(), " was changed meanwhile");
    }
    if (desired != nullptr && !comesTo(change, *desired, *live)) {
      return absl::StrCat(key.toString(), " would become something else than was planned");
    }
    if (change.action() != api::DELETE || key.kind != "Namespace") return {};
    const std::string newcomer = cameInto(key.name, plan(), state_);
    return newcomer.empty() ? newcomer : absl::StrCat(newcomer, " has come into ", key.toString());
  }

  /// Whether what would be written is what the plan says: other fields may be ignored by now.
  bool comesTo(const api::PlannedChange& change, const Message& desired, const Message& live) {
    const schema::Application* application =
        state_.applications.find({plan().namespace_(), plan().application()});
    if (application == nullptr) return true;
    const std::unique_ptr<Message> after = merge(desired, fullName(*application), &live);
    keepIgnored(*application, live, *after);
    return contentHash(*after, &desired) == change.after_hash();
  }

  void supersede(const std::string& why) {
    // Not the first half of a wave either.
    step_.changes.clear();
    advance(plan(), api::SUPERSEDED, absl::StrCat(why, "; ", howFar(), ": planned anew"), now_);
  }

  void addSyncFail() {
    const bool there = std::ranges::any_of(
        plan().waves(), [](const api::Wave& wave) { return wave.phase() == kSyncFail; });
    if (there) return;
    std::vector<api::Wave> waves;
    addWaves(plan(), kSyncFail, false, waves);
    for (api::Wave& wave : waves) *plan().add_waves() = std::move(wave);
  }

  void end() {
    if (const api::Wave* wave = failed()) {
      return advance(plan(), api::FAILED,
                     absl::StrCat(titleOf(*wave), " failed: ", wave->message(), "; ", howFar()),
                     now_);
    }
    advance(
        plan(), api::APPLIED,
        absl::StrCat(plan().changes_size(), " changes applied in ", plan().waves_size(), " waves"),
        now_);
  }

  /// "in: PreSync 0, wave 0; not in: wave 1".
  std::string howFar() {
    std::vector<std::string> in, out;
    for (const api::Wave& wave : plan().waves()) {
      if (wave.phase() == kSyncFail) continue;
      if (wave.state() == kWaveWaiting) {
        out.push_back(titleOf(wave));
      } else if (wave.state() == kWaveDone || wave.phase() == kSync || wave.phase() == kPrune) {
        in.push_back(titleOf(wave));
      }
    }
    const auto list = [](const std::vector<std::string>& names) {
      return names.empty() ? std::string("nothing") : absl::StrJoin(names, ", ");
    };
    return absl::StrCat("in: ", list(in), "; not in: ", list(out));
  }

  const manifests::RenderedSet* set_;
  const std::string& stop_;
  const model::State& state_;
  const base::Timestamp now_;
  WaveStep step_;
};

}  // namespace

int waveOf(const Message& object) {
  int wave = 0;
  return absl::SimpleAtoi(annotationOf(object, kWaveAnnotation), &wave) ? wave : 0;
}

std::string hookOf(const Message& object) {
  return annotationOf(object, kHookAnnotation);
}

void addHooks(const std::string& owner, const manifests::RenderedSet& set,
              std::vector<api::PlannedChange>& changes) {
  std::vector<api::PlannedChange> before, after;
  for (const Resource& resource : set.resources) {
    const std::string hook = hookOf(resource.message());
    if (hook.empty()) continue;
    const ObjectKey key = resource.key();
    const std::unique_ptr<Message> job = merge(resource.message(), owner, nullptr);
    api::PlannedChange& change = (hook == kPreSync ? before : after).emplace_back();
    change.set_action(api::CREATE);
    change.set_kind(key.kind);
    change.set_namespace_(key.ns);
    change.set_name(key.name);
    change.set_after_yaml(manifests::toYaml(*job));
    change.set_after_hash(contentHash(*job, &resource.message()));
    change.set_wave(waveOf(resource.message()));
    change.set_hook(hook);
  }
  const auto order = [](std::vector<api::PlannedChange>& hooks) {
    std::ranges::stable_sort(hooks, {}, [](const api::PlannedChange& hook) {
      return std::tuple(hook.hook() == kSyncFail, hook.wave(), hook.namespace_(), hook.name());
    });
  };
  order(before);
  order(after);
  changes.insert(changes.begin(), before.begin(), before.end());
  changes.insert(changes.end(), after.begin(), after.end());
}

bool hasWaves(const api::Plan& plan) {
  if (plan.cause() != kCauseSync || plan.changes().empty()) return false;
  const int first = plan.changes(0).wave();
  return std::ranges::any_of(plan.changes(), [&](const api::PlannedChange& change) {
    return !change.hook().empty() || change.wave() != first;
  });
}

std::vector<api::Wave> wavesOf(const api::Plan& plan) {
  std::vector<api::Wave> waves;
  addWaves(plan, kPreSync, false, waves);
  addWaves(plan, kSync, false, waves);
  addWaves(plan, kPrune, true, waves);
  addWaves(plan, kPostSync, false, waves);
  return waves;
}

std::string hookJobName(const api::Plan& plan, const api::PlannedChange& hook) {
  const std::string suffix = plan.name().substr(plan.name().rfind('-'));
  return absl::StrCat(hook.name().substr(0, kMaxJobName - suffix.size()), suffix);
}

bool isIn(const api::PlannedChange& change, const api::Wave& wave) {
  return change.wave() == wave.number() && phaseOf(change) == wave.phase();
}

bool hasBegun(const api::Plan& plan, const api::PlannedChange& change) {
  return std::ranges::any_of(plan.waves(), [&](const api::Wave& wave) {
    return wave.state() != kWaveWaiting && isIn(change, wave);
  });
}

bool hasChanged(const api::Plan& plan) {
  return std::ranges::any_of(plan.changes(), [&](const api::PlannedChange& change) {
    return change.hook().empty() && hasBegun(plan, change);
  });
}

WaveStep nextStep(const api::Plan& plan, const manifests::RenderedSet* set, const std::string& stop,
                  const model::State& state, base::Timestamp now) {
  return Walk(plan, set, stop, state, now).run();
}

std::vector<model::Name> runningHooks(const api::Plan& plan, const model::State& state) {
  std::vector<model::Name> running;
  for (const api::PlannedChange& change : plan.changes()) {
    if (change.hook().empty() || !hasBegun(plan, change)) continue;
    model::Name name{change.namespace_(), hookJobName(plan, change)};
    const schema::Job* job = state.jobs.find(name);
    if (job == nullptr || job->metadata().has_deletion_timestamp()) continue;
    if (workloads::jobState(*job).phase == workloads::JobState::Phase::kActive) {
      running.push_back(std::move(name));
    }
  }
  return running;
}

}  // namespace gantry::delivery
