// SPDX-License-Identifier: Apache-2.0
#include "base/curl_loop.h"

#include <utility>

#include "base/check.h"

namespace gantry::base {
namespace {

/// Nothing happens at that time: libcurl's own timeouts and `add` end the wait earlier.
constexpr int kLongestWaitMs = 60'000;

CURLM* makeMulti() {
  static std::once_flag once;
  std::call_once(once, [] { GANTRY_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); });
  CURLM* const multi = curl_multi_init();
  GANTRY_CHECK(multi != nullptr);
  return multi;
}

}  // namespace

CurlLoop::CurlLoop() : multi_(makeMulti()), thread_([this] { run(); }) {}

CurlLoop::~CurlLoop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  curl_multi_wakeup(multi_);
  thread_.join();
  curl_multi_cleanup(multi_);
}

void CurlLoop::add(std::unique_ptr<Transfer> transfer) {
  {
    const std::lock_guard lock(mutex_);
    arrived_.push_back(std::move(transfer));
  }
  curl_multi_wakeup(multi_);
}

void CurlLoop::run() {
  while (takeArrived()) {
    int running = 0;
    curl_multi_perform(multi_, &running);
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg == CURLMSG_DONE) finish(message->easy_handle, message->data.result);
    }
    curl_multi_poll(multi_, nullptr, 0, kLongestWaitMs, nullptr);
  }
  for (const auto& [handle, transfer] : underWay_) curl_multi_remove_handle(multi_, handle);
  underWay_.clear();
}

/// False: it is to stop.
bool CurlLoop::takeArrived() {
  std::vector<std::unique_ptr<Transfer>> arrived;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return false;
    arrived.swap(arrived_);
  }
  for (std::unique_ptr<Transfer>& transfer : arrived) {
    CURL* const handle = transfer->handle();
    underWay_[handle] = std::move(transfer);
    GANTRY_CHECK(curl_multi_add_handle(multi_, handle) == CURLM_OK);
  }
  return true;
}

void CurlLoop::finish(CURL* handle, CURLcode code) {
  curl_multi_remove_handle(multi_, handle);
  const auto found = underWay_.find(handle);
  if (found->second->goesOn(code)) {
    GANTRY_CHECK(curl_multi_add_handle(multi_, handle) == CURLM_OK);
  } else {
    underWay_.erase(found);
  }
}

}  // namespace gantry::base
