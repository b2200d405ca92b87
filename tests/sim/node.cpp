// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/node.h"

#include "absl/strings/str_cat.h"
#include "tests/sim/shop.h"

namespace gantry::sim {
namespace {

using base::Duration;
using support::FakeRuntime;

// Hints hurry it; this is what is left when they are lost.
constexpr Duration kRelist{4'000};

std::map<std::string, FakeRuntime::Image> images() {
  std::map<std::string, FakeRuntime::Image> all;
  FakeRuntime::Image pulled;
  pulled.present = false;
  pulled.pullTakes = Duration(700);
  all["docker.io/shop/web:v2"] = pulled;
  FakeRuntime::Image slow;
  slow.stopsAfter = Duration(3'000);
  all["docker.io/shop/web:v3"] = slow;
  FakeRuntime::Image missing;
  missing.present = false;
  missing.pullError = absl::NotFoundError("no such tag");
  all[kMissingImage] = missing;
  FakeRuntime::Image crashing;
  crashing.exitsAfter = Duration(1'500);
  crashing.exitCode = 3;
  all[kCrashingImage] = crashing;
  FakeRuntime::Image done;
  done.exitsAfter = Duration(800);
  all[kDoneImage] = done;
  FakeRuntime::Image failing = done;
  failing.exitCode = 1;
  all[kFailingImage] = failing;
  return all;
}

}  // namespace

SimNode::SimNode(Clock& clock, Network& network, std::string name, int cpuMillis)
    : clock_(clock),
      network_(network),
      name_(std::move(name)),
      machine_(clock, absl::StrCat(name_, " machine")),
      process_(clock, name_),
      runtime_(machine_),
      disk_(*this),
      prober_(*this) {
  runtime_.images = images();
  runtime_.addressPrefix = absl::StrCat("10.244.", name_.back() - '0', ".");
  (*status_.mutable_allocatable())["cpu"].set_text(absl::StrCat(cpuMillis, "m"));
  (*status_.mutable_allocatable())["memory"].set_text("2Gi");
  (*status_.mutable_allocatable())["pods"].set_text("110");
  *status_.mutable_capacity() = status_.allocatable();
  status_.set_address("192.0.2.1");
  runtime_.onEvent = [this] {
    if (agent_ == nullptr || (oneLostHintIn > 0 && clock_.oneIn(oneLostHintIn))) return;
    agent_->hurry();
  };
}

SimNode::~SimNode() {
  killAgent();
}

void SimNode::startAgent() {
  if (agent_ != nullptr || !isOn_) return;
  clock_.note(name_, "the agent starts");
  link_ = std::make_unique<Link>(network_, process_, name_);
  agent::Agent::Options options;
  options.node = name_;
  options.address = status_.address();
  options.podLogRoot = "/logs";
  options.relistInterval = kRelist;
  agent_ = std::make_unique<agent::Agent>(process_, runtime_, prober_, volumes_, proxy_, disk_,
                                          *link_, options);
  agent_->start(status_, {{"kubernetes.io/os", "linux"}});
}

void SimNode::killAgent() {
  if (agent_ == nullptr) return;
  clock_.note(name_, "the agent is killed");
  process_.kill();
  agent_.reset();
  link_.reset();
}

void SimNode::powerOff() {
  if (!isOn_) return;
  clock_.note(name_, "power off");
  isOn_ = false;
  killAgent();
  runtime_.reboot();
}

void SimNode::powerOn() {
  if (isOn_) return;
  clock_.note(name_, "power on");
  isOn_ = true;
  startAgent();
}

absl::Status SimNode::Disk::save(const api::WantedSet& wanted) {
  if (node_.oneCrashIn == 0 || !node_.clock_.oneIn(node_.oneCrashIn)) return kept_.save(wanted);
  const bool isWritten = node_.clock_.oneIn(2);
  node_.clock_.note(node_.name_, absl::StrCat("crash ", isWritten ? "after" : "before",
                                              " the write of the checkpoint"));
  if (isWritten) kept_.save(wanted).IgnoreError();
  throw Crash{node_.name_};
}

void SimNode::Prober::probe(agent::ProbeRequest request,
                            std::function<void(agent::ProbeResult)> done) {
  node_.process_.postAfter(
      node_.clock_.between(Duration(1), Duration(60)),
      [this, id = request.containerId, done = std::move(done)] { done(node_.tryProbe(id)); });
}

agent::ProbeResult SimNode::tryProbe(const std::string& containerId) {
  for (const agent::SeenContainer& container : runtime_.containers()) {
    if (container.id != containerId) continue;
    if (container.phase != agent::ContainerPhase::kRunning) break;
    const bool isUp = clock_.wallNow() - container.startedAt > Duration(600);
    const bool isFlaky = oneProbeFailureIn > 0 && clock_.oneIn(oneProbeFailureIn);
    if (!isUp || isFlaky || container.image == kUnreadyImage) {
      return {agent::ProbeOutcome::kFailure, "HTTP 503"};
    }
    return {agent::ProbeOutcome::kSuccess, ""};
  }
  return {agent::ProbeOutcome::kFailure, "connection refused"};
}

}  // namespace gantry::sim
