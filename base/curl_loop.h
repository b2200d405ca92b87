// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <curl/curl.h>

#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace gantry::base {

/// Waits on one thread for any number of transfers of libcurl: one that gets no answer delays none
/// of the others.
class CurlLoop {
 public:
  /// One transfer, and the handle of libcurl that it owns.
  class Transfer {
   public:
    virtual ~Transfer() = default;
    /// The same all the time; with all options set, timeouts among them.
    virtual CURL* handle() const = 0;
    /// libcurl is done with it. True: it goes on with what it has set anew, such as another
    /// address; false: it has told whoever waits for it, and is destroyed. On the loop's thread.
    virtual bool goesOn(CURLcode code) = 0;
  };

  CurlLoop();
  /// Breaks off and destroys what is under way, and waits for the thread.
  ~CurlLoop();

  /// Begins the transfer. Any thread.
  void add(std::unique_ptr<Transfer> transfer);

 private:
  void run();
  bool takeArrived();
  void finish(CURL* handle, CURLcode code);

  CURLM* multi_;
  /// Touched by the loop's thread only.
  std::map<CURL*, std::unique_ptr<Transfer>> underWay_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Transfer>> arrived_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace gantry::base
