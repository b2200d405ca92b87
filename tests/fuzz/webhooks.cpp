// SPDX-License-Identifier: Apache-2.0
// A delivery as it comes: lines "Name: value" up to an empty one, then the body. It is judged as it
// is, and once more with a proof that holds, so that the fuzzer gets behind it.
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "base/check.h"
#include "controller/webhooks/receiver.h"

namespace {

using namespace gantry;

constexpr std::string_view kSecret = "0123456789abcdef0123456789abcdef";

std::string lower(std::string_view text) {
  return absl::AsciiStrToLower({text.data(), text.size()});
}

std::map<std::string, std::string> takeHeaders(std::string_view& text) {
  std::map<std::string, std::string> headers;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) break;
    const std::size_t colon = std::min(line.find(": "), line.size());
    headers[lower(line.substr(0, colon))] = line.substr(std::min(colon + 2, line.size()));
  }
  return headers;
}

void prove(std::map<std::string, std::string>& headers, std::string_view body) {
  unsigned char digest[32];
  HMAC(EVP_sha256(), kSecret.data(), static_cast<int>(kSecret.size()),
       reinterpret_cast<const unsigned char*>(body.data()), body.size(), digest, nullptr);
  const std::string hex = absl::BytesToHexString({reinterpret_cast<const char*>(digest), 32});
  headers["x-hub-signature"] = headers["x-hub-signature-256"] = "sha256=" + hex;
  headers["x-gitea-signature"] = headers["x-forgejo-signature"] = hex;
  headers["x-gitlab-token"] = kSecret;
}

webhooks::Answer judge(const std::map<std::string, std::string>& headers, std::string_view body) {
  static const webhooks::Secrets kSecrets = *webhooks::Secrets::parse(kSecret, "secrets");
  const webhooks::Headers get = [&headers](std::string_view name) {
    const auto found = headers.find(lower(name));
    return found == headers.end() ? std::string() : found->second;
  };
  webhooks::Receiver receiver(kSecrets);
  if (auto refused = webhooks::Receiver::refuse(get, body.size())) return *refused;
  return receiver.count(receiver.receive(get, body), get("remote"), {});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::map<std::string, std::string> headers = takeHeaders(text);
  judge(headers, text);
  prove(headers, text);
  const webhooks::Answer answer = judge(headers, text);
  GANTRY_CHECK(answer.status != 401);
  GANTRY_CHECK(answer.hint.has_value() == (answer.status == 202));
  if (!answer.hint) return 0;
  webhooks::concerns(*answer.hint, "git@github.com:shop/shop.git", "main");
  webhooks::concerns(*answer.hint, "https://example.com/a/b", "v1.*");
  // Whatever an address was read from, it is the same repository as itself.
  for (const webhooks::RepositoryUrl& each : answer.hint->repositories) {
    GANTRY_CHECK(webhooks::sameRepository(each, each));
  }
  return 0;
}
