// SPDX-License-Identifier: Apache-2.0
#include "app/cli/session.h"

#include "absl/strings/str_cat.h"
#include "app/client/live_feed.h"
#include "base/loop_executor.h"
#include "base/status.h"

namespace gantry::cli {

ExitCode exitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kOk;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return kUnavailable;
    case absl::StatusCode::kInvalidArgument:
      return kUsage;
    default:
      return kFailed;
  }
}

absl::StatusOr<client::Context> Session::context() {
  if (!context_) {
    absl::StatusOr<client::Context> resolved = client::resolveContext(contextName, contextFile);
    if (!resolved.ok()) {
      return absl::FailedPreconditionError(absl::StrCat(
          resolved.status().message(),
          "; add one with `gantry context import FILE`, or name a file with --context-file"));
    }
    context_ = *std::move(resolved);
  }
  return *context_;
}

absl::StatusOr<client::Connection*> Session::connection() {
  if (!connection_) {
    GANTRY_ASSIGN_OR_RETURN(const client::Context used, context());
    connection_ = client::connect(used);
  }
  return connection_.get();
}

absl::Status Session::checkWritable() {
  GANTRY_ASSIGN_OR_RETURN(const client::Context used, context());
  if (!used.readOnly) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the context \"", used.name, "\" is read-only; choose another with --context"));
}

absl::StatusOr<std::vector<api::Object>> Session::list(const std::string& kind,
                                                       const std::string& inNamespace,
                                                       const std::string& name,
                                                       const std::string& selector) {
  api::ListRequest request;
  request.set_kind(kind);
  request.set_namespace_(inNamespace);
  request.set_name(name);
  request.set_selector(selector);
  GANTRY_ASSIGN_OR_RETURN(const api::ListResponse response,
                          call(&client::Connection::list, std::move(request)));
  return std::vector<api::Object>(response.items().begin(), response.items().end());
}

absl::StatusOr<api::Object> Session::findOne(const std::string& kind, const std::string& name) {
  GANTRY_ASSIGN_OR_RETURN(std::vector<api::Object> found, list(kind, ns, name));
  if (found.empty()) {
    return absl::NotFoundError(absl::StrCat("there is no ", kind, " \"", name, "\"",
                                            ns.empty() ? "" : absl::StrCat(" in ", ns)));
  }
  if (found.size() > 1) {
    std::string where;
    for (const api::Object& object : found) {
      absl::StrAppend(&where, where.empty() ? "" : ", ", client::keyOf(object).ns);
    }
    return absl::InvalidArgumentError(absl::StrCat("several namespaces have a ", kind, " \"", name,
                                                   "\" (", where, "); choose one with -n"));
  }
  return std::move(found.front());
}

absl::StatusOr<int> Session::follow(std::vector<std::string> kinds, const std::string& inNamespace,
                                    std::chrono::seconds timeout, const Look& look) {
  GANTRY_ASSIGN_OR_RETURN(client::Connection * link, connection());
  api::WatchRequest request;
  for (std::string& kind : kinds) request.add_kinds(std::move(kind));
  request.set_namespace_(inNamespace);

  base::LoopExecutor loop;
  client::LiveFeed feed(loop, *link, std::move(request));
  std::optional<int> answer;
  bool timedOut = false;
  const base::Instant start = loop.now();
  std::function<void()> check = [&] {
    if (!answer && feed.cache().hasSnapshot()) answer = look(feed.cache());
    // Without a first snapshot, half a minute is long enough to wait for one.
    const base::Duration patience =
        feed.cache().hasSnapshot() ? base::Duration(timeout) : base::Duration(30'000);
    timedOut = patience.count() > 0 && loop.now() - start > patience;
    if (answer || timedOut) loop.stop();
  };
  std::function<void()> tick = [&] {
    check();
    if (!answer && !timedOut) loop.postAfter(std::chrono::seconds(1), tick);
  };
  feed.setOnUpdate(check);
  feed.start();
  loop.postAfter(std::chrono::seconds(1), tick);
  loop.run();
  if (answer) return *answer;
  return feed.cache().hasSnapshot()
             ? absl::DeadlineExceededError(absl::StrCat("not done after ", timeout.count(), " s"))
             : absl::UnavailableError("the controller does not answer");
}

}  // namespace gantry::cli
