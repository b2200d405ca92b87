// SPDX-License-Identifier: Apache-2.0
#include "manifests/sops/encrypted_value.h"

#include <openssl/crypto.h>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>

#include "manifests/sops/base64.h"
#include "manifests/sops/crypto.h"
#include "manifests/sops/plain_value.h"

namespace gantry::manifests::sops {
namespace {

struct Parts {
  std::string data, nonce, tag;
  std::string_view type;
};

/// Takes `name` from the beginning of the text, and what follows it up to `end`.
std::optional<std::string_view> take(std::string_view& text, std::string_view name, char end) {
  if (!text.starts_with(name)) return std::nullopt;
  text.remove_prefix(name.size());
  const std::size_t size = text.find(end);
  if (size == std::string_view::npos) return std::nullopt;
  const std::string_view value = text.substr(0, size);
  text.remove_prefix(size + 1);
  return value;
}

bool takeBytes(std::string_view& text, std::string_view name, std::string& bytes) {
  const auto value = take(text, name, ',');
  const auto decoded = value ? decodeCanonicalBase64(*value, Padding::kRequired) : std::nullopt;
  if (!decoded) return false;
  bytes = *decoded;
  return true;
}

std::optional<Parts> parse(std::string_view text) {
  Parts parts;
  if (!take(text, "ENC[AES256_GCM", ',') || !takeBytes(text, "data:", parts.data) ||
      !takeBytes(text, "iv:", parts.nonce) || !takeBytes(text, "tag:", parts.tag)) {
    return std::nullopt;
  }
  const auto type = take(text, "type:", ']');
  if (!type || !text.empty()) return std::nullopt;
  parts.type = *type;
  return parts;
}

template <typename Number>
std::optional<Number> number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool interpret(std::string_view type, std::string_view content, DecryptedValue& value) {
  value.plain = type != "str" && type != "bytes";
  if (!value.plain) {
    value.text = value.mac = content;
  } else if (type == "int") {
    const auto whole = number<std::int64_t>(content);
    if (!whole) return false;
    value.text = value.mac = std::to_string(*whole);
  } else if (type == "float") {
    const auto fraction = number<double>(content);
    if (!fraction || !std::isfinite(*fraction)) return false;
    value.text = value.mac = fixedNotation(*fraction);
  } else if (type == "bool") {
    const bool yes = content == "True" || content == "true";
    if (!yes && content != "False" && content != "false") return false;
    value.text = yes ? "true" : "false";
    value.mac = yes ? "True" : "False";
  } else {
    return false;
  }
  return true;
}

}  // namespace

DecryptedValue::~DecryptedValue() {
  OPENSSL_cleanse(text.data(), text.size());
  OPENSSL_cleanse(mac.data(), mac.size());
}

absl::StatusOr<DecryptedValue> decryptValue(std::string_view text, std::string_view key,
                                            std::string_view path) {
  const std::optional<Parts> parts = parse(text);
  if (!parts) {
    return absl::InvalidArgumentError("is not encrypted in the way of SOPS, or is damaged");
  }
  const std::optional<SecretBytes> content =
      openAes256Gcm(key, parts->nonce, path, parts->data, parts->tag);
  if (!content) {
    return absl::InvalidArgumentError("cannot be decrypted: it was changed, moved or renamed");
  }
  DecryptedValue value;
  if (!interpret(parts->type, content->view(), value)) {
    return absl::InvalidArgumentError("has a type that is unknown or does not fit its content");
  }
  return value;
}

}  // namespace gantry::manifests::sops
