// SPDX-License-Identifier: Apache-2.0
#include "manifests/sops/secret_bytes.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

namespace gantry::manifests::sops {

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this != &other) {
    wipe();
    bytes_ = std::move(other.bytes_);
  }
  return *this;
}

const unsigned char* SecretBytes::data() const {
  return reinterpret_cast<const unsigned char*>(bytes_.data());
}

unsigned char* SecretBytes::data() {
  return reinterpret_cast<unsigned char*>(bytes_.data());
}

void SecretBytes::append(std::string_view more) {
  std::vector<char> grown;
  grown.reserve(bytes_.size() + more.size());
  grown.assign(bytes_.begin(), bytes_.end());
  grown.insert(grown.end(), more.begin(), more.end());
  wipe();
  bytes_ = std::move(grown);
}

void SecretBytes::truncate(std::size_t size) {
  if (size >= bytes_.size()) return;
  OPENSSL_cleanse(bytes_.data() + size, bytes_.size() - size);
  bytes_.resize(size);
}

void SecretBytes::wipe() {
  if (!bytes_.empty()) OPENSSL_cleanse(bytes_.data(), bytes_.size());
}

}  // namespace gantry::manifests::sops
