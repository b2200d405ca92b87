// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/suspension.h"

#include "absl/strings/str_cat.h"

namespace gantry::delivery {

bool isSuspended(const schema::Application& application, base::Timestamp now) {
  if (!application.status().has_suspension()) return false;
  const schema::Suspension& suspension = application.status().suspension();
  return !suspension.has_expires_at() || base::fromUnixMs(suspension.expires_at().unix_ms()) > now;
}

std::optional<base::Timestamp> suspensionEnds(const schema::Application& application) {
  const schema::Suspension& suspension = application.status().suspension();
  if (!suspension.has_expires_at()) return std::nullopt;
  return base::fromUnixMs(suspension.expires_at().unix_ms());
}

std::string suspensionMessage(const schema::Suspension& suspension) {
  std::string text = absl::StrCat("suspended by ", suspension.by());
  if (suspension.has_expires_at()) {
    absl::StrAppend(&text, " until ",
                    base::formatRfc3339(base::fromUnixMs(suspension.expires_at().unix_ms())));
  }
  return absl::StrCat(text, ": ", suspension.reason());
}

}  // namespace gantry::delivery
