// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/openssl.h"
#include "base/status.h"
#include "controller/sender/curl_sender.h"

namespace gantry::sender {

absl::Status checkCaFile(const std::string& path) {
  GANTRY_ASSIGN_OR_RETURN(const std::string text, base::readFile(path));
  const auto certificates = base::certificatesFromPem(text);
  if (certificates.ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": ", certificates.status().message(),
                   "; it must hold certificates of authorities in PEM"));
}

}  // namespace gantry::sender
