// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/probes/net_prober.h"

#include <curl/curl.h>

#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/check.h"
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

}  // namespace

// One thread that drives all HTTP and TCP tries through one libcurl multi handle.
class NetProber::Loop {
 public:
  explicit Loop(base::Executor& executor) : executor_(executor) {
    static std::once_flag once;
    std::call_once(once, [] { GANTRY_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); });
    multi_ = curl_multi_init();
    GANTRY_CHECK(multi_ != nullptr);
    thread_ = std::thread([this] { run(); });
  }

  ~Loop() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    curl_multi_wakeup(multi_);
    thread_.join();
    curl_multi_cleanup(multi_);
  }

  void add(ProbeTarget target, base::Duration timeout, Done done) {
    auto attempt = std::make_unique<Attempt>();
    attempt->target = std::move(target);
    attempt->timeout = timeout;
    attempt->deadline = executor_.now() + timeout;
    attempt->done = std::move(done);
    {
      const std::lock_guard lock(mutex_);
      added_.push_back(std::move(attempt));
    }
    curl_multi_wakeup(multi_);
  }

 private:
  struct Attempt {
    ~Attempt() {
      curl_slist_free_all(headers);
      curl_easy_cleanup(easy);
    }

    ProbeTarget target;
    base::Duration timeout;
    base::Instant deadline;
    Done done;
    CURL* easy = nullptr;
    curl_slist* headers = nullptr;
    int redirects = 0;
    std::size_t bodyRead = 0;
    std::string url;
  };

  static std::size_t onBody(char*, std::size_t size, std::size_t count, void* self) {
    auto* attempt = static_cast<Attempt*>(self);
    attempt->bodyRead += size * count;
    return attempt->bodyRead > kMaxBody ? CURL_WRITEFUNC_ERROR : size * count;
  }

  void run() {
    while (takeAdded()) {
      int running = 0;
      curl_multi_perform(multi_, &running);
      int left = 0;
      while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
        if (message->msg == CURLMSG_DONE) finish(message->easy_handle, message->data.result);
      }
      // libcurl shortens the wait to its own timers; the wakeup ends it for new tries.
      curl_multi_poll(multi_, nullptr, 0, 60'000, nullptr);
    }
    for (auto& [easy, attempt] : attempts_) curl_multi_remove_handle(multi_, easy);
    attempts_.clear();
  }

  // False when the loop is to end.
  bool takeAdded() {
    std::vector<std::unique_ptr<Attempt>> added;
    {
      const std::lock_guard lock(mutex_);
      if (stopped_) return false;
      added.swap(added_);
    }
    for (std::unique_ptr<Attempt>& attempt : added) begin(std::move(attempt));
    return true;
  }

  void begin(std::unique_ptr<Attempt> attempt) {
    CURL* easy = curl_easy_init();
    GANTRY_CHECK(easy != nullptr);
    attempt->easy = easy;
    attempt->url = attempt->target.url;
    for (const std::string& line : attempt->target.headers) {
      attempt->headers = curl_slist_append(attempt->headers, line.c_str());
    }
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    // Every try opens a connection, or it would not notice that the port is closed.
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, attempt->target.connectOnly ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, attempt->headers);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Loop::onBody);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, attempt.get());
    Attempt& stored = *(attempts_[easy] = std::move(attempt));
    request(stored);
  }

  void request(Attempt& attempt) {
    const base::Duration left = std::max(base::Duration(1), attempt.deadline - executor_.now());
    attempt.bodyRead = 0;
    curl_easy_setopt(attempt.easy, CURLOPT_URL, attempt.url.c_str());
    curl_easy_setopt(attempt.easy, CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
    curl_multi_add_handle(multi_, attempt.easy);
  }

  void finish(CURL* easy, CURLcode code) {
    Attempt& attempt = *attempts_.at(easy);
    curl_multi_remove_handle(multi_, easy);
    // A long body was cut short on purpose.
    if (code == CURLE_WRITE_ERROR && attempt.bodyRead > kMaxBody) code = CURLE_OK;
    std::optional<ProbeResult> result = judge(attempt, code);
    if (!result) return request(attempt);
    executor_.post([done = std::move(attempt.done), result = *std::move(result)] { done(result); });
    attempts_.erase(easy);
  }

  // Nothing: a redirect is to be followed; the attempt has its new address.
  static std::optional<ProbeResult> judge(Attempt& attempt, CURLcode code) {
    if (code != CURLE_OK) {
      return ProbeResult{ProbeOutcome::kFailure, remark(code, attempt.timeout)};
    }
    if (attempt.target.connectOnly) return ProbeResult{ProbeOutcome::kSuccess, "connected"};
    long status = 0;
    char* next = nullptr;
    curl_easy_getinfo(attempt.easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(attempt.easy, CURLINFO_REDIRECT_URL, &next);
    const std::string detail = absl::StrCat("HTTP ", status);
    if (!isHealthy(status)) return ProbeResult{ProbeOutcome::kFailure, detail};
    if (next == nullptr) return ProbeResult{ProbeOutcome::kSuccess, detail};
    if (!isSameHost(attempt.target.url, next)) {
      return ProbeResult{ProbeOutcome::kSuccess,
                         detail + ", redirect to another host not followed"};
    }
    if (attempt.redirects == kMaxRedirects) {
      return ProbeResult{ProbeOutcome::kSuccess, detail + ", more than 10 redirects"};
    }
    ++attempt.redirects;
    attempt.url = next;
    return std::nullopt;
  }

  base::Executor& executor_;
  CURLM* multi_ = nullptr;
  // Touched by the loop's thread only.
  std::map<CURL*, std::unique_ptr<Attempt>> attempts_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Attempt>> added_;
  bool stopped_ = false;
  std::thread thread_;
};

NetProber::NetProber(base::Executor& executor, Runtime& runtime)
    : executor_(executor), runtime_(runtime), loop_(std::make_unique<Loop>(executor)) {}

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
  loop_->add(*std::move(target), request.timeout, std::move(done));
}

}  // namespace gantry::agent
