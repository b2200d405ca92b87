// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/pods/agent.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "manifests/decode/quantity.h"
#include "runtime-agent/pods/pod_runner.h"
#include "runtime-agent/pods/pod_table.h"
#include "runtime-agent/pods/wanted.h"

namespace gantry::agent {
namespace {

constexpr base::Duration kFirstHeartbeat = std::chrono::seconds(2);
constexpr base::Duration kCheckWhenReady = std::chrono::seconds(10);
constexpr base::Duration kCheckWhenNot = std::chrono::seconds(1);
// Changes come in bursts, and every save is a sync of the disk.
constexpr base::Duration kSaveDelay = base::Duration(500);
constexpr base::Duration kSaveRetry = std::chrono::seconds(5);

std::int64_t allocatable(const schema::NodeStatus& status, const char* resource, bool millis) {
  const auto found = status.allocatable().find(resource);
  if (found == status.allocatable().end()) return 0;
  return millis ? manifests::millisOf(found->second) : manifests::unitsOf(found->second);
}

bool changesSources(const api::WantedDiff& diff) {
  return diff.put_config_maps_size() + diff.put_secrets_size() + diff.deleted_config_maps_size() +
             diff.deleted_secrets_size() >
         0;
}

bool changesServices(const api::WantedDiff& diff) {
  return diff.put_services_size() + diff.deleted_services_size() > 0;
}

}  // namespace

class Agent::Impl {
 public:
  Impl(base::Executor& executor, Runtime& runtime, Prober& prober, Volumes& volumes,
       ServiceProxy& proxy, Checkpoint& checkpoint, ControllerLink& link, Options options)
      : executor_(executor),
        runtime_(runtime),
        volumes_(volumes),
        proxy_(proxy),
        checkpoint_(checkpoint),
        link_(link),
        options_(std::move(options)),
        runner_(executor, runtime, prober, volumes, world_, options_.parallelPods,
                {.changed = [this](const PodTable::Ref& pod) { table_.touch(pod); },
                 .look = [this] { table_.look(); }}),
        table_(executor, runtime, runner_, world_, options_.relistInterval,
               {.changed = [this](PodRecord& pod) { podChanged(pod); },
                .looked = [this](const absl::Status& status) { looked(status); }}) {
    world_.node.name = options_.node;
    world_.node.address = options_.address;
    world_.node.podLogRoot = options_.podLogRoot;
    runner_.discardLog = options_.discardLog;
  }

  void start(schema::NodeStatus status, std::map<std::string, std::string> labels) {
    labels_ = std::move(labels);
    setNodeStatus(std::move(status));
    restore();
    table_.start();
    checkRuntime();
    heartbeat();
  }

  void setNodeStatus(schema::NodeStatus status) {
    nodeStatus_ = std::move(status);
    world_.node.allocatableCpuMillis = allocatable(nodeStatus_, "cpu", true);
    world_.node.allocatableMemoryBytes = allocatable(nodeStatus_, "memory", false);
    reportNode();
  }

  void hurry() { table_.look(); }

  const schema::Pod* findPod(const std::string& uid) const {
    const auto found = table_.pods().find(uid);
    return found == table_.pods().end() || !found->second->wanted ? nullptr : &found->second->pod;
  }

 private:
  base::Executor::Task guarded(std::function<void()> task) {
    return [alive = std::weak_ptr<int>(alive_), task = std::move(task)] {
      if (!alive.expired()) task();
    };
  }

  // ------------------------------------------------------------------------------------- session

  void dial() {
    if (std::exchange(dialled_, true)) return;
    link_.start({.onConnected = [this] { return hello(); },
                 .onMessage = [this](const api::ControllerMessage& each) { onMessage(each); },
                 .onDisconnected = [this] { connected_ = false; }});
  }

  api::Hello hello() {
    connected_ = true;
    inSession_ = false;
    dirty_.clear();
    api::Hello hello;
    *hello.mutable_status() = fullNodeStatus();
    hello.mutable_labels()->insert(labels_.begin(), labels_.end());
    for (const auto& [uid, pod] : table_.pods()) {
      if (pod->wanted) *hello.mutable_pods()->add_pods() = observed(*pod);
    }
    return hello;
  }

  void onMessage(const api::ControllerMessage& message) {
    if (message.fencing_token() < wanted_.settings().fencing_token()) {
      base::logWarning("ignored a message of a controller that is no longer the leader");
      return;
    }
    wanted_.setFencingToken(message.fencing_token());
    if (message.has_wanted()) takeSet(message);
    if (message.has_diff() && inSession_) takeDiff(message.diff());
  }

  void takeSet(const api::ControllerMessage& message) {
    wanted_.apply(message.wanted());
    wanted_.setFencingToken(message.fencing_token());
    inSession_ = true;
    takeOver(false);
    table_.sourcesChanged(volumes_);
    applyServices();
  }

