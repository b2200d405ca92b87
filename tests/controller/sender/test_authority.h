// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QTemporaryDir>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/file.h"
#include "base/loop_executor.h"
#include "controller/access/certificate_authority.h"

namespace gantry::tests {

/// A server's certificate and its key, both PEM.
struct CertificateFiles {
  std::filesystem::path certificate;
  std::filesystem::path key;
};

/// An authority of our own, in a folder that goes with it.
class TestAuthority {
 public:
  TestAuthority() {
    authority_ = *access::CertificateAuthority::open(folder(), now_);
    GANTRY_CHECK(base::writeFileAtomically(caFile(), authority_->certificate()).ok());
  }

  std::filesystem::path folder() const { return directory_.path().toStdString(); }
  std::string caFile() const { return folder() / "authority.pem"; }

  CertificateFiles issue(const std::vector<std::string>& names = {"127.0.0.1"}) const {
    const auto credentials = authority_->issueServer(names, now_);
    GANTRY_CHECK(credentials.ok());
    const CertificateFiles files = {folder() / (names.front() + ".pem"),
                                    folder() / (names.front() + ".key")};
    GANTRY_CHECK(base::writeFileAtomically(files.certificate, credentials->certificate).ok());
    GANTRY_CHECK(base::writeFileAtomically(files.key, credentials->key, base::kOwnerOnly).ok());
    return files;
  }

 private:
  QTemporaryDir directory_;
  base::Timestamp now_ = base::LoopExecutor().wallNow();
  std::unique_ptr<access::CertificateAuthority> authority_;
};

}  // namespace gantry::tests
