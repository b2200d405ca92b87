// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <type_traits>

#include "runtime-agent/cri/api.grpc.pb.h"
#include "runtime-agent/cri/calls.h"
#include "runtime-agent/cri/runtime.h"

namespace gantry::agent::cri {

/// Looks at everything of ours in the runtime. A look is two calls; addresses, exit codes and times
/// cost one more for each sandbox or container, but only when it is new or has changed its state,
/// because they do not change otherwise. Executor's thread.
class Relist {
 public:
  Relist(Calls& calls, runtime::v1::RuntimeService::Stub& stub) : calls_(calls), stub_(stub) {}

  void start(std::function<void(absl::StatusOr<RuntimeState>)> done);

 private:
  struct Look;

  template <class Request, class Response>
  using Method = void (runtime::v1::RuntimeService::Stub::async_interface::*)(
      grpc::ClientContext*, const Request*, Response*, std::function<void(grpc::Status)>);

  template <class Request, class Response>
  void ask(std::shared_ptr<Look> look, Method<Request, Response> method, Request request,
           std::type_identity_t<std::function<void(const Response&)>> take);
  void takeSandboxes(const std::shared_ptr<Look>& look,
                     const runtime::v1::ListPodSandboxResponse& list);
  void takeContainers(const std::shared_ptr<Look>& look,
                      const runtime::v1::ListContainersResponse& list);
  void finish(Look& look);

  Calls& calls_;
  runtime::v1::RuntimeService::Stub& stub_;
  // By id; only what the last look saw.
  std::map<std::string, std::string> addresses_;
  std::map<std::string, SeenContainer> details_;
};

}  // namespace gantry::agent::cri
