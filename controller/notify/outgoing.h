// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "base/time.h"

namespace gantry::notify {

/// A POST. Address, headers and body may hold secrets.
struct HttpPost {
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  /// GitLab answers 400 to a state that the commit has already, which is no failure: an answer with
  /// that status and this text in its body is as good as 200. Empty: there is none.
  std::string harmless;
};

/// A message by SMTP.
struct Mail {
  /// smtp://host:port or smtps://host:port.
  std::string server;
  /// Empty: nobody logs in.
  std::string user;
  std::string password;
  bool allowPlain = false;
  std::string from;
  std::vector<std::string> to;
  /// Headers and text, with lines that end in CR LF.
  std::string message;
};

using Outgoing = std::variant<HttpPost, Mail>;

/// What became of a message that was sent.
struct SendResult {
  /// Errors: UNAVAILABLE and DEADLINE_EXCEEDED, where the receiver is busy or away; INTERNAL, where
  /// it fails, perhaps at this message only; others, where it does not help to try again. Their
  /// messages hold no address, no header and no body: they are shown to people.
  absl::Status status;
  /// How long the receiver asks to be left alone (Retry-After); zero: it does not ask.
  base::Duration retryAfter = base::Duration::zero();
};

/// What a server answers to a POST.
struct HttpAnswer {
  long status = 0;
  /// As in SendResult.
  base::Duration retryAfter = base::Duration::zero();
  /// Its beginning.
  std::string body;
};

/// What an answer comes to: OK; UNAVAILABLE where the receiver is busy or away (408, 425, 429, 502,
/// 503, 504, and 403 with Retry-After, GitHub's word for 429); INTERNAL where it fails (other 5xx);
/// INVALID_ARGUMENT for the rest. The message tells the status and nothing of the body. Pure.
SendResult judge(const HttpPost& post, const HttpAnswer& answer);

/// Sends messages over the network.
class Sender {
 public:
  using Done = std::function<void(const SendResult&)>;

  virtual ~Sender() = default;

  /// Executor's thread; `done` runs there later, once.
  virtual void send(Outgoing message, Done done) = 0;
};

}  // namespace gantry::notify
