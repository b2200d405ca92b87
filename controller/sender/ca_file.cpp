// SPDX-License-Identifier: Apache-2.0
#include <openssl/err.h>
#include <openssl/pem.h>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/openssl.h"
#include "base/status.h"
#include "controller/sender/curl_sender.h"

namespace gantry::sender {

absl::Status checkCaFile(const std::string& path) {
  GANTRY_ASSIGN_OR_RETURN(const std::string text, base::readFile(path));
  const base::BioPtr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  int count = 0;
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    X509_free(certificate);
    ++count;
  }
  const bool atEnd = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (atEnd && count > 0) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      path, ": ",
      count == 0 ? "holds no certificate" : absl::StrCat("certificate ", count + 1, " is damaged"),
      "; it must hold certificates of authorities in PEM"));
}

}  // namespace gantry::sender
