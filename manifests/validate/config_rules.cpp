// SPDX-License-Identifier: Apache-2.0
#include "manifests/validate/names.h"
#include "manifests/validate/rules.h"

namespace gantry::manifests {
namespace {

constexpr std::size_t kMaxBytes = 1 << 20;

template <class Map>
std::size_t checkKeys(const Map& map, const FieldPath& path, Problems& problems) {
  std::size_t bytes = 0;
  for (const auto& [key, value] : map) {
    bytes += key.size() + value.size();
    problems.require(isConfigKey(key), path.key(key), "not a valid key",
                     "use letters, digits, '-', '_' and '.'");
  }
  return bytes;
}

struct SecretType {
  const char* type;
  std::initializer_list<const char*> keys;
};

/// Types of Secret whose readers rely on certain keys.
const SecretType kSecretTypes[] = {
    {"kubernetes.io/tls", {"tls.crt", "tls.key"}},
    {"kubernetes.io/dockerconfigjson", {".dockerconfigjson"}},
    {"kubernetes.io/dockercfg", {".dockercfg"}},
    {"kubernetes.io/ssh-auth", {"ssh-privatekey"}},
};

}  // namespace

void check(const schema::Namespace&, Problems&) {}

void check(const schema::ConfigMap& configMap, Problems& problems) {
  const FieldPath root;
  const FieldPath data = root.field("data");
  const FieldPath binaryData = root.field("binaryData");
  const std::size_t bytes = checkKeys(configMap.data(), data, problems) +
                            checkKeys(configMap.binary_data(), binaryData, problems);
  problems.require(bytes <= kMaxBytes, data, "more than 1 MiB", "split the ConfigMap");
  for (const auto& [key, value] : configMap.binary_data()) {
    problems.require(configMap.data().count(key) == 0, binaryData.key(key),
                     "the key is also in data", "remove one of them");
  }
}

void check(const schema::Secret& secret, Problems& problems) {
  const FieldPath root;
  const FieldPath data = root.field("data");
  const std::size_t bytes = checkKeys(secret.data(), data, problems);
  problems.require(bytes <= kMaxBytes, data, "more than 1 MiB", "split the Secret");
  for (const SecretType& type : kSecretTypes) {
    if (secret.type() != type.type) continue;
    for (const char* key : type.keys) {
      if (secret.data().count(key) > 0) continue;
      problems.error(data, std::string("a Secret of type ") + type.type + " needs the key " + key,
                     "add it, or use type: Opaque");
    }
  }
}

}  // namespace gantry::manifests
