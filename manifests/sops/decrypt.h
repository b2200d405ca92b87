// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/decode/decode.h"
#include "manifests/sops/identities.h"

namespace gantry::manifests::sops {

struct Decrypted {
  /// Whether the file is one of SOPS; if not, it is to be read as it is, and the rest is empty.
  bool encrypted = false;
  /// The file without its map `sops`; empty if there is an error.
  std::string text = {};
  /// Never with a value or a key in it.
  std::vector<Diagnostic> diagnostics = {};
  /// Why `text` must not be read as manifests: of these only the values below data and stringData
  /// of a Secret are masked in plans and errors. Nothing if all that was encrypted stands there. As
  /// one value, in a Secret, the text may be used whatever this says.
  std::optional<Diagnostic> notForManifests = {};
  /// 32 bytes that only who can decrypt the file can have, and that stay as long as its data key
  /// does: for a hash of the content that may be shown, and that nobody can try out guesses
  /// against.
  std::string hashKey = {};
};

/// Decrypts a file of YAML (any number of documents) or JSON that SOPS encrypted for age: one with
/// a map `sops` in its outermost one. A file with any other name holds one value (SOPS' binary
/// format), or is refused if it is a .env or .ini file of SOPS.
///
/// Nothing is given out unless the MAC over all values is right. Values stay in their lines, so
/// that places in the text are those in the file. `keys` may be null: then an encrypted file is an
/// error. Format: https://github.com/getsops/sops, files sops.go, aes/cipher.go, stores/. Pure.
Decrypted decryptFile(std::string_view content, const std::string& file, const Identities* keys,
                      const DecodeLimits& limits = {});

}  // namespace gantry::manifests::sops
