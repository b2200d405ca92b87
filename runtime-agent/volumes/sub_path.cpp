// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/volumes/sub_path.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "base/system_error.h"
#include "runtime-agent/volumes/volume_files.h"

namespace gantry::agent {
namespace {

// A path handle below `root`; the kernel refuses every way out. -1 and errno on failure.
int openBeneath(int root, const std::string& path) {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how));
}

bool makeMissing(int root, const std::filesystem::path& path) {
  std::filesystem::path made;
  for (const std::filesystem::path& part : path) {
    const int parent = openBeneath(root, made.empty() ? "." : made.string());
    if (parent < 0) return false;
    const bool failed = ::mkdirat(parent, part.c_str(), 0755) != 0 && errno != EEXIST;
    const int error = errno;
    ::close(parent);
    errno = error;
    if (failed) return false;
    made /= part;
  }
  return true;
}

absl::Status subPathError(int error, const std::string& volumePath, const std::string& subPath) {
  if (error == EXDEV || error == ELOOP) {
    return absl::InvalidArgumentError(
        absl::StrCat("subPath \"", subPath, "\" leads out of the volume"));
  }
  return base::systemError(error, std::filesystem::path(volumePath) / subPath);
}

}  // namespace

absl::StatusOr<std::string> resolveSubPath(const std::string& volumePath,
                                           const std::string& subPath) {
  if (!isInside(subPath)) return subPathError(EXDEV, volumePath, subPath);
  const int root = ::open(volumePath.c_str(), O_PATH | O_CLOEXEC);
  if (root < 0) return base::systemError(errno, volumePath);
  const absl::Cleanup closeRoot = [root] { ::close(root); };

  int target = openBeneath(root, subPath);
  if (target < 0 && errno == ENOENT && makeMissing(root, subPath)) {
    target = openBeneath(root, subPath);
  }
  if (target < 0) return subPathError(errno, volumePath, subPath);
  const absl::Cleanup closeTarget = [target] { ::close(target); };
  std::error_code error;
  const auto real = std::filesystem::read_symlink(absl::StrCat("/proc/self/fd/", target), error);
  if (error) return base::systemError(error.value(), volumePath);
  return real.string();
}

}  // namespace gantry::agent
