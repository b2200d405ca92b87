// SPDX-License-Identifier: Apache-2.0
#include "controller/sender/curl_sender.h"

#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/check.h"
#include "controller/sender/transfer.h"

namespace gantry::sender {
namespace {

/// Nothing happens at that time: libcurl's own timeouts and `send` end the wait earlier.
constexpr int kLongestWaitMs = 60'000;

}  // namespace

/// The thread, and what is under way on it.
class CurlSender::Loop {
 public:
  Loop(base::Executor& executor, Options options)
      : executor_(executor), options_(std::move(options)), multi_(curl_multi_init()) {
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

  void add(notify::Outgoing message, Done done) {
    {
      const std::lock_guard lock(mutex_);
      arrived_.push_back({std::move(message), std::move(done)});
    }
    curl_multi_wakeup(multi_);
  }

 private:
  using Job = std::pair<notify::Outgoing, Done>;
  struct UnderWay {
    std::unique_ptr<Transfer> transfer;
    Done done;
  };

  void run() {
    while (takeArrived()) {
      int running = 0;
      curl_multi_perform(multi_, &running);
      int left = 0;
      while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
        finish(message->easy_handle, message->data.result);
      }
      curl_multi_poll(multi_, nullptr, 0, kLongestWaitMs, nullptr);
    }
    for (const auto& [handle, each] : underWay_) curl_multi_remove_handle(multi_, handle);
    underWay_.clear();
  }

  /// False: it is to stop.
  bool takeArrived() {
    std::vector<Job> jobs;
    {
      const std::lock_guard lock(mutex_);
      if (stopped_) return false;
      jobs.swap(arrived_);
    }
    for (auto& [message, done] : jobs) {
      auto transfer = std::make_unique<Transfer>(options_, std::move(message));
      CURL* const handle = transfer->handle();
      underWay_[handle] = {std::move(transfer), std::move(done)};
      GANTRY_CHECK(curl_multi_add_handle(multi_, handle) == CURLM_OK);
    }
    return true;
  }

  void finish(CURL* handle, CURLcode code) {
    curl_multi_remove_handle(multi_, handle);
    const auto found = underWay_.extract(handle);
    executor_.post([result = found.mapped().transfer->result(code),
                    done = std::move(found.mapped().done)] { done(result); });
  }

  base::Executor& executor_;
  const Options options_;
  CURLM* multi_;
  std::mutex mutex_;
  std::vector<Job> arrived_;
  bool stopped_ = false;
  std::map<CURL*, UnderWay> underWay_;
  std::thread thread_;
};

CurlSender::CurlSender(base::Executor& executor) : CurlSender(executor, Options()) {}

CurlSender::CurlSender(base::Executor& executor, Options options) {
  static std::once_flag once;
  std::call_once(once, [] { GANTRY_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); });
  loop_ = std::make_unique<Loop>(executor, std::move(options));
}

CurlSender::~CurlSender() = default;

void CurlSender::send(notify::Outgoing message, Done done) {
  loop_->add(std::move(message), std::move(done));
}

}  // namespace gantry::sender
