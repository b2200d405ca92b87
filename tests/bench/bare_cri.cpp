// SPDX-License-Identifier: Apache-2.0
// Pods by bare CRI calls, as fast as the runtime makes them: what Gantry's own are compared with.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <grpcpp/create_channel.h>
#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "runtime-agent/cri/api.grpc.pb.h"
#include "runtime-agent/cri/convert.h"

namespace gantry::agent {
namespace {

using runtime::v1::RuntimeService;
using Clock = std::chrono::steady_clock;

struct Options {
  std::string endpoint;
  std::string image;
  std::string logRoot;
  int pods = 20;
  int callers = 4;
};

/// Without the labels that an agent knows its own by: one on the same runtime leaves these alone.
SandboxSpec sandboxOf(const Options& options, int index) {
  SandboxSpec sandbox;
  sandbox.podName = absl::StrCat("bare-", index);
  sandbox.podNamespace = "bench";
  sandbox.podUid = sandbox.podName;
  sandbox.hostname = sandbox.podName;
  sandbox.logDirectory = absl::StrCat(options.logRoot, "/", sandbox.podName);
  return sandbox;
}

/// What the agent asks for when a manifest sets no resources.
ContainerSpec containerOf(const Options& options, const SandboxSpec& sandbox) {
  ContainerSpec container;
  container.podUid = sandbox.podUid;
  container.name = "main";
  container.image = container.imageRef = options.image;
  container.logPath = "main/0.log";
  container.cpuShares = 2;
  container.oomScoreAdj = 1'000;
  return container;
}

/// The calls of all callers, and what they have made.
class Pods {
 public:
  explicit Pods(const Options& options)
      : options_(options),
        stub_(RuntimeService::NewStub(
            grpc::CreateChannel(options.endpoint, grpc::InsecureChannelCredentials()))) {}

  /// True when all of them run. `firstMs` and `lastMs` are since the call.
  bool start(double& firstMs, double& lastMs) {
    begin_ = Clock::now();
    inParallel(options_.pods, [this](int index) { return startOne(index); });
    firstMs = first_.load();
    lastMs = sinceBegin();
    return !failed_;
  }

  bool removeAll() {
    inParallel(static_cast<int>(sandboxes_.size()), [this](int index) {
      return removeOne(sandboxes_[static_cast<std::size_t>(index)]);
    });
    return !failed_;
  }

 private:
  double sinceBegin() const {
    return std::chrono::duration<double, std::milli>(Clock::now() - begin_).count();
  }

  template <class Work>
  void inParallel(int count, Work work) {
    std::atomic<int> next = 0;
    std::vector<std::jthread> callers;
    for (int caller = 0; caller < options_.callers; ++caller) {
      callers.emplace_back([&] {
        for (int index = next++; index < count; index = next++) {
          if (!work(index)) failed_ = true;
        }
      });
    }
  }

  template <class Request, class Response>
  bool call(grpc::Status (RuntimeService::Stub::*method)(grpc::ClientContext*, const Request&,
                                                         Response*),
            const Request& request, Response& response) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(2));
    const grpc::Status status = ((*stub_).*method)(&context, request, &response);
    if (!status.ok()) std::fprintf(stderr, "bare_cri: %s\n", status.error_message().c_str());
    return status.ok();
  }

  bool startOne(int index) {
    const SandboxSpec sandbox = sandboxOf(options_, index);
    std::filesystem::create_directories(sandbox.logDirectory + "/main");
    runtime::v1::RunPodSandboxRequest run;
    runtime::v1::RunPodSandboxResponse ran;
    *run.mutable_config() = cri::sandboxConfig(sandbox);
    if (!call(&RuntimeService::Stub::RunPodSandbox, run, ran)) return false;
    {
      const std::lock_guard lock(mutex_);
      sandboxes_.push_back(ran.pod_sandbox_id());
    }
    runtime::v1::CreateContainerRequest create;
    runtime::v1::CreateContainerResponse created;
    create.set_pod_sandbox_id(ran.pod_sandbox_id());
    *create.mutable_config() = cri::containerConfig(sandbox, containerOf(options_, sandbox));
    *create.mutable_sandbox_config() = run.config();
    if (!call(&RuntimeService::Stub::CreateContainer, create, created)) return false;
    runtime::v1::StartContainerRequest start;
    runtime::v1::StartContainerResponse started;
    start.set_container_id(created.container_id());
    if (!call(&RuntimeService::Stub::StartContainer, start, started)) return false;
    double none = 0;
    first_.compare_exchange_strong(none, sinceBegin());
    return true;
  }

  bool removeOne(const std::string& sandbox) {
    runtime::v1::StopPodSandboxRequest stop;
    runtime::v1::StopPodSandboxResponse stopped;
    stop.set_pod_sandbox_id(sandbox);
    runtime::v1::RemovePodSandboxRequest remove;
    runtime::v1::RemovePodSandboxResponse removed;
    remove.set_pod_sandbox_id(sandbox);
    return call(&RuntimeService::Stub::StopPodSandbox, stop, stopped) &&
           call(&RuntimeService::Stub::RemovePodSandbox, remove, removed);
  }

  const Options& options_;
  std::unique_ptr<RuntimeService::Stub> stub_;
  Clock::time_point begin_;
  std::atomic<double> first_ = 0;
  std::atomic<bool> failed_ = false;
  std::mutex mutex_;
  std::vector<std::string> sandboxes_;
};

}  // namespace
}  // namespace gantry::agent

int main(int argc, char** argv) {
  gantry::agent::Options options;
  CLI::App app(
      "Starts pods with RunPodSandbox, CreateContainer and StartContainer alone, prints the ms "
      "until "
      "the first and until the last of them ran, and removes them");
  app.add_option("--endpoint", options.endpoint, "CRI socket of the runtime")->required();
  app.add_option("--image", options.image, "Image that the runtime has; it must stay up")
      ->required();
  app.add_option("--log-root", options.logRoot, "Folder for the pods' logs")->required();
  app.add_option("--pods", options.pods, "How many")->capture_default_str();
  app.add_option("--callers", options.callers, "Calls side by side")->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  gantry::agent::Pods pods(options);
  double firstMs = 0;
  double lastMs = 0;
  const bool started = pods.start(firstMs, lastMs);
  const bool removed = pods.removeAll();
  if (!started || !removed) return 1;
  std::printf("%.0f %.0f\n", firstMs, lastMs);
  return 0;
}
