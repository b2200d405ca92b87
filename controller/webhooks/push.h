// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/webhooks/provider.h"
#include "controller/webhooks/repository_url.h"

namespace gantry::webhooks {

/// That somebody says to have pushed. Only ever a hint to ask Git: nothing of it is believed.
struct PushHint {
  /// The repository, under each of its addresses.
  std::vector<RepositoryUrl> repositories;
  /// In full, "refs/heads/main"; empty: any.
  std::vector<std::string> refs;
};

/// Reads what a provider sends after a push. No repository in the answer: the body is about
/// something else. Errors: INVALID_ARGUMENT (no JSON, objects more than 100 deep, or not as that
/// provider writes it); the message holds nothing of the body. Pure.
absl::StatusOr<PushHint> parsePush(Provider provider, std::string_view body);

/// Whether an Application may have something new to see: it follows that repository, and a revision
/// that one of the refs may move (gitsync::mayMove). Pure.
bool concerns(const PushHint& hint, std::string_view repositoryUrl, std::string_view revision);

}  // namespace gantry::webhooks
