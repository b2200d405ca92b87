// SPDX-License-Identifier: Apache-2.0
#include "controller/sender/curl_sender.h"

#include <memory>
#include <utility>

#include "base/curl_loop.h"
#include "controller/sender/transfer.h"

namespace gantry::sender {
namespace {

/// Tells on the executor's thread what became of a message.
class Sending final : public base::CurlLoop::Transfer {
 public:
  Sending(base::Executor& executor, const CurlSender::Options& options, notify::Outgoing message,
          notify::Sender::Done done)
      : executor_(executor), message_(options, std::move(message)), done_(std::move(done)) {}

  CURL* handle() const override { return message_.handle(); }

  bool goesOn(CURLcode code) override {
    executor_.post([result = message_.result(code), done = std::move(done_)] { done(result); });
    return false;
  }

 private:
  base::Executor& executor_;
  sender::Transfer message_;
  notify::Sender::Done done_;
};

}  // namespace

CurlSender::CurlSender(base::Executor& executor) : CurlSender(executor, Options()) {}

CurlSender::CurlSender(base::Executor& executor, Options options)
    : executor_(executor),
      options_(std::move(options)),
      loop_(std::make_unique<base::CurlLoop>()) {}

CurlSender::~CurlSender() = default;

void CurlSender::send(notify::Outgoing message, Done done) {
  loop_->add(std::make_unique<Sending>(executor_, options_, std::move(message), std::move(done)));
}

}  // namespace gantry::sender
