// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "base/executor.h"
#include "controller/model/state.h"
#include "controller/server/log_reader.h"

namespace gantry::server {

/// Brings people who ask for logs and agents who have them together.
class LogBroker {
 public:
  /// An agent that has not begun to answer by then is reported instead of waited for.
  static constexpr base::Duration kAnswerDeadline = base::Duration(10'000);

  /// Sends to a node's agent, as loops::Controller::sendToNode.
  using Send = std::function<absl::Status(const std::string& node, api::ControllerMessage message)>;

  LogBroker(base::Executor& executor, Send send);

  // ---- controller's thread

  /// Asks the agents of all pods. `wake` as in LogReader. Errors: INVALID_ARGUMENT (no pods named),
  /// NOT_FOUND (a pod), FAILED_PRECONDITION (a pod has no node yet).
  absl::StatusOr<std::shared_ptr<LogReader>> open(const model::State& state,
                                                  const api::LogsRequest& request,
                                                  std::function<void()> wake);
  /// The reader has gone: tells the agents that still send.
  void close(const std::shared_ptr<LogReader>& reader);

  // ---- any thread

  /// The reader that waits for a query's lines from that node; null if there is none.
  std::shared_ptr<LogReader> find(const std::string& query, const std::string& node);

 private:
  void ask(const std::shared_ptr<LogReader>& reader, const LogReader::Query& query,
           const std::string& podUid, const api::LogsRequest& request);

  base::Executor& executor_;
  Send send_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<LogReader>> readers_;
};

}  // namespace gantry::server
