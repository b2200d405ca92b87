// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/time.h"

namespace gantry::agent {

/// A pod's sandbox, to be made: the network namespace and the cgroup that its containers share.
struct SandboxSpec {
  std::string podUid;
  std::string podName;
  std::string podNamespace;
  /// Counts the sandboxes of a pod, from 0.
  std::uint32_t attempt = 0;
  std::string hostname;
  std::string logDirectory;
  bool hostNetwork = false;
  /// One of its containers is.
  bool privileged = false;
  struct PortMapping {
    std::string protocol;  // TCP, UDP
    int containerPort = 0;
    int hostPort = 0;
    std::string hostIp;
  };
  std::vector<PortMapping> portMappings;
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
  /// Name of the cgroup that the pod's containers are put under; empty: the runtime's default.
  std::string cgroupParent;
};

/// A container in a sandbox, to be made.
struct ContainerSpec {
  std::string podUid;
  std::string name;
  /// Counts the containers of this name in the pod, from 0: the restart count.
  std::uint32_t attempt = 0;
  /// What findImage or pullImage answered.
  std::string imageRef;
  /// The manifest's, for display.
  std::string image;
  std::vector<std::string> command;
  std::vector<std::string> args;
  std::string workingDir;
  /// In order; later duplicates have been dropped already.
  std::vector<std::pair<std::string, std::string>> env;
  struct Mount {
    std::string hostPath;
    /// Below hostPath. The runtime resolves it and refuses one that leads out of hostPath, because
    /// a container of the pod may have put a symlink there.
    std::string subPath;
    std::string containerPath;
    bool readOnly = false;
  };
  std::vector<Mount> mounts;
  /// Relative to the sandbox's logDirectory.
  std::string logPath;
  /// Where in the container it may write its last words, which are then in SeenContainer::message;
  /// empty: nowhere. If it has failed and written none, they are the end of its log, or nothing.
  std::string terminationMessagePath;
  bool terminationMessageOrLog = false;
  bool stdin = false;
  bool tty = false;
  // Limits as CRI takes them (AT-QOS-02); 0 leaves one unset.
  std::int64_t cpuShares = 0;
  std::int64_t cpuQuotaUs = 0;
  std::int64_t cpuPeriodUs = 0;
  std::int64_t memoryLimitBytes = 0;
  std::int64_t oomScoreAdj = 0;
  bool privileged = false;
  bool readOnlyRootfs = false;
  bool noNewPrivileges = false;
  std::optional<std::int64_t> runAsUser;
  std::optional<std::int64_t> runAsGroup;
  std::vector<std::int64_t> supplementalGroups;
  std::vector<std::string> addCapabilities;
  std::vector<std::string> dropCapabilities;
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
};

enum class ContainerPhase { kCreated, kRunning, kExited, kUnknown };

/// A container as the runtime sees it.
struct SeenContainer {
  std::string id;
  std::string sandboxId;
  std::string podUid;
  std::string name;
  std::uint32_t attempt = 0;
  std::string image;
  std::string imageRef;
  ContainerPhase phase = ContainerPhase::kUnknown;
  base::Timestamp createdAt;
  base::Timestamp startedAt;
  base::Timestamp finishedAt;
  int exitCode = 0;
  /// "Completed", "Error", "OOMKilled".
  std::string reason;
  std::string message;
  /// Hash of the spec it was made from (label gantry.dev/spec-hash).
  std::string specHash;
  /// The whole path of its log.
  std::string logPath;

  bool operator==(const SeenContainer&) const = default;
};

/// A sandbox as the runtime sees it.
struct SeenSandbox {
  std::string id;
  std::string podUid;
  std::string podName;
  std::string podNamespace;
  std::uint32_t attempt = 0;
  /// Its network is up and its first process runs.
  bool ready = false;
  std::string ip;
  base::Timestamp createdAt;

  bool operator==(const SeenSandbox&) const = default;
};

/// One look at the runtime: everything of ours in it.
struct RuntimeState {
  std::vector<SeenSandbox> sandboxes;
  std::vector<SeenContainer> containers;
};

/// An image that the runtime has.
struct ImageInfo {
  /// Empty: it does not have it.
  std::string ref;
  /// Who the image's process runs as; neither is set for root by default.
  std::optional<std::int64_t> uid;
  std::string userName;
};

struct ExecResult {
  int exitCode = 0;
  /// What it printed, errors last.
  std::string output;
};

/// The container runtime of a node. Calls return at once and answer on the executor's thread, never
/// from within the call; operations on one container, and those on a sandbox, are asked for one
/// after another, on several side by side. Stopping or removing what is gone is no error. Where an
/// answer is an error, the operation may still have been done: look (list) before trying again.
///
/// Errors: UNAVAILABLE (the runtime does not answer), NOT_FOUND, INVALID_ARGUMENT,
/// DEADLINE_EXCEEDED; the message is the runtime's.
class Runtime {
 public:
  template <class T>
  using Callback = std::function<void(absl::StatusOr<T>)>;
  using Done = std::function<void(absl::Status)>;

  virtual ~Runtime() = default;

  /// "containerd 1.6.20". Also the check that the runtime and its network are ready.
  virtual void version(Callback<std::string> done) = 0;

  virtual void list(Callback<RuntimeState> done) = 0;

  /// Answers with the sandbox, its address included, when its network is up.
  virtual void runSandbox(SandboxSpec spec, Callback<SeenSandbox> done) = 0;
  /// Stops all of its containers at once and takes its network down.
  virtual void stopSandbox(std::string sandboxId, Done done) = 0;
  virtual void removeSandbox(std::string sandboxId, Done done) = 0;

  /// Answers with the container's id.
  virtual void createContainer(std::string sandboxId, SandboxSpec sandbox, ContainerSpec spec,
                               Callback<std::string> done) = 0;
  virtual void startContainer(std::string containerId, Done done) = 0;
  /// Asks it to stop (SIGTERM), and kills it when `grace` has passed.
  virtual void stopContainer(std::string containerId, base::Duration grace, Done done) = 0;
  virtual void removeContainer(std::string containerId, Done done) = 0;
  /// Writes a running container's log to its path again, after the file was moved away.
  virtual void reopenLog(std::string containerId, Done done) = 0;

  /// The image if the runtime has it; else one without a reference, which is no error.
  virtual void findImage(std::string image, Callback<ImageInfo> done) = 0;
  /// Errors: any; the message is the registry's.
  virtual void pullImage(std::string image, Callback<ImageInfo> done) = 0;

  /// Errors: DEADLINE_EXCEEDED (the command took longer than `timeout`).
  virtual void exec(std::string containerId, std::vector<std::string> command,
                    base::Duration timeout, Callback<ExecResult> done) = 0;
};

}  // namespace gantry::agent
