// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/logs/tail.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "runtime-agent/logs/cri_log.h"

namespace gantry::agent {
namespace {

constexpr std::int64_t kBlock = 64 * 1024;

// Walks one file backwards, line by line.
class BackwardReader {
 public:
  BackwardReader(int fd, std::int64_t size) : fd_(fd), begin_(size) {}

  // The offset of the line before the ones given so far, and its text; false at the file's start.
  absl::StatusOr<bool> previous(std::int64_t& offset, std::string& line) {
    while (true) {
      // The last character ends the line that is looked for.
      const auto lineBreak =
          buffer_.size() < 2 ? std::string::npos : buffer_.rfind('\n', buffer_.size() - 2);
      const bool hasWhole = lineBreak != std::string::npos;
      if (hasWhole || (begin_ == 0 && !buffer_.empty())) {
        const std::size_t from = hasWhole ? lineBreak + 1 : 0;
        offset = begin_ + static_cast<std::int64_t>(from);
        line = buffer_.substr(from);
        buffer_.resize(from);
        return true;
      }
      if (begin_ == 0) return false;
      GANTRY_RETURN_IF_ERROR(readBlock());
    }
  }

 private:
  absl::Status readBlock() {
    const std::int64_t size = std::min(kBlock, begin_);
    std::string block(static_cast<std::size_t>(size), '\0');
    const ssize_t count = ::pread(fd_, block.data(), block.size(), begin_ - size);
    if (count != size) return absl::UnavailableError("the log changed while it was read");
    begin_ -= size;
    buffer_.insert(0, block);
    return absl::OkStatus();
  }

  int fd_;
  std::int64_t begin_;
  std::string buffer_;
};

// Counts `left` down by the lines in the file; the offset where they begin.
absl::StatusOr<std::int64_t> countBack(const std::filesystem::path& file, std::int64_t& left) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) return 0;
  if (fd < 0)
    return absl::UnavailableError(absl::StrCat(file.string(), ": ", std::strerror(errno)));
  const absl::Cleanup close = [fd] { ::close(fd); };
  struct stat about{};
  ::fstat(fd, &about);
  BackwardReader reader(fd, about.st_size);
  std::int64_t start = about.st_size, offset = 0;
  std::string line;
  while (true) {
    GANTRY_ASSIGN_OR_RETURN(const bool found, reader.previous(offset, line));
    if (!found) return start;
    const auto record =
        parseCriRecord(std::string_view(line).substr(0, line.find_last_not_of('\n') + 1));
    if (record && !record->isPartial && left-- == 0) return start;
    start = offset;
  }
}

}  // namespace

absl::StatusOr<TailStart> findTail(const std::vector<std::filesystem::path>& files,
                                   std::int64_t lines) {
  std::int64_t left = lines;
  for (std::size_t i = files.size(); i-- > 0;) {
    GANTRY_ASSIGN_OR_RETURN(const std::int64_t offset, countBack(files[i], left));
    if (left < 0) return TailStart{i, offset};
  }
  return TailStart{0, 0};
}

}  // namespace gantry::agent
