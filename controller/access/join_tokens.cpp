// SPDX-License-Identifier: Apache-2.0
#include "controller/access/join_tokens.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/ids.h"
#include "base/openssl.h"
#include "base/status.h"
#include "controller/access/access.pb.h"

namespace gantry::access {
namespace {

constexpr const char* kKeys = "/access/join-tokens/";
constexpr const char* kTokenForm = "GANTRY-1-";
constexpr std::size_t kSecretBytes = 16;

std::string keyOf(std::string_view secret) {
  return absl::StrCat(kKeys, base::sha256Hex(secret));
}

absl::StatusOr<JoinTokenRecord> decode(const store::Record& record) {
  JoinTokenRecord token;
  if (!token.ParseFromString(record.value)) {
    return absl::DataLossError(absl::StrCat("the record ", record.key, " cannot be read"));
  }
  return token;
}

// The secret of a token. Its start may be a secret too, so that no error repeats the text.
absl::StatusOr<std::string> secretOf(absl::string_view token, const std::string& authorityHash) {
  if (!absl::ConsumePrefix(&token, kTokenForm)) {
    return absl::PermissionDeniedError("this is not a join token; copy it whole, from GANTRY-1 on");
  }
  if (!absl::ConsumePrefix(&token, authorityHash) || !absl::ConsumePrefix(&token, "-")) {
    return absl::PermissionDeniedError(
        "the join token is of another cluster; make one on this one");
  }
  return std::string(token);
}

}  // namespace

JoinTokens::JoinTokens(store::Store& store, std::string authorityHash)
    : store_(store), authorityHash_(std::move(authorityHash)) {}

absl::StatusOr<JoinTokens::Token> JoinTokens::create(const std::string& by, base::Duration ttl,
                                                     base::Timestamp now) {
  if (ttl < base::Duration::zero() || ttl > kLongestTtl) {
    return absl::InvalidArgumentError("a join token holds from one second to 30 days");
  }
  if (ttl == base::Duration::zero()) ttl = kDefaultTtl;
  GANTRY_RETURN_IF_ERROR(forgetExpired(now));
  const std::string secret = absl::BytesToHexString(base::randomBytes(kSecretBytes));
  JoinTokenRecord record;
  record.set_expires_at_ms(base::toUnixMs(now + ttl));
  record.set_created_by(by);
  const auto written = store_.commit({{keyOf(secret), record.SerializeAsString(), 0}});
  if (!written.ok()) return written.status();
  return Token{absl::StrCat(kTokenForm, authorityHash_, "-", secret), now + ttl};
}

absl::Status JoinTokens::redeem(std::string_view token, const std::string& node,
                                base::Timestamp now) {
  GANTRY_ASSIGN_OR_RETURN(const std::string secret,
                          secretOf(absl::string_view(token.data(), token.size()), authorityHash_));
  const std::string key = keyOf(secret);
  GANTRY_ASSIGN_OR_RETURN(const std::vector<store::Record> records, store_.list(key));
  if (records.empty()) {
    return absl::PermissionDeniedError("the join token is unknown or has expired; make a new one");
  }
  GANTRY_ASSIGN_OR_RETURN(JoinTokenRecord record, decode(records.front()));
  if (base::toUnixMs(now) >= record.expires_at_ms()) {
    return absl::PermissionDeniedError("the join token has expired; make a new one");
  }
  if (!record.used_by().empty()) {
    return absl::PermissionDeniedError(absl::StrCat("the join token was used by node ",
                                                    record.used_by(), " already; make a new one"));
  }
  record.set_used_by(node);
  return store_.commit({{key, record.SerializeAsString(), records.front().version}}).status();
}

absl::Status JoinTokens::forgetExpired(base::Timestamp now) {
  GANTRY_ASSIGN_OR_RETURN(const std::vector<store::Record> records, store_.list(kKeys));
  std::vector<store::Write> deletions;
  for (const store::Record& record : records) {
    GANTRY_ASSIGN_OR_RETURN(const JoinTokenRecord token, decode(record));
    if (base::toUnixMs(now) >= token.expires_at_ms()) {
      deletions.push_back({record.key, std::nullopt, record.version});
    }
  }
  if (deletions.empty()) return absl::OkStatus();
  return store_.commit(deletions).status();
}

}  // namespace gantry::access
