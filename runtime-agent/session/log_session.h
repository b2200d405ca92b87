// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/executor.h"
#include "manifests/schema/core.pb.h"
#include "runtime-agent/session/grpc_controller_link.h"

namespace gantry::agent {

/// Answers the controller's questions for logs: each with a PushLogs call of its own, fed from the
/// files by a thread of its own, which waits when the controller reads slowly. All calls on the
/// executor's thread.
class LogSession final : public LogResponder {
 public:
  struct Options {
    /// As Agent::Options::podLogRoot.
    std::filesystem::path podLogRoot;
    /// More questions at a time are answered with an error.
    std::size_t maxStreams = 64;
  };
  /// The pod with that uid on this node, or null: Agent::findPod. Executor's thread.
  using FindPod = std::function<const schema::Pod*(const std::string& uid)>;

  LogSession(base::Executor& executor, std::shared_ptr<grpc::Channel> channel, FindPod findPod,
             Options options);
  /// Ends all answers.
  ~LogSession() override;

  void onQuery(const api::LogQuery& query) override;
  void onCancel(const api::LogCancel& cancel) override;
  void onDisconnected() override;

  /// How many answers are under way.
  std::size_t streams() const;

 private:
  class Stream;
  struct Entry {
    std::string queryId;
    std::unique_ptr<Stream> stream;
  };
  /// By a number that is never used twice: query ids are the controller's.
  using Streams = std::map<std::uint64_t, Entry>;

  base::Executor& executor_;
  std::shared_ptr<grpc::Channel> channel_;
  FindPod findPod_;
  Options options_;
  std::uint64_t lastStream_ = 0;
  std::shared_ptr<Streams> streams_;
};

}  // namespace gantry::agent
