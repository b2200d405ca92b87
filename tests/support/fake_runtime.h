// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/executor.h"
#include "runtime-agent/cri/runtime.h"

namespace gantry::support {

/// A container runtime that behaves: operations take (virtual) time, images are pulled, processes
/// end, answers get lost, and names that are taken are refused. It holds what it holds, so an agent
/// can be thrown away and another one started on it.
class FakeRuntime final : public agent::Runtime {
 public:
  /// How an image pulls, and what its process does.
  struct Image {
    bool present = true;
    base::Duration pullTakes = base::Duration(500);
    absl::Status pullError = {};
    /// Empty: runs until it is stopped.
    std::optional<base::Duration> exitsAfter = {};
    int exitCode = 0;
    /// How long it takes to heed SIGTERM; empty: never.
    std::optional<base::Duration> stopsAfter = base::Duration(100);
    std::optional<std::int64_t> uid = {};
    std::string userName = {};
  };

  struct Times {
    base::Duration runSandbox = base::Duration(80);
    base::Duration create = base::Duration(40);
    base::Duration start = base::Duration(60);
    base::Duration list = base::Duration(5);
    base::Duration remove = base::Duration(20);
  };

  explicit FakeRuntime(base::Executor& executor) : executor_(executor) {}
  ~FakeRuntime() override = default;

  // ---------------------------------------------------------------- what a test or simulator does

  /// By their names in manifests ("app:1"). Those that are not here are present and run for ever.
  std::map<std::string, Image> images;
  Times times;
  /// Nothing answers: all calls end with UNAVAILABLE.
  bool down = false;
  /// So many of the next calls that change something are carried out, but answered with an error.
  int loseAnswers = 0;
  /// So many of the next calls of that name ("runSandbox", "create", "start") fail, without effect.
  std::map<std::string, int> failNext;
  /// What exec answers, by command line; else exit code 0.
  std::map<std::string, absl::StatusOr<agent::ExecResult>> execResults;
  /// Called when something changed by itself, as containerd's events would.
  std::function<void()> onEvent;
  /// Every call that changes something: "runSandbox web", "start web/front 0", …
  std::vector<std::string> log;

  const std::vector<agent::SeenSandbox>& sandboxes() const { return state_.sandboxes; }
  const std::vector<agent::SeenContainer>& containers() const { return state_.containers; }
  const agent::ContainerSpec& specOf(const std::string& containerId) const {
    return specs_.at(containerId);
  }

  /// The newest container of that name in the pod; null if there is none.
  const agent::SeenContainer* find(const std::string& podUid, const std::string& name) const {
    const agent::SeenContainer* found = nullptr;
    for (const agent::SeenContainer& each : state_.containers) {
      if (each.podUid == podUid && each.name == name &&
          (found == nullptr || each.attempt > found->attempt)) {
        found = &each;
      }
    }
    return found;
  }

  int runningCount() const {
    return static_cast<int>(std::count_if(
        state_.containers.begin(), state_.containers.end(),
        [](const auto& each) { return each.phase == agent::ContainerPhase::kRunning; }));
  }

  /// Ends a container's process. False if none of that name runs.
  bool crash(const std::string& podUid, const std::string& name, int exitCode,
             const std::string& reason = "Error") {
    const agent::SeenContainer* found = find(podUid, name);
    if (found == nullptr || found->phase != agent::ContainerPhase::kRunning) return false;
    end(found->id, exitCode, reason);
    return true;
  }

  /// The sandbox's process dies, and its containers with it.
  void loseSandbox(const std::string& podUid) {
    for (agent::SeenSandbox& sandbox : state_.sandboxes) {
      if (sandbox.podUid != podUid || !sandbox.ready) continue;
      sandbox.ready = false;
      endAll(sandbox.id, 137);
    }
    notify();
  }

  /// The machine starts again: everything that ran has ended.
  void reboot() {
    for (agent::SeenSandbox& sandbox : state_.sandboxes) {
      sandbox.ready = false;
      endAll(sandbox.id, 255);
    }
    pulled_.clear();
  }

  /// Removes a container behind the agent's back.
  void removeFromOutside(const std::string& podUid, const std::string& name) {
    if (const agent::SeenContainer* found = find(podUid, name)) eraseContainer(found->id);
    notify();
  }

