// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/node/daemon.h"

#include <pthread.h>
#include <signal.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <thread>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/loop_executor.h"
#include "base/status.h"
#include "runtime-agent/cri/cri_runtime.h"
#include "runtime-agent/logs/log_files.h"
#include "runtime-agent/network/cni_config.h"
#include "runtime-agent/network/nft_service_proxy.h"
#include "runtime-agent/node/leave.h"
#include "runtime-agent/node/log_rotation.h"
#include "runtime-agent/node/machine.h"
#include "runtime-agent/pods/agent.h"
#include "runtime-agent/probes/net_prober.h"
#include "runtime-agent/session/channel.h"
#include "runtime-agent/session/file_checkpoint.h"
#include "runtime-agent/session/grpc_controller_link.h"
#include "runtime-agent/session/join.h"
#include "runtime-agent/session/log_session.h"
#include "runtime-agent/volumes/disk_volumes.h"

namespace gantry::agent {
namespace {

constexpr base::Duration kRenewalCheck = std::chrono::hours(1);

std::filesystem::path cniFile(const AgentOptions& options) {
  return std::filesystem::path(options.cniConfDir) /
         absl::StrCat("10-", options.network, ".conflist");
}

std::filesystem::path addressesFolder(const AgentOptions& options) {
  return std::filesystem::path(options.dataDir) / "addresses";
}

std::filesystem::path volumesFolder(const AgentOptions& options) {
  return std::filesystem::path(options.dataDir) / "volumes";
}

/// Nobody else may look into it: it holds the node's key.
absl::Status makeDataFolder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  }
  if (!error) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(folder, ": ", error.message()));
}

absl::StatusOr<std::string> joinToken(const AgentOptions& options) {
  if (!options.token.empty()) return options.token;
  if (options.tokenFile.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("this node has not joined yet: ", options.dataDir,
                     " holds no certificate; give --token or --token-file"));
  }
  std::string text;
  GANTRY_ASSIGN_OR_RETURN(text, base::readFile(options.tokenFile));
  return std::string(absl::StripAsciiWhitespace(text));
}

absl::StatusOr<AgentIdentity> identity(const AgentOptions& options) {
  absl::StatusOr<AgentIdentity> stored = loadIdentity(options.dataDir);
  if (!absl::IsNotFound(stored.status())) return stored;
  std::string token;
  GANTRY_ASSIGN_OR_RETURN(token, joinToken(options));
  absl::StatusOr<AgentIdentity> joined =
      joinCluster(options.controller, token, options.nodeName, options.dataDir);
  if (joined.ok()) base::logInfo(absl::StrCat("joined as node ", options.nodeName));
  return joined;
}

/// Tells the runtime of the pod network.
void writeNetwork(const AgentOptions& options, const std::string& podCidr) {
  CniOptions cni;
  cni.name = options.network;
  cni.podCidr = podCidr;
  cni.dataFolder = addressesFolder(options);
  absl::Status status;
  if (const absl::StatusOr<std::string> text = cniConfig(cni); text.ok()) {
    std::error_code ignored;
    std::filesystem::create_directories(options.cniConfDir, ignored);
    status = base::writeFileAtomically(cniFile(options), *text);
  } else {
    status = text.status();
  }
  if (!status.ok()) {
    base::logError(absl::StrCat("cannot write the pod network: ", status.message()));
  }
}

/// Stops an executor at SIGTERM or SIGINT, which must be blocked in all threads.
class SignalWatch {
 public:
  explicit SignalWatch(base::LoopExecutor& executor)
      : thread_([&executor] {
          sigset_t signals = watched();
          int which = 0;
          ::sigwait(&signals, &which);
          executor.stop();
        }) {}

  ~SignalWatch() {
    // It is blocked in every thread: the watch takes it from sigwait.
    ::pthread_kill(thread_.native_handle(), SIGTERM);  // NOLINT(bugprone-bad-signal-to-kill-thread)
    thread_.join();
  }

  static sigset_t watched() {
    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGTERM);
    ::sigaddset(&signals, SIGINT);
    return signals;
  }

 private:
  std::thread thread_;
};

/// Renews the certificate when two thirds of its time are over.
class Renewal {
 public:
  Renewal(base::Executor& executor, const AgentOptions& options)
      : executor_(executor), workers_(executor, 1), options_(options) {
    check();
  }

