// SPDX-License-Identifier: Apache-2.0
#include "controller/notify/outgoing.h"

#include <algorithm>
#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace gantry::notify {

namespace {

absl::Status statusOf(const HttpPost& post, const HttpAnswer& answer) {
  const long status = answer.status;
  if (status >= 200 && status < 300) return absl::OkStatus();
  if (status == 400 && !post.harmless.empty() && absl::StrContains(answer.body, post.harmless)) {
    return absl::OkStatus();
  }
  if (status >= 300 && status < 400) {
    return absl::InvalidArgumentError(
        absl::StrCat("answered with a redirect (HTTP ", status, "); name the address it leads to"));
  }
  const std::string message = absl::StrCat("answered HTTP ", status);
  constexpr std::array<long, 6> kBusyOrAway = {408, 425, 429, 502, 503, 504};
  const bool isLimit = status == 403 && answer.retryAfter > base::Duration::zero();
  if (isLimit || std::ranges::find(kBusyOrAway, status) != kBusyOrAway.end()) {
    return absl::UnavailableError(message);
  }
  if (status >= 500) return absl::InternalError(message);
  return absl::InvalidArgumentError(message);
}

}  // namespace

SendResult judge(const HttpPost& post, const HttpAnswer& answer) {
  return {statusOf(post, answer), answer.retryAfter};
}

}  // namespace gantry::notify
