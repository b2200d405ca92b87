// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "controller/webhooks/provider.h"
#include "controller/webhooks/push.h"
#include "controller/webhooks/rate_limit.h"

namespace gantry::webhooks {

/// The largest body that is read, in bytes. Providers send up to 25 MB; so large a push is noticed
/// by polling.
inline constexpr std::size_t kLargestBody = 1 << 20;

/// What a delivery is answered with, and what came of it.
struct Answer {
  /// HTTP.
  int status = 200;
  /// For whoever looks at the provider's list of deliveries. Tells nothing of the Applications.
  std::string text;
  /// One word, for metrics: accepted, ping, ignored, rate_limited, unknown_provider, too_large,
  /// cut_short, bad_signature, bad_body.
  const char* result = "ignored";
  /// As providerName; "unknown".
  const char* provider = "unknown";
  /// The sender has shown to know a secret.
  bool proven = false;
  /// Set if Git is to be asked.
  std::optional<PushHint> hint;
};

/// Judges deliveries. In steps, since what can be refused without its body is never read, and what
/// is proven counts apart: behind a reverse proxy all senders have one address, and what strangers
/// send must not use up what the provider needs. Only count() changes anything, and is not for
/// several threads at once. Time is an argument.
class Receiver {
 public:
  /// `secrets` must not be empty: without any there is no endpoint.
  explicit Receiver(Secrets secrets);

  /// From the headers: what to refuse with; empty: go on and read the body. `length` is what the
  /// sender says of it, 0 if nothing.
  static std::optional<Answer> refuse(const Headers& headers, std::uint64_t length);

  /// With the body, after refuse() has let it through.
  Answer receive(const Headers& headers, std::string_view body) const;

  /// What is really answered: the same, or 429 if there were too many of its kind, proven or not.
  /// Of every delivery exactly once, whatever came of it.
  Answer count(Answer answer, std::string_view remote, base::Instant now);

  /// For a body that turned out to be larger than kLargestBody, or that did not come to its end in
  /// time.
  static Answer tooLarge(const Headers& headers);
  static Answer cutShort(const Headers& headers);

 private:
  /// Of a delivery whose sender may say so.
  static Answer whatCameOf(const Sender& sender, std::string_view body);

  Secrets secrets_;
  RateLimiter proven_;
  RateLimiter unproven_;
};

}  // namespace gantry::webhooks
