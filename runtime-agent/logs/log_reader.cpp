// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/logs/log_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime-agent/logs/folder_watch.h"
#include "runtime-agent/logs/log_files.h"
#include "runtime-agent/logs/tail.h"

namespace gantry::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBatchLines = 256;
constexpr std::size_t kBatchBytes = 256 * 1024;
constexpr std::size_t kReadBytes = 64 * 1024;
// No runtime writes such a record; a file that has one is damaged.
constexpr std::size_t kMaxRecordBytes = 1024 * 1024;

// One open log file.
class LogFile {
 public:
  LogFile() = default;
  ~LogFile() { close(); }
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  // A missing file is one that is empty so far.
  absl::Status open(const fs::path& path, std::int64_t offset) {
    close();
    fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd_ < 0 && errno == ENOENT) return absl::OkStatus();
    if (fd_ < 0) {
      return absl::UnavailableError(absl::StrCat(path.string(), ": ", std::strerror(errno)));
    }
    ::lseek(fd_, offset, SEEK_SET);
    return absl::OkStatus();
  }

  bool is(const fs::path& path) const {
    struct stat mine{}, other{};
    return fd_ >= 0 && ::fstat(fd_, &mine) == 0 && ::stat(path.c_str(), &other) == 0 &&
           mine.st_dev == other.st_dev && mine.st_ino == other.st_ino;
  }

  // Appends what is there; false at the end.
  absl::StatusOr<bool> read(std::string& to) {
    if (fd_ < 0) return false;
    char buffer[kReadBytes];
    const ssize_t count = ::read(fd_, buffer, sizeof buffer);
    if (count < 0) return absl::UnavailableError(absl::StrCat("log: ", std::strerror(errno)));
    to.append(buffer, static_cast<std::size_t>(count));
    return count > 0;
  }

 private:
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

  int fd_ = -1;
};

class Reader {
 public:
  Reader(const LogRequest& request, std::stop_token stop, const LogSink& sink)
      : request_(request), stop_(std::move(stop)), sink_(sink), assembler_(request.maxLineBytes) {}

  absl::Status run() {
    // Watched first, so that nothing is missed that is written after it was read.
    FolderWatch watch(request_.containerFolder, stop_);
    GANTRY_RETURN_IF_ERROR(begin());
    const bool follow = request_.follow && !request_.previous;
    while (true) {
      GANTRY_RETURN_IF_ERROR(readToEnd());
      GANTRY_ASSIGN_OR_RETURN(const bool moved, moveOn(follow));
      if (isOver()) return absl::OkStatus();
      if (moved) continue;
      if (!follow || !fs::exists(request_.containerFolder)) break;
      watch.wait();
    }
    endAttempt();
    flush();
    return absl::OkStatus();
  }

 private:
  bool isOver() const { return stop_.stop_requested() || refused_; }

  absl::Status begin() {
    const std::vector<std::uint32_t> attempts = loggedAttempts(request_.containerFolder);
    const std::string name = request_.containerFolder.filename();
    if (attempts.empty()) {
      return absl::NotFoundError(absl::StrCat("container ", name, " has not started yet"));
    }
    if (request_.previous && attempts.size() < 2) {
      return absl::NotFoundError(absl::StrCat("container ", name, " has no earlier run"));
    }
    attempt_ = attempts[attempts.size() - (request_.previous ? 2 : 1)];
    const std::vector<fs::path> files = attemptFiles(request_.containerFolder, attempt_);
    TailStart start;
    if (request_.tailLines >= 0) {
      GANTRY_ASSIGN_OR_RETURN(start, findTail(files, request_.tailLines));
    }
    return file_.open(files[start.file], start.offset);
  }

  absl::Status readToEnd() {
    while (!isOver()) {
      GANTRY_ASSIGN_OR_RETURN(const bool more, file_.read(unread_));
      takeLines();
      if (!more) break;
    }
    flush();
    return absl::OkStatus();
  }

  // To the file after this one, or to the next attempt. Before it leaves a file it reads its end
  // again: nobody writes to it any more once its successor is there.
  absl::StatusOr<bool> moveOn(bool toNextAttempt) {
    std::optional<fs::path> next = nextFile();
    std::uint32_t attempt = attempt_;
    if (!next && toNextAttempt) {
      for (const std::uint32_t each : loggedAttempts(request_.containerFolder)) {
        if (each > attempt_ && attempt == attempt_) attempt = each;
      }
      if (attempt != attempt_) next = attemptFiles(request_.containerFolder, attempt).front();
    }
    if (!next) return false;
    GANTRY_RETURN_IF_ERROR(readToEnd());
    takeRest();
    if (attempt != attempt_) endAttempt();
    attempt_ = attempt;
    GANTRY_RETURN_IF_ERROR(file_.open(*next, 0));
    return true;
  }

  std::optional<fs::path> nextFile() const {
    const std::vector<fs::path> files = attemptFiles(request_.containerFolder, attempt_);
    const auto mine = std::find_if(files.begin(), files.end(),
                                   [&](const fs::path& path) { return file_.is(path); });
    // Ours was deleted by rotation, or is not there yet: go on with the oldest that is.
    const auto next = mine == files.end() ? files.begin() : mine + 1;
    if (next == files.end() || !fs::exists(*next)) return std::nullopt;
    return *next;
  }

  void takeLines() {
    std::size_t begin = 0;
    for (std::size_t end = unread_.find('\n'); end != std::string::npos;
         end = unread_.find('\n', begin)) {
      takeRecord(std::string_view(unread_).substr(begin, end - begin));
      begin = end + 1;
    }
    unread_.erase(0, begin);
    if (unread_.size() > kMaxRecordBytes) unread_.clear();
  }

  void takeRest() {
    takeRecord(unread_);
    unread_.clear();
  }

  void takeRecord(std::string_view text) {
    const std::optional<CriRecord> record = parseCriRecord(text);
    if (!record) return;
    if (std::optional<LoggedLine> line = assembler_.add(*record)) deliver(*std::move(line));
  }

  void endAttempt() {
    takeRest();
    for (LoggedLine& line : assembler_.finish()) deliver(std::move(line));
  }

  void deliver(LoggedLine line) {
    if (request_.sinceMs > 0 && line.timeNs <= request_.sinceMs * 1'000'000) return;
    batchBytes_ += line.text.size();
    batch_.push_back(std::move(line));
    if (batch_.size() >= kBatchLines || batchBytes_ >= kBatchBytes) flush();
  }

  void flush() {
    if (!batch_.empty() && !isOver() && !sink_(std::exchange(batch_, {}))) refused_ = true;
    batch_.clear();
    batchBytes_ = 0;
  }

  const LogRequest& request_;
  std::stop_token stop_;
  const LogSink& sink_;
  LineAssembler assembler_;
  std::uint32_t attempt_ = 0;
  LogFile file_;
  std::string unread_;
  std::vector<LoggedLine> batch_;
  std::size_t batchBytes_ = 0;
  bool refused_ = false;
};

}  // namespace

absl::Status readLog(const LogRequest& request, std::stop_token stop, const LogSink& sink) {
  return Reader(request, std::move(stop), sink).run();
}

}  // namespace gantry::agent
