// SPDX-License-Identifier: Apache-2.0
#include "controller/webhooks/rate_limit.h"

#include <arpa/inet.h>

#include <algorithm>
#include <chrono>

namespace gantry::webhooks {
namespace {

std::string keyOf(std::string_view remote) {
  std::string text(remote);
  in6_addr address{};
  if (inet_pton(AF_INET6, text.c_str(), &address) != 1) return text;
  const auto* bytes = reinterpret_cast<const char*>(&address);
  if (IN6_IS_ADDR_V4MAPPED(&address)) return {bytes, sizeof address};
  return {bytes, 8};
}

}  // namespace

double RateLimiter::used(const Bucket& bucket, const Rate& rate, base::Instant now) {
  const double seconds = std::chrono::duration<double>(now - bucket.at).count();
  return std::max(0.0, bucket.used - std::max(0.0, seconds) * rate.perSecond);
}

bool RateLimiter::take(Bucket& bucket, const Rate& rate, base::Instant now) {
  bucket = {used(bucket, rate, now), now};
  if (bucket.used + 1 > rate.burst) return false;
  bucket.used += 1;
  return true;
}

RateLimiter::Bucket& RateLimiter::bucketOf(const std::string& key, base::Instant now) {
  if (const auto found = remotes_.find(key); found != remotes_.end()) return found->second;
  if (remotes_.size() >= mostRemotes_) {
    std::erase_if(remotes_,
                  [&](const auto& entry) { return used(entry.second, perRemote_, now) == 0; });
  }
  if (remotes_.size() >= mostRemotes_) return others_;
  return remotes_[key];
}

bool RateLimiter::admit(std::string_view remote, base::Instant now) {
  return take(bucketOf(keyOf(remote), now), perRemote_, now) && take(all_, inAll_, now);
}

}  // namespace gantry::webhooks
