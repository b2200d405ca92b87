// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/session/join.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/check.h"
#include "base/openssl.h"
#include "base/status.h"
#include "controller/api/agent.grpc.pb.h"
#include "runtime-agent/session/channel.h"
#include "runtime-agent/session/peer_chain.h"

namespace gantry::agent {
namespace {

constexpr base::Duration kTimeout = std::chrono::seconds(10);
constexpr std::size_t kHashLength = 64;

bool isHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// A request to certify the key. The controller decides on the subject; this one is for its log.
std::string certificateRequest(EVP_PKEY* key, const std::string& node) {
  const base::RequestPtr request(X509_REQ_new());
  X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(request.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(node.data()),
                             static_cast<int>(node.size()), -1, 0);
  X509_REQ_set_pubkey(request.get(), key);
  GANTRY_CHECK(X509_REQ_sign(request.get(), key, EVP_sha256()) > 0);
  return base::toPem(request.get());
}

// The authority with that hash out of what the controller shows. Whether the controller's own
// certificate really is the authority's is checked by the connection that trusts nothing else.
absl::StatusOr<std::string> pinAuthority(const std::string& address, const std::string& hash) {
  GANTRY_ASSIGN_OR_RETURN(const std::vector<std::string> chain, fetchPeerChain(address, kTimeout));
  for (const std::string& certificate : chain) {
    const absl::StatusOr<std::string> each = certificateHash(certificate);
    if (each.ok() && *each == hash) return certificate;
  }
  return absl::UnauthenticatedError(
      absl::StrCat("the controller at ", address,
                   " is not of the cluster that the join token is for; check the address, and that "
                   "the token is complete"));
}

absl::StatusOr<AgentIdentity> requestCertificate(const std::string& address,
                                                 const AgentIdentity& dialWith,
                                                 const std::string& token, const std::string& node,
                                                 EVP_PKEY* key) {
  api::JoinRequest request;
  request.set_token(token);
  request.set_node(node);
  request.set_certificate_request(certificateRequest(key, node));
  api::JoinResponse response;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kTimeout);
  const grpc::Status status =
      api::Join::NewStub(dialOnce(address, dialWith))->Join(&context, request, &response);
  if (!status.ok()) {
    return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                        absl::StrCat("cannot join at ", address, ": ", status.error_message()));
  }
  const auto certificate = base::certificateFromPem(response.certificate());
  if (!certificate.ok() || X509_check_private_key(certificate->get(), key) != 1) {
    return absl::InternalError("the controller answered with a certificate for another key");
  }
  return AgentIdentity{response.certificate(), base::toPem(key), dialWith.caCertificate};
}

}  // namespace

absl::StatusOr<JoinToken> parseJoinToken(std::string_view text) {
  const std::vector<std::string> parts =
      absl::StrSplit(absl::string_view(text.data(), text.size()), absl::MaxSplits('-', 3));
  const bool good = parts.size() == 4 && parts[0] == "GANTRY" && parts[1] == "1" &&
                    parts[2].size() == kHashLength && isHex(parts[2]) && !parts[3].empty();
  if (!good) {
    return absl::InvalidArgumentError(
        "this is not a join token; it looks like GANTRY-1-<64 hexadecimal digits>-<secret>");
  }
  return JoinToken{parts[2], std::string(text)};
}

absl::StatusOr<AgentIdentity> joinCluster(const std::string& address, std::string_view token,
                                          const std::string& node,
                                          const std::filesystem::path& folder) {
  GANTRY_ASSIGN_OR_RETURN(const JoinToken parsed, parseJoinToken(token));
  AgentIdentity dialWith;
  GANTRY_ASSIGN_OR_RETURN(dialWith.caCertificate, pinAuthority(address, parsed.caHash));
  const base::KeyPtr key = base::newKey();
  GANTRY_ASSIGN_OR_RETURN(AgentIdentity identity,
                          requestCertificate(address, dialWith, parsed.text, node, key.get()));
  GANTRY_RETURN_IF_ERROR(storeIdentity(folder, identity));
  return identity;
}

absl::StatusOr<AgentIdentity> renewIdentity(const std::string& address,
                                            const AgentIdentity& identity, const std::string& node,
                                            const std::filesystem::path& folder) {
  const auto key = base::keyFromPem(identity.key);
  if (!key.ok()) return absl::DataLossError("the agent's key is damaged; join again");
  GANTRY_ASSIGN_OR_RETURN(AgentIdentity renewed,
                          requestCertificate(address, identity, "", node, key->get()));
  GANTRY_RETURN_IF_ERROR(storeIdentity(folder, renewed));
  return renewed;
}

}  // namespace gantry::agent
