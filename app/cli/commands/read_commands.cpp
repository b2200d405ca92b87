// SPDX-License-Identifier: Apache-2.0
// status, get, describe, events, version: what looks and changes nothing.
#include <CLI/CLI.hpp>
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "app/cli/columns.h"
#include "app/cli/commands/commands.h"
#include "app/cli/format.h"
#include "app/client/health.h"
#include "base/status.h"

namespace gantry::cli {
namespace {

struct GetOptions {
  std::string kindWord;
  std::string name;
  std::string selector;
  std::string output = "table";
  bool watch = false;
};

absl::StatusOr<std::string> kindFrom(const std::string& word) {
  std::string kind = kindOfWord(word);
  if (kind.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("there is no kind \"", word, "\"; there are ",
                                                   absl::StrJoin(kindWords(), ", ")));
  }
  return kind;
}

bool hasNamespace(const std::vector<api::Object>& objects) {
  return std::ranges::any_of(
      objects, [](const api::Object& object) { return !client::keyOf(object).ns.empty(); });
}

TextTable tableOf(const std::string& kind, const std::vector<api::Object>& objects, bool wide) {
  const Columns columns = columnsOf(kind, wide);
  const bool namespaced = hasNamespace(objects);
  // An event is found by what it is about; its own name says nothing.
  const bool named = kind != "Event";
  std::vector<std::string> titles;
  if (namespaced) titles.emplace_back("NAMESPACE");
  if (named) titles.emplace_back("NAME");
  titles.insert(titles.end(), columns.titles.begin(), columns.titles.end());
  TextTable table(std::move(titles));
  for (const api::Object& object : objects) {
    const client::Key key = client::keyOf(object);
    std::vector<TextCell> row;
    if (namespaced) row.emplace_back(key.ns);
    if (named) row.emplace_back(key.name);
    for (TextCell& cell : columns.cells(object, wallNow())) row.push_back(std::move(cell));
    table.add(std::move(row));
  }
  return table;
}

void sortForPeople(const std::string& kind, std::vector<api::Object>& objects) {
  if (kind == "Event") {
    std::ranges::stable_sort(objects, {}, [](const api::Object& object) {
      return object.event().last_timestamp().unix_ms();
    });
  } else if (kind == "HistoryEntry") {
    std::ranges::stable_sort(objects, std::greater<>(), [](const api::Object& object) {
      return object.history_entry().started_at().unix_ms();
    });
  } else if (kind == "AuditRecord") {
    std::ranges::stable_sort(objects, {}, [](const api::Object& object) {
      return object.audit_record().at().unix_ms();
    });
  } else if (kind == "Plan") {
    std::ranges::stable_sort(objects, std::greater<>(), [](const api::Object& object) {
      return object.plan().created_at().unix_ms();
    });
  }
}

void show(Session& session, const std::string& kind, std::vector<api::Object> objects,
          const std::string& output) {
  sortForPeople(kind, objects);
  if (output == "yaml" || output == "json") {
    session.terminal().print(formatObjects(objects, output == "json"));
  } else if (output == "name") {
    for (const api::Object& object : objects)
      session.terminal().printLine(client::keyOf(object).name);
  } else if (objects.empty()) {
    session.terminal().complain("nothing found");
  } else {
    session.terminal().print(tableOf(kind, objects, output == "wide").format(session.terminal()));
  }
}

/// Prints the table once, then a row whenever an object changes.
absl::StatusOr<int> watchTable(Session& session, const std::string& kind,
                               const GetOptions& options) {
  client::Table shown;
  bool first = true;
  return session.follow(
      {kind}, session.ns, std::chrono::seconds(0),
      [&](const client::LiveCache& cache) -> std::optional<int> {
        std::vector<api::Object> changed;
        for (const auto& [key, object] : cache.table(client::kindOf(kind))) {
          if (!options.name.empty() && key.name != options.name) continue;
          client::ObjectPtr& before = shown[key];
          if (before != object) changed.push_back(*object);
          before = object;
        }
        if (!changed.empty()) {
          session.terminal().print(
              tableOf(kind, changed, options.output == "wide").format(session.terminal(), first));
          first = false;
        }
        return std::nullopt;
      });
}

absl::StatusOr<int> get(Session& session, const GetOptions& options) {
  GANTRY_ASSIGN_OR_RETURN(const std::string kind, kindFrom(options.kindWord));
  if (options.watch) return watchTable(session, kind, options);
  GANTRY_ASSIGN_OR_RETURN(std::vector<api::Object> objects,
                          session.list(kind, session.ns, options.name, options.selector));
  if (objects.empty() && !options.name.empty()) {
    return absl::NotFoundError(absl::StrCat("there is no ", kind, " \"", options.name, "\""));
  }
  show(session, kind, std::move(objects), options.output);
  return kOk;
}

absl::StatusOr<int> describe(Session& session, const GetOptions& options) {
  GANTRY_ASSIGN_OR_RETURN(const std::string kind, kindFrom(options.kindWord));
  GANTRY_ASSIGN_OR_RETURN(const api::Object object, session.findOne(kind, options.name));
  Terminal& terminal = session.terminal();
  terminal.print(tableOf(kind, {object}, true).format(terminal));
  terminal.printLine("");
  terminal.print(formatObjects({object}, false));
  const client::Key key = client::keyOf(object);
  GANTRY_ASSIGN_OR_RETURN(const std::vector<api::Object> all, session.list("Event", key.ns));
  std::vector<api::Object> events;
  std::ranges::copy_if(all, std::back_inserter(events), [&](const api::Object& candidate) {
    return candidate.event().object_kind() == kind && candidate.event().object_name() == key.name;
  });
  terminal.printLine("");
  terminal.printLine(terminal.bold("Events"));
  if (events.empty()) terminal.printLine("none");
  if (!events.empty()) show(session, "Event", std::move(events), "table");
  return kOk;
}

std::string plural(std::size_t count, const char* noun) {
  return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
}

/// What stands in the way of "all is well", one line each.
void printExceptions(const Terminal& terminal, const client::LiveCache& cache) {
  for (const auto& [key, object] : cache.table(client::Kind::kNode)) {
    const client::NodeHealth health = client::nodeHealth(object->node());
    if (health.tone == client::Tone::kGood) continue;
    terminal.printLine(absl::StrCat("  ", terminal.tinted(health.status, health.tone), " node ",
                                    key.name, ": ", health.why));
  }
  for (const auto& [key, object] : cache.table(client::Kind::kDeployment)) {
    const client::DeploymentHealth health = client::deploymentHealth(object->deployment());
    if (health.tone == client::Tone::kGood) continue;
    terminal.printLine(absl::StrCat("  ", terminal.tinted(health.status, health.tone),
                                    " deployment ", key.ns, "/", key.name, ": ", health.why));
  }
  for (const auto& [key, object] : cache.table(client::Kind::kJob)) {
    const client::JobHealth health = client::jobHealth(object->job(), {});
    if (health.tone != client::Tone::kBad) continue;
    terminal.printLine(absl::StrCat("  ", terminal.tinted(health.status, health.tone), " job ",
                                    key.ns, "/", key.name, ": ", health.why));
  }
}

int printStatus(Session& session, const api::ServerInfo& info, const client::LiveCache& cache) {
  Terminal& terminal = session.terminal();
  std::size_t readyNodes = 0;
  for (const auto& [key, object] : cache.table(client::Kind::kNode)) {
    readyNodes += client::nodeHealth(object->node()).ready ? 1 : 0;
  }
  std::size_t readyPods = 0, pods = 0;
  for (const auto& [key, object] : cache.table(client::Kind::kPod)) {
    const std::string& phase = object->pod().status().phase();
    // What has ended, as the pods of a Job do, is not to be ready.
    if (phase == "Succeeded" || phase == "Failed") continue;
    ++pods;
    readyPods += client::podHealth(object->pod()).isReady() ? 1 : 0;
  }
  const std::size_t nodes = cache.table(client::Kind::kNode).size();
  // Each role may what those before it may.
  const std::string role = info.roles().empty() ? "none" : *info.roles().rbegin();
  terminal.printLine(absl::StrCat(terminal.bold(info.cluster()), "   gantry ", info.version(),
                                  "   you: ", info.identity(), ", role ", role));
  terminal.printLine(absl::StrCat(readyNodes, "/", plural(nodes, "node"), " ready   ", readyPods,
                                  "/", plural(pods, "pod"), " ready"));
  printExceptions(terminal, cache);
  std::vector<api::Object> applications;
  for (const auto& [key, object] : cache.table(client::Kind::kApplication)) {
    applications.push_back(*object);
  }
  terminal.printLine("");
  if (applications.empty()) {
    terminal.printLine("no Applications yet");
  } else {
    terminal.print(tableOf("Application", applications, false).format(terminal));
  }
  std::vector<std::string> waiting;
  for (const auto& [key, object] : cache.table(client::Kind::kPlan)) {
    const api::Plan& plan = object->plan();
    if (plan.state() != api::PENDING) continue;
    waiting.push_back(absl::StrCat("  ", plan.application(), ": ",
                                   describeRevision(plan.revision()), ", ",
                                   plural(static_cast<std::size_t>(plan.changes_size()), "change"),
                                   " — gantry plan ", plan.application()));
  }
  if (!waiting.empty()) {
    terminal.printLine("");
    terminal.printLine(terminal.tinted("Waiting for approval", client::Tone::kWarning));
    for (const std::string& line : waiting) terminal.printLine(line);
  }
  return kOk;
}

absl::StatusOr<int> status(Session& session, bool watch) {
  GANTRY_ASSIGN_OR_RETURN(
      const api::ServerInfo info,
      session.call(&client::Connection::getServerInfo, api::GetServerInfoRequest()));
  std::uint64_t shown = 0;
  return session.follow({"Node", "Pod", "Deployment", "Application", "Plan"}, session.ns,
                        std::chrono::seconds(0),
                        [&](const client::LiveCache& cache) -> std::optional<int> {
                          if (cache.revision() == shown && shown != 0) return std::nullopt;
                          shown = cache.revision();
                          if (watch && session.terminal().isInteractive()) {
                            session.terminal().print("\x1b[H\x1b[2J");
                          }
                          const int code = printStatus(session, info, cache);
                          return watch ? std::nullopt : std::optional<int>(code);
                        });
}

absl::StatusOr<int> version(Session& session) {
  session.terminal().printLine("gantry " GANTRY_VERSION);
  const absl::StatusOr<api::ServerInfo> info =
      session.call(&client::Connection::getServerInfo, api::GetServerInfoRequest());
  if (info.ok()) session.terminal().printLine(absl::StrCat("controller ", info->version()));
  return kOk;
}

}  // namespace

