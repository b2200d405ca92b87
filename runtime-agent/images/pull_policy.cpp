// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/images/pull_policy.h"

#include <utility>

namespace gantry::agent {
namespace {

constexpr base::Duration kFirstDelay = std::chrono::seconds(10);
constexpr base::Duration kLongestDelay = std::chrono::seconds(300);

}  // namespace

std::string_view effectivePullPolicy(std::string_view policy, const ImageReference& image) {
  if (!policy.empty()) return policy;
  return image.digest.empty() && image.tag == "latest" ? "Always" : "IfNotPresent";
}

PullAction decidePull(std::string_view policy, const ImageReference& image, bool present) {
  const std::string_view effective = effectivePullPolicy(policy, image);
  if (effective == "Always") return PullAction::kPull;
  if (present) return PullAction::kUse;
  return effective == "Never" ? PullAction::kRefuse : PullAction::kPull;
}

std::optional<base::Instant> PullBackoff::waitUntil(const std::string& image,
                                                    base::Instant now) const {
  const auto found = failures_.find(image);
  if (found == failures_.end() || found->second.retryAt <= now) return std::nullopt;
  return found->second.retryAt;
}

void PullBackoff::failed(const std::string& image, std::string error, base::Instant now) {
  auto [entry, isNew] = failures_.try_emplace(
      image, Failure{base::Backoff(kFirstDelay, kLongestDelay), base::Instant(), ""});
  Failure& failure = entry->second;
  failure.retryAt = now + failure.backoff.next();
  failure.error = std::move(error);
}

void PullBackoff::succeeded(const std::string& image) {
  failures_.erase(image);
}

std::string PullBackoff::lastError(const std::string& image) const {
  const auto found = failures_.find(image);
  return found == failures_.end() ? "" : found->second.error;
}

void PullBackoff::forgetOld(base::Instant now) {
  std::erase_if(failures_,
                [&](const auto& entry) { return now - entry.second.retryAt > 2 * kLongestDelay; });
}

}  // namespace gantry::agent
