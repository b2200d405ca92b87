// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <future>
#include <memory>
#include <utility>

#include "app/client/connection.h"

namespace gantry::client {

/// Calls and waits for the answer: `await(connection, &Connection::list, request)`. For programs
/// that have nothing else to do, never on a GUI or executor thread.
template <class Request, class Response>
absl::StatusOr<Response> await(Connection& connection,
                               void (Connection::*method)(Request, Callback<Response>),
                               Request request) {
  auto answer = std::make_shared<std::promise<absl::StatusOr<Response>>>();
  std::future<absl::StatusOr<Response>> future = answer->get_future();
  (connection.*method)(std::move(request), [answer](absl::StatusOr<Response> response) {
    answer->set_value(std::move(response));
  });
  return future.get();
}

}  // namespace gantry::client
