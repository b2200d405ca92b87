// SPDX-License-Identifier: Apache-2.0
#include "manifests/diff/mask.h"

#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <absl/strings/string_view.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

#include "base/check.h"
#include "base/hmac.h"
#include "base/ids.h"
#include "manifests/resource.h"
#include "manifests/schema/options.pb.h"

namespace gantry::manifests {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr std::string_view kPlain = "(secret)";
constexpr std::string_view kPrefix = "(secret ";
constexpr std::size_t kDigits = 8;

std::string& maskKey() {
  static std::string key;
  return key;
}

bool isMask(std::string_view value) {
  if (value == kPlain) return true;
  return value.size() == kPrefix.size() + kDigits + 1 && value.starts_with(kPrefix) &&
         value.ends_with(')') &&
         std::ranges::all_of(value.substr(kPrefix.size(), kDigits), absl::ascii_isxdigit);
}

/// Secret fields are text, bytes, or maps to them.
void maskField(Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  GANTRY_CHECK(field.is_map() || field.cpp_type() == FieldDescriptor::CPPTYPE_STRING);
  if (!field.is_map()) {
    reflection.SetString(&message, &field, maskOf(reflection.GetString(message, &field)));
    return;
  }
  const FieldDescriptor* value = field.message_type()->map_value();
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    Message& entry = *reflection.MutableRepeatedMessage(&message, &field, i);
    const Reflection& entryReflection = *entry.GetReflection();
    entryReflection.SetString(&entry, value, maskOf(entryReflection.GetString(entry, value)));
  }
}

void maskIn(Message& message) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> set;
  reflection.ListFields(message, &set);
  for (const FieldDescriptor* field : set) {
    if (field->options().GetExtension(schema::secret)) {
      maskField(message, *field);
    } else if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map()) {
      continue;
    } else if (field->is_repeated()) {
      for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
        maskIn(*reflection.MutableRepeatedMessage(&message, field, i));
      }
    } else {
      maskIn(*reflection.MutableMessage(&message, field));
    }
  }
}

bool holdsSecret(const Message& message) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> set;
  reflection.ListFields(message, &set);
  return std::ranges::any_of(set, [&](const FieldDescriptor* field) {
    if (field->options().GetExtension(schema::secret)) return true;
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map()) return false;
    if (!field->is_repeated()) return holdsSecret(reflection.GetMessage(message, field));
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      if (holdsSecret(reflection.GetRepeatedMessage(message, field, i))) return true;
    }
    return false;
  });
}

}  // namespace

std::string contentDigest(const Message& message) {
  const std::string bytes = canonicalBytes(message);
  if (!holdsSecret(message)) return base::sha256Hex(bytes);
  const std::string hash = base::hmacSha256(maskKey(), bytes);
  return absl::BytesToHexString(absl::string_view(hash.data(), hash.size()));
}

void setMaskKey(std::string key) {
  maskKey() = std::move(key);
}

std::string maskOf(std::string_view value) {
  if (isMask(value)) return std::string(value);
  const std::string& key = maskKey();
  if (key.empty()) return std::string(kPlain);
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(value.data()), value.size(), hash, &length);
  const absl::string_view first(reinterpret_cast<const char*>(hash), kDigits / 2);
  return std::string(kPrefix) + absl::BytesToHexString(first) + ")";
}

std::unique_ptr<Message> masked(const Message& message) {
  std::unique_ptr<Message> copy(message.New());
  copy->CopyFrom(message);
  maskIn(*copy);
  return copy;
}

}  // namespace gantry::manifests
