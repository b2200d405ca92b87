// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/time.h"

namespace gantry::webhooks {

/// How much is let through: `burst` at once, and `perSecond` in the long run.
struct Rate {
  double burst = 1;
  double perSecond = 1;
};

/// Lets requests through by token buckets, one for each remote and one for all. What a remote is
/// refused costs the others nothing. Holds a bounded number of remotes; when there are more, those
/// that it has no room for share a bucket. Time is an argument.
class RateLimiter {
 public:
  RateLimiter(Rate perRemote, Rate inAll, std::size_t mostRemotes)
      : perRemote_(perRemote), inAll_(inAll), mostRemotes_(mostRemotes) {}

  /// Takes a token of each bucket; false if one is empty. `remote`: an address as text. Addresses
  /// of IPv6 count by their first 64 bits, which is the least that anybody is given.
  bool admit(std::string_view remote, base::Instant now);

  std::size_t remotes() const { return remotes_.size(); }

 private:
  struct Bucket {
    double used = 0;
    base::Instant at{};
  };

  static double used(const Bucket& bucket, const Rate& rate, base::Instant now);
  static bool take(Bucket& bucket, const Rate& rate, base::Instant now);
  Bucket& bucketOf(const std::string& key, base::Instant now);

  Rate perRemote_;
  Rate inAll_;
  std::size_t mostRemotes_;
  std::map<std::string, Bucket> remotes_;
  Bucket others_;
  Bucket all_;
};

}  // namespace gantry::webhooks
