// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/volumes/mounts.h"

#include <mntent.h>
#include <sys/mount.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "base/system_error.h"

namespace gantry::agent {
namespace {

// In the order of mounting.
absl::StatusOr<std::vector<std::string>> mountPoints() {
  const std::unique_ptr<FILE, int (*)(FILE*)> table(::setmntent("/proc/self/mounts", "re"),
                                                    &::endmntent);
  if (!table) return base::systemError(errno, "/proc/self/mounts");
  std::vector<std::string> points;
  mntent entry{};
  char buffer[8192];
  while (::getmntent_r(table.get(), &entry, buffer, sizeof buffer) != nullptr) {
    points.emplace_back(entry.mnt_dir);
  }
  return points;
}

// As the kernel's table names it: absolute, without symlinks.
std::string asListed(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::path real = std::filesystem::weakly_canonical(path, error);
  return error ? path.string() : real.string();
}

}  // namespace

absl::StatusOr<bool> isMountPoint(const std::filesystem::path& path) {
  GANTRY_ASSIGN_OR_RETURN(const std::vector<std::string> points, mountPoints());
  return std::find(points.begin(), points.end(), asListed(path)) != points.end();
}

absl::Status mountTmpfs(const std::filesystem::path& path, std::int64_t sizeBytes, unsigned mode) {
  GANTRY_ASSIGN_OR_RETURN(const bool isMounted, isMountPoint(path));
  if (isMounted) return absl::OkStatus();
  std::string options = absl::StrFormat("mode=%04o", mode);
  if (sizeBytes > 0) absl::StrAppendFormat(&options, ",size=%d", sizeBytes);
  if (::mount("tmpfs", path.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()) != 0) {
    return base::systemError(errno, path);
  }
  return absl::OkStatus();
}

absl::Status unmountBelow(const std::filesystem::path& path) {
  GANTRY_ASSIGN_OR_RETURN(std::vector<std::string> points, mountPoints());
  const std::string top = asListed(path);
  std::reverse(points.begin(), points.end());
  for (const std::string& point : points) {
    if (point != top && !point.starts_with(top + "/")) continue;
    if (::umount2(point.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) != 0 && errno != EINVAL) {
      return base::systemError(errno, point);
    }
  }
  return absl::OkStatus();
}

}  // namespace gantry::agent
