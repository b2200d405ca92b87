// SPDX-License-Identifier: Apache-2.0
// The first byte says what the others are: a file of SOPS as it is ('y', 'j' and 'b' for YAML, JSON
// and anything else) or before it is encrypted ('t' and 'm', see SopsEncryptor), so that the fuzzer
// gets behind its MAC; a file of age ('a'); the file with the keys ('k'); or one value ('v').
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "manifests/sops/age.h"
#include "manifests/sops/decrypt.h"
#include "manifests/sops/encrypted_value.h"
#include "tests/manifests/sops/encryptor.h"

namespace {

using namespace gantry::manifests;
using namespace gantry::testing;

const sops::Identities& heldKeys() {
  static const sops::Identities kKeys = keys(kFirstKey);
  return kKeys;
}

void decryptAs(std::string_view text, const std::string& name) {
  const sops::Decrypted with = sops::decryptFile(text, name, &heldKeys());
  const sops::Decrypted without = sops::decryptFile(text, name, nullptr);
  GANTRY_CHECK(with.encrypted == without.encrypted);
  GANTRY_CHECK(!hasErrors(with.diagnostics) || with.text.empty());
  GANTRY_CHECK(!without.encrypted || hasErrors(without.diagnostics));
  GANTRY_CHECK(without.text.empty());
}

std::string encrypted(std::string_view text, bool macOnlyEncrypted) {
  SopsEncryptor encryptor;
  encryptor.macOnlyEncrypted = macOnlyEncrypted;
  // A rule for what is encrypted, if the first line is one.
  const std::size_t line = std::min(text.find('\n'), text.size());
  if (text.substr(0, line).find("crypted_") != text.npos) {
    encryptor.extra = text.substr(0, line);
    text.remove_prefix(std::min(line + 1, text.size()));
  }
  return encryptor.encrypt(std::string(text));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'y':
      decryptAs(text, "fuzz.yaml");
      break;
    case 'j':
      decryptAs(text, "fuzz.json");
      break;
    case 'b':
      decryptAs(text, "fuzz.env");
      break;
    case 't':
      decryptAs(encrypted(text, false), "fuzz.yaml");
      break;
    case 'm':
      decryptAs(encrypted(text, true), "fuzz.yaml");
      break;
    case 'a':
      GANTRY_CHECK(sops::decryptAge(text, heldKeys()).ok() ||
                   !sops::decryptAge(text, heldKeys()).status().message().empty());
      break;
    case 'k':
      GANTRY_CHECK(sops::Identities::parse(text, "keys").ok() ||
                   !sops::Identities::parse(text, "keys").status().message().empty());
      break;
    case 'v': {
      const auto value = sops::decryptValue(text, kDataKey, "a:");
      GANTRY_CHECK(value.ok() || !value.status().message().empty());
      break;
    }
    default:
      break;
  }
  return 0;
}
