// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/logs/log_files.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace gantry::agent {

namespace fs = std::filesystem;

fs::path podLogFolder(const fs::path& podLogRoot, const std::string& podNamespace,
                      const std::string& podName, const std::string& podUid) {
  return podLogRoot / absl::StrCat(podNamespace, "_", podName, "_", podUid);
}

std::string containerLogPath(const std::string& container, std::uint32_t attempt) {
  return absl::StrCat(container, "/", attempt, ".log");
}

fs::path messageBeside(fs::path log) {
  return log.replace_extension(".message");
}

std::vector<std::uint32_t> loggedAttempts(const fs::path& containerFolder) {
  std::vector<std::uint32_t> attempts;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(containerFolder, error)) {
    const std::string name = entry.path().filename();
    std::uint32_t attempt = 0;
    if (absl::EndsWith(name, ".log") &&
        absl::SimpleAtoi(absl::StripSuffix(name, ".log"), &attempt)) {
      attempts.push_back(attempt);
    }
  }
  std::sort(attempts.begin(), attempts.end());
  return attempts;
}

std::vector<fs::path> attemptFiles(const fs::path& containerFolder, std::uint32_t attempt) {
  const std::string current = absl::StrCat(attempt, ".log");
  std::vector<fs::path> files;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(containerFolder, error)) {
    const std::string name = entry.path().filename();
    if (absl::StartsWith(name, current + ".") && !absl::EndsWith(name, ".gz") &&
        !absl::EndsWith(name, ".tmp")) {
      files.push_back(entry.path());
    }
  }
  // Rotated files are named after the time.
  std::sort(files.begin(), files.end());
  files.push_back(containerFolder / current);
  return files;
}

absl::Status rotateLog(const fs::path& log, const std::string& stamp, int keep) {
  std::error_code error;
  fs::rename(log, absl::StrCat(log.string(), ".", stamp), error);
  if (error) return absl::UnavailableError(absl::StrCat(log.string(), ": ", error.message()));
  std::uint32_t attempt = 0;
  if (!absl::SimpleAtoi(log.stem().string(), &attempt)) return absl::OkStatus();
  std::vector<fs::path> files = attemptFiles(log.parent_path(), attempt);
  // The last is the one that is yet to come.
  for (std::size_t i = 0; i + std::size_t(keep) < files.size(); ++i) fs::remove(files[i], error);
  return absl::OkStatus();
}

}  // namespace gantry::agent
