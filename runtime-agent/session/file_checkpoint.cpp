// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/session/file_checkpoint.h"

#include <openssl/rand.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/file.h"
#include "base/status.h"
#include "runtime-agent/session/sealed.h"

namespace gantry::agent {
namespace {

absl::Status damaged(const std::filesystem::path& file) {
  return absl::DataLossError(
      absl::StrCat(file.string(), " cannot be read; waiting for the controller instead"));
}

}  // namespace

FileCheckpoint::FileCheckpoint(std::filesystem::path folder) : folder_(std::move(folder)) {}

absl::StatusOr<api::WantedSet> FileCheckpoint::load() {
  const std::filesystem::path file = folder_ / "checkpoint";
  GANTRY_ASSIGN_OR_RETURN(const std::string sealed, base::readFile(file));
  const absl::StatusOr<std::string> key = base::readFile(folder_ / "checkpoint.key");
  if (!key.ok() || key->size() != kSealKeyBytes) return damaged(file);
  const absl::StatusOr<std::string> plain = unseal(*key, sealed);
  api::WantedSet wanted;
  if (!plain.ok() || !wanted.ParseFromString(*plain)) return damaged(file);
  return wanted;
}

absl::Status FileCheckpoint::save(const api::WantedSet& wanted) {
  GANTRY_ASSIGN_OR_RETURN(const std::string sealKey, key());
  return base::writeFileAtomically(folder_ / "checkpoint",
                                   seal(sealKey, wanted.SerializeAsString()), base::kOwnerOnly);
}

absl::StatusOr<std::string> FileCheckpoint::key() {
  const std::filesystem::path file = folder_ / "checkpoint.key";
  const absl::StatusOr<std::string> existing = base::readFile(file);
  if (existing.ok() && existing->size() == kSealKeyBytes) return *existing;
  if (!existing.ok() && !absl::IsNotFound(existing.status())) return existing.status();
  std::string made(kSealKeyBytes, '\0');
  GANTRY_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(made.data()), kSealKeyBytes) == 1);
  GANTRY_RETURN_IF_ERROR(base::writeFileAtomically(file, made, base::kOwnerOnly));
  return made;
}

}  // namespace gantry::agent
