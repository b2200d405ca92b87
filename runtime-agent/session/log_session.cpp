// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/session/log_session.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "controller/api/agent.grpc.pb.h"
#include "runtime-agent/logs/log_files.h"
#include "runtime-agent/logs/log_reader.h"
#include "runtime-agent/logs/utf8.h"

namespace gantry::agent {
namespace {

struct Question {
  std::string queryId;
  std::string podName;
  std::string container;
  LogRequest log;
};

bool hasContainer(const schema::PodSpec& spec, const std::string& name) {
  for (const schema::Container& each : spec.containers()) {
    if (each.name() == name) return true;
  }
  for (const schema::Container& each : spec.init_containers()) {
    if (each.name() == name) return true;
  }
  return false;
}

absl::StatusOr<Question> question(const api::LogQuery& query, const schema::Pod* pod,
                                  const std::filesystem::path& podLogRoot) {
  if (pod == nullptr) return absl::NotFoundError("the pod is not on this node");
  Question asked;
  asked.queryId = query.id();
  asked.podName = pod->metadata().name();
  asked.container = query.container();
  if (asked.container.empty() && pod->spec().containers_size() > 0) {
    asked.container = pod->spec().containers(0).name();
  }
  // Also keeps names out of the path that are none.
  if (!hasContainer(pod->spec(), asked.container)) {
    return absl::NotFoundError(
        absl::StrCat("pod ", asked.podName, " has no container \"", asked.container, "\""));
  }
  asked.log.containerFolder =
      podLogFolder(podLogRoot, pod->metadata().namespace_(), asked.podName, pod->metadata().uid()) /
      asked.container;
  asked.log.follow = query.follow();
  asked.log.previous = query.previous();
  asked.log.sinceMs = query.since_ms();
  asked.log.tailLines = query.tail_lines();
  return asked;
}

api::LogChunk chunkOf(const Question& asked, const std::vector<LoggedLine>& lines) {
  api::LogChunk chunk;
  for (const LoggedLine& line : lines) {
    api::LogLine* sent = chunk.add_lines();
    sent->set_pod(asked.podName);
    sent->set_container(asked.container);
    sent->set_time_ns(line.timeNs);
    sent->set_is_stderr(line.isStderr);
    sent->set_text(toUtf8(line.text));
  }
  return chunk;
}

}  // namespace

// One answer: a PushLogs call and the thread that feeds it.
class LogSession::Stream {
 public:
  Stream(const std::shared_ptr<grpc::Channel>& channel, absl::StatusOr<Question> asked,
         std::string queryId, std::function<void()> onEnded)
      : stub_(api::AgentLink::NewStub(channel)),
        asked_(std::move(asked)),
        queryId_(std::move(queryId)),
        thread_([this, onEnded = std::move(onEnded)](const std::stop_token& stop) {
          run(stop);
          onEnded();
        }) {}

  ~Stream() { cancel(); }

  void cancel() {
    thread_.request_stop();
    context_.TryCancel();
  }

 private:
  void run(const std::stop_token& stop) {
    api::PushLogsResponse response;
    const auto writer = stub_->PushLogs(&context_, &response);
    api::LogChunk first;
    first.set_query_id(queryId_);
    if (!asked_.ok()) first.set_error(std::string(asked_.status().message()));
    if (writer->Write(first) && asked_.ok()) {
      const absl::Status status =
          readLog(asked_->log, stop, [&](const std::vector<LoggedLine>& lines) {
            return writer->Write(chunkOf(*asked_, lines));
          });
      if (!status.ok()) {
        api::LogChunk last;
        last.set_error(std::string(status.message()));
        writer->Write(last);
      }
    }
    writer->WritesDone();
    writer->Finish();
  }

  const std::unique_ptr<api::AgentLink::Stub> stub_;
  const absl::StatusOr<Question> asked_;
  const std::string queryId_;
  grpc::ClientContext context_;
  // Last, so that it ends before what it uses.
  std::jthread thread_;
};

LogSession::LogSession(base::Executor& executor, std::shared_ptr<grpc::Channel> channel,
                       FindPod findPod, Options options)
    : executor_(executor),
      channel_(std::move(channel)),
      findPod_(std::move(findPod)),
      options_(std::move(options)),
      streams_(std::make_shared<Streams>()) {}

LogSession::~LogSession() {
  onDisconnected();
}

std::size_t LogSession::streams() const {
  return streams_->size();
}

void LogSession::onQuery(const api::LogQuery& query) {
  absl::StatusOr<Question> asked =
      streams_->size() < options_.maxStreams
          ? question(query, findPod_(query.pod_uid()), options_.podLogRoot)
          : absl::ResourceExhaustedError("too many logs of this node are being read; try again");
  const std::uint64_t number = ++lastStream_;
  auto onEnded = [&executor = executor_, weak = std::weak_ptr(streams_), number] {
    executor.post([weak, number] {
      const std::shared_ptr<Streams> streams = weak.lock();
      if (streams) streams->erase(number);
    });
  };
  streams_->emplace(
      number, Entry{query.id(), std::make_unique<Stream>(channel_, std::move(asked), query.id(),
                                                         std::move(onEnded))});
}

void LogSession::onCancel(const api::LogCancel& cancel) {
  for (auto& [number, entry] : *streams_) {
    if (entry.queryId == cancel.id()) entry.stream->cancel();
  }
}

void LogSession::onDisconnected() {
  for (auto& [number, entry] : *streams_) entry.stream->cancel();
  streams_->clear();
}

}  // namespace gantry::agent
