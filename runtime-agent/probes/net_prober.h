// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "base/executor.h"
#include "runtime-agent/cri/runtime.h"
#include "runtime-agent/probes/prober.h"

namespace gantry::base {
class CurlLoop;
}  // namespace gantry::base

namespace gantry::agent {

/// Probes for real: HTTP and TCP from the node, on one thread that waits for all of them together;
/// exec through the runtime.
///
/// HTTP (AT-PRB-02, AT-PRB-03): 200 to 399 is success; up to 10 redirects to the same host are
/// followed, one to another host counts as success without being followed; certificates are not
/// checked; User-Agent and Accept as kubelet sends them, unless the probe sets them (an empty value
/// leaves them out). The timeout covers the whole try, redirects included.
/// TCP: an opened connection is success. Exec: exit code 0 is success; when the runtime does not
/// answer (UNAVAILABLE) or no longer has the container (NOT_FOUND), the outcome is kUnknown.
class NetProber final : public Prober {
 public:
  /// Both must outlive the prober.
  NetProber(base::Executor& executor, Runtime& runtime);
  /// Drops tries that are under way: their `done` is not called.
  ~NetProber() override;

  void probe(ProbeRequest request, std::function<void(ProbeResult)> done) override;

 private:
  base::Executor& executor_;
  Runtime& runtime_;
  std::unique_ptr<base::CurlLoop> loop_;
};

}  // namespace gantry::agent
