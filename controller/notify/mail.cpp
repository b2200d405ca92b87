// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "base/status.h"
#include "controller/notify/target.h"

namespace gantry::notify {
namespace {

/// Lines of base64, RFC 2045.
constexpr std::size_t kLine = 76;
/// Of text, so that the encoded word stays below 75 characters, RFC 2047.
constexpr std::size_t kLongestWord = 45;

bool isAddress(const std::string& text) {
  return text.find('@') != std::string::npos && std::ranges::all_of(text, [](unsigned char c) {
           return c > ' ' && c < 0x7f && c != '<' && c != '>' && c != ',' && c != ';' && c != '"';
         });
}

// RFC 2047, always: no value can end the header, or begin another.
std::string encodedHeader(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t end = std::min(kLongestWord, text.size());
    while (end > 1 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) {
      --end;
    }
    absl::StrAppend(&out, out.empty() ? "" : "\r\n ", "=?UTF-8?B?",
                    absl::Base64Escape(std::string(text.substr(0, end))), "?=");
    text.remove_prefix(end);
  }
  return out;
}

std::string encodedText(const std::string& text) {
  const std::string encoded = absl::Base64Escape(text);
  std::string out;
  for (std::size_t at = 0; at < encoded.size(); at += kLine) {
    absl::StrAppend(&out, encoded.substr(at, kLine), "\r\n");
  }
  return out;
}

std::string dateOf(base::Timestamp at) {
  return absl::FormatTime("%a, %d %b %Y %H:%M:%S +0000", absl::FromUnixMillis(base::toUnixMs(at)),
                          absl::UTCTimeZone());
}

}  // namespace

absl::StatusOr<Outgoing> mail(const schema::EmailTarget& target, const std::string& about,
                              const std::string& text, base::Timestamp at, const std::string& id,
                              const SecretValue& secret) {
  Mail mail;
  mail.server = target.server();
  const bool isServer = mail.server.starts_with("smtp://") || mail.server.starts_with("smtps://");
  const bool isClean = std::ranges::all_of(mail.server, [](unsigned char c) { return c > ' '; });
  if (!isServer || !isClean) {
    return absl::InvalidArgumentError("the server is not written as smtp://host:port");
  }
  mail.from = target.from();
  mail.to.assign(target.to().begin(), target.to().end());
  if (!isAddress(mail.from) || mail.to.empty() || !std::ranges::all_of(mail.to, isAddress)) {
    return absl::InvalidArgumentError("from and to must be addresses like ops@example.com");
  }
  mail.user = target.user();
  if (!mail.user.empty()) {
    GANTRY_ASSIGN_OR_RETURN(mail.password, secret(target.password_from()));
  }
  mail.allowPlain = target.allow_plain();
  mail.message = absl::StrCat(
      "Date: ", dateOf(at), "\r\nFrom: <", mail.from, ">\r\nTo: ",
      absl::StrJoin(
          mail.to, ",\r\n ",
          [](std::string* out, const std::string& each) { absl::StrAppend(out, "<", each, ">"); }),
      "\r\nMessage-ID: <", id, "@gantry>\r\nSubject: ", encodedHeader("[gantry] " + about),
      "\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
      "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n",
      encodedText(text + "\n"));
  return mail;
}

}  // namespace gantry::notify
