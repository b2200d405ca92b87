// SPDX-License-Identifier: Apache-2.0
#include "manifests/sops/identities.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>

#include <algorithm>

#include "base/status.h"
#include "manifests/sops/bech32.h"
#include "manifests/sops/crypto.h"

namespace gantry::manifests::sops {
namespace {

constexpr std::size_t kMostBytes = 1 << 20;
constexpr std::size_t kMostKeys = 100;
constexpr std::size_t kKeyBytes = 32;

struct NotAKey {
  std::string_view beginning;
  const char* reason;
};

constexpr NotAKey kNotKeys[] = {
    {"age1", "a recipient, which encrypts; put in the key that begins with AGE-SECRET-KEY-1"},
    {"AGE-PLUGIN-", "a key of a plugin; no programs are run, use a key of age-keygen"},
    {"AGE-SECRET-KEY-PQ-", "a post-quantum key, which is not supported; use one of age-keygen"},
    {"-----BEGIN AGE ENCRYPTED FILE", "a key with a passphrase, which nobody is there to type"},
    {"-----BEGIN", "a key of SSH or another program; use one of age-keygen"},
    {"ssh-", "a recipient of SSH; use a key of age-keygen"},
};

absl::StatusOr<Identity> parseLine(std::string_view line) {
  for (const NotAKey& other : kNotKeys) {
    if (line.starts_with(other.beginning)) return absl::InvalidArgumentError(other.reason);
  }
  std::optional<SecretBytes> key;
  if (!line.empty() && absl::ascii_isupper(line.front())) {
    key = decodeBech32(line, "age-secret-key-");
  }
  if (!key || key->size() != kKeyBytes) {
    return absl::InvalidArgumentError(
        "not a key of age; it was cut off or mistyped if it begins with AGE-SECRET-KEY-1");
  }
  Identity identity{.key = *std::move(key), .publicKey = {}, .recipient = {}};
  identity.publicKey = x25519PublicKey(identity.key.view());
  identity.recipient = encodeBech32(identity.publicKey, "age");
  return identity;
}

}  // namespace

absl::StatusOr<Identities> Identities::parse(std::string_view text, const std::string& file) {
  if (text.size() > kMostBytes) {
    return absl::InvalidArgumentError(absl::StrCat(file, ": too large for a file of keys"));
  }
  Identities result;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    absl::StatusOr<Identity> identity = parseLine(line);
    if (!identity.ok()) return base::annotate(identity.status(), absl::StrCat(file, ":", number));
    if (result.all_.size() == kMostKeys) {
      return absl::InvalidArgumentError(
          absl::StrCat(file, ":", number, ": more than ", kMostKeys, " keys"));
    }
    result.all_.push_back(std::make_shared<const Identity>(*std::move(identity)));
  }
  if (result.all_.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ": no key in it; make one with age-keygen"));
  }
  return result;
}

Identities Identities::only(const std::vector<std::string>& recipients) const {
  Identities result;
  result.limited_ = true;
  for (const std::shared_ptr<const Identity>& identity : all_) {
    if (std::ranges::count(recipients, identity->recipient) > 0) result.all_.push_back(identity);
  }
  return result;
}

bool isRecipient(std::string_view text) {
  if (!text.starts_with("age1")) return false;
  const std::optional<SecretBytes> key = decodeBech32(text, "age");
  return key && key->size() == kKeyBytes;
}

}  // namespace gantry::manifests::sops