  void takeDiff(const api::WantedDiff& diff) {
    if (const absl::Status status = wanted_.apply(diff); !status.ok()) {
      base::logWarning(absl::StrCat("asks for the whole wanted set: ", status.message()));
      inSession_ = false;
      link_.restart();
      return;
    }
    takeOver(false);
    if (changesSources(diff)) table_.sourcesChanged(volumes_);
    if (changesServices(diff)) applyServices();
  }

  void takeOver(bool bySelf) {
    world_.sources = wanted_.sources();
    world_.services = wanted_.services();
    const std::string& cidr = wanted_.settings().pod_cidr();
    if (!cidr.empty() && cidr != podCidr_) {
      podCidr_ = cidr;
      if (options_.onPodCidr) options_.onPodCidr(cidr);
    }
    table_.want(wanted_, bySelf);
    if (!bySelf) saveSoon(kSaveDelay);
  }

  void heartbeat() {
    if (connected_) {
      api::AgentMessage message;
      message.mutable_heartbeat()->set_agent_time_ms(base::toUnixMs(executor_.wallNow()));
      link_.send(message);
    }
    const std::int64_t told = wanted_.settings().heartbeat_interval_ms();
    executor_.postAfter(told > 0 ? base::Duration(told) : kFirstHeartbeat,
                        guarded([this] { heartbeat(); }));
  }

  // ------------------------------------------------------------------------------------- reports

  void podChanged(PodRecord& pod) {
    saveSoon(kSaveDelay);
    if (!connected_) return;
    if (dirty_.empty()) executor_.post(guarded([this] { sendReport(); }));
    dirty_.insert(pod.pod.metadata().uid());
  }

  void sendReport() {
    api::AgentMessage message;
    for (const std::string& uid : std::exchange(dirty_, {})) {
      const auto found = table_.pods().find(uid);
      if (found == table_.pods().end() || !found->second->wanted) continue;
      *message.mutable_pods()->add_pods() = observed(*found->second);
    }
    if (!message.has_pods() || !connected_) return;
    // Readiness that was told must outlive the agent; all else may be found out again.
    if (readyPods() != savedReady_) save();
    link_.send(message);
  }

  std::set<std::string> readyPods() const {
    std::set<std::string> ready;
    for (const auto& [uid, pod] : table_.pods()) {
      const auto& containers = pod->pod.status().container_statuses();
      for (const schema::ContainerStatus& each : containers) {
        if (each.ready()) ready.insert(each.container_id());
      }
    }
    return ready;
  }

  /// A report of a pod; its events are taken out.
  api::ObservedPod observed(PodRecord& pod) {
    api::ObservedPod report;
    report.set_uid(pod.pod.metadata().uid());
    report.set_namespace_(pod.pod.metadata().namespace_());
    report.set_name(pod.pod.metadata().name());
    *report.mutable_status() = pod.pod.status();
    report.set_gone(pod.gone);
    // The clock makes the number rise even where a checkpoint was lost.
    const auto clock = static_cast<std::uint64_t>(base::toUnixMs(executor_.wallNow()));
    pod.sequence = std::max(pod.sequence + 1, clock);
    report.set_sequence(pod.sequence);
    for (api::AgentEvent& each : pod.events) *report.add_events() = std::move(each);
    pod.events.clear();
    return report;
  }

  // ---------------------------------------------------------------------------------- checkpoint

  void restore() {
    const absl::StatusOr<api::WantedSet> saved = checkpoint_.load();
    if (!saved.ok()) {
      if (!absl::IsNotFound(saved.status())) {
        base::logWarning(absl::StrCat("starts without its checkpoint: ", saved.status().message()));
      }
      return;
    }
    wanted_.apply(*saved);
    takeOver(true);
    applyServices();
  }

  void saveSoon(base::Duration delay) {
    if (saveTimer_ != 0) return;
    saveTimer_ = executor_.postAfter(delay, guarded([this] { save(); }));
  }

  void save() {
    executor_.cancel(std::exchange(saveTimer_, 0));
    // What no controller has wanted yet is not worth remembering.
    if (wanted_.settings().fencing_token() == 0 && wanted_.pods().empty()) return;
    savedReady_ = readyPods();
    api::WantedSet set = wanted_.toSet();
    for (api::WantedPod& each : *set.mutable_pods()) {
      const auto found = table_.pods().find(each.pod().metadata().uid());
      if (found == table_.pods().end()) continue;
      *each.mutable_pod()->mutable_status() = found->second->pod.status();
      each.set_report_sequence(found->second->sequence);
    }
    if (const absl::Status status = checkpoint_.save(set); !status.ok()) {
      base::logWarning(absl::StrCat("cannot save the checkpoint: ", status.message()));
      saveSoon(kSaveRetry);
    }
  }

