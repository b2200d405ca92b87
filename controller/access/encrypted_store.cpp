// SPDX-License-Identifier: Apache-2.0
#include "controller/access/encrypted_store.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "manifests/resource.h"

namespace gantry::access {
namespace {

using google::protobuf::Descriptor;

bool holdsSecrets(const Descriptor& message, std::set<const Descriptor*>& seen) {
  if (!seen.insert(&message).second) return false;
  for (int i = 0; i < message.field_count(); ++i) {
    const auto* field = message.field(i);
    if (field->options().GetExtension(schema::secret)) return true;
    if (field->message_type() && holdsSecrets(*field->message_type(), seen)) return true;
  }
  return false;
}

}  // namespace

std::vector<std::string> secretPrefixes() {
  std::vector<std::string> prefixes;
  for (const manifests::Kind& kind : manifests::allKinds()) {
    std::set<const Descriptor*> seen;
    if (holdsSecrets(*kind.descriptor, seen)) {
      prefixes.push_back(absl::StrCat("/", kind.info->kind(), "/"));
    }
  }
  return prefixes;
}

EncryptedStore::EncryptedStore(store::Store& inner, SecretKeys keys,
                               std::vector<std::string> prefixes)
    : inner_(inner), keys_(std::move(keys)), prefixes_(std::move(prefixes)) {}

absl::StatusOr<std::vector<store::Record>> EncryptedStore::list(std::string_view prefix) {
  GANTRY_ASSIGN_OR_RETURN(std::vector<store::Record> records, inner_.list(prefix));
  for (store::Record& record : records) {
    if (!isSecret(record.key)) continue;
    auto plain = keys_.unseal(record.value, record.key);
    if (!plain.ok()) return base::annotate(plain.status(), "the record " + record.key);
    record.value = *std::move(plain);
  }
  return records;
}

absl::StatusOr<std::int64_t> EncryptedStore::commit(const std::vector<store::Write>& batch) {
  const auto secret = [this](const store::Write& write) {
    return write.value && isSecret(write.key);
  };
  if (std::none_of(batch.begin(), batch.end(), secret)) return inner_.commit(batch);
  std::vector<store::Write> sealed = batch;
  for (store::Write& write : sealed) {
    if (secret(write)) write.value = keys_.seal(*write.value, write.key);
  }
  return inner_.commit(sealed);
}

bool EncryptedStore::isSecret(std::string_view key) const {
  return std::any_of(prefixes_.begin(), prefixes_.end(),
                     [key](const std::string& prefix) { return key.starts_with(prefix); });
}

}  // namespace gantry::access
