// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <httplib.h>

#include <atomic>
#include <deque>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/controller/sender/test_authority.h"
#include "tests/support/running_executor.h"

namespace gantry::tests {

/// An HTTP server that writes down what it is sent. Answers 200, or what it is told to.
class HttpReceiver {
 public:
  struct Request {
    std::string path;
    httplib::Headers headers;
    std::string body;

    std::string header(const std::string& name) const {
      const auto found = headers.find(name);
      return found == headers.end() ? "" : found->second;
    }
  };

  HttpReceiver() : HttpReceiver(std::make_unique<httplib::Server>(), "http") {}
  /// With TLS.
  explicit HttpReceiver(const CertificateFiles& files)
      : HttpReceiver(
            std::make_unique<httplib::SSLServer>(files.certificate.c_str(), files.key.c_str()),
            "https") {}
  ~HttpReceiver() {
    server_->stop();
    thread_.join();
  }

  std::string url() const { return absl::StrCat(scheme_, "://127.0.0.1:", port_); }
  /// The status of the next answers, in order.
  void answer(std::deque<int> statuses) {
    const std::lock_guard lock(mutex_);
    answers_ = std::move(statuses);
  }
  /// A header of every answer.
  void setHeader(const std::string& name, const std::string& value) {
    const std::lock_guard lock(mutex_);
    header_ = {name, value};
  }

  support::Inbox<Request> requests;

 private:
  HttpReceiver(std::unique_ptr<httplib::Server> server, std::string scheme)
      : server_(std::move(server)), scheme_(std::move(scheme)) {
    server_->Post(".*", [this](const httplib::Request& request, httplib::Response& response) {
      {
        const std::lock_guard lock(mutex_);
        response.status = answers_.empty() ? 200 : answers_.front();
        if (!answers_.empty()) answers_.pop_front();
        if (!header_.first.empty()) response.set_header(header_.first, header_.second);
      }
      requests.put({request.path, request.headers, request.body});
    });
    port_ = server_->bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_->listen_after_bind(); });
    while (!server_->is_running()) std::this_thread::yield();
  }

  std::unique_ptr<httplib::Server> server_;
  std::string scheme_;
  std::mutex mutex_;
  std::deque<int> answers_;
  std::pair<std::string, std::string> header_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace gantry::tests
