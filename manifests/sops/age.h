// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <absl/status/statusor.h>

#include <string_view>

#include "manifests/sops/identities.h"
#include "manifests/sops/secret_bytes.h"

namespace gantry::manifests::sops {

/// What a file of age holds, armored or binary, as https://age-encryption.org/v1 has it. Nothing of
/// it is given out before all of it proved to be genuine. Errors show nothing of keys or content:
/// INVALID_ARGUMENT for a file that is damaged, FAILED_PRECONDITION for one that is encrypted for
/// others, which includes those that are for passphrases and keys of SSH only. Pure.
absl::StatusOr<SecretBytes> decryptAge(std::string_view file, const Identities& identities);

}  // namespace gantry::manifests::sops
