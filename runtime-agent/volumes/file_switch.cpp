// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/volumes/file_switch.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <set>
#include <string>

#include "absl/cleanup/cleanup.h"
#include "base/file.h"
#include "base/status.h"
#include "base/system_error.h"

namespace gantry::agent {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCurrent = "..data";
constexpr const char* kNext = "..data_next";
constexpr const char* kVersionPrefix = "..version-";

unsigned wantedMode(const VolumeFile& file, std::optional<unsigned> group) {
  // With a group, kubelet lets the group read what the owner may.
  return (file.mode | (group ? 0440U : 0U)) & 0777U;
}

bool isAsWanted(const fs::path& path, const VolumeFile& file, std::optional<unsigned> group) {
  struct stat about{};
  if (::lstat(path.c_str(), &about) != 0 || !S_ISREG(about.st_mode)) return false;
  if ((about.st_mode & 07777) != wantedMode(file, group)) return false;
  if (group && about.st_gid != *group) return false;
  const absl::StatusOr<std::string> content = base::readFile(path);
  return content.ok() && *content == file.content;
}

bool isUpToDate(const fs::path& current, const VolumeFiles& files, std::optional<unsigned> group) {
  std::error_code error;
  std::size_t count = 0;
  for (fs::recursive_directory_iterator each(current, error), end; !error && each != end;
       each.increment(error)) {
    if (!each->is_directory()) ++count;
  }
  if (error || count != files.size()) return false;
  for (const auto& [path, file] : files) {
    if (!isAsWanted(current / path, file, group)) return false;
  }
  return true;
}

absl::Status writeFiles(const fs::path& folder, const VolumeFiles& files,
                        std::optional<unsigned> group) {
  for (const auto& [path, file] : files) {
    const fs::path target = folder / path;
    std::error_code error;
    fs::create_directories(target.parent_path(), error);
    if (error) return base::systemError(error.value(), target.parent_path());
    GANTRY_RETURN_IF_ERROR(
        base::writeFileAtomically(target, file.content, wantedMode(file, group)));
    if (group && ::chown(target.c_str(), static_cast<uid_t>(-1), *group) != 0) {
      return base::systemError(errno, target);
    }
  }
  return absl::OkStatus();
}

absl::Status pointTo(const fs::path& folder, const fs::path& version) {
  const fs::path next = folder / kNext;
  ::unlink(next.c_str());
  if (::symlink(version.filename().c_str(), next.c_str()) != 0)
    return base::systemError(errno, next);
  if (::rename(next.c_str(), (folder / kCurrent).c_str()) != 0)
    return base::systemError(errno, next);
  return absl::OkStatus();
}

// The first parts of all paths: what stands in the volume's own folder.
std::set<std::string> topNames(const VolumeFiles& files) {
  std::set<std::string> names;
  for (const auto& [path, file] : files) names.insert(path.substr(0, path.find('/')));
  return names;
}

absl::Status linkNames(const fs::path& folder, const std::set<std::string>& names) {
  for (const std::string& name : names) {
    const std::string target = std::string(kCurrent) + "/" + name;
    const fs::path link = folder / name;
    if (::symlink(target.c_str(), link.c_str()) != 0 && errno != EEXIST) {
      return base::systemError(errno, link);
    }
  }
  return absl::OkStatus();
}

// Everything but the current version and its links: also what a crash left behind.
absl::Status removeOld(const fs::path& folder, const fs::path& version,
                       const std::set<std::string>& names) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename();
    const bool isKept = name == kCurrent || name == version.filename() || names.contains(name);
    if (!isKept) fs::remove_all(entry.path(), error);
  }
  return error ? base::systemError(error.value(), folder) : absl::OkStatus();
}

}  // namespace

absl::Status switchFiles(const fs::path& folder, const VolumeFiles& files,
                         std::optional<unsigned> group) {
  if (isUpToDate(folder / kCurrent, files, group)) return linkNames(folder, topNames(files));

  std::string version = (folder / (std::string(kVersionPrefix) + "XXXXXX")).string();
  if (::mkdtemp(version.data()) == nullptr) return base::systemError(errno, folder);
  absl::Cleanup dropVersion = [&version] {
    std::error_code ignored;
    fs::remove_all(version, ignored);
  };
  if (::chmod(version.c_str(), 0755) != 0) return base::systemError(errno, version);
  GANTRY_RETURN_IF_ERROR(writeFiles(version, files, group));
  GANTRY_RETURN_IF_ERROR(pointTo(folder, version));
  std::move(dropVersion).Cancel();
  GANTRY_RETURN_IF_ERROR(linkNames(folder, topNames(files)));
  return removeOld(folder, version, topNames(files));
}

}  // namespace gantry::agent
