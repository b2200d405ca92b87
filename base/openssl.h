// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

// Owners of OpenSSL's objects, PEM, and its errors as values. Not in base, which must not drag
// OpenSSL everywhere: a library of its own.
namespace gantry::base {

template <auto free>
struct OpensslDeleter {
  void operator()(auto* object) const { free(object); }
};

using BioPtr = std::unique_ptr<BIO, OpensslDeleter<BIO_free_all>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, OpensslDeleter<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, OpensslDeleter<X509_free>>;
using RequestPtr = std::unique_ptr<X509_REQ, OpensslDeleter<X509_REQ_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, OpensslDeleter<X509_EXTENSION_free>>;
using CipherPtr = std::unique_ptr<EVP_CIPHER_CTX, OpensslDeleter<EVP_CIPHER_CTX_free>>;
using TlsContextPtr = std::unique_ptr<SSL_CTX, OpensslDeleter<SSL_CTX_free>>;
using TlsPtr = std::unique_ptr<SSL, OpensslDeleter<SSL_free>>;

/// `context: <the thread's last OpenSSL error>`, which is forgotten.
std::string opensslError(std::string_view context);

/// Bytes from OpenSSL's generator. Aborts if it has none to give.
std::string randomBytes(std::size_t count);

/// A new key on P-256.
KeyPtr newKey();

/// PEM in and out; a key as PKCS #8, without a pass phrase, which nobody is asked for either.
/// Errors: INVALID_ARGUMENT.
std::string toPem(EVP_PKEY* key);
std::string toPem(X509* certificate);
std::string toPem(X509_REQ* request);
absl::StatusOr<KeyPtr> keyFromPem(std::string_view pem);
absl::StatusOr<CertificatePtr> certificateFromPem(std::string_view pem);
/// All of a bundle; it is an error if there is none, or one is damaged.
absl::StatusOr<std::vector<CertificatePtr>> certificatesFromPem(std::string_view pem);
absl::StatusOr<RequestPtr> requestFromPem(std::string_view pem);

/// The first entry of that kind (NID_commonName, …) in a name; empty if there is none.
std::string nameEntry(const X509_NAME* name, int nid);

}  // namespace gantry::base