  // --------------------------------------------------------------------------------- Runtime

  void version(Callback<std::string> done) override {
    answer<std::string>(times.list, [] { return std::string("fake 1.0"); }, std::move(done), false);
  }

  void list(Callback<agent::RuntimeState> done) override {
    // What was true when the call was made, told later: as over a real socket.
    auto seen = std::make_shared<agent::RuntimeState>(state_);
    answer<agent::RuntimeState>(times.list, [seen] { return *seen; }, std::move(done), false);
  }

  void runSandbox(agent::SandboxSpec spec, Callback<agent::SeenSandbox> done) override {
    answer<agent::SeenSandbox>(
        times.runSandbox,
        [this, spec]() -> absl::StatusOr<agent::SeenSandbox> {
          if (takeFailure("runSandbox")) return absl::UnknownError("failed to set up the network");
          for (const agent::SeenSandbox& each : state_.sandboxes) {
            if (each.podUid == spec.podUid && each.attempt == spec.attempt) {
              return absl::UnknownError("the sandbox's name is reserved for " + each.id);
            }
          }
          log.push_back("runSandbox " + spec.podName);
          agent::SeenSandbox sandbox;
          sandbox.id = "sandbox-" + std::to_string(++lastId_);
          sandbox.podUid = spec.podUid;
          sandbox.podName = spec.podName;
          sandbox.podNamespace = spec.podNamespace;
          sandbox.attempt = spec.attempt;
          sandbox.ready = true;
          sandbox.ip = addressPrefix + std::to_string(++lastAddress_);
          sandbox.createdAt = executor_.wallNow();
          state_.sandboxes.push_back(sandbox);
          return sandbox;
        },
        std::move(done));
  }

  void stopSandbox(std::string sandboxId, Done done) override {
    finish(
        times.remove,
        [this, sandboxId] {
          if (agent::SeenSandbox* sandbox = findSandbox(sandboxId)) {
            log.push_back("stopSandbox " + sandbox->podName);
            sandbox->ready = false;
            endAll(sandboxId, 137);
          }
          return absl::OkStatus();
        },
        std::move(done));
  }

  void removeSandbox(std::string sandboxId, Done done) override {
    finish(
        times.remove,
        [this, sandboxId] {
          if (agent::SeenSandbox* sandbox = findSandbox(sandboxId)) {
            log.push_back("removeSandbox " + sandbox->podName);
          }
          std::erase_if(state_.sandboxes, [&](const auto& each) { return each.id == sandboxId; });
          std::erase_if(state_.containers,
                        [&](const auto& each) { return each.sandboxId == sandboxId; });
          return absl::OkStatus();
        },
        std::move(done));
  }

  void createContainer(std::string sandboxId, agent::SandboxSpec sandbox, agent::ContainerSpec spec,
                       Callback<std::string> done) override {
    answer<std::string>(
        times.create,
        [this, sandboxId, sandbox, spec]() -> absl::StatusOr<std::string> {
          if (takeFailure("create")) return absl::UnknownError("failed to create the container");
          const agent::SeenSandbox* home = findSandbox(sandboxId);
          if (home == nullptr) return absl::NotFoundError("no sandbox " + sandboxId);
          if (!home->ready) return absl::UnknownError("the sandbox is not running");
          if (!has(spec.image)) return absl::NotFoundError("no image " + spec.image);
          for (const agent::SeenContainer& each : state_.containers) {
            if (each.podUid == spec.podUid && each.name == spec.name &&
                each.attempt == spec.attempt) {
              return absl::UnknownError("the container's name is reserved for " + each.id);
            }
          }
          log.push_back("create " + describe(*home, spec.name, spec.attempt));
          agent::SeenContainer made;
          made.id = "container-" + std::to_string(++lastId_);
          made.sandboxId = sandboxId;
          made.podUid = spec.podUid;
          made.name = spec.name;
          made.attempt = spec.attempt;
          made.image = spec.image;
          made.imageRef = spec.imageRef;
          made.phase = agent::ContainerPhase::kCreated;
          made.createdAt = executor_.wallNow();
          const auto hash = spec.labels.find("gantry.dev/spec-hash");
          if (hash != spec.labels.end()) made.specHash = hash->second;
          made.logPath = sandbox.logDirectory + "/" + spec.logPath;
          state_.containers.push_back(made);
          specs_[made.id] = spec;
          return made.id;
        },
        std::move(done));
  }

