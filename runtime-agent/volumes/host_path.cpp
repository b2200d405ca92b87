// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/volumes/host_path.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/system_error.h"
#include "runtime-agent/volumes/volume_files.h"

namespace gantry::agent {
namespace {

absl::Status createMissing(const std::string& path, const std::string& type) {
  if (type == "DirectoryOrCreate") {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    return error ? base::systemError(error.value(), path) : absl::OkStatus();
  }
  const int fd = ::open(path.c_str(), O_CREAT | O_RDONLY | O_CLOEXEC, 0644);
  if (fd < 0) return base::systemError(errno, path);
  ::close(fd);
  return absl::OkStatus();
}

absl::StatusOr<mode_t> expectedFormat(const std::string& type) {
  if (type == "Directory" || type == "DirectoryOrCreate") return S_IFDIR;
  if (type == "File" || type == "FileOrCreate") return S_IFREG;
  if (type == "Socket") return S_IFSOCK;
  if (type == "CharDevice") return S_IFCHR;
  if (type == "BlockDevice") return S_IFBLK;
  return absl::InvalidArgumentError(absl::StrCat("hostPath type \"", type, "\" is unknown"));
}

}  // namespace

absl::Status checkHostPath(const schema::HostPathVolumeSource& source) {
  const std::string& path = source.path();
  if (!path.starts_with('/') || (path != "/" && !isInside(path.substr(1)))) {
    return absl::InvalidArgumentError(
        absl::StrCat("hostPath \"", path, "\" is not an absolute path without \"..\""));
  }
  if (source.type().empty()) return absl::OkStatus();
  GANTRY_ASSIGN_OR_RETURN(const mode_t expected, expectedFormat(source.type()));

  struct stat about{};
  if (::stat(path.c_str(), &about) != 0) {
    if (errno == ENOENT && source.type().ends_with("OrCreate")) {
      return createMissing(path, source.type());
    }
    return absl::FailedPreconditionError(
        absl::StrCat("hostPath ", base::systemError(errno, path).message()));
  }
  if ((about.st_mode & S_IFMT) == expected) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("hostPath ", path, " is not a ", source.type()));
}

}  // namespace gantry::agent
