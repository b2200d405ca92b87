// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/pods/pod_runner.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime-agent/cri/labels.h"
#include "runtime-agent/images/image_reference.h"
#include "runtime-agent/pods/container_spec.h"

namespace gantry::agent {
namespace {

// Events that wait for a session: older ones are dropped.
constexpr std::size_t kEventsKept = 50;

std::string text(const absl::Status& status) {
  return std::string(status.message());
}

std::string quoted(const std::string& image) {
  return absl::StrCat("\"", image, "\"");
}

/// As the runtime will show it.
SeenContainer madeContainer(const ContainerSpec& spec, const std::string& sandboxId,
                            const std::string& id, base::Timestamp now) {
  SeenContainer container;
  container.id = id;
  container.sandboxId = sandboxId;
  container.podUid = spec.podUid;
  container.name = spec.name;
  container.attempt = spec.attempt;
  container.image = spec.image;
  container.imageRef = spec.imageRef;
  container.phase = ContainerPhase::kCreated;
  container.createdAt = now;
  container.specHash = spec.labels.at(labels::kSpecHash);
  return container;
}

}  // namespace

PodRunner::PodRunner(base::Executor& executor, Runtime& runtime, Prober& prober, Volumes& volumes,
                     const World& world, int parallelPods, Listener listener)
    : executor_(executor),
      runtime_(runtime),
      prober_(prober),
      volumes_(volumes),
      world_(world),
      listener_(std::move(listener)),
      heavy_(std::make_shared<Lane>(executor, parallelPods)),
      pulls_(std::make_shared<Lane>(executor, parallelPods)) {}

void PodRunner::run(const Ref& pod, const Action& action) {
  std::visit(
      [&](const auto& each) {
        using T = std::decay_t<decltype(each)>;
        if constexpr (std::is_same_v<T, RunSandbox>) runSandbox(pod, each);
        if constexpr (std::is_same_v<T, StartContainer>) start(pod, each);
        if constexpr (std::is_same_v<T, StopContainer>) stop(pod, each);
        if constexpr (std::is_same_v<T, StopSandbox>) stopSandbox(pod, each);
        if constexpr (std::is_same_v<T, RemoveSandbox>) removeSandbox(pod, each);
        if constexpr (std::is_same_v<T, RemoveContainer>) removeContainer(pod, each);
        if constexpr (std::is_same_v<T, Forget>) forget(pod);
      },
      action);
}

// --------------------------------------------------------------------------------------- sandbox

void PodRunner::runSandbox(const Ref& pod, const RunSandbox& action) {
  begin(*pod, kSandboxKey, Work::kChanging);
  heavy_->enter([this, action, weak = Weak(pod)](Lane::Ticket ticket) {
    const Ref record = weak.lock();
    if (!record) return;
    if (record->stop) return end(record, kSandboxKey);
    runtime_.runSandbox(makeSandboxSpec(record->pod, action.attempt, world_.node),
                        [this, weak, ticket](absl::StatusOr<SeenSandbox> sandbox) {
                          const Ref made = weak.lock();
                          if (!made) return;
                          if (sandbox.ok()) {
                            made->sandboxTrouble.reset();
                            made->sandboxBackoff.reset();
                            made->sandboxes.insert(made->sandboxes.begin(), *std::move(sandbox));
                            return end(made, kSandboxKey);
                          }
                          const base::Instant now = executor_.now();
                          const std::string message = absl::StrCat(
                              "cannot make the pod's sandbox: ", sandbox.status().message());
                          made->sandboxTrouble = Trouble{"FailedCreatePodSandBox", message, now,
                                                         now + made->sandboxBackoff.next()};
                          event(*made, true, "FailedCreatePodSandBox", message);
                          end(made, kSandboxKey, true);
                        });
  });
}

void PodRunner::stopSandbox(const Ref& pod, const StopSandbox& action) {
  begin(*pod, kSandboxKey, Work::kChanging);
  heavy_->enter([this, action, weak = Weak(pod)](Lane::Ticket ticket) {
    if (weak.expired()) return;
    runtime_.stopSandbox(action.sandboxId, [this, action, weak, ticket](absl::Status status) {
      const Ref record = weak.lock();
      if (!record) return;
      if (status.ok()) {
        record->stoppedSandboxes.insert(action.sandboxId);
        for (SeenSandbox& each : record->sandboxes) {
          if (each.id == action.sandboxId) each.ready = false;
        }
      }
      end(record, kSandboxKey, !status.ok());
    });
  });
}

void PodRunner::removeSandbox(const Ref& pod, const RemoveSandbox& action) {
  begin(*pod, kSandboxKey, Work::kChanging);
  heavy_->enter([this, action, weak = Weak(pod)](Lane::Ticket ticket) {
    if (weak.expired()) return;
    runtime_.removeSandbox(action.sandboxId, [this, action, weak, ticket](absl::Status status) {
      const Ref record = weak.lock();
      if (!record) return;
      if (status.ok()) {
        std::erase_if(record->sandboxes,
                      [&](const auto& each) { return each.id == action.sandboxId; });
        std::erase_if(record->containers,
                      [&](const auto& each) { return each.sandboxId == action.sandboxId; });
      }
      end(record, kSandboxKey, !status.ok());
    });
  });
}

void PodRunner::forget(const Ref& pod) {
  begin(*pod, kSandboxKey, Work::kChanging);
  const absl::Status removed = volumes_.remove(pod->pod.metadata().uid());
  if (removed.ok()) {
    if (discardLog) discardLog(podLogDirectory(world_.node.podLogRoot, pod->pod));
    pod->gone = true;
  } else {
    event(*pod, true, "FailedUnmount", text(removed));
  }
  // Volumes that cannot be removed are tried again after the next look at the runtime.
  end(pod, kSandboxKey, !removed.ok());
}

// -------------------------------------------------------------------------------------- starting

void PodRunner::start(const Ref& pod, const StartContainer& action) {
  begin(*pod, action.name, action.containerId.empty() ? Work::kPulling : Work::kChanging);
  if (action.containerId.empty()) return ensureImage(pod, action);
  heavy_->enter([this, action, weak = Weak(pod)](Lane::Ticket ticket) {
    if (const Ref record = weak.lock()) launch(record, action, std::move(ticket));
  });
}

void PodRunner::ensureImage(const Ref& pod, const StartContainer& action) {
  const schema::Container* container = findContainer(pod->pod.spec(), action.name);
  const absl::StatusOr<ImageReference> reference = parseImage(container->image());
  if (!reference.ok()) {
    trouble(*pod, action.name, "InvalidImageName", text(reference.status()));
    return end(pod, action.name);
  }
  const std::string name = formatImage(*reference);
  if (decidePull(container->image_pull_policy(), *reference, true) == PullAction::kPull) {
    return pull(pod, action, name);
  }
  runtime_.findImage(name, [this, action, name, image = *reference,
                            weak = Weak(pod)](absl::StatusOr<ImageInfo> found) {
    const Ref record = weak.lock();
    if (!record) return;
    if (!found.ok()) return end(record, action.name, true);
    const schema::Container* wanted = findContainer(record->pod.spec(), action.name);
    switch (decidePull(wanted->image_pull_policy(), image, !found->ref.empty())) {
      case PullAction::kUse:
        event(*record, false, "Pulled",
              absl::StrCat("Container image ", quoted(wanted->image()),
                           " already present on machine"));
        return create(record, action, *found);
      case PullAction::kPull:
        return pull(record, action, name);
      case PullAction::kRefuse:
        trouble(*record, action.name, "ErrImageNeverPull",
                absl::StrCat("the node does not have image ", quoted(wanted->image()),
                             ", and imagePullPolicy is Never"));
        return end(record, action.name);
    }
  });
}

void PodRunner::pull(const Ref& pod, const StartContainer& action, const std::string& image) {
  pulls_->enter([this, action, image, weak = Weak(pod)](Lane::Ticket ticket) {
    const Ref record = weak.lock();
    if (!record) return;
    if (record->stop) return end(record, action.name);
    event(*record, false, "Pulling", absl::StrCat("Pulling image ", quoted(image)));
    runtime_.pullImage(image, [this, action, image, weak, ticket,
                               begun = executor_.now()](absl::StatusOr<ImageInfo> pulled) {
      const Ref waiting = weak.lock();
      if (!waiting) return;
      const base::Instant now = executor_.now();
      if (pulled.ok()) {
        waiting->pulls.succeeded(image);
        event(*waiting, false, "Pulled",
              absl::StrCat("Successfully pulled image ", quoted(image), " in ",
                           (now - begun).count(), "ms"));
        return create(waiting, action, *pulled);
      }
      const std::string message =
          absl::StrCat("cannot pull image ", quoted(image), ": ", pulled.status().message());
      waiting->pulls.failed(image, message, now);
      waiting->byName[action.name].trouble =
          Trouble{"ErrImagePull", message, now, waiting->pulls.waitUntil(image, now).value_or(now)};
      event(*waiting, true, "Failed", message);
      event(*waiting, false, "BackOff", absl::StrCat("Back-off pulling image ", quoted(image)));
      end(waiting, action.name);
    });
  });
}

absl::StatusOr<ContainerSpec> PodRunner::specFor(const PodRecord& pod, const StartContainer& action,
                                                 const ImageInfo& image) {
  std::map<std::string, std::string> volumes;
  GANTRY_ASSIGN_OR_RETURN(volumes, volumes_.prepare(pod.pod, world_.sources));
  const SeenSandbox* sandbox = newestSandbox(pod);
  const std::string ip = pod.pod.spec().host_network() ? world_.node.address : sandbox->ip;
  return makeContainerSpec(
      *findContainer(pod.pod.spec(), action.name), action.attempt,
      ContainerInputs{.environment = {pod.pod, world_.sources, world_.services, world_.node, ip},
                      .volumes = volumes,
                      .image = image});
}

void PodRunner::create(const Ref& pod, const StartContainer& action, const ImageInfo& image) {
  heavy_->enter([this, action, image, weak = Weak(pod)](Lane::Ticket ticket) {
    const Ref record = weak.lock();
    if (!record) return;
    const SeenSandbox* sandbox = newestSandbox(*record);
    // While the image was fetched, the sandbox may have been replaced: init containers go first.
    const schema::Container* init = pendingInit(*record);
    const bool tooEarly = init != nullptr && init->name() != action.name;
    if (record->stop || sandbox == nullptr || !sandbox->ready || tooEarly) {
      return end(record, action.name);
    }
    absl::StatusOr<ContainerSpec> spec = specFor(*record, action, image);
    if (!spec.ok()) {
      trouble(*record, action.name, "CreateContainerConfigError", text(spec.status()));
      return end(record, action.name);
    }
    record->busy[action.name] = Work::kChanging;
    runtime_.createContainer(
        sandbox->id, makeSandboxSpec(record->pod, sandbox->attempt, world_.node), *spec,
        [this, action, ticket, weak, spec = *spec,
         sandboxId = sandbox->id](absl::StatusOr<std::string> id) {
          const Ref made = weak.lock();
          if (!made) return;
          if (!id.ok()) {
            if (!absl::IsUnavailable(id.status())) {
              trouble(*made, action.name, "CreateContainerError", text(id.status()));
            }
            return end(made, action.name, true);
          }
          event(*made, false, "Created", absl::StrCat("Created container ", action.name));
          made->containers.insert(made->containers.begin(),
                                  madeContainer(spec, sandboxId, *id, executor_.wallNow()));
          launch(made, StartContainer{action.name, action.attempt, *id}, ticket);
        });
  });
}

void PodRunner::launch(const Ref& pod, const StartContainer& action, Lane::Ticket ticket) {
  pod->busy[action.name] = Work::kChanging;
  if (pod->stop) return end(pod, action.name);
  runtime_.startContainer(action.containerId, [this, action, ticket = std::move(ticket),
                                               weak = Weak(pod)](absl::Status status) {
    const Ref record = weak.lock();
    if (!record) return;
    if (status.ok()) return launched(record, action);
    event(*record, true, "Failed",
          absl::StrCat("cannot start container ", action.name, ": ", status.message()));
    end(record, action.name, true);
  });
}

void PodRunner::launched(const Ref& pod, const StartContainer& action) {
  for (SeenContainer& each : pod->containers) {
    if (each.id != action.containerId) continue;
    each.phase = ContainerPhase::kRunning;
    each.startedAt = executor_.wallNow();
  }
  if (action.attempt > 0) pod->byName[action.name].restarts.restarted(executor_.now());
  event(*pod, false, "Started", absl::StrCat("Started container ", action.name));
  const schema::Container* container = findContainer(pod->pod.spec(), action.name);
  if (!container->lifecycle().has_post_start()) return end(pod, action.name);
  postStart(pod, action.name, action.containerId);
}

void PodRunner::postStart(const Ref& pod, const std::string& name, const std::string& containerId) {
  // Kubernetes sets no limit; a hook that hangs would hold the container for ever.
  constexpr base::Duration kLongestHook = std::chrono::minutes(10);
  const schema::Container* container = findContainer(pod->pod.spec(), name);
  hook(pod, container->lifecycle().post_start(), name, containerId, kLongestHook,
       [this, name, containerId, weak = Weak(pod)](const std::string& failure) {
         const Ref record = weak.lock();
         if (!record) return;
         end(record, name);
         if (failure.empty()) return;
         event(*record, true, "FailedPostStartHook", failure);
         record->byName[name].kill =
             Kill{containerId, absl::StrCat("Container ", name, " failed postStart hook"),
                  gracePeriod(record->pod)};
         listener_.changed(record);
       });
}

// -------------------------------------------------------------------------------------- stopping

void PodRunner::stop(const Ref& pod, const StopContainer& action) {
  begin(*pod, action.name, Work::kChanging);
  event(*pod, false, "Killing", action.reason);
  const base::Instant begun = executor_.now();
  preStop(pod, action, [this, action, begun, weak = Weak(pod)] {
    // The hook's time is part of the grace period; a hook that used it up leaves 2 s (AT-POD-08).
    constexpr base::Duration kAtLeast = std::chrono::seconds(2);
    const Ref record = weak.lock();
    if (!record) return;
    const base::Duration used = executor_.now() - begun;
    const base::Duration left =
        used == base::Duration(0) ? action.grace : std::max(kAtLeast, action.grace - used);
    stopNow(record, action, left);
  });
}

void PodRunner::preStop(const Ref& pod, const StopContainer& action, std::function<void()> then) {
  const schema::Container* container = findContainer(pod->pod.spec(), action.name);
  if (container == nullptr || !container->lifecycle().has_pre_stop() ||
      action.grace <= base::Duration(0)) {
    return then();
  }
  hook(pod, container->lifecycle().pre_stop(), action.name, action.containerId, action.grace,
       [this, weak = Weak(pod), then = std::move(then)](const std::string& failure) {
         const Ref record = weak.lock();
         if (!record) return;
         if (!failure.empty()) event(*record, true, "FailedPreStopHook", failure);
         then();
       });
}

void PodRunner::stopNow(const Ref& pod, const StopContainer& action, base::Duration grace) {
  runtime_.stopContainer(action.containerId, grace, [this, action, weak = Weak(pod)](absl::Status) {
    // Its exit code is in the runtime, and so is whether it ended at all.
    if (const Ref record = weak.lock()) end(record, action.name, true);
  });
}

void PodRunner::removeContainer(const Ref& pod, const RemoveContainer& action) {
  begin(*pod, action.name, Work::kChanging);
  heavy_->enter([this, action, weak = Weak(pod)](Lane::Ticket ticket) {
    if (weak.expired()) return;
    runtime_.removeContainer(action.containerId, [this, action, weak, ticket](absl::Status status) {
      const Ref record = weak.lock();
      if (!record) return;
      const auto found =
          std::find_if(record->containers.begin(), record->containers.end(),
                       [&](const SeenContainer& each) { return each.id == action.containerId; });
      if (status.ok() && found != record->containers.end()) {
        if (discardLog && !found->logPath.empty()) discardLog(found->logPath);
        record->containers.erase(found);
      }
      end(record, action.name, !status.ok());
    });
  });
}

// -------------------------------------------------------------------------------- probes and hooks

void PodRunner::probe(const Ref& pod) {
  for (const schema::Container& container : pod->pod.spec().containers()) {
    const auto memory = pod->byName.find(container.name());
    if (memory == pod->byName.end() || !memory->second.probes) continue;
    for (const ProbeKind kind : memory->second.probes->takeDue(executor_.now())) {
      tryProbe(pod, container, kind);
    }
  }
}

void PodRunner::tryProbe(const Ref& pod, const schema::Container& container, ProbeKind kind) {
  const ContainerRecord& memory = pod->byName[container.name()];
  const SeenSandbox* sandbox = newestSandbox(*pod);
  ProbeRequest request;
  request.probe = memory.probes->probe(kind);
  request.containerId = memory.runningId;
  request.podIp =
      pod->pod.spec().host_network() || sandbox == nullptr ? world_.node.address : sandbox->ip;
  request.ports.assign(container.ports().begin(), container.ports().end());
  request.timeout = probeTimeout(request.probe);
  prober_.probe(std::move(request), [this, kind, name = container.name(), id = memory.runningId,
                                     weak = Weak(pod)](const ProbeResult& result) {
    const Ref record = weak.lock();
    // The container that was asked may have been replaced meanwhile.
    if (record && record->byName[name].runningId == id) {
      probed(record, name, kind, result);
    }
  });
}

void PodRunner::probed(const Ref& pod, const std::string& name, ProbeKind kind,
                       const ProbeResult& result) {
  ContainerRecord& memory = pod->byName[name];
  const schema::Probe probe = memory.probes->probe(kind);
  if (result.outcome == ProbeOutcome::kFailure && !pod->stop) {
    event(*pod, true, "Unhealthy",
          absl::StrCat(std::string(probeKindName(kind)), " probe failed: ", result.detail));
  }
  const ProbeVerdict verdict = memory.probes->finish(kind, result.outcome, executor_.now());
  if (verdict == ProbeVerdict::kKill && !pod->stop) {
    const std::string which = kind == ProbeKind::kStartup ? "startup" : "liveness";
    const base::Duration grace =
        probe.has_termination_grace_period_seconds()
            ? base::Duration(std::chrono::seconds(probe.termination_grace_period_seconds()))
            : gracePeriod(pod->pod);
    memory.kill = Kill{
        memory.runningId,
        absl::StrCat("Container ", name, " failed ", which, " probe, will be restarted"), grace};
  }
  listener_.changed(pod);
}

void PodRunner::hook(const Ref& pod, const schema::LifecycleHandler& handler,
                     const std::string& name, const std::string& containerId,
                     base::Duration timeout, std::function<void(const std::string&)> done) {
  const SeenSandbox* sandbox = newestSandbox(*pod);
  const schema::Container* container = findContainer(pod->pod.spec(), name);
  ProbeRequest request;
  if (handler.has_exec()) *request.probe.mutable_exec() = handler.exec();
  if (handler.has_http_get()) *request.probe.mutable_http_get() = handler.http_get();
  if (handler.has_tcp_socket()) *request.probe.mutable_tcp_socket() = handler.tcp_socket();
  request.containerId = containerId;
  request.podIp = sandbox == nullptr ? world_.node.address : sandbox->ip;
  request.ports.assign(container->ports().begin(), container->ports().end());
  request.timeout = timeout;
  prober_.probe(std::move(request), [done = std::move(done)](const ProbeResult& result) {
    // A hook of which nothing is known, because the runtime is down, has not failed.
    done(result.outcome != ProbeOutcome::kFailure
             ? ""
             : (result.detail.empty() ? "the hook failed" : result.detail));
  });
}

// ------------------------------------------------------------------------------------ bookkeeping

void PodRunner::begin(PodRecord& pod, const std::string& key, Work work) {
  pod.busy[key] = work;
  pod.touched[key] = ++changes_;
}

void PodRunner::end(const Ref& pod, const std::string& key, bool unclear) {
  pod->busy.erase(key);
  pod->touched[key] = ++changes_;
  if (unclear) {
    pod->unsure.insert(key);
    listener_.look();
  }
  listener_.changed(pod);
}

void PodRunner::trouble(PodRecord& pod, const std::string& name, std::string reason,
                        std::string message) {
  ContainerRecord& memory = pod.byName[name];
  const base::Instant now = executor_.now();
  event(pod, true, "Failed", absl::StrCat(reason, ": ", message));
  memory.trouble =
      Trouble{std::move(reason), std::move(message), now, now + memory.troubleBackoff.next()};
}

void PodRunner::event(PodRecord& pod, bool warning, std::string reason, std::string message) {
  if (!pod.wanted) return;
  if (pod.events.size() >= kEventsKept) pod.events.erase(pod.events.begin());
  api::AgentEvent& added = pod.events.emplace_back();
  added.set_warning(warning);
  added.set_reason(std::move(reason));
  added.set_message(std::move(message));
  added.set_time_ms(base::toUnixMs(executor_.wallNow()));
}

}  // namespace gantry::agent
