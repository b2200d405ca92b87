// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/cri/relist.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime-agent/cri/convert.h"
#include "runtime-agent/cri/labels.h"
#include "runtime-agent/cri/termination_message.h"

namespace gantry::agent::cri {
namespace {

using Methods = runtime::v1::RuntimeService::Stub::async_interface;

constexpr base::Duration kTimeout = std::chrono::seconds(10);

/// Its own last words, behind what the runtime says of its end.
void addMessage(const runtime::v1::ContainerStatus& status, SeenContainer& ended) {
  if (ended.logPath.empty()) return;
  const bool orLog = ended.exitCode != 0 && status.labels().contains(labels::kMessageOrLog);
  const std::string message = terminationMessage(ended.logPath, orLog);
  if (message.empty()) return;
  absl::StrAppend(&ended.message, ended.message.empty() ? "" : ": ", message);
}

}  // namespace

/// One look: it ends when the last call that it made has been answered.
struct Relist::Look {
  std::function<void(absl::StatusOr<RuntimeState>)> done;
  std::map<std::string, SeenSandbox> sandboxes;
  std::map<std::string, SeenContainer> containers;
  absl::Status status;
  int callsOpen = 0;
};

template <class Request, class Response>
void Relist::ask(std::shared_ptr<Look> look, Method<Request, Response> method, Request request,
                 std::type_identity_t<std::function<void(const Response&)>> take) {
  ++look->callsOpen;
  calls_.start<runtime::v1::RuntimeService::Stub::async_interface>(
      stub_.async(), method, std::move(request), kTimeout,
      [this, look, take = std::move(take)](absl::Status status, const Response& response) {
        // What went away during the look is just not there.
        if (!absl::IsNotFound(status)) look->status.Update(status);
        if (status.ok()) take(response);
        if (--look->callsOpen == 0) finish(*look);
      });
}

void Relist::start(std::function<void(absl::StatusOr<RuntimeState>)> done) {
  auto look = std::make_shared<Look>();
  look->done = std::move(done);
  runtime::v1::ListPodSandboxRequest sandboxes;
  (*sandboxes.mutable_filter()->mutable_label_selector())[labels::kManaged] = labels::kManagedBy;
  runtime::v1::ListContainersRequest containers;
  *containers.mutable_filter()->mutable_label_selector() = sandboxes.filter().label_selector();
  ask(look, &Methods::ListPodSandbox, std::move(sandboxes),
      [this, look](const auto& list) { takeSandboxes(look, list); });
  ask(look, &Methods::ListContainers, std::move(containers),
      [this, look](const auto& list) { takeContainers(look, list); });
}

void Relist::takeSandboxes(const std::shared_ptr<Look>& look,
                           const runtime::v1::ListPodSandboxResponse& list) {
  for (const runtime::v1::PodSandbox& item : list.items()) {
    SeenSandbox& seen = look->sandboxes[item.id()] = seenSandbox(item);
    if (const auto known = addresses_.find(item.id()); known != addresses_.end()) {
      seen.ip = known->second;
      continue;
    }
    runtime::v1::PodSandboxStatusRequest request;
    request.set_pod_sandbox_id(item.id());
    ask(look, &Methods::PodSandboxStatus, std::move(request),
        [look](const runtime::v1::PodSandboxStatusResponse& response) {
          look->sandboxes[response.status().id()].ip = response.status().network().ip();
        });
  }
}

void Relist::takeContainers(const std::shared_ptr<Look>& look,
                            const runtime::v1::ListContainersResponse& list) {
  for (const runtime::v1::Container& item : list.containers()) {
    SeenContainer& seen = look->containers[item.id()] = seenContainer(item);
    const auto known = details_.find(item.id());
    if (known != details_.end() && known->second.phase == seen.phase) {
      seen = known->second;
      continue;
    }
    runtime::v1::ContainerStatusRequest request;
    request.set_container_id(item.id());
    ask(look, &Methods::ContainerStatus, std::move(request),
        [look](const runtime::v1::ContainerStatusResponse& response) {
          SeenContainer& ended = look->containers[response.status().id()];
          addDetails(response.status(), ended);
          if (ended.phase == ContainerPhase::kExited) addMessage(response.status(), ended);
        });
  }
}

void Relist::finish(Look& look) {
  if (!look.status.ok()) return look.done(look.status);
  RuntimeState state;
  addresses_.clear();
  for (auto& [id, sandbox] : look.sandboxes) {
    // A sandbox that just starts has no address yet: ask again next time.
    if (!sandbox.ip.empty() || !sandbox.ready) addresses_[id] = sandbox.ip;
    state.sandboxes.push_back(sandbox);
  }
  details_ = look.containers;
  for (auto& [id, container] : look.containers) state.containers.push_back(std::move(container));
  look.done(std::move(state));
}

}  // namespace gantry::agent::cri
