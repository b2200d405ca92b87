// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "tests/controller/sender/listener.h"
#include "tests/controller/sender/test_authority.h"
#include "tests/support/running_executor.h"

namespace gantry::tests {

/// As much of an SMTP server as a client needs: RFC 5321, AUTH PLAIN (RFC 4954), STARTTLS (RFC
/// 3207) and TLS from the start (RFC 8314).
class SmtpReceiver {
 public:
  enum class Tls { kNone, kStartTls, kFromTheStart };

  struct Message {
    std::string from;
    std::string to;
    /// What the client logged in with, as it was sent; empty: it did not.
    std::string login;
    std::string data;
    /// It came over TLS.
    bool isEncrypted = false;
  };

  SmtpReceiver() : SmtpReceiver(Tls::kNone, {}) {}
  SmtpReceiver(Tls tls, const CertificateFiles& files)
      : tls_(tls), context_(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free) {
    if (tls != Tls::kNone) {
      GANTRY_CHECK(SSL_CTX_use_certificate_chain_file(context_.get(), files.certificate.c_str()) ==
                   1);
      GANTRY_CHECK(
          SSL_CTX_use_PrivateKey_file(context_.get(), files.key.c_str(), SSL_FILETYPE_PEM) == 1);
    }
    thread_ = std::thread([this] { serve(); });
  }
  ~SmtpReceiver() {
    listener_.stop();
    thread_.join();
  }

  std::string url() const {
    return absl::StrCat(tls_ == Tls::kFromTheStart ? "smtps" : "smtp",
                        "://127.0.0.1:", listener_.port());
  }
  /// What RCPT is answered with.
  void answerRecipients(const std::string& line) {
    const std::lock_guard lock(mutex_);
    recipientAnswer_ = line;
  }
  /// What a login is answered with.
  void answerLogins(const std::string& line) {
    const std::lock_guard lock(mutex_);
    loginAnswer_ = line;
  }

  support::Inbox<Message> messages;
  /// Every line that clients say before the text of a message.
  support::Inbox<std::string> commands;

 private:
  /// A client, in the clear or over TLS.
  class Client {
   public:
    explicit Client(int socket) : socket_(socket), tls_(nullptr, &SSL_free) {}
    ~Client() { ::close(socket_); }

    bool startTls(SSL_CTX* context) {
      // What was said in the clear must not count as said inside of TLS.
      buffer_.clear();
      tls_.reset(SSL_new(context));
      SSL_set_fd(tls_.get(), socket_);
      return SSL_accept(tls_.get()) == 1;
    }
    bool isEncrypted() const { return tls_ != nullptr; }

    void say(const std::string& line) {
      const std::string text = line + "\r\n";
      if (isEncrypted()) {
        SSL_write(tls_.get(), text.data(), static_cast<int>(text.size()));
      } else {
        ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      }
    }

    std::optional<std::string> line() {
      std::size_t end = 0;
      while ((end = buffer_.find("\r\n")) == std::string::npos) {
        char piece[512];
        const auto got = isEncrypted() ? SSL_read(tls_.get(), piece, sizeof piece)
                                       : ::recv(socket_, piece, sizeof piece, 0);
        if (got <= 0) return std::nullopt;
        buffer_.append(piece, static_cast<std::size_t>(got));
      }
      std::string found = buffer_.substr(0, end);
      buffer_.erase(0, end + 2);
      return found;
    }

   private:
    int socket_;
    std::unique_ptr<SSL, decltype(&SSL_free)> tls_;
    std::string buffer_;
  };

  void serve() {
    while (true) {
      const int socket = listener_.accept();
      if (socket < 0) return;
      Client client(socket);
      if (tls_ == Tls::kFromTheStart && !client.startTls(context_.get())) continue;
      talk(client);
    }
  }

  std::string answer(std::string SmtpReceiver::* which) const {
    const std::lock_guard lock(mutex_);
    return this->*which;
  }

  void greet(Client& client) const {
    client.say("250-test");
    if (tls_ == Tls::kStartTls && !client.isEncrypted()) client.say("250-STARTTLS");
    client.say("250 AUTH PLAIN");
  }

  void talk(Client& client) {
    client.say("220 test ESMTP");
    Message message;
    while (const std::optional<std::string> line = client.line()) {
      commands.put(*line);
      if (absl::StartsWith(*line, "EHLO")) {
        greet(client);
      } else if (*line == "STARTTLS" && tls_ == Tls::kStartTls) {
        client.say("220 go on");
        if (!client.startTls(context_.get())) return;
      } else if (*line == "AUTH PLAIN") {
        client.say("334 ");
        message.login = client.line().value_or("");
        client.say(answer(&SmtpReceiver::loginAnswer_));
      } else if (absl::StartsWith(*line, "MAIL FROM:")) {
        message.from = line->substr(10);
        client.say("250 ok");
      } else if (absl::StartsWith(*line, "RCPT TO:")) {
        message.to += line->substr(8);
        client.say(answer(&SmtpReceiver::recipientAnswer_));
      } else if (*line == "DATA") {
        takeData(client, message);
      } else {
        client.say(*line == "QUIT" ? "221 bye" : "502 not known");
        if (*line == "QUIT") return;
      }
    }
  }

  void takeData(Client& client, Message& message) {
    client.say("354 go on");
    for (auto line = client.line(); line && *line != "."; line = client.line()) {
      message.data += *line + "\n";
    }
    message.isEncrypted = client.isEncrypted();
    messages.put(message);
    client.say("250 ok");
  }

  Tls tls_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  Listener listener_;
  mutable std::mutex mutex_;
  std::string recipientAnswer_ = "250 ok";
  std::string loginAnswer_ = "235 ok";
  std::thread thread_;
};

}  // namespace gantry::tests
