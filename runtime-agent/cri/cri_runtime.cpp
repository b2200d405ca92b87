// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/cri/cri_runtime.h"

#include <algorithm>
#include <utility>

#include <grpcpp/create_channel.h>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime-agent/cri/api.grpc.pb.h"
#include "runtime-agent/cri/calls.h"
#include "runtime-agent/cri/convert.h"
#include "runtime-agent/cri/relist.h"
#include "runtime-agent/cri/termination_message.h"
#include "runtime-agent/volumes/sub_path.h"

namespace gantry::agent {
namespace {

using runtime::v1::ImageService;
using runtime::v1::RuntimeService;
using RuntimeMethods = RuntimeService::Stub::async_interface;
using ImageMethods = ImageService::Stub::async_interface;

constexpr base::Duration kShort = std::chrono::seconds(10);
// A busy machine may need long to make or end a container; kubelet waits as long.
constexpr base::Duration kLong = std::chrono::minutes(2);
constexpr base::Duration kPull = std::chrono::minutes(30);

std::int64_t wholeSeconds(base::Duration duration) {
  return std::chrono::ceil<std::chrono::seconds>(duration).count();
}

/// Drops the response, and takes what is gone already for done.
template <class Response>
auto answerDone(Runtime::Done done) {
  return [done = std::move(done)](absl::Status status, const Response&) {
    done(absl::IsNotFound(status) ? absl::OkStatus() : std::move(status));
  };
}

std::shared_ptr<grpc::Channel> connectTo(const std::string& endpoint) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(64 << 20);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1'000);
  return grpc::CreateCustomChannel(endpoint, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace

class CriRuntime::Impl {
 public:
  Impl(base::Executor& executor, const std::string& endpoint)
      : channel_(connectTo(endpoint)),
        runtime_(RuntimeService::NewStub(channel_)),
        images_(ImageService::NewStub(channel_)),
        calls_(executor),
        relist_(calls_, *runtime_) {}

  RuntimeMethods* runtime() { return runtime_->async(); }
  ImageMethods* images() { return images_->async(); }
  cri::Calls& calls() { return calls_; }
  cri::Relist& relist() { return relist_; }

  void addAddress(SeenSandbox sandbox, Callback<SeenSandbox> done) {
    runtime::v1::PodSandboxStatusRequest request;
    request.set_pod_sandbox_id(sandbox.id);
    calls_.start(
        runtime(), &RuntimeMethods::PodSandboxStatus, std::move(request), kShort,
        [sandbox = std::move(sandbox), done = std::move(done)](
            absl::Status status, const runtime::v1::PodSandboxStatusResponse& response) mutable {
          if (!status.ok()) return done(std::move(status));
          sandbox.ip = response.status().network().ip();
          sandbox.createdAt = base::fromUnixMs(response.status().created_at() / 1'000'000);
          sandbox.ready = response.status().state() == runtime::v1::SANDBOX_READY;
          done(std::move(sandbox));
        });
  }

 private:
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<RuntimeService::Stub> runtime_;
  std::unique_ptr<ImageService::Stub> images_;
  cri::Calls calls_;
  cri::Relist relist_;
};

CriRuntime::CriRuntime(base::Executor& executor, const std::string& endpoint)
    : impl_(std::make_unique<Impl>(executor, endpoint)) {}

CriRuntime::~CriRuntime() = default;

void CriRuntime::version(Callback<std::string> done) {
  impl_->calls().start(
      impl_->runtime(), &RuntimeMethods::Version, runtime::v1::VersionRequest(), kShort,
      [this, done = std::move(done)](absl::Status status,
                                     const runtime::v1::VersionResponse& version) mutable {
        if (!status.ok()) return done(std::move(status));
        std::string name = absl::StrCat(version.runtime_name(), " ", version.runtime_version());
        impl_->calls().start(
            impl_->runtime(), &RuntimeMethods::Status, runtime::v1::StatusRequest(), kShort,
            [done = std::move(done), name = std::move(name)](
                absl::Status answer, const runtime::v1::StatusResponse& response) mutable {
              for (const runtime::v1::RuntimeCondition& each : response.status().conditions()) {
                if (each.status()) continue;
                answer.Update(
                    absl::UnavailableError(absl::StrCat(each.type(), ": ", each.message())));
              }
              if (!answer.ok()) return done(std::move(answer));
              done(std::move(name));
            });
      });
}

void CriRuntime::list(Callback<RuntimeState> done) {
  impl_->relist().start(std::move(done));
}

void CriRuntime::runSandbox(SandboxSpec spec, Callback<SeenSandbox> done) {
  runtime::v1::RunPodSandboxRequest request;
  *request.mutable_config() = cri::sandboxConfig(spec);
  SeenSandbox sandbox;
  sandbox.podUid = spec.podUid;
  sandbox.podName = spec.podName;
  sandbox.podNamespace = spec.podNamespace;
  sandbox.attempt = spec.attempt;
  impl_->calls().start(
      impl_->runtime(), &RuntimeMethods::RunPodSandbox, std::move(request), kLong,
      [this, sandbox = std::move(sandbox), done = std::move(done)](
          absl::Status status, const runtime::v1::RunPodSandboxResponse& response) mutable {
        if (!status.ok()) return done(std::move(status));
        sandbox.id = response.pod_sandbox_id();
        impl_->addAddress(std::move(sandbox), std::move(done));
      });
}

void CriRuntime::stopSandbox(std::string sandboxId, Done done) {
  runtime::v1::StopPodSandboxRequest request;
  request.set_pod_sandbox_id(std::move(sandboxId));
  impl_->calls().start(impl_->runtime(), &RuntimeMethods::StopPodSandbox, std::move(request), kLong,
                       answerDone<runtime::v1::StopPodSandboxResponse>(std::move(done)));
}

void CriRuntime::removeSandbox(std::string sandboxId, Done done) {
  runtime::v1::RemovePodSandboxRequest request;
  request.set_pod_sandbox_id(std::move(sandboxId));
  impl_->calls().start(impl_->runtime(), &RuntimeMethods::RemovePodSandbox, std::move(request),
                       kLong, answerDone<runtime::v1::RemovePodSandboxResponse>(std::move(done)));
}

void CriRuntime::createContainer(std::string sandboxId, SandboxSpec sandbox, ContainerSpec spec,
                                 Callback<std::string> done) {
  for (ContainerSpec::Mount& mount : spec.mounts) {
    if (mount.subPath.empty()) continue;
    absl::StatusOr<std::string> path = resolveSubPath(mount.hostPath, mount.subPath);
    if (!path.ok()) return impl_->calls().post([done, path] { done(path.status()); });
    mount.hostPath = *std::move(path);
  }
  const absl::Status offered = cri::offerTerminationMessage(sandbox, spec);
  if (!offered.ok()) return impl_->calls().post([done, offered] { done(offered); });
  runtime::v1::CreateContainerRequest request;
  request.set_pod_sandbox_id(std::move(sandboxId));
  *request.mutable_config() = cri::containerConfig(sandbox, spec);
  *request.mutable_sandbox_config() = cri::sandboxConfig(sandbox);
  impl_->calls().start(
      impl_->runtime(), &RuntimeMethods::CreateContainer, std::move(request), kLong,
      [done = std::move(done)](absl::Status status,
                               const runtime::v1::CreateContainerResponse& response) {
        if (!status.ok()) return done(std::move(status));
        done(response.container_id());
      });
}

void CriRuntime::startContainer(std::string containerId, Done done) {
  runtime::v1::StartContainerRequest request;
  request.set_container_id(std::move(containerId));
  impl_->calls().start(
      impl_->runtime(), &RuntimeMethods::StartContainer, std::move(request), kLong,
      [done = std::move(done)](absl::Status status, const auto&) { done(std::move(status)); });
}

void CriRuntime::stopContainer(std::string containerId, base::Duration grace, Done done) {
  runtime::v1::StopContainerRequest request;
  request.set_container_id(std::move(containerId));
  request.set_timeout(wholeSeconds(grace));
  impl_->calls().start(impl_->runtime(), &RuntimeMethods::StopContainer, std::move(request),
                       grace + kLong,
                       answerDone<runtime::v1::StopContainerResponse>(std::move(done)));
}

void CriRuntime::removeContainer(std::string containerId, Done done) {
  runtime::v1::RemoveContainerRequest request;
  request.set_container_id(std::move(containerId));
  impl_->calls().start(impl_->runtime(), &RuntimeMethods::RemoveContainer, std::move(request),
                       kLong, answerDone<runtime::v1::RemoveContainerResponse>(std::move(done)));
}

void CriRuntime::reopenLog(std::string containerId, Done done) {
  runtime::v1::ReopenContainerLogRequest request;
  request.set_container_id(std::move(containerId));
  impl_->calls().start(impl_->runtime(), &RuntimeMethods::ReopenContainerLog, std::move(request),
                       kShort,
                       answerDone<runtime::v1::ReopenContainerLogResponse>(std::move(done)));
}

void CriRuntime::findImage(std::string image, Callback<ImageInfo> done) {
  runtime::v1::ImageStatusRequest request;
  request.mutable_image()->set_image(std::move(image));
  impl_->calls().start(
      impl_->images(), &ImageMethods::ImageStatus, std::move(request), kShort,
      [done = std::move(done)](absl::Status status,
                               const runtime::v1::ImageStatusResponse& response) {
        if (!status.ok()) return done(std::move(status));
        done(response.has_image() ? cri::imageInfo(response.image()) : ImageInfo());
      });
}

void CriRuntime::pullImage(std::string image, Callback<ImageInfo> done) {
  runtime::v1::PullImageRequest request;
  request.mutable_image()->set_image(std::move(image));
  impl_->calls().start(
      impl_->images(), &ImageMethods::PullImage, std::move(request), kPull,
      [this, done = std::move(done)](absl::Status status,
                                     const runtime::v1::PullImageResponse& response) mutable {
        if (!status.ok()) return done(std::move(status));
        findImage(response.image_ref(), std::move(done));
      });
}

void CriRuntime::exec(std::string containerId, std::vector<std::string> command,
                      base::Duration timeout, Callback<ExecResult> done) {
  runtime::v1::ExecSyncRequest request;
  request.set_container_id(std::move(containerId));
  request.mutable_cmd()->Assign(command.begin(), command.end());
  // 0 would wait for ever.
  request.set_timeout(std::max<std::int64_t>(1, wholeSeconds(timeout)));
  impl_->calls().start(
      impl_->runtime(), &RuntimeMethods::ExecSync, std::move(request), timeout + kShort,
      [done = std::move(done)](absl::Status status, const runtime::v1::ExecSyncResponse& response) {
        if (!status.ok()) return done(std::move(status));
        done(ExecResult{response.exit_code(), absl::StrCat(response.stdout(), response.stderr())});
      });
}

}  // namespace gantry::agent
