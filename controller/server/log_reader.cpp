// SPDX-License-Identifier: Apache-2.0
#include "controller/server/log_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace gantry::server {

LogReader::LogReader(std::vector<Query> queries, bool follow, std::function<void()> wake)
    : queries_(std::move(queries)),
      follow_(follow),
      wake_(std::move(wake)),
      sources_(queries_.size()) {}

LogReader::Accepted LogReader::push(const std::string& query, const api::LogChunk& chunk,
                                    std::function<void()> resume) {
  Accepted accepted = Accepted::kMore;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return Accepted::kClosed;
    Source& source = *find(query);
    const Query& asked = queries_[static_cast<std::size_t>(&source - sources_.data())];
    source.answered = true;
    dropped_ += chunk.dropped();
    for (const api::LogLine& line : chunk.lines()) {
      source.lines.push_back(line);
      source.lines.back().set_pod(asked.pod);
    }
    if (!chunk.error().empty()) notices_.push_back(absl::StrCat(asked.pod, ": ", chunk.error()));
    if (follow_) {
      for (; source.lines.size() > kMostWaiting; ++dropped_) source.lines.pop_front();
    } else if (source.lines.size() >= kMostWaiting) {
      source.resume = std::move(resume);
      accepted = Accepted::kWait;
    }
  }
  wake_();
  return accepted;
}

void LogReader::end(const std::string& query, const std::string& notice) {
  {
    const std::lock_guard lock(mutex_);
    Source& source = *find(query);
    if (std::exchange(source.ended, true)) return;
    if (!notice.empty()) notices_.push_back(notice);
  }
  wake_();
}

void LogReader::endUnanswered() {
  {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      if (sources_[i].answered || std::exchange(sources_[i].ended, true)) continue;
      notices_.push_back(absl::StrCat(queries_[i].pod, ": the agent of node ", queries_[i].node,
                                      " does not answer"));
    }
  }
  wake_();
}

Pulled LogReader::next(api::LogLines& response) {
  std::vector<std::function<void()>> resumed;
  {
    const std::lock_guard lock(mutex_);
    take(response);
    resumed = resumable();
    if (!notices_.empty()) {
      response.set_notice(std::move(notices_.front()));
      notices_.erase(notices_.begin());
    }
    response.set_dropped(std::exchange(dropped_, 0));
  }
  for (const auto& resume : resumed) resume();
  if (response.lines_size() > 0 || response.dropped() > 0 || !response.notice().empty()) {
    return Pulled::kMessage;
  }
  const std::lock_guard lock(mutex_);
  const bool ended = std::all_of(sources_.begin(), sources_.end(), [](const Source& source) {
    return source.ended && source.lines.empty();
  });
  return ended && notices_.empty() ? Pulled::kEnd : Pulled::kNothing;
}

std::vector<LogReader::Query> LogReader::close() {
  std::vector<Query> open;
  std::vector<std::function<void()>> resumed;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      if (!sources_[i].ended) open.push_back(queries_[i]);
      sources_[i].lines.clear();
    }
    resumed = resumable();
  }
  for (const auto& resume : resumed) resume();
  return open;
}

void LogReader::addNotice(std::string notice) {
  {
    const std::lock_guard lock(mutex_);
    notices_.push_back(std::move(notice));
  }
  wake_();
}

LogReader::Source* LogReader::find(const std::string& query) {
  const auto found = std::find_if(queries_.begin(), queries_.end(),
                                  [&query](const Query& each) { return each.id == query; });
  GANTRY_CHECK(found != queries_.end());
  return &sources_[static_cast<std::size_t>(found - queries_.begin())];
}

// The source whose next line is the oldest; null if there is none, or if one that may still send an
// older one has not.
LogReader::Source* LogReader::oldest() {
  Source* found = nullptr;
  for (Source& source : sources_) {
    if (source.lines.empty()) {
      if (!source.ended && !follow_) return nullptr;
      continue;
    }
    if (!found || source.lines.front().time_ns() < found->lines.front().time_ns()) found = &source;
  }
  return found;
}

void LogReader::take(api::LogLines& response) {
  std::size_t bytes = 0;
  for (std::size_t count = 0; count < kLinesPerMessage && bytes < kBytesPerMessage; ++count) {
    Source* source = oldest();
    if (!source) return;
    bytes += source->lines.front().ByteSizeLong();
    *response.add_lines() = std::move(source->lines.front());
    source->lines.pop_front();
  }
}

std::vector<std::function<void()>> LogReader::resumable() {
  std::vector<std::function<void()>> found;
  for (Source& source : sources_) {
    if (source.resume && source.lines.size() < kMostWaiting / 2) {
      found.push_back(std::exchange(source.resume, nullptr));
    }
  }
  return found;
}

}  // namespace gantry::server