void addReadCommands(CLI::App& app, Session& session, const Chosen& chosen) {
  CLI::App* statusCommand =
      app.add_subcommand("status", "What runs, what is not well, and what waits for you");
  auto watch = std::make_shared<bool>(false);
  statusCommand->add_flag("-w,--watch", *watch, "Stay, and show it anew when it changes");
  statusCommand->callback(
      [&session, chosen, watch] { chosen([&session, watch] { return status(session, *watch); }); });

  auto options = std::make_shared<GetOptions>();
  CLI::App* getCommand = app.add_subcommand("get", "List objects of a kind, or show one");
  getCommand->add_option("kind", options->kindWord, "pods, applications, plans, holds, audit, …")
      ->required();
  getCommand->add_option("name", options->name, "Only the object of this name");
  getCommand->add_option("-l,--selector", options->selector,
                         "Only with these labels: app=front,tier!=back");
  getCommand->add_option("-o,--output", options->output, "table, wide, yaml, json, name")
      ->check(CLI::IsMember({"table", "wide", "yaml", "json", "name"}));
  getCommand->add_flag("-w,--watch", options->watch, "Stay, and print what changes");
  getCommand->callback([&session, chosen, options] {
    chosen([&session, options] { return get(session, *options); });
  });

  auto described = std::make_shared<GetOptions>();
  CLI::App* describeCommand =
      app.add_subcommand("describe", "Everything about one object, with its events");
  describeCommand->add_option("kind", described->kindWord, "pod, deployment, plan, node, …")
      ->required();
  describeCommand->add_option("name", described->name, "Its name")->required();
  describeCommand->callback([&session, chosen, described] {
    chosen([&session, described] { return describe(session, *described); });
  });

  auto events = std::make_shared<GetOptions>();
  events->kindWord = "events";
  CLI::App* eventsCommand =
      app.add_subcommand("events", "What the system did and noticed, oldest first");
  eventsCommand->add_flag("-w,--watch", events->watch, "Stay, and print what comes");
  eventsCommand->callback(
      [&session, chosen, events] { chosen([&session, events] { return get(session, *events); }); });

  app.add_subcommand("version", "Versions of this program and of the controller")
      ->callback([&session, chosen] { chosen([&session] { return version(session); }); });
}

}  // namespace gantry::cli