 private:
  void check() {
    auto status = std::make_shared<absl::Status>();
    workers_.run(
        [status, options = options_, now = executor_.wallNow()] { *status = renew(options, now); },
        [this, status] {
          if (!status->ok()) {
            base::logWarning(absl::StrCat("cannot renew the certificate: ", status->message()));
          }
          executor_.postAfter(kRenewalCheck, [this] { check(); });
        });
  }

  static absl::Status renew(const AgentOptions& options, base::Timestamp now) {
    AgentIdentity current;
    GANTRY_ASSIGN_OR_RETURN(current, loadIdentity(options.dataDir));
    bool due = false;
    GANTRY_ASSIGN_OR_RETURN(due, needsRenewal(current, now));
    if (!due) return absl::OkStatus();
    return renewIdentity(options.controller, current, options.nodeName, options.dataDir).status();
  }

  base::Executor& executor_;
  base::ThreadWorkers workers_;
  const AgentOptions& options_;
};

Agent::Options agentOptions(const AgentOptions& options, const std::string& address) {
  Agent::Options agent;
  agent.node = options.nodeName;
  agent.address = address;
  agent.podLogRoot = options.podLogRoot;
  agent.onPodCidr = [&options](const std::string& podCidr) { writeNetwork(options, podCidr); };
  agent.discardLog = [](const std::string& path) {
    std::error_code error;
    if (absl::EndsWith(path, ".log")) std::filesystem::remove(messageBeside(path), error);
    std::filesystem::remove_all(path, error);
    if (error) base::logWarning(absl::StrCat("cannot delete ", path, ": ", error.message()));
  };
  return agent;
}

}  // namespace

absl::Status runAgent(const AgentOptions& options) {
  const sigset_t signals = SignalWatch::watched();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  GANTRY_RETURN_IF_ERROR(makeDataFolder(options.dataDir));
  GANTRY_RETURN_IF_ERROR(identity(options).status());
  if (options.joinOnly) return absl::OkStatus();

  const Machine machine = readMachine();
  const std::string address =
      options.address.empty() ? addressTowards(options.controller) : options.address;
  base::LoopExecutor executor;
  SignalWatch signalWatch(executor);
  CriRuntime runtime(executor, options.runtimeEndpoint);
  NetProber prober(executor, runtime);
  DiskVolumes volumes(volumesFolder(options));
  NftServiceProxy proxy(options.nftTable);
  FileCheckpoint checkpoint(options.dataDir);
  const std::shared_ptr<grpc::Channel> channel =
      dialController(options.controller, options.dataDir);
  std::unique_ptr<Agent> agent;
  LogSession logs(
      executor, channel,
      [&agent](const std::string& uid) { return agent ? agent->findPod(uid) : nullptr; },
      {.podLogRoot = options.podLogRoot});
  GrpcControllerLink link(executor, channel, &logs,
                          {.fencingFile = std::filesystem::path(options.dataDir) / "fencing"});
  agent = std::make_unique<Agent>(executor, runtime, prober, volumes, proxy, checkpoint, link,
                                  agentOptions(options, address));
  Renewal renewal(executor, options);
  LogRotation rotation(executor, runtime, {});
  executor.post([&] {
    base::logInfo(absl::StrCat("node ", options.nodeName, " at ", address, ", controller ",
                               options.controller));
    agent->start(nodeStatus(machine, address),
                 nodeLabels(machine, options.nodeName, options.labels));
  });
  executor.run();
  base::logInfo("ends; containers run on");
  agent.reset();
  return absl::OkStatus();
}

absl::Status leaveNode(const AgentOptions& options) {
  base::LoopExecutor executor;
  CriRuntime runtime(executor, options.runtimeEndpoint);
  absl::Status status;
  executor.post([&] {
    leaveRuntime(runtime, [&](absl::Status left) {
      status = std::move(left);
      executor.stop();
    });
  });
  executor.run();

  NftServiceProxy proxy(options.nftTable);
  status.Update(proxy.remove());
  DiskVolumes volumes(volumesFolder(options));
  std::error_code error;
  for (const auto& each : std::filesystem::directory_iterator(volumesFolder(options), error)) {
    status.Update(volumes.remove(each.path().filename()));
  }
  std::filesystem::remove(cniFile(options), error);
  std::filesystem::remove_all(addressesFolder(options), error);
  return status;
}

}  // namespace gantry::agent
