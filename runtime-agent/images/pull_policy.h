// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/backoff.h"
#include "base/time.h"
#include "runtime-agent/images/image_reference.h"

namespace gantry::agent {

enum class PullAction {
  /// The node has it; start the container.
  kUse,
  kPull,
  /// imagePullPolicy is Never and the node does not have it: ErrImageNeverPull.
  kRefuse,
};

/// Always, IfNotPresent or Never: `policy`, or where that is empty, Always for the tag "latest" and
/// IfNotPresent for all else (AT-POD-12).
std::string_view effectivePullPolicy(std::string_view policy, const ImageReference& image);

/// What to do about an image before its container starts. `present`: the runtime has it.
PullAction decidePull(std::string_view policy, const ImageReference& image, bool present);

/// How long failed pulls wait: 10 s, doubling to 300 s, by image (AT-POD-13). A value.
class PullBackoff {
 public:
  /// When the image may be pulled; nothing if it may be at once. The container waits with
  /// ImagePullBackOff until then.
  std::optional<base::Instant> waitUntil(const std::string& image, base::Instant now) const;

  /// A pull failed with `error` (shown as ErrImagePull, then remembered for ImagePullBackOff).
  void failed(const std::string& image, std::string error, base::Instant now);

  void succeeded(const std::string& image);

  /// Why the last pull failed; empty if none did.
  std::string lastError(const std::string& image) const;

  /// Forgets images whose last failure is older than ten minutes, so that the list stays short.
  void forgetOld(base::Instant now);

 private:
  struct Failure {
    base::Backoff backoff;
    base::Instant retryAt;
    std::string error;
  };
  std::map<std::string, Failure> failures_;
};

}  // namespace gantry::agent
