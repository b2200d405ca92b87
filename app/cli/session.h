// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/terminal.h"
#include "app/client/await.h"
#include "app/client/connection.h"
#include "app/client/context.h"
#include "app/client/live_cache.h"

namespace gantry::cli {

/// Exit codes of `gantry`; docs/cli.md is their reference.
enum ExitCode {
  kOk = 0,
  /// The request was refused, or what was followed failed.
  kFailed = 1,
  /// The command line is wrong, or a file cannot be read.
  kUsage = 2,
  /// The controller cannot be reached.
  kUnavailable = 3,
  /// `diff`, and `plan` where it is asked for: there are differences.
  kDifferent = 4,
};

/// The exit code that an error ends the program with.
ExitCode exitCodeOf(const absl::Status& status);

/// What all commands share: the options before the command, the terminal, and the connection, which
/// is made when it is first needed.
class Session {
 public:
  std::string contextName;
  std::string contextFile;
  /// Empty: all namespaces.
  std::string ns;

  Terminal& terminal() { return terminal_; }

  /// The controller. Error: no context.
  absl::StatusOr<client::Connection*> connection();

  /// The context in use. Error: no context.
  absl::StatusOr<client::Context> context();

  /// Whether the context lets this program change anything. Error: FAILED_PRECONDITION if it is
  /// read-only.
  absl::Status checkWritable();

  /// One call, waited for.
  template <class Request, class Response>
  absl::StatusOr<Response> call(void (client::Connection::*method)(Request,
                                                                   client::Callback<Response>),
                                Request request) {
    absl::StatusOr<client::Connection*> open = connection();
    if (!open.ok()) return open.status();
    return client::await(**open, method, std::move(request));
  }

  /// Objects of a kind ("Pod", "Plan") by namespace, name and label selector; each may be empty.
  absl::StatusOr<std::vector<api::Object>> list(const std::string& kind,
                                                const std::string& inNamespace,
                                                const std::string& name = "",
                                                const std::string& selector = "");

  /// The one object of that kind and name; in any namespace if none was given. Error: NOT_FOUND, or
  /// INVALID_ARGUMENT if several namespaces have one.
  absl::StatusOr<api::Object> findOne(const std::string& kind, const std::string& name);

  /// Follows the controller's state. `look` is called when the first snapshot is complete, after
  /// every change, and every second; an answer ends it and is the program's exit code. A lost link
  /// is dialled again. Error: the controller was never reached, or the timeout (0: none) has
  /// passed.
  using Look = std::function<std::optional<int>(const client::LiveCache&)>;
  absl::StatusOr<int> follow(std::vector<std::string> kinds, const std::string& inNamespace,
                             std::chrono::seconds timeout, const Look& look);

 private:
  Terminal terminal_;
  std::optional<client::Context> context_;
  std::unique_ptr<client::Connection> connection_;
};

}  // namespace gantry::cli
