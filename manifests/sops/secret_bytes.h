// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace gantry::manifests::sops {

/// Bytes that nobody may find later: wiped when they go out of use. Moves, and is never copied.
class SecretBytes {
 public:
  SecretBytes() = default;
  /// `size` zeros, to be filled.
  explicit SecretBytes(std::size_t size) : bytes_(size) {}
  explicit SecretBytes(std::string_view bytes) : bytes_(bytes.begin(), bytes.end()) {}
  ~SecretBytes() { wipe(); }
  SecretBytes(SecretBytes&& other) noexcept : bytes_(std::move(other.bytes_)) {}
  SecretBytes& operator=(SecretBytes&& other) noexcept;

  std::size_t size() const { return bytes_.size(); }
  std::string_view view() const { return {bytes_.data(), bytes_.size()}; }
  const unsigned char* data() const;
  unsigned char* data();
  void append(std::string_view more);
  /// Keeps the first `size` bytes.
  void truncate(std::size_t size);

 private:
  void wipe();

  // Not a string: a short one would leave its bytes behind when it is moved.
  std::vector<char> bytes_;
};

}  // namespace gantry::manifests::sops
