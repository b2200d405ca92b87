// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>

// Owners of OpenSSL's objects. For session/ only.
namespace gantry::agent {

template <auto free>
struct OpensslDeleter {
  void operator()(auto* object) const { free(object); }
};

using BioPtr = std::unique_ptr<BIO, OpensslDeleter<BIO_free_all>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, OpensslDeleter<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, OpensslDeleter<X509_free>>;
using RequestPtr = std::unique_ptr<X509_REQ, OpensslDeleter<X509_REQ_free>>;
using CipherPtr = std::unique_ptr<EVP_CIPHER_CTX, OpensslDeleter<EVP_CIPHER_CTX_free>>;
using TlsContextPtr = std::unique_ptr<SSL_CTX, OpensslDeleter<SSL_CTX_free>>;
using TlsPtr = std::unique_ptr<SSL, OpensslDeleter<SSL_free>>;

/// The thread's last OpenSSL error as text; all are forgotten.
std::string takeOpensslError();

/// What was written to a memory BIO.
std::string bioText(BIO* bio);

/// Null if it is none.
CertificatePtr certificateFromPem(std::string_view pem);
KeyPtr keyFromPem(std::string_view pem);

}  // namespace gantry::agent
