// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"

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

/// What an answer comes to: OK; UNAVAILABLE for what may help to try again (408, 425, 429, 5xx);
/// INVALID_ARGUMENT for the rest. The message tells the status and nothing of the body. Pure.
absl::Status judge(const HttpPost& post, long status, const std::string& body);

/// Sends messages over the network.
class Sender {
 public:
  /// Errors: UNAVAILABLE and DEADLINE_EXCEEDED, where trying again may help; others, where it does
  /// not. Their messages hold no address, no header and no body: they are shown to people.
  using Done = std::function<void(const absl::Status&)>;

  virtual ~Sender() = default;

  /// Executor's thread; `done` runs there later, once.
  virtual void send(Outgoing message, Done done) = 0;
};

}  // namespace gantry::notify
