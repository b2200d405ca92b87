// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/support/server_callback.h>

#include <memory>
#include <mutex>
#include <string>

#include "controller/api/agent.pb.h"
#include "controller/server/log_broker.h"

namespace gantry::server {

/// One AgentLink.PushLogs call: hands chunks to the reader that asked for them. Any thread.
class LogIntake final : public grpc::ServerReadReactor<api::LogChunk>,
                        public std::enable_shared_from_this<LogIntake> {
 public:
  /// Lives until the call has ended and nobody holds it.
  static std::shared_ptr<LogIntake> open(LogBroker& broker, std::string node);

  void OnReadDone(bool ok) override;
  void OnCancel() override { finish(grpc::Status::CANCELLED); }
  void OnDone() override;

 private:
  LogIntake(LogBroker& broker, std::string node) : broker_(broker), node_(std::move(node)) {}
  void readNext();
  void finish(const grpc::Status& status);

  LogBroker& broker_;
  const std::string node_;
  std::shared_ptr<LogIntake> self_;
  api::LogChunk chunk_;
  std::string query_;
  std::shared_ptr<LogReader> reader_;

  std::mutex mutex_;
  bool finished_ = false;
};

}  // namespace gantry::server
