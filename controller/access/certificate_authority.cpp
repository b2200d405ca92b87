// SPDX-License-Identifier: Apache-2.0
#include "controller/access/certificate_authority.h"

#include <openssl/hmac.h>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/file.h"
#include "base/ids.h"
#include "base/status.h"
#include "controller/access/certificate.h"

namespace gantry::access {

struct CertificateAuthority::Parts {
  base::KeyPtr key;
  base::CertificatePtr certificate;
  std::string pem;
  std::string hash;

  absl::StatusOr<std::string> signClient(EVP_PKEY* clientKey, const Identity& identity,
                                         base::Duration validity, base::Timestamp now) const {
    GANTRY_RETURN_IF_ERROR(checkName(identity.name));
    CertificateSpec spec;
    spec.use = CertificateSpec::Use::kClient;
    spec.commonName = commonNameOf(identity);
    spec.organisation = organisationOf(identity);
    spec.notBefore = now - kClockSkew;
    spec.notAfter = now + validity;
    GANTRY_ASSIGN_OR_RETURN(const base::CertificatePtr issued,
                            makeCertificate(spec, clientKey, certificate.get(), key.get()));
    return base::toPem(issued.get());
  }
};

namespace {

std::string hashOf(X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  GANTRY_CHECK(size > 0);
  const std::string bytes(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return base::sha256Hex(bytes);
}

absl::Status makeAuthority(const std::filesystem::path& file, base::Timestamp now) {
  const base::KeyPtr key = base::newKey();
  CertificateSpec spec;
  spec.use = CertificateSpec::Use::kAuthority;
  spec.commonName = "Gantry cluster CA";
  spec.notBefore = now - kClockSkew;
  spec.notAfter = now + kAuthorityValidity;
  GANTRY_ASSIGN_OR_RETURN(const base::CertificatePtr certificate,
                          makeCertificate(spec, key.get(), nullptr, key.get()));
  return base::writeFileAtomically(file, base::toPem(key.get()) + base::toPem(certificate.get()),
                                   base::kOwnerOnly);
}

base::Timestamp endOf(X509* certificate) {
  std::tm time{};
  GANTRY_CHECK(ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &time) == 1);
  return base::fromUnixMs(static_cast<std::int64_t>(timegm(&time)) * 1000);
}

}  // namespace

CertificateAuthority::CertificateAuthority(std::unique_ptr<Parts> parts)
    : parts_(std::move(parts)) {}
CertificateAuthority::~CertificateAuthority() = default;

absl::StatusOr<std::unique_ptr<CertificateAuthority>> CertificateAuthority::open(
    const std::filesystem::path& directory, base::Timestamp now) {
  const std::filesystem::path file = directory / "ca.pem";
  absl::StatusOr<std::string> pem = base::readFile(file);
  if (absl::IsNotFound(pem.status())) {
    GANTRY_RETURN_IF_ERROR(makeAuthority(file, now));
    pem = base::readFile(file);
  }
  if (!pem.ok()) return pem.status();
  auto parts = std::make_unique<Parts>();
  auto certificate = base::certificateFromPem(*pem);
  auto key = base::keyFromPem(*pem);
  if (!certificate.ok() || !key.ok() ||
      X509_check_private_key(certificate->get(), key->get()) != 1) {
    return absl::DataLossError(absl::StrCat(
        file.string(), " does not hold a certificate and its key; restore it from a backup"));
  }
  parts->certificate = *std::move(certificate);
  parts->key = *std::move(key);
  parts->pem = base::toPem(parts->certificate.get());
  parts->hash = hashOf(parts->certificate.get());
  return std::unique_ptr<CertificateAuthority>(new CertificateAuthority(std::move(parts)));
}

const std::string& CertificateAuthority::certificate() const {
  return parts_->pem;
}
const std::string& CertificateAuthority::certificateHash() const {
  return parts_->hash;
}

std::string CertificateAuthority::deriveKey(std::string_view purpose) const {
  const std::string secret = base::toPem(parts_->key.get());
  std::string key(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  GANTRY_CHECK(HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
                    reinterpret_cast<const unsigned char*>(purpose.data()), purpose.size(),
                    reinterpret_cast<unsigned char*>(key.data()), &size) != nullptr);
  key.resize(size);
  return key;
}

absl::StatusOr<Credentials> CertificateAuthority::issueServer(const std::vector<std::string>& names,
                                                              base::Timestamp now) const {
  const base::KeyPtr key = base::newKey();
  CertificateSpec spec;
  spec.use = CertificateSpec::Use::kServer;
  spec.commonName = "gantry-controller";
  spec.alternativeNames = names;
  spec.notBefore = now - kClockSkew;
  spec.notAfter = endOf(parts_->certificate.get());
  GANTRY_ASSIGN_OR_RETURN(
      const base::CertificatePtr certificate,
      makeCertificate(spec, key.get(), parts_->certificate.get(), parts_->key.get()));
  return Credentials{base::toPem(certificate.get()) + parts_->pem, base::toPem(key.get())};
}

absl::StatusOr<Credentials> CertificateAuthority::issueClient(const Identity& identity,
                                                              base::Duration validity,
                                                              base::Timestamp now) const {
  const base::KeyPtr key = base::newKey();
  GANTRY_ASSIGN_OR_RETURN(std::string certificate,
                          parts_->signClient(key.get(), identity, validity, now));
  return Credentials{std::move(certificate), base::toPem(key.get())};
}

absl::StatusOr<std::string> CertificateAuthority::sign(std::string_view requestPem,
                                                       const Identity& identity,
                                                       base::Duration validity,
                                                       base::Timestamp now) const {
  GANTRY_ASSIGN_OR_RETURN(const base::RequestPtr request, base::requestFromPem(requestPem));
  EVP_PKEY* key = X509_REQ_get0_pubkey(request.get());
  // Whoever asks must hold the key, not merely have seen it.
  if (!key || X509_REQ_verify(request.get(), key) != 1) {
    return absl::InvalidArgumentError(
        base::opensslError("the certificate request is not signed by its own key"));
  }
  return parts_->signClient(key, identity, validity, now);
}

}  // namespace gantry::access
