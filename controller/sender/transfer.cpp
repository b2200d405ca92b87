// SPDX-License-Identifier: Apache-2.0
#include "controller/sender/transfer.h"

#include <openssl/x509.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace gantry::sender {
namespace {

/// What is kept of an answer, to tell one refusal from another.
constexpr std::size_t kKeptAnswer = 4096;

/// "The server is busy or away", of SMTP's answers; RFC 5321, 4.2.1.
constexpr long kSmtpTransient = 400;
constexpr long kSmtpPermanent = 500;
/// RFC 4954, 6: authentication credentials invalid.
constexpr long kSmtpBadCredentials = 535;

absl::Status smtpError(long reply) {
  const std::string answer = absl::StrCat("answered SMTP ", reply);
  if (reply == kSmtpBadCredentials) {
    return absl::InvalidArgumentError(answer + ": user and password are not accepted");
  }
  return reply >= kSmtpPermanent ? absl::InvalidArgumentError(answer)
                                 : absl::UnavailableError(answer);
}

}  // namespace

Transfer::Transfer(const CurlSender::Options& options, notify::Outgoing message)
    : message_(std::move(message)), easy_(curl_easy_init()) {
  GANTRY_CHECK(easy_ != nullptr);
  set(CURLOPT_NOSIGNAL, 1L);
  // A lookup that hangs must not make others wait when it is given up.
  set(CURLOPT_QUICK_EXIT, 1L);
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  // The system's authorities are still found, in the folder that CURLOPT_CAPATH names by default.
  if (!options.caFile.empty()) set(CURLOPT_CAINFO, options.caFile.c_str());
  set(CURLOPT_CA_CACHE_TIMEOUT, 0L);
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connectTimeout.count()));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.count()));
  set(CURLOPT_WRITEFUNCTION, &Transfer::onAnswer);
  set(CURLOPT_WRITEDATA, this);
  std::visit([this](const auto& each) { prepare(each); }, message_);
}

Transfer::~Transfer() {
  curl_easy_cleanup(easy_);
}

void Transfer::List::add(const std::string& line) {
  list_ = curl_slist_append(list_, line.c_str());
  GANTRY_CHECK(list_ != nullptr);
}

template <class Value>
void Transfer::set(CURLoption option, Value value) {
  GANTRY_CHECK(curl_easy_setopt(easy_, option, value) == CURLE_OK);
}

void Transfer::prepare(const notify::HttpPost& post) {
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_URL, post.url.c_str());
  set(CURLOPT_POST, 1L);
  set(CURLOPT_POSTFIELDS, post.body.data());
  set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(post.body.size()));
  // Without it, bodies of more than 1 MiB wait a second for a "100 Continue".
  lines_.add("Expect:");
  lines_.add(absl::StrCat("User-Agent: gantry/", GANTRY_VERSION));
  for (const auto& [name, value] : post.headers) lines_.add(absl::StrCat(name, ": ", value));
  set(CURLOPT_HTTPHEADER, lines_.get());
  // Headers with tokens are for the receiver, not for a proxy on the way to it.
  set(CURLOPT_HEADEROPT, long{CURLHEADER_SEPARATE});
}

void Transfer::prepare(const notify::Mail& mail) {
  set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  set(CURLOPT_URL, mail.server.c_str());
  set(CURLOPT_USE_SSL, mail.allowPlain ? long{CURLUSESSL_TRY} : long{CURLUSESSL_ALL});
  if (!mail.user.empty()) {
    set(CURLOPT_USERNAME, mail.user.c_str());
    set(CURLOPT_PASSWORD, mail.password.c_str());
  }
  set(CURLOPT_MAIL_FROM, absl::StrCat("<", mail.from, ">").c_str());
  for (const std::string& each : mail.to) lines_.add(absl::StrCat("<", each, ">"));
  set(CURLOPT_MAIL_RCPT, lines_.get());
  left_ = mail.message;
  set(CURLOPT_UPLOAD, 1L);
  set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(mail.message.size()));
  set(CURLOPT_READFUNCTION, &Transfer::onRead);
  set(CURLOPT_READDATA, this);
  // Mail servers do not like to be held open.
  set(CURLOPT_FORBID_REUSE, 1L);
}

notify::SendResult Transfer::result(CURLcode code) const {
  if (code == CURLE_OK) {
    return std::visit([this](const auto& each) { return answered(each); }, message_);
  }
  if (std::holds_alternative<notify::Mail>(message_)) {
    long reply = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &reply);
    // A code of SMTP is from the step that failed, if it is an error at all.
    if (reply >= kSmtpTransient) return {smtpError(reply)};
  }
  return {failure(code)};
}

notify::SendResult Transfer::answered(const notify::HttpPost& post) const {
  notify::HttpAnswer answer;
  curl_off_t retryAfter = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &answer.status);
  curl_easy_getinfo(easy_, CURLINFO_RETRY_AFTER, &retryAfter);
  answer.retryAfter = std::chrono::seconds(retryAfter);
  answer.body = answer_;
  return notify::judge(post, answer);
}

notify::SendResult Transfer::answered(const notify::Mail&) const {
  return {absl::OkStatus()};
}

// In words of its own: libcurl's longer messages quote addresses.
absl::Status Transfer::failure(CURLcode code) const {
  const char* text = curl_easy_strerror(code);
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION: {
      long verified = X509_V_OK;
      curl_easy_getinfo(easy_, CURLINFO_SSL_VERIFYRESULT, &verified);
      // libcurl looks at the name before it asks OpenSSL for more.
      if (verified == X509_V_OK || verified == X509_V_ERR_UNSPECIFIED) {
        return absl::FailedPreconditionError("its certificate is for another host name");
      }
      return absl::FailedPreconditionError(absl::StrCat("its certificate is not trusted: ",
                                                        X509_verify_cert_error_string(verified)));
    }
    case CURLE_USE_SSL_FAILED:
      return absl::FailedPreconditionError("the server offers no encryption (STARTTLS)");
    case CURLE_SSL_CACERT_BADFILE:
      return absl::UnavailableError("the file of authorities cannot be read");
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_LOGIN_DENIED:
      return absl::FailedPreconditionError(text);
    case CURLE_OPERATION_TIMEDOUT:
      return absl::DeadlineExceededError(text);
    default:
      return absl::UnavailableError(text);
  }
}

std::size_t Transfer::onAnswer(const char* data, std::size_t, std::size_t size, void* self) {
  std::string& answer = static_cast<Transfer*>(self)->answer_;
  answer.append(data, std::min(size, kKeptAnswer - answer.size()));
  return size;
}

std::size_t Transfer::onRead(char* data, std::size_t size, std::size_t count, void* self) {
  std::string_view& left = static_cast<Transfer*>(self)->left_;
  const std::size_t taken = left.copy(data, size * count);
  left.remove_prefix(taken);
  return taken;
}

}  // namespace gantry::sender
