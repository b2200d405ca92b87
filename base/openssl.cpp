// SPDX-License-Identifier: Apache-2.0
#include "base/openssl.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace gantry::base {
namespace {

BioPtr readerOf(std::string_view pem) {
  return BioPtr(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

std::string textOf(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<std::size_t>(size));
}

// Nobody is asked for a pass phrase, on whatever terminal there is.
int noPassphrase(char*, int, int, void*) {
  return -1;
}

}  // namespace

std::string opensslError(std::string_view context) {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  if (code == 0) return std::string(context);
  char text[256];
  ERR_error_string_n(code, text, sizeof text);
  return absl::StrCat(std::string(context), ": ", text);
}

std::string randomBytes(std::size_t count) {
  std::string bytes(count, '\0');
  GANTRY_CHECK(
      RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) == 1);
  return bytes;
}

KeyPtr newKey() {
  KeyPtr key(EVP_EC_gen("P-256"));
  GANTRY_CHECK(key != nullptr);
  return key;
}

std::string toPem(EVP_PKEY* key) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  GANTRY_CHECK(
      PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return textOf(bio.get());
}

std::string toPem(X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  GANTRY_CHECK(PEM_write_bio_X509(bio.get(), certificate) == 1);
  return textOf(bio.get());
}

std::string toPem(X509_REQ* request) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  GANTRY_CHECK(PEM_write_bio_X509_REQ(bio.get(), request) == 1);
  return textOf(bio.get());
}

absl::StatusOr<KeyPtr> keyFromPem(std::string_view pem) {
  KeyPtr key(PEM_read_bio_PrivateKey(readerOf(pem).get(), nullptr, &noPassphrase, nullptr));
  if (!key) return absl::InvalidArgumentError(opensslError("not a private key in PEM"));
  return key;
}

absl::StatusOr<CertificatePtr> certificateFromPem(std::string_view pem) {
  CertificatePtr certificate(
      PEM_read_bio_X509(readerOf(pem).get(), nullptr, &noPassphrase, nullptr));
  if (!certificate) return absl::InvalidArgumentError(opensslError("not a certificate in PEM"));
  return certificate;
}

absl::StatusOr<std::vector<CertificatePtr>> certificatesFromPem(std::string_view pem) {
  const BioPtr reader = readerOf(pem);
  std::vector<CertificatePtr> certificates;
  while (CertificatePtr certificate{
      PEM_read_bio_X509(reader.get(), nullptr, &noPassphrase, nullptr)}) {
    certificates.push_back(std::move(certificate));
  }
  const bool atEnd = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!atEnd) {
    return absl::InvalidArgumentError(
        absl::StrCat("certificate ", certificates.size() + 1, " is damaged"));
  }
  if (certificates.empty()) return absl::InvalidArgumentError("holds no certificate");
  return certificates;
}

absl::StatusOr<RequestPtr> requestFromPem(std::string_view pem) {
  RequestPtr request(PEM_read_bio_X509_REQ(readerOf(pem).get(), nullptr, &noPassphrase, nullptr));
  if (!request) return absl::InvalidArgumentError(opensslError("not a certificate request in PEM"));
  return request;
}

std::string nameEntry(const X509_NAME* name, int nid) {
  const int index = X509_NAME_get_index_by_NID(name, nid, -1);
  if (index < 0) return {};
  const ASN1_STRING* text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index));
  return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                     static_cast<std::size_t>(ASN1_STRING_length(text)));
}

}  // namespace gantry::base
