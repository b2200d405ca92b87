// SPDX-License-Identifier: Apache-2.0
#include "controller/server/log_broker.h"

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/status.h"

namespace gantry::server {
namespace {

absl::StatusOr<model::Ptr<model::Pod>> findPod(const model::State& state, const std::string& ns,
                                               const std::string& name) {
  auto pod = state.pods.share({ns, name});
  if (!pod) return absl::NotFoundError(absl::StrCat("there is no pod ", ns, "/", name));
  if (pod->nodeName.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("pod ", ns, "/", name, " has no node yet, so it has no log"));
  }
  return pod;
}

}  // namespace

LogBroker::LogBroker(base::Executor& executor, Send send)
    : executor_(executor), send_(std::move(send)) {}

absl::StatusOr<std::shared_ptr<LogReader>> LogBroker::open(const model::State& state,
                                                           const api::LogsRequest& request,
                                                           std::function<void()> wake) {
  if (request.pods().empty()) return absl::InvalidArgumentError("name at least one pod");
  std::vector<model::Ptr<model::Pod>> pods;
  std::vector<LogReader::Query> queries;
  for (const std::string& name : request.pods()) {
    GANTRY_ASSIGN_OR_RETURN(auto pod, findPod(state, request.namespace_(), name));
    queries.push_back({base::newUid(executor_), name, pod->nodeName});
    pods.push_back(std::move(pod));
  }
  auto reader = std::make_shared<LogReader>(queries, request.follow(), std::move(wake));
  for (std::size_t i = 0; i < pods.size(); ++i) ask(reader, queries[i], pods[i]->uid, request);
  executor_.postAfter(kAnswerDeadline, [weak = std::weak_ptr(reader)] {
    if (const auto waiting = weak.lock()) waiting->endUnanswered();
  });
  return reader;
}

void LogBroker::ask(const std::shared_ptr<LogReader>& reader, const LogReader::Query& query,
                    const std::string& podUid, const api::LogsRequest& request) {
  {
    const std::lock_guard lock(mutex_);
    readers_[query.id] = reader;
  }
  api::ControllerMessage message;
  api::LogQuery& asked = *message.mutable_log_query();
  asked.set_id(query.id);
  asked.set_pod_uid(podUid);
  asked.set_container(request.container());
  asked.set_follow(request.follow());
  asked.set_previous(request.previous());
  asked.set_since_ms(request.since_ms());
  asked.set_tail_lines(request.tail_lines());
  const absl::Status sent = send_(query.node, std::move(message));
  if (!sent.ok()) reader->end(query.id, absl::StrCat(query.pod, ": ", std::string(sent.message())));
}

void LogBroker::close(const std::shared_ptr<LogReader>& reader) {
  for (const LogReader::Query& query : reader->close()) {
    api::ControllerMessage message;
    message.mutable_log_cancel()->set_id(query.id);
    // An agent that has gone needs not be told.
    send_(query.node, std::move(message)).IgnoreError();
  }
  const std::lock_guard lock(mutex_);
  for (const LogReader::Query& query : reader->queries()) readers_.erase(query.id);
}

std::shared_ptr<LogReader> LogBroker::find(const std::string& query, const std::string& node) {
  const std::lock_guard lock(mutex_);
  const auto found = readers_.find(query);
  if (found == readers_.end()) return nullptr;
  for (const LogReader::Query& each : found->second->queries()) {
    if (each.id == query && each.node == node) return found->second;
  }
  return nullptr;
}

}  // namespace gantry::server
