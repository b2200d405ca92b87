// SPDX-License-Identifier: Apache-2.0
#include "controller/sender/curl_sender.h"

#include <curl/curl.h>

#include <algorithm>
#include <mutex>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace gantry::sender {
namespace {

/// What is kept of an answer, to tell one refusal from another.
constexpr std::size_t kKeptAnswer = 4096;

/// One transfer. Lives on the thread that makes it.
class Transfer {
 public:
  Transfer(const CurlSender::Options& options, const std::atomic<bool>& stopped)
      : stopped_(stopped), easy_(curl_easy_init(), &curl_easy_cleanup) {
    GANTRY_CHECK(easy_ != nullptr);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connectTimeout.count()));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.count()));
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &Transfer::onProgress);
    set(CURLOPT_XFERINFODATA, this);
    set(CURLOPT_WRITEFUNCTION, &Transfer::onAnswer);
    set(CURLOPT_WRITEDATA, this);
  }

  absl::Status run(const notify::HttpPost& post) {
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_URL, post.url.c_str());
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDS, post.body.data());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(post.body.size()));
    // Without it, bodies of more than 1 MiB wait a second for a "100 Continue".
    List headers;
    headers.add("Expect:");
    headers.add(absl::StrCat("User-Agent: gantry/", GANTRY_VERSION));
    for (const auto& [name, value] : post.headers) headers.add(absl::StrCat(name, ": ", value));
    set(CURLOPT_HTTPHEADER, headers.get());
    const CURLcode code = curl_easy_perform(easy_.get());
    if (code != CURLE_OK) return failure(code);
    return notify::judge(post, responseCode(), answer_);
  }

  absl::Status run(const notify::Mail& mail) {
    set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    set(CURLOPT_URL, mail.server.c_str());
    set(CURLOPT_USE_SSL, mail.allowPlain ? long{CURLUSESSL_TRY} : long{CURLUSESSL_ALL});
    if (!mail.user.empty()) {
      set(CURLOPT_USERNAME, mail.user.c_str());
      set(CURLOPT_PASSWORD, mail.password.c_str());
    }
    set(CURLOPT_MAIL_FROM, absl::StrCat("<", mail.from, ">").c_str());
    List recipients;
    for (const std::string& each : mail.to) recipients.add(absl::StrCat("<", each, ">"));
    set(CURLOPT_MAIL_RCPT, recipients.get());
    left_ = mail.message;
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(mail.message.size()));
    set(CURLOPT_READFUNCTION, &Transfer::onRead);
    set(CURLOPT_READDATA, this);
    const CURLcode code = curl_easy_perform(easy_.get());
    if (code == CURLE_OK) return absl::OkStatus();
    const long reply = responseCode();
    // A code of SMTP is from the step that failed, if it is an error at all: RFC 5321, 4.2.1.
    if (reply >= 500) return absl::InvalidArgumentError(absl::StrCat("answered SMTP ", reply));
    if (reply >= 400) return absl::UnavailableError(absl::StrCat("answered SMTP ", reply));
    return failure(code);
  }

 private:
  class List {
   public:
    ~List() { curl_slist_free_all(list_); }
    void add(const std::string& line) {
      list_ = curl_slist_append(list_, line.c_str());
      GANTRY_CHECK(list_ != nullptr);
    }
    curl_slist* get() const { return list_; }

   private:
    curl_slist* list_ = nullptr;
  };

  template <class Value>
  void set(CURLoption option, Value value) {
    GANTRY_CHECK(curl_easy_setopt(easy_.get(), option, value) == CURLE_OK);
  }

  long responseCode() const {
    long code = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &code);
    return code;
  }

  // The text of the code only: libcurl's longer messages quote addresses.
  static absl::Status failure(CURLcode code) {
    const char* text = curl_easy_strerror(code);
    switch (code) {
      case CURLE_URL_MALFORMAT:
      case CURLE_UNSUPPORTED_PROTOCOL:
      case CURLE_LOGIN_DENIED:
      case CURLE_PEER_FAILED_VERIFICATION:
      case CURLE_USE_SSL_FAILED:
        return absl::FailedPreconditionError(text);
      case CURLE_OPERATION_TIMEDOUT:
        return absl::DeadlineExceededError(text);
      default:
        return absl::UnavailableError(text);
    }
  }

  static int onProgress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<Transfer*>(self)->stopped_ ? 1 : 0;
  }

  static std::size_t onAnswer(const char* data, std::size_t, std::size_t size, void* self) {
    std::string& answer = static_cast<Transfer*>(self)->answer_;
    answer.append(data, std::min(size, kKeptAnswer - answer.size()));
    return size;
  }

  static std::size_t onRead(char* data, std::size_t size, std::size_t count, void* self) {
    std::string_view& left = static_cast<Transfer*>(self)->left_;
    const std::size_t taken = left.copy(data, size * count);
    left.remove_prefix(taken);
    return taken;
  }

  const std::atomic<bool>& stopped_;
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy_;
  std::string answer_;
  std::string_view left_;
};

}  // namespace

CurlSender::CurlSender(base::Executor& executor) : CurlSender(executor, Options()) {}

CurlSender::CurlSender(base::Executor& executor, Options options)
    : options_(options),
      stopped_(std::make_shared<std::atomic<bool>>(false)),
      workers_(executor, options.threads) {
  static std::once_flag once;
  std::call_once(once, [] { GANTRY_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); });
}

CurlSender::~CurlSender() {
  *stopped_ = true;
}

void CurlSender::send(notify::Outgoing message, Done done) {
  auto result = std::make_shared<absl::Status>();
  workers_.run(
      [message = std::move(message), options = options_, stopped = stopped_, result] {
        Transfer transfer(options, *stopped);
        *result = std::visit([&](const auto& each) { return transfer.run(each); }, message);
      },
      [result, done = std::move(done)] { done(*result); });
}

}  // namespace gantry::sender
