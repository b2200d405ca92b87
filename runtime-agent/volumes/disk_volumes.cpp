// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/volumes/disk_volumes.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/system_error.h"
#include "manifests/decode/quantity.h"
#include "runtime-agent/volumes/file_switch.h"
#include "runtime-agent/volumes/host_path.h"
#include "runtime-agent/volumes/mounts.h"
#include "runtime-agent/volumes/volume_files.h"

namespace gantry::agent {
namespace {

namespace fs = std::filesystem;

std::optional<unsigned> groupOf(const schema::Pod& pod) {
  const schema::PodSecurityContext& context = pod.spec().security_context();
  if (!context.has_fs_group()) return std::nullopt;
  return static_cast<unsigned>(context.fs_group());
}

absl::Status makeFolder(const fs::path& path, unsigned mode) {
  if (::mkdir(path.c_str(), 0700) != 0) {
    return errno == EEXIST ? absl::OkStatus() : base::systemError(errno, path);
  }
  // Not by mkdir, whose mode the umask narrows.
  return ::chmod(path.c_str(), mode) == 0 ? absl::OkStatus() : base::systemError(errno, path);
}

// New files in it get the group as well (setgid), as kubelet does.
absl::Status giveToGroup(const fs::path& path, unsigned group) {
  struct stat about{};
  if (::stat(path.c_str(), &about) != 0) return base::systemError(errno, path);
  if (about.st_gid == group && (about.st_mode & S_ISGID) != 0) return absl::OkStatus();
  if (::chown(path.c_str(), static_cast<uid_t>(-1), group) != 0 ||
      ::chmod(path.c_str(), (about.st_mode & 07777) | S_ISGID | 0770) != 0) {
    return base::systemError(errno, path);
  }
  return absl::OkStatus();
}

bool isName(const std::string& text) {
  return isInside(text) && !absl::StrContains(text, '/');
}

absl::Status prepareEmptyDir(const fs::path& path, const schema::EmptyDirVolumeSource& source,
                             std::optional<unsigned> group) {
  GANTRY_RETURN_IF_ERROR(makeFolder(path, 0777));
  if (source.medium() == "Memory") {
    GANTRY_RETURN_IF_ERROR(mountTmpfs(path, manifests::unitsOf(source.size_limit()), 0777));
  }
  return group ? giveToGroup(path, *group) : absl::OkStatus();
}

}  // namespace

DiskVolumes::DiskVolumes(fs::path root) : root_(std::move(root)) {}

absl::StatusOr<std::string> DiskVolumes::prepareOne(const schema::Pod& pod,
                                                    const schema::Volume& volume,
                                                    const ConfigSources& sources) {
  if (volume.has_host_path()) {
    GANTRY_RETURN_IF_ERROR(checkHostPath(volume.host_path()));
    return volume.host_path().path();
  }
  const fs::path path = root_ / pod.metadata().uid() / volume.name();
  if (!volume.has_config_map() && !volume.has_secret()) {
    GANTRY_RETURN_IF_ERROR(prepareEmptyDir(path, volume.empty_dir(), groupOf(pod)));
    return path.string();
  }
  // Asked first: a pod whose ConfigMap is missing leaves nothing behind.
  GANTRY_ASSIGN_OR_RETURN(const VolumeFiles files,
                          volumeFiles(volume, pod.metadata().namespace_(), sources));
  GANTRY_RETURN_IF_ERROR(makeFolder(path, 0755));
  if (volume.has_secret()) GANTRY_RETURN_IF_ERROR(mountTmpfs(path, 0, 0755));
  GANTRY_RETURN_IF_ERROR(switchFiles(path, files, groupOf(pod)));
  return path.string();
}

absl::StatusOr<std::map<std::string, std::string>> DiskVolumes::prepare(
    const schema::Pod& pod, const ConfigSources& sources) {
  const std::string& uid = pod.metadata().uid();
  if (!isName(uid)) return absl::InvalidArgumentError(absl::StrCat("\"", uid, "\" is not a uid"));
  std::error_code error;
  fs::create_directories(root_ / uid, error);
  if (error) return base::systemError(error.value(), root_ / uid);
  std::map<std::string, std::string> paths;
  for (const schema::Volume& volume : pod.spec().volumes()) {
    if (!isName(volume.name())) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", volume.name(), "\" is not a name of a volume"));
    }
    absl::StatusOr<std::string> path = prepareOne(pod, volume, sources);
    if (!path.ok()) return base::annotate(path.status(), "volume " + volume.name());
    paths[volume.name()] = *std::move(path);
  }
  return paths;
}

absl::Status DiskVolumes::remove(const std::string& podUid) {
  if (!isName(podUid)) {
    return absl::InvalidArgumentError(absl::StrCat("\"", podUid, "\" is not a uid"));
  }
  const fs::path folder = root_ / podUid;
  // Nothing is deleted while something is mounted below: it could be somebody's data.
  GANTRY_RETURN_IF_ERROR(unmountBelow(folder));
  std::error_code error;
  fs::remove_all(folder, error);
  return error ? base::systemError(error.value(), folder) : absl::OkStatus();
}

}  // namespace gantry::agent
