// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <httplib.h>

#include <atomic>
#include <deque>
#include <string>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"
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

  HttpReceiver() {
    server_.Post(".*", [this](const httplib::Request& request, httplib::Response& response) {
      requests.put({request.path, request.headers, request.body});
      const std::lock_guard lock(mutex_);
      response.status = answers_.empty() ? 200 : answers_.front();
      if (!answers_.empty()) answers_.pop_front();
      if (response.status == 302) response.set_header("Location", url() + "/elsewhere");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~HttpReceiver() {
    server_.stop();
    thread_.join();
  }

  std::string url() const { return absl::StrCat("http://127.0.0.1:", port_); }
  /// The status of the next answers, in order.
  void answer(std::deque<int> statuses) {
    const std::lock_guard lock(mutex_);
    answers_ = std::move(statuses);
  }

  support::Inbox<Request> requests;

 private:
  httplib::Server server_;
  std::mutex mutex_;
  std::deque<int> answers_;
  int port_ = 0;
  std::thread thread_;
};

/// As much of an SMTP server as a client needs (RFC 5321, and AUTH PLAIN of RFC 4954), without TLS.
class SmtpReceiver {
 public:
  struct Message {
    std::string from;
    std::string to;
    /// What the client logged in with, as it was sent; empty: it did not.
    std::string login;
    std::string data;
  };

  SmtpReceiver() {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    GANTRY_CHECK(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    GANTRY_CHECK(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    GANTRY_CHECK(::listen(listener_, 4) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~SmtpReceiver() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }

  std::string url() const { return absl::StrCat("smtp://127.0.0.1:", port_); }
  /// What RCPT is answered with.
  void answerRecipients(const std::string& line) {
    const std::lock_guard lock(mutex_);
    recipientAnswer_ = line;
  }

  support::Inbox<Message> messages;
  /// Every line that clients say before the text of a message.
  support::Inbox<std::string> commands;

 private:
  void serve() {
    while (true) {
      const int socket = ::accept(listener_, nullptr, nullptr);
      if (socket < 0) return;
      talk(socket);
      ::close(socket);
    }
  }

  static void say(int socket, const std::string& line) {
    const std::string text = line + "\r\n";
    ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
  }

  static bool readLine(int socket, std::string& buffer, std::string& line) {
    std::size_t end = 0;
    while ((end = buffer.find("\r\n")) == std::string::npos) {
      char piece[512];
      const ssize_t got = ::recv(socket, piece, sizeof piece, 0);
      if (got <= 0) return false;
      buffer.append(piece, static_cast<std::size_t>(got));
    }
    line = buffer.substr(0, end);
    buffer.erase(0, end + 2);
    return true;
  }

  void talk(int socket) {
    say(socket, "220 test ESMTP");
    std::string buffer;
    std::string line;
    Message message;
    while (readLine(socket, buffer, line)) {
      commands.put(line);
      if (absl::StartsWith(line, "EHLO")) {
        say(socket, "250-test");
        say(socket, "250 AUTH PLAIN");
      } else if (line == "AUTH PLAIN") {
        say(socket, "334 ");
        if (!readLine(socket, buffer, message.login)) return;
        say(socket, "235 ok");
      } else if (absl::StartsWith(line, "MAIL FROM:")) {
        message.from = line.substr(10);
        say(socket, "250 ok");
      } else if (absl::StartsWith(line, "RCPT TO:")) {
        message.to += line.substr(8);
        const std::lock_guard lock(mutex_);
        say(socket, recipientAnswer_);
      } else if (line == "DATA") {
        say(socket, "354 go on");
        while (readLine(socket, buffer, line) && line != ".") message.data += line + "\n";
        messages.put(message);
        say(socket, "250 ok");
      } else {
        say(socket, line == "QUIT" ? "221 bye" : "502 not known");
        if (line == "QUIT") return;
      }
    }
  }

  int listener_ = -1;
  int port_ = 0;
  std::mutex mutex_;
  std::string recipientAnswer_ = "250 ok";
  std::thread thread_;
};

}  // namespace gantry::tests
