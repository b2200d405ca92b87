// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>
#include <string_view>

#include "controller/notify/outgoing.h"
#include "controller/sender/curl_sender.h"

namespace gantry::sender {

/// One message on its way, and the handle of libcurl that takes it there. For one thread at a time.
class Transfer {
 public:
  Transfer(const CurlSender::Options& options, notify::Outgoing message);
  ~Transfer();

  CURL* handle() const { return easy_; }

  /// What became of it, once libcurl is done with it.
  notify::SendResult result(CURLcode code) const;

 private:
  class List {
   public:
    ~List() { curl_slist_free_all(list_); }
    void add(const std::string& line);
    curl_slist* get() const { return list_; }

   private:
    curl_slist* list_ = nullptr;
  };

  template <class Value>
  void set(CURLoption option, Value value);
  void prepare(const notify::HttpPost& post);
  void prepare(const notify::Mail& mail);
  notify::SendResult answered(const notify::HttpPost& post) const;
  notify::SendResult answered(const notify::Mail& mail) const;
  absl::Status failure(CURLcode code) const;

  static std::size_t onAnswer(const char* data, std::size_t, std::size_t size, void* self);
  static std::size_t onRead(char* data, std::size_t size, std::size_t count, void* self);

  notify::Outgoing message_;
  CURL* easy_;
  /// Request headers, or recipients.
  List lines_;
  std::string answer_;
  std::string_view left_;
};

}  // namespace gantry::sender
