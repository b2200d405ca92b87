// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "controller/api/agent.pb.h"
#include "controller/api/control.pb.h"
#include "controller/server/pull_stream.h"

namespace gantry::server {

/// Merges the lines that agents push for one Logs call. Without `follow` all lines come, in order
/// of time: an agent that is ahead waits. With `follow` lines are in order of time as far as they
/// have arrived, and the oldest are dropped, and counted, when the reader is too slow. Any thread.
class LogReader {
 public:
  /// So many lines of a pod wait before its agent waits, or lines are dropped.
  static constexpr std::size_t kMostWaiting = 4096;
  static constexpr std::size_t kLinesPerMessage = 512;
  static constexpr std::size_t kBytesPerMessage = 1 << 20;

  /// One pod's log, asked of one agent.
  struct Query {
    std::string id;
    std::string pod;
    std::string node;
  };

  enum class Accepted {
    kMore,
    /// The source is far ahead: `resume` runs once, when it may go on.
    kWait,
    /// Nobody reads any more.
    kClosed,
  };

  /// `wake` is called when there is something to pull; it must not call back.
  LogReader(std::vector<Query> queries, bool follow, std::function<void()> wake);

  const std::vector<Query>& queries() const { return queries_; }

  // ---- the agents' side

  Accepted push(const std::string& query, const api::LogChunk& chunk, std::function<void()> resume);
  /// The agent has sent all that there is. `notice` is told to the reader unless empty.
  void end(const std::string& query, const std::string& notice);
  /// Ends all queries that no agent has answered.
  void endUnanswered();

  // ---- the reader's side

  Pulled next(api::LogLines& response);
  /// Nobody reads any more. Returns the queries that have not ended.
  std::vector<Query> close();
  void addNotice(std::string notice);

 private:
  struct Source {
    std::deque<api::LogLine> lines;
    bool answered = false;
    bool ended = false;
    std::function<void()> resume;
  };

  Source* find(const std::string& query);
  Source* oldest();
  void take(api::LogLines& response);
  std::vector<std::function<void()>> resumable();

  const std::vector<Query> queries_;
  const bool follow_;
  const std::function<void()> wake_;

  std::mutex mutex_;
  /// One for each query.
  std::vector<Source> sources_;
  std::vector<std::string> notices_;
  std::uint64_t dropped_ = 0;
  bool closed_ = false;
};

}  // namespace gantry::server
