// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/probes/net_prober.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/curl_loop.h"
#include "runtime-agent/probes/probe_target.h"

namespace gantry::agent {
namespace {

using Done = std::function<void(ProbeResult)>;

constexpr int kMaxRedirects = 10;
// As kubelet: a page longer than this is not read to its end.
constexpr std::size_t kMaxBody = 10 * 1024;

// A code of libcurl's as a short remark for the event.
std::string remark(CURLcode code, base::Duration timeout) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return absl::StrCat("no answer within ", timeout.count(), " ms");
    case CURLE_COULDNT_CONNECT:
      return "connection refused";
    case CURLE_GOT_NOTHING:
      return "connection closed without an answer";
    default:
      return curl_easy_strerror(code);
  }
}

/// One try, by HTTP or TCP.
class Attempt final : public base::CurlLoop::Transfer {
 public:
  Attempt(base::Executor& executor, ProbeTarget target, base::Duration timeout, Done done)
      : executor_(executor),
        target_(std::move(target)),
        timeout_(timeout),
        deadline_(executor.now() + timeout),
        done_(std::move(done)),
        easy_(curl_easy_init()),
        url_(target_.url) {
    GANTRY_CHECK(easy_ != nullptr);
    for (const std::string& line : target_.headers) {
      headers_ = curl_slist_append(headers_, line.c_str());
    }
    curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy_, CURLOPT_PROXY, "");
    curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
    curl_easy_setopt(easy_, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYHOST, 0L);
    // Every try opens a connection, or it would not notice that the port is closed.
    curl_easy_setopt(easy_, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy_, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(easy_, CURLOPT_CONNECT_ONLY, target_.connectOnly ? 1L : 0L);
    curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_);
    curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &Attempt::onBody);
    curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
    request();
  }
  ~Attempt() override {
    curl_slist_free_all(headers_);
    curl_easy_cleanup(easy_);
  }
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  CURL* handle() const override { return easy_; }

  bool goesOn(CURLcode code) override {
    // A long body was cut short on purpose.
    if (code == CURLE_WRITE_ERROR && bodyRead_ > kMaxBody) code = CURLE_OK;
    std::optional<ProbeResult> result = judge(code);
    if (!result) {
      request();
      return true;
    }
    executor_.post([done = std::move(done_), result = *std::move(result)] { done(result); });
    return false;
  }

 private:
  static std::size_t onBody(char*, std::size_t size, std::size_t count, void* self) {
    auto* attempt = static_cast<Attempt*>(self);
    attempt->bodyRead_ += size * count;
    return attempt->bodyRead_ > kMaxBody ? CURL_WRITEFUNC_ERROR : size * count;
  }

  void request() {
    const base::Duration left = std::max(base::Duration(1), deadline_ - executor_.now());
    bodyRead_ = 0;
    curl_easy_setopt(easy_, CURLOPT_URL, url_.c_str());
    curl_easy_setopt(easy_, CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
  }

  // Nothing: a redirect is to be followed; `url_` is its address.
  std::optional<ProbeResult> judge(CURLcode code) {
    if (code != CURLE_OK) return ProbeResult{ProbeOutcome::kFailure, remark(code, timeout_)};
    if (target_.connectOnly) return ProbeResult{ProbeOutcome::kSuccess, "connected"};
    long status = 0;
    char* next = nullptr;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy_, CURLINFO_REDIRECT_URL, &next);
    const std::string detail = absl::StrCat("HTTP ", status);
    if (!isHealthy(status)) return ProbeResult{ProbeOutcome::kFailure, detail};
    if (next == nullptr) return ProbeResult{ProbeOutcome::kSuccess, detail};
    if (!isSameHost(target_.url, next)) {
      return ProbeResult{ProbeOutcome::kSuccess,
                         detail + ", redirect to another host not followed"};
    }
    if (redirects_ == kMaxRedirects) {
      return ProbeResult{ProbeOutcome::kSuccess, detail + ", more than 10 redirects"};
    }
    ++redirects_;
    url_ = next;
    return std::nullopt;
  }

  base::Executor& executor_;
  const ProbeTarget target_;
  const base::Duration timeout_;
  const base::Instant deadline_;
  Done done_;
  CURL* const easy_;
  curl_slist* headers_ = nullptr;
  int redirects_ = 0;
  std::size_t bodyRead_ = 0;
  std::string url_;
};

}  // namespace

NetProber::NetProber(base::Executor& executor, Runtime& runtime)
    : executor_(executor), runtime_(runtime), loop_(std::make_unique<base::CurlLoop>()) {}

NetProber::~NetProber() = default;

void NetProber::probe(ProbeRequest request, Done done) {
  if (request.probe.has_exec()) {
    const auto& words = request.probe.exec().command();
    runtime_.exec(request.containerId, {words.begin(), words.end()}, request.timeout,
                  [done = std::move(done)](const absl::StatusOr<ExecResult>& answer) {
                    done(execOutcome(answer));
                  });
    return;
  }
  if (!request.probe.has_http_get() && !request.probe.has_tcp_socket()) {
    executor_.post([done = std::move(done)] {
      done({ProbeOutcome::kFailure, "the probe has none of exec, httpGet and tcpSocket"});
    });
    return;
  }
  absl::StatusOr<ProbeTarget> target = probeTarget(request);
  if (!target.ok()) {
    executor_.post([done = std::move(done), message = std::string(target.status().message())] {
      done({ProbeOutcome::kFailure, message});
    });
    return;
  }
  loop_->add(
      std::make_unique<Attempt>(executor_, *std::move(target), request.timeout, std::move(done)));
}

}  // namespace gantry::agent
