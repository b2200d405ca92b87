// SPDX-License-Identifier: Apache-2.0
#include "controller/notify/outgoing.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace gantry::notify {

absl::Status judge(const HttpPost& post, long status, const std::string& body) {
  if (status >= 200 && status < 300) return absl::OkStatus();
  if (status == 400 && !post.harmless.empty() && absl::StrContains(body, post.harmless)) {
    return absl::OkStatus();
  }
  if (status >= 300 && status < 400) {
    return absl::InvalidArgumentError(
        absl::StrCat("answered with a redirect (HTTP ", status, "); name the address it leads to"));
  }
  const std::string message = absl::StrCat("answered HTTP ", status);
  if (status == 408 || status == 425 || status == 429 || status >= 500) {
    return absl::UnavailableError(message);
  }
  return absl::InvalidArgumentError(message);
}

}  // namespace gantry::notify
