// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controller/access/secret_keys.h"
#include "controller/store/store.h"

namespace gantry::access {

/// Key prefixes of the kinds that hold secrets, by their schema (option `secret`): "/Secret/".
std::vector<std::string> secretPrefixes();

/// A store in which the values under some prefixes are encrypted, each bound to its key. Other
/// values pass as they are. Errors beside those of the store beneath: DATA_LOSS, with the key of
/// the record, when a value under such a prefix does not open.
class EncryptedStore final : public store::Store {
 public:
  /// `inner` must outlive this.
  EncryptedStore(store::Store& inner, SecretKeys keys,
                 std::vector<std::string> prefixes = secretPrefixes());

  absl::StatusOr<std::vector<store::Record>> list(std::string_view prefix) override;
  absl::StatusOr<std::int64_t> commit(const std::vector<store::Write>& batch) override;

 private:
  bool isSecret(std::string_view key) const;

  store::Store& inner_;
  SecretKeys keys_;
  std::vector<std::string> prefixes_;
};

}  // namespace gantry::access
