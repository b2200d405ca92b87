// SPDX-License-Identifier: Apache-2.0
// context list, use, import, remove: which control plane, and as whom.
#include <CLI/CLI.hpp>
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "app/cli/commands/commands.h"
#include "base/status.h"

namespace gantry::cli {
namespace {

/// The file of all contexts; empty if there is none yet.
absl::StatusOr<client::ContextFile> loadOrEmpty() {
  absl::StatusOr<client::ContextFile> file = client::loadContexts(client::defaultContextPath());
  if (absl::IsNotFound(file.status())) return client::ContextFile();
  return file;
}

absl::Status requireContext(const client::ContextFile& file, const std::string& name) {
  if (file.find(name) != nullptr) return absl::OkStatus();
  return absl::NotFoundError(
      absl::StrCat("there is no context \"", name, "\"; `gantry context list` shows all"));
}

absl::StatusOr<int> list(Session& session) {
  GANTRY_ASSIGN_OR_RETURN(const client::ContextFile file, loadOrEmpty());
  TextTable table({"", "NAME", "SERVER", "MODE"});
  for (const client::Context& context : file.contexts) {
    table.add({TextCell(context.name == file.currentContext ? "*" : " ", client::Tone::kGood),
               TextCell(context.name), TextCell(context.server),
               TextCell(context.readOnly     ? "read-only"
                        : context.production ? "production"
                                             : "")});
  }
  if (table.empty())
    session.terminal().complain("no contexts; add one with `gantry context import FILE`");
  if (!table.empty()) session.terminal().print(table.format(session.terminal()));
  return kOk;
}

absl::StatusOr<int> use(Session& session, const std::string& name) {
  GANTRY_ASSIGN_OR_RETURN(client::ContextFile file, loadOrEmpty());
  GANTRY_RETURN_IF_ERROR(requireContext(file, name));
  file.currentContext = name;
  GANTRY_RETURN_IF_ERROR(client::saveContexts(client::defaultContextPath(), file));
  session.terminal().printLine(absl::StrCat("using ", name));
  return kOk;
}

absl::StatusOr<int> import(Session& session, const std::string& path, const std::string& name) {
  GANTRY_ASSIGN_OR_RETURN(client::ContextFile added, client::loadContexts(path));
  if (!name.empty() && added.contexts.size() == 1) {
    added.contexts.front().name = name;
    added.currentContext = name;
  }
  GANTRY_ASSIGN_OR_RETURN(client::ContextFile file, loadOrEmpty());
  client::mergeContexts(file, added);
  GANTRY_RETURN_IF_ERROR(client::saveContexts(client::defaultContextPath(), file));
  for (const client::Context& context : added.contexts) {
    session.terminal().printLine(
        absl::StrCat("imported ", context.name, " (", context.server, ")"));
  }
  return kOk;
}

absl::StatusOr<int> remove(Session& session, const std::string& name) {
  GANTRY_ASSIGN_OR_RETURN(client::ContextFile file, loadOrEmpty());
  GANTRY_RETURN_IF_ERROR(requireContext(file, name));
  std::erase_if(file.contexts,
                [&](const client::Context& context) { return context.name == name; });
  if (file.currentContext == name) file.currentContext.clear();
  GANTRY_RETURN_IF_ERROR(client::saveContexts(client::defaultContextPath(), file));
  session.terminal().printLine(absl::StrCat("removed ", name));
  return kOk;
}

}  // namespace

void addContextCommands(CLI::App& app, Session& session, const Chosen& chosen) {
  CLI::App* context =
      app.add_subcommand("context", "Which control plane is spoken to, and as whom");
  context->require_subcommand(1);
  context->add_subcommand("list", "All contexts; the one in use is marked")
      ->callback([&session, chosen] { chosen([&session] { return list(session); }); });

  auto name = std::make_shared<std::string>();
  auto path = std::make_shared<std::string>();
  CLI::App* useCommand = context->add_subcommand("use", "Use a context from now on");
  useCommand->add_option("name", *name, "Its name")->required();
  useCommand->callback(
      [&session, chosen, name] { chosen([&session, name] { return use(session, *name); }); });

  CLI::App* importCommand = context->add_subcommand("import", "Add the contexts of a file");
  importCommand->add_option("file", *path, "A context file, such as the controller's admin.context")
      ->required();
  importCommand->add_option("--name", *name, "Call it so here");
  importCommand->callback([&session, chosen, name, path] {
    chosen([&session, name, path] { return import(session, *path, *name); });
  });

  CLI::App* removeCommand = context->add_subcommand("remove", "Forget a context");
  removeCommand->add_option("name", *name, "Its name")->required();
  removeCommand->callback(
      [&session, chosen, name] { chosen([&session, name] { return remove(session, *name); }); });
}

}  // namespace gantry::cli
