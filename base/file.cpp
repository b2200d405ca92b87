// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/cleanup/cleanup.h"
#include "base/status.h"
#include "base/system_error.h"

namespace gantry::base {
namespace {

absl::Status writeAll(int fd, std::string_view content, const std::filesystem::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return systemError(errno, path);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(fd) == 0 ? absl::OkStatus() : systemError(errno, path);
}

}  // namespace

absl::StatusOr<std::string> readFile(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return systemError(errno, path);
  const absl::Cleanup close = [fd] { ::close(fd); };
  std::string content;
  char buffer[65536];
  while (true) {
    const ssize_t count = ::read(fd, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return systemError(errno, path);
    if (count == 0) return content;
    content.append(buffer, static_cast<std::size_t>(count));
  }
}

absl::Status writeFileAtomically(const std::filesystem::path& path, std::string_view content,
                                 unsigned mode) {
  std::string temporary = path.string() + ".XXXXXX";
  const int fd = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (fd < 0) return systemError(errno, path);
  absl::Status status = writeAll(fd, content, path);
  if (status.ok() && ::fchmod(fd, mode) != 0) status = systemError(errno, path);
  ::close(fd);
  if (status.ok() && ::rename(temporary.c_str(), path.c_str()) != 0) {
    status = systemError(errno, path);
  }
  if (!status.ok()) ::unlink(temporary.c_str());
  return status;
}

}  // namespace gantry::base