  void startContainer(std::string containerId, Done done) override {
    finish(
        times.start,
        [this, containerId]() -> absl::Status {
          agent::SeenContainer* container = findContainer(containerId);
          if (container == nullptr) return absl::NotFoundError("no container " + containerId);
          if (container->phase != agent::ContainerPhase::kCreated) {
            return absl::FailedPreconditionError("the container is not in state created");
          }
          if (takeFailure("start")) {
            end(containerId, 128, "StartError");
            return absl::UnknownError("exec: no such file");
          }
          log.push_back("start " + describe(*findSandbox(container->sandboxId), container->name,
                                            container->attempt));
          container->phase = agent::ContainerPhase::kRunning;
          container->startedAt = executor_.wallNow();
          const Image image = imageOf(container->image);
          if (image.exitsAfter) {
            later(*image.exitsAfter, [this, containerId, image] {
              end(containerId, image.exitCode, image.exitCode == 0 ? "Completed" : "Error");
            });
          }
          return absl::OkStatus();
        },
        std::move(done));
  }

  void stopContainer(std::string containerId, base::Duration grace, Done done) override {
    if (down) return refuse(std::move(done));
    const agent::SeenContainer* container = findContainer(containerId);
    const bool running =
        container != nullptr && container->phase == agent::ContainerPhase::kRunning;
    base::Duration takes(0);
    int exitCode = 143;
    if (running) {
      log.push_back("stop " + describe(*findSandbox(container->sandboxId), container->name,
                                       container->attempt));
      const Image image = imageOf(container->image);
      const bool heeds = image.stopsAfter && *image.stopsAfter <= grace && grace.count() > 0;
      takes = heeds ? *image.stopsAfter : grace;
      exitCode = heeds ? 143 : 137;
    }
    finish(
        takes,
        [this, containerId, exitCode] {
          end(containerId, exitCode, "Error");
          return absl::OkStatus();
        },
        std::move(done));
  }

  void reopenLog(std::string containerId, Done done) override {
    finish(
        times.start,
        [this, containerId] {
          if (!findContainer(containerId)) return absl::NotFoundError("no such container");
          log.push_back("reopen log " + containerId);
          return absl::OkStatus();
        },
        std::move(done));
  }

  void removeContainer(std::string containerId, Done done) override {
    finish(
        times.remove,
        [this, containerId] {
          if (const agent::SeenContainer* container = findContainer(containerId)) {
            log.push_back("remove " + describe(*findSandbox(container->sandboxId), container->name,
                                               container->attempt));
          }
          eraseContainer(containerId);
          return absl::OkStatus();
        },
        std::move(done));
  }

  void findImage(std::string image, Callback<agent::ImageInfo> done) override {
    image = shortName(image);
    answer<agent::ImageInfo>(
        times.list, [this, image] { return has(image) ? infoOf(image) : agent::ImageInfo(); },
        std::move(done), false);
  }

  void pullImage(std::string image, Callback<agent::ImageInfo> done) override {
    image = shortName(image);
    answer<agent::ImageInfo>(
        imageOf(image).pullTakes,
        [this, image]() -> absl::StatusOr<agent::ImageInfo> {
          log.push_back("pull " + image);
          if (!imageOf(image).pullError.ok()) return imageOf(image).pullError;
          pulled_.insert(image);
          return infoOf(image);
        },
        std::move(done));
  }

  void exec(std::string containerId, std::vector<std::string> command, base::Duration timeout,
            Callback<agent::ExecResult> done) override {
    (void)timeout;
    std::string line;
    for (const std::string& word : command) line += (line.empty() ? "" : " ") + word;
    answer<agent::ExecResult>(
        times.list,
        [this, containerId, line]() -> absl::StatusOr<agent::ExecResult> {
          const agent::SeenContainer* container = findContainer(containerId);
          if (container == nullptr || container->phase != agent::ContainerPhase::kRunning) {
            return absl::NotFoundError("container " + containerId + " does not run");
          }
          log.push_back("exec " + line);
          const auto found = execResults.find(line);
          return found == execResults.end() ? agent::ExecResult() : found->second;
        },
        std::move(done), false);
  }

