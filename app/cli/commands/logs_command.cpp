// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <future>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "app/cli/commands/commands.h"
#include "base/status.h"

namespace gantry::cli {
namespace {

struct LogsOptions {
  std::string target;
  std::string selector;
  std::string container;
  std::string since;
  std::int64_t tail = -1;
  bool follow = false;
  bool previous = false;
  bool timestamps = false;
};

/// "90s", "10m", "2h" → ms.
absl::StatusOr<std::int64_t> parseSpan(const std::string& text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string unit(end, text.data() + text.size());
  const std::int64_t factor = unit == "s"   ? 1'000
                              : unit == "m" ? 60'000
                              : unit == "h" ? 3'600'000
                                            : 0;
  if (error != std::errc() || factor == 0 || count < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" is not a span of time; write it like 90s, 10m or 2h"));
  }
  return count * factor;
}

/// The pods that belong to a Deployment or a Job.
absl::StatusOr<std::vector<api::Object>> podsOfOwner(Session& session, const char* kind,
                                                     absl::string_view name) {
  GANTRY_ASSIGN_OR_RETURN(const api::Object owner, session.findOne(kind, std::string(name)));
  const schema::LabelSelector& labels =
      owner.has_job() ? owner.job().spec().selector() : owner.deployment().spec().selector();
  std::string selector;
  for (const auto& [key, value] : labels.match_labels()) {
    absl::StrAppend(&selector, selector.empty() ? "" : ",", key, "=", value);
  }
  // A Job that was not looked at yet has none; no selector would mean every pod.
  if (selector.empty()) return std::vector<api::Object>();
  return session.list("Pod", client::keyOf(owner).ns, "", selector);
}

/// The pods that "POD", "deployment/NAME", "job/NAME" or a label selector mean; all of one
/// namespace.
absl::StatusOr<std::vector<api::Object>> podsOf(Session& session, const LogsOptions& options) {
  if (!options.selector.empty()) return session.list("Pod", session.ns, "", options.selector);
  absl::string_view name = options.target;
  if (absl::ConsumePrefix(&name, "deployment/") || absl::ConsumePrefix(&name, "deploy/")) {
    return podsOfOwner(session, "Deployment", name);
  }
  if (absl::ConsumePrefix(&name, "job/")) return podsOfOwner(session, "Job", name);
  absl::ConsumePrefix(&name, "pod/");
  GANTRY_ASSIGN_OR_RETURN(api::Object pod, session.findOne("Pod", std::string(name)));
  return std::vector<api::Object>{std::move(pod)};
}

absl::StatusOr<api::LogsRequest> requestFor(Session& session, const LogsOptions& options) {
  GANTRY_ASSIGN_OR_RETURN(const std::vector<api::Object> pods, podsOf(session, options));
  if (pods.empty()) return absl::NotFoundError("no pod is selected");
  api::LogsRequest request;
  request.set_namespace_(client::keyOf(pods.front()).ns);
  for (const api::Object& pod : pods) {
    if (client::keyOf(pod).ns != request.namespace_()) {
      return absl::InvalidArgumentError(
          "pods of several namespaces are selected; choose one with -n");
    }
    request.add_pods(client::keyOf(pod).name);
  }
  request.set_container(options.container);
  request.set_follow(options.follow);
  request.set_previous(options.previous);
  request.set_tail_lines(options.tail);
  if (!options.since.empty()) {
    GANTRY_ASSIGN_OR_RETURN(const std::int64_t span, parseSpan(options.since));
    const auto now = std::chrono::floor<base::Duration>(std::chrono::system_clock::now());
    request.set_since_ms(base::toUnixMs(now) - span);
  }
  return request;
}

absl::StatusOr<int> logs(Session& session, const LogsOptions& options) {
  GANTRY_ASSIGN_OR_RETURN(client::Connection * connection, session.connection());
  GANTRY_ASSIGN_OR_RETURN(const api::LogsRequest request, requestFor(session, options));
  const bool several = request.pods_size() > 1;
  const Terminal& terminal = session.terminal();
  std::promise<absl::Status> ended;
  const std::unique_ptr<client::Stream> stream = connection->logs(
      request,
      {.onMessage =
           [&](api::LogLines&& lines) {
             std::string text;
             for (const api::LogLine& line : lines.lines()) {
               if (several) absl::StrAppend(&text, terminal.dim(line.pod()), " ");
               if (options.timestamps) {
                 absl::StrAppend(
                     &text, base::formatRfc3339(base::fromUnixMs(line.time_ns() / 1'000'000)), " ");
               }
               absl::StrAppend(&text, line.text(), "\n");
             }
             terminal.print(text);
             if (lines.dropped() > 0) {
               terminal.complain(absl::StrCat(lines.dropped(), " lines were left out"));
             }
             if (!lines.notice().empty()) terminal.complain(lines.notice());
           },
       .onEnd = [&](const absl::Status& status) { ended.set_value(status); }});
  GANTRY_RETURN_IF_ERROR(ended.get_future().get());
  return kOk;
}

}  // namespace

void addLogsCommand(CLI::App& app, Session& session, const Chosen& chosen) {
  auto options = std::make_shared<LogsOptions>();
  CLI::App* command =
      app.add_subcommand("logs", "What containers print; several pods merged by time");
  command->add_option("target", options->target,
                      "A pod; deployment/NAME or job/NAME: all of its pods");
  command->add_option("-l,--selector", options->selector, "All pods with these labels");
  command->add_option("-c,--container", options->container,
                      "Which container, if the pod has several");
  command->add_flag("-f,--follow", options->follow, "Stay, and print what comes");
  command->add_flag("-p,--previous", options->previous, "The container before the last restart");
  command->add_option("--since", options->since, "Only what is younger: 90s, 10m, 2h");
  command->add_option("--tail", options->tail, "Only the last so many lines");
  command->add_flag("--timestamps", options->timestamps, "Print when each line was written");
  command->callback([&session, chosen, options] {
    if (options->target.empty() == options->selector.empty()) {
      throw CLI::ValidationError("logs",
                                 "name a pod, deployment/NAME or job/NAME, or select pods with -l");
    }
    chosen([&session, options] { return logs(session, *options); });
  });
}

}  // namespace gantry::cli
