// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/session/identity.h"

#include <ctime>

#include "base/file.h"
#include "base/openssl.h"
#include "base/status.h"

namespace gantry::agent {
namespace {

base::Timestamp toTimestamp(const ASN1_TIME* time) {
  std::tm parts{};
  ASN1_TIME_to_tm(time, &parts);
  return base::Timestamp(std::chrono::seconds(::timegm(&parts)));
}

}  // namespace

IdentityFiles identityFiles(const std::filesystem::path& folder) {
  return {folder / "agent.crt", folder / "agent.key", folder / "ca.crt"};
}

absl::StatusOr<AgentIdentity> loadIdentity(const std::filesystem::path& folder) {
  const IdentityFiles files = identityFiles(folder);
  AgentIdentity identity;
  GANTRY_ASSIGN_OR_RETURN(identity.certificate, base::readFile(files.certificate));
  GANTRY_ASSIGN_OR_RETURN(identity.key, base::readFile(files.key));
  GANTRY_ASSIGN_OR_RETURN(identity.caCertificate, base::readFile(files.caCertificate));
  return identity;
}

absl::Status storeIdentity(const std::filesystem::path& folder, const AgentIdentity& identity) {
  const IdentityFiles files = identityFiles(folder);
  GANTRY_RETURN_IF_ERROR(base::writeFileAtomically(files.key, identity.key, base::kOwnerOnly));
  GANTRY_RETURN_IF_ERROR(
      base::writeFileAtomically(files.caCertificate, identity.caCertificate, base::kOwnerOnly));
  return base::writeFileAtomically(files.certificate, identity.certificate, base::kOwnerOnly);
}

absl::StatusOr<bool> needsRenewal(const AgentIdentity& identity, base::Timestamp now) {
  const auto certificate = base::certificateFromPem(identity.certificate);
  if (!certificate.ok()) {
    return absl::DataLossError("the agent's certificate is damaged; join again");
  }
  const base::Timestamp begin = toTimestamp(X509_get0_notBefore(certificate->get()));
  const base::Timestamp end = toTimestamp(X509_get0_notAfter(certificate->get()));
  return now >= begin + (end - begin) * 2 / 3;
}

}  // namespace gantry::agent