  /// Sandboxes get addressPrefix + 1, 2, …
  std::string addressPrefix = "10.244.0.";

 private:
  /// As manifests write it: the runtime is asked for whole names.
  static std::string shortName(const std::string& image) {
    constexpr std::string_view kHub = "docker.io/library/";
    return image.starts_with(kHub) ? image.substr(kHub.size()) : image;
  }

  Image imageOf(const std::string& image) const {
    const auto found = images.find(image);
    return found == images.end() ? Image() : found->second;
  }

  bool has(const std::string& image) const {
    return imageOf(image).present || pulled_.contains(image);
  }

  agent::ImageInfo infoOf(const std::string& image) const {
    return {"sha256:" + image, imageOf(image).uid, imageOf(image).userName};
  }

  static std::string describe(const agent::SeenSandbox& sandbox, const std::string& container,
                              std::uint32_t attempt) {
    return sandbox.podName + "/" + container + " " + std::to_string(attempt);
  }

  agent::SeenSandbox* findSandbox(const std::string& id) {
    for (agent::SeenSandbox& each : state_.sandboxes) {
      if (each.id == id) return &each;
    }
    return nullptr;
  }

  agent::SeenContainer* findContainer(const std::string& id) {
    for (agent::SeenContainer& each : state_.containers) {
      if (each.id == id) return &each;
    }
    return nullptr;
  }

  void eraseContainer(const std::string& id) {
    std::erase_if(state_.containers, [&id](const auto& each) { return each.id == id; });
  }

  bool takeFailure(const std::string& call) {
    const auto found = failNext.find(call);
    if (found == failNext.end() || found->second == 0) return false;
    --found->second;
    return true;
  }

  void end(const std::string& id, int exitCode, const std::string& reason) {
    agent::SeenContainer* container = findContainer(id);
    if (container == nullptr || container->phase == agent::ContainerPhase::kExited) return;
    container->phase = agent::ContainerPhase::kExited;
    container->exitCode = exitCode;
    container->reason = reason;
    container->finishedAt = executor_.wallNow();
    notify();
  }

  void endAll(const std::string& sandboxId, int exitCode) {
    std::vector<std::string> ids;
    for (const agent::SeenContainer& each : state_.containers) {
      if (each.sandboxId == sandboxId) ids.push_back(each.id);
    }
    for (const std::string& id : ids) end(id, exitCode, "Error");
  }

  void notify() {
    if (onEvent && !down)
      later(base::Duration(0), [this] {
        if (onEvent) onEvent();
      });
  }

  /// Runs `task` after `delay` unless this object is gone by then.
  void later(base::Duration delay, std::function<void()> task) {
    executor_.postAfter(delay, [alive = std::weak_ptr<int>(alive_), task = std::move(task)] {
      if (!alive.expired()) task();
    });
  }

  void refuse(Done done) {
    later(base::Duration(1), [done = std::move(done)] {
      done(absl::UnavailableError("the runtime does not answer"));
    });
  }

  template <class T, class Effect>
  void answer(base::Duration takes, Effect effect, Callback<T> done, bool changes = true) {
    later(down ? base::Duration(1) : takes,
          [this, effect = std::move(effect), done = std::move(done), changes] {
            if (down) return done(absl::UnavailableError("the runtime does not answer"));
            absl::StatusOr<T> result = effect();
            if (changes && loseAnswers > 0) {
              --loseAnswers;
              return done(absl::DeadlineExceededError("the answer was lost"));
            }
            done(std::move(result));
          });
  }

  template <class Effect>
  void finish(base::Duration takes, Effect effect, Done done) {
    later(down ? base::Duration(1) : takes,
          [this, effect = std::move(effect), done = std::move(done)] {
            if (down) return done(absl::UnavailableError("the runtime does not answer"));
            absl::Status result = effect();
            if (loseAnswers > 0) {
              --loseAnswers;
              result = absl::DeadlineExceededError("the answer was lost");
            }
            done(std::move(result));
          });
  }

  base::Executor& executor_;
  agent::RuntimeState state_;
  std::map<std::string, agent::ContainerSpec> specs_;
  std::set<std::string> pulled_;
  int lastId_ = 0;
  int lastAddress_ = 0;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace gantry::support
