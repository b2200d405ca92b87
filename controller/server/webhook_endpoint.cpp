// SPDX-License-Identifier: Apache-2.0
#include "controller/server/webhook_endpoint.h"

#include "absl/strings/numbers.h"

namespace gantry::server {

WebhookEndpoint::WebhookEndpoint(base::Executor& executor, webhooks::Secrets secrets,
                                 std::function<void(const webhooks::PushHint&)> hint,
                                 std::function<void(const webhooks::Answer&)> answered)
    : executor_(executor),
      hint_(std::move(hint)),
      answered_(std::move(answered)),
      receiver_(std::move(secrets)) {}

void WebhookEndpoint::take(const webhooks::Headers& headers, const std::string& remote,
                           const ReadBody& read, const Reply& reply) {
  webhooks::Answer answer = judge(headers, read);
  {
    const std::lock_guard lock(mutex_);
    answer = receiver_.count(std::move(answer), remote, executor_.now());
  }
  answered_(answer);
  if (answer.hint) {
    executor_.post([this, hint = *std::move(answer.hint)] { hint_(hint); });
  }
  reply(answer.status, answer.text);
}

webhooks::Answer WebhookEndpoint::judge(const webhooks::Headers& headers,
                                        const ReadBody& read) const {
  // Without a length it is counted while it is read.
  std::uint64_t length = 0;
  if (const std::string text = headers("Content-Length");
      !text.empty() && !absl::SimpleAtoi(text, &length)) {
    length = webhooks::kLargestBody + 1;
  }
  if (auto refusal = webhooks::Receiver::refuse(headers, length)) return *std::move(refusal);
  std::string body;
  bool tooLarge = false;
  const base::Instant end = executor_.now() + kPatience;
  const bool whole = read([&](std::string_view piece) {
    tooLarge = body.size() + piece.size() > webhooks::kLargestBody;
    if (tooLarge || executor_.now() > end) return false;
    body += piece;
    return true;
  });
  if (tooLarge) return webhooks::Receiver::tooLarge(headers);
  if (!whole) return webhooks::Receiver::cutShort(headers);
  return receiver_.receive(headers, body);
}

}  // namespace gantry::server
