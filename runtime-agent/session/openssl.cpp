// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/session/openssl.h"

#include <openssl/err.h>
#include <openssl/pem.h>

namespace gantry::agent {
namespace {

BioPtr reader(std::string_view pem) {
  return BioPtr(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

// Never asks anybody for a pass phrase.
int noPassphrase(char*, int, int, void*) {
  return -1;
}

}  // namespace

std::string takeOpensslError() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "connection closed";
  char text[256];
  ERR_error_string_n(code, text, sizeof text);
  return text;
}

std::string bioText(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

CertificatePtr certificateFromPem(std::string_view pem) {
  return CertificatePtr(PEM_read_bio_X509(reader(pem).get(), nullptr, &noPassphrase, nullptr));
}

KeyPtr keyFromPem(std::string_view pem) {
  return KeyPtr(PEM_read_bio_PrivateKey(reader(pem).get(), nullptr, &noPassphrase, nullptr));
}

}  // namespace gantry::agent
