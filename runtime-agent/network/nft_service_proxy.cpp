// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/network/nft_service_proxy.h"

#include <nftables/libnftables.h>

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status.h"
#include "runtime-agent/network/service_rules.h"

namespace gantry::agent {
namespace {

// All commands of the text, or none of them.
absl::Status runNft(const std::string& commands) {
  // A context looks at the kernel's state once: a new one a call never knows something outdated.
  const std::unique_ptr<nft_ctx, decltype(&nft_ctx_free)> context(nft_ctx_new(NFT_CTX_DEFAULT),
                                                                  &nft_ctx_free);
  GANTRY_CHECK(context != nullptr);
  nft_ctx_buffer_output(context.get());
  nft_ctx_buffer_error(context.get());
  if (nft_run_cmd_from_buffer(context.get(), commands.c_str()) == 0) return absl::OkStatus();
  const std::string said = nft_ctx_get_error_buffer(context.get());
  return absl::UnavailableError(absl::StrCat("nftables: ", said.substr(0, said.find('\n'))));
}

}  // namespace

NftServiceProxy::NftServiceProxy(std::string table) : table_(std::move(table)) {}

absl::Status NftServiceProxy::apply(const std::vector<api::Endpoints>& services,
                                    const std::string& clusterCidr) {
  GANTRY_ASSIGN_OR_RETURN(std::string rules, serviceRules(services, clusterCidr, table_));
  if (rules == applied_) return absl::OkStatus();
  // Until it is known to have worked, the next call tries again.
  applied_.clear();
  GANTRY_RETURN_IF_ERROR(runNft(rules));
  applied_ = std::move(rules);
  return absl::OkStatus();
}

absl::Status NftServiceProxy::remove() {
  applied_.clear();
  return runNft(absl::StrCat("table ip ", table_, "\ndelete table ip ", table_, "\n"));
}

}  // namespace gantry::agent
