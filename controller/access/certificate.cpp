// SPDX-License-Identifier: Apache-2.0
#include "controller/access/certificate.h"

#include <arpa/inet.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/check.h"
#include "base/status.h"

namespace gantry::access {
namespace {

absl::Status addName(X509_NAME* name, int nid, const std::string& text) {
  if (text.empty()) return absl::OkStatus();
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  if (X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8, bytes, static_cast<int>(text.size()), -1,
                                 0) != 1) {
    return absl::InvalidArgumentError(
        base::opensslError(absl::StrCat("the name \"", text, "\" does not fit a certificate")));
  }
  return absl::OkStatus();
}

absl::Status addExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const base::ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) {
    return absl::InvalidArgumentError(
        base::opensslError(absl::StrCat("the certificate extension \"", value, "\" is not valid")));
  }
  return absl::OkStatus();
}

bool isAddress(const std::string& name) {
  unsigned char address[sizeof(in6_addr)];
  return inet_pton(AF_INET, name.c_str(), address) == 1 ||
         inet_pton(AF_INET6, name.c_str(), address) == 1;
}

absl::StatusOr<std::string> alternativeNames(const std::vector<std::string>& names) {
  std::vector<std::string> entries;
  for (const std::string& name : names) {
    // The value is a comma-separated language of its own: nothing may leak into its syntax.
    if (name.empty() || name.find_first_of(",; \t\n") != std::string::npos) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", name, "\" is neither a host name nor an address"));
    }
    entries.push_back(absl::StrCat(isAddress(name) ? "IP:" : "DNS:", name));
  }
  return absl::StrJoin(entries, ",");
}

absl::Status addExtensions(const CertificateSpec& spec, X509* certificate, X509* issuer) {
  const bool authority = spec.use == CertificateSpec::Use::kAuthority;
  const bool server = spec.use == CertificateSpec::Use::kServer;
  GANTRY_RETURN_IF_ERROR(
      addExtension(certificate, issuer, NID_basic_constraints,
                   authority ? "critical,CA:TRUE,pathlen:0" : "critical,CA:FALSE"));
  GANTRY_RETURN_IF_ERROR(
      addExtension(certificate, issuer, NID_key_usage,
                   authority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature"));
  GANTRY_RETURN_IF_ERROR(addExtension(certificate, issuer, NID_subject_key_identifier, "hash"));
  GANTRY_RETURN_IF_ERROR(
      addExtension(certificate, issuer, NID_authority_key_identifier, "keyid:always"));
  if (authority) return absl::OkStatus();
  GANTRY_RETURN_IF_ERROR(
      addExtension(certificate, issuer, NID_ext_key_usage, server ? "serverAuth" : "clientAuth"));
  if (spec.alternativeNames.empty()) return absl::OkStatus();
  GANTRY_ASSIGN_OR_RETURN(const std::string names, alternativeNames(spec.alternativeNames));
  return addExtension(certificate, issuer, NID_subject_alt_name, names);
}

void setSerial(X509* certificate) {
  // 127 random bits: positive, and never used twice.
  std::string bytes = base::randomBytes(16);
  bytes[0] = static_cast<char>(bytes[0] & 0x7f);
  BIGNUM* number = BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()),
                             static_cast<int>(bytes.size()), nullptr);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
  BN_free(number);
}

void setTime(ASN1_TIME* field, base::Timestamp time) {
  ASN1_TIME_set(field, static_cast<time_t>(base::toUnixMs(time) / 1000));
}

}  // namespace

absl::StatusOr<base::CertificatePtr> makeCertificate(const CertificateSpec& spec, EVP_PKEY* key,
                                                     X509* issuer, EVP_PKEY* issuerKey) {
  base::CertificatePtr certificate(X509_new());
  GANTRY_CHECK(certificate != nullptr);
  X509_set_version(certificate.get(), X509_VERSION_3);
  setSerial(certificate.get());
  setTime(X509_getm_notBefore(certificate.get()), spec.notBefore);
  setTime(X509_getm_notAfter(certificate.get()), spec.notAfter);
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  GANTRY_RETURN_IF_ERROR(addName(subject, NID_organizationName, spec.organisation));
  GANTRY_RETURN_IF_ERROR(addName(subject, NID_commonName, spec.commonName));
  X509* signer = issuer ? issuer : certificate.get();
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer));
  GANTRY_CHECK(X509_set_pubkey(certificate.get(), key) == 1);
  GANTRY_RETURN_IF_ERROR(addExtensions(spec, certificate.get(), signer));
  if (X509_sign(certificate.get(), issuerKey, EVP_sha256()) == 0) {
    return absl::InvalidArgumentError(base::opensslError("the certificate cannot be signed"));
  }
  return certificate;
}

}  // namespace gantry::access
