// SPDX-License-Identifier: Apache-2.0
#include "gitsync/secret_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status.h"

namespace gantry::gitsync {

absl::Status checkSecretFile(const std::string& file) {
  struct stat state = {};
  if (::stat(file.c_str(), &state) != 0) {
    return absl::PermissionDeniedError(absl::StrCat(file, ": ", std::strerror(errno)));
  }
  if (!S_ISREG(state.st_mode)) {
    return absl::PermissionDeniedError(absl::StrCat(file, ": is not a file"));
  }
  if ((state.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return absl::PermissionDeniedError(
        absl::StrCat(file, ": others may read it; chmod 600 it, and replace the secret"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> readSecretFile(const std::string& file) {
  GANTRY_RETURN_IF_ERROR(checkSecretFile(file));
  absl::StatusOr<std::string> text = base::readFile(file);
  if (!text.ok()) return absl::PermissionDeniedError(text.status().message());
  absl::StripTrailingAsciiWhitespace(&*text);
  if (text->empty()) return absl::PermissionDeniedError(absl::StrCat(file, ": is empty"));
  return text;
}

}  // namespace gantry::gitsync
