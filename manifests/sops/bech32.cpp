// SPDX-License-Identifier: Apache-2.0
#include "manifests/sops/bech32.h"

#include <absl/strings/ascii.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace gantry::manifests::sops {
namespace {

constexpr std::string_view kBech32Signs = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::size_t kChecksum = 6;

/// The checksum of BIP 173, fed value by value.
class Polymod {
 public:
  void add(unsigned value) {
    constexpr std::array<std::uint32_t, 5> kGenerator = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa,
                                                         0x3d4233dd, 0x2a1462b3};
    const std::uint32_t top = state_ >> 25;
    state_ = ((state_ & 0x1ffffff) << 5) ^ value;
    for (std::size_t i = 0; i < kGenerator.size(); ++i) {
      if ((top >> i) & 1) state_ ^= kGenerator[i];
    }
  }

  void addPrefix(std::string_view prefix) {
    for (const char c : prefix) add(static_cast<unsigned char>(c) >> 5);
    add(0);
    for (const char c : prefix) add(static_cast<unsigned char>(c) & 31);
  }

  std::uint32_t state() const { return state_; }

 private:
  std::uint32_t state_ = 1;
};

bool isMixedCase(std::string_view text) {
  return std::ranges::any_of(text, absl::ascii_isupper) &&
         std::ranges::any_of(text, absl::ascii_islower);
}

}  // namespace

std::optional<SecretBytes> decodeBech32(std::string_view text, std::string_view prefix) {
  if (isMixedCase(text) || text.size() < prefix.size() + 1 + kChecksum) return std::nullopt;
  for (std::size_t i = 0; i < prefix.size(); ++i) {
    if (absl::ascii_tolower(text[i]) != prefix[i]) return std::nullopt;
  }
  if (text[prefix.size()] != '1') return std::nullopt;
  text.remove_prefix(prefix.size() + 1);

  Polymod checksum;
  checksum.addPrefix(prefix);
  SecretBytes bytes(text.size() * 5 / 8);
  std::size_t filled = 0;
  std::uint32_t buffer = 0;
  int bits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t value = kBech32Signs.find(absl::ascii_tolower(text[i]));
    if (value == std::string_view::npos) return std::nullopt;
    checksum.add(static_cast<unsigned>(value));
    if (i + kChecksum >= text.size()) continue;
    buffer = (buffer << 5) | static_cast<std::uint32_t>(value);
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.data()[filled++] = static_cast<unsigned char>(buffer >> bits);
    }
  }
  const bool padded = bits < 5 && (buffer & ((1u << bits) - 1)) == 0;
  if (checksum.state() != 1 || !padded) return std::nullopt;
  bytes.truncate(filled);
  return bytes;
}

std::string encodeBech32(std::string_view bytes, std::string_view prefix) {
  Polymod checksum;
  checksum.addPrefix(prefix);
  std::string text = std::string(prefix) + "1";
  const auto put = [&](unsigned value) {
    checksum.add(value);
    text += kBech32Signs[value];
  };
  std::uint32_t buffer = 0;
  int bits = 0;
  for (const char c : bytes) {
    buffer = (buffer << 8) | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 5;) {
      bits -= 5;
      put((buffer >> bits) & 31);
    }
  }
  if (bits > 0) put((buffer << (5 - bits)) & 31);
  for (std::size_t i = 0; i < kChecksum; ++i) checksum.add(0);
  const std::uint32_t sum = checksum.state() ^ 1;
  for (std::size_t i = 0; i < kChecksum; ++i) {
    text += kBech32Signs[(sum >> (5 * (kChecksum - 1 - i))) & 31];
  }
  return text;
}

}  // namespace gantry::manifests::sops
