// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "base/executor.h"
#include "runtime-agent/cri/runtime.h"

namespace gantry::agent {

/// The runtime behind a CRI socket: containerd, CRI-O. Sees only what carries our labels. gRPC's
/// threads do the waiting; answers come on the executor's thread.
class CriRuntime final : public Runtime {
 public:
  /// `endpoint`: "unix:///run/containerd/containerd.sock". Connects when first used, and again
  /// whenever the connection is lost.
  CriRuntime(base::Executor& executor, const std::string& endpoint);
  ~CriRuntime() override;

  void version(Callback<std::string> done) override;
  void list(Callback<RuntimeState> done) override;
  void runSandbox(SandboxSpec spec, Callback<SeenSandbox> done) override;
  void stopSandbox(std::string sandboxId, Done done) override;
  void removeSandbox(std::string sandboxId, Done done) override;
  void createContainer(std::string sandboxId, SandboxSpec sandbox, ContainerSpec spec,
                       Callback<std::string> done) override;
  void startContainer(std::string containerId, Done done) override;
  void stopContainer(std::string containerId, base::Duration grace, Done done) override;
  void removeContainer(std::string containerId, Done done) override;
  void reopenLog(std::string containerId, Done done) override;
  void findImage(std::string image, Callback<ImageInfo> done) override;
  void pullImage(std::string image, Callback<ImageInfo> done) override;
  void exec(std::string containerId, std::vector<std::string> command, base::Duration timeout,
            Callback<ExecResult> done) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gantry::agent