  // ---------------------------------------------------------------------------- services and node

  void applyServices() {
    if (std::exchange(applyingServices_, true)) return;
    executor_.post(guarded([this] { applyServicesNow(); }));
  }

  void applyServicesNow() {
    applyingServices_ = false;
    const absl::Status status = proxy_.apply(world_.services, wanted_.settings().cluster_cidr());
    if (status.ok()) return servicesBackoff_.reset();
    base::logWarning(absl::StrCat("cannot write the rules for services: ", status.message()));
    applyingServices_ = true;
    executor_.postAfter(servicesBackoff_.next(), guarded([this] { applyServicesNow(); }));
  }

  void looked(const absl::Status& status) {
    if (!status.ok()) setRuntime(status, runtimeVersion_);
    // Also without a runtime: the controller is to hear of it.
    dial();
  }

  void checkRuntime() {
    runtime_.version(
        [this, alive = std::weak_ptr<int>(alive_)](const absl::StatusOr<std::string>& version) {
          if (alive.expired()) return;
          setRuntime(version.status(), version.ok() ? *version : runtimeVersion_);
          executor_.postAfter(version.ok() ? kCheckWhenReady : kCheckWhenNot,
                              guarded([this] { checkRuntime(); }));
        });
  }

  void setRuntime(const absl::Status& status, const std::string& version) {
    const bool changed = status.ok() != runtimeStatus_.ok() || version != runtimeVersion_ ||
                         status.message() != runtimeStatus_.message();
    if (status.ok() != runtimeStatus_.ok()) readySince_ = executor_.wallNow();
    runtimeStatus_ = status;
    runtimeVersion_ = version;
    if (changed) reportNode();
  }

  schema::NodeStatus fullNodeStatus() const {
    schema::NodeStatus status = nodeStatus_;
    status.mutable_node_info()->set_container_runtime_version(runtimeVersion_);
    schema::Condition* ready = status.add_conditions();
    ready->set_type("Ready");
    ready->set_status(runtimeStatus_.ok() ? "True" : "False");
    ready->set_reason(runtimeStatus_.ok() ? "AgentReady" : "RuntimeNotReady");
    ready->set_message(runtimeStatus_.ok() ? "the agent and its container runtime are ready"
                                           : std::string(runtimeStatus_.message()));
    ready->mutable_last_transition_time()->set_unix_ms(base::toUnixMs(readySince_));
    return status;
  }

  void reportNode() {
    if (!connected_) return;
    api::AgentMessage message;
    *message.mutable_node()->mutable_status() = fullNodeStatus();
    link_.send(message);
  }

  base::Executor& executor_;
  Runtime& runtime_;
  Volumes& volumes_;
  ServiceProxy& proxy_;
  Checkpoint& checkpoint_;
  ControllerLink& link_;
  Options options_;
  World world_;
  Wanted wanted_;
  schema::NodeStatus nodeStatus_;
  std::map<std::string, std::string> labels_;
  std::string podCidr_;
  bool dialled_ = false;
  bool connected_ = false;
  /// The whole set of this session has come, so that diffs follow on it.
  bool inSession_ = false;
  base::Executor::TimerId saveTimer_ = 0;
  /// Containers that were ready when the checkpoint was last saved.
  std::set<std::string> savedReady_;
  bool applyingServices_ = false;
  base::Backoff servicesBackoff_{std::chrono::seconds(1), std::chrono::seconds(30)};
  absl::Status runtimeStatus_ = absl::UnavailableError("the runtime has not answered yet");
  std::string runtimeVersion_;
  base::Timestamp readySince_ = executor_.wallNow();
  std::set<std::string> dirty_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
  PodRunner runner_;
  PodTable table_;
};

Agent::Agent(base::Executor& executor, Runtime& runtime, Prober& prober, Volumes& volumes,
             ServiceProxy& proxy, Checkpoint& checkpoint, ControllerLink& link, Options options)
    : impl_(std::make_unique<Impl>(executor, runtime, prober, volumes, proxy, checkpoint, link,
                                   std::move(options))) {}

Agent::~Agent() = default;

void Agent::start(schema::NodeStatus nodeStatus, std::map<std::string, std::string> labels) {
  impl_->start(std::move(nodeStatus), std::move(labels));
}

void Agent::setNodeStatus(schema::NodeStatus nodeStatus) {
  impl_->setNodeStatus(std::move(nodeStatus));
}

void Agent::hurry() {
  impl_->hurry();
}

const schema::Pod* Agent::findPod(const std::string& uid) const {
  return impl_->findPod(uid);
}

}  // namespace gantry::agent
