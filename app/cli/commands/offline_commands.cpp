// SPDX-License-Identifier: Apache-2.0
// validate, render, diff: the manifest language, without a controller.
#include <CLI/CLI.hpp>
#include <map>

#include "absl/strings/str_cat.h"
#include "app/cli/commands/commands.h"
#include "app/cli/sources.h"
#include "base/file.h"
#include "base/status.h"
#include "manifests/diff/diff.h"

namespace gantry::cli {
namespace {

struct OfflineOptions {
  std::vector<std::string> paths;
  std::string ns = "default";
  std::string output = "yaml";
  std::vector<std::string> variables = {};
  std::string sopsAgeKeyFile = {};
};

/// "NAME=VALUE", each name once.
absl::StatusOr<std::map<std::string, std::string>> variablesOf(
    const std::vector<std::string>& definitions) {
  std::map<std::string, std::string> variables;
  for (const std::string& definition : definitions) {
    const std::size_t equals = definition.find('=');
    if (equals == std::string::npos || equals == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("--var ", definition, " is not of the form NAME=VALUE"));
    }
    const bool fresh =
        variables.emplace(definition.substr(0, equals), definition.substr(equals + 1)).second;
    if (!fresh) {
      return absl::InvalidArgumentError(
          absl::StrCat("--var ", definition.substr(0, equals), " is given twice"));
    }
  }
  return variables;
}

/// The keys of a file; null if none is named.
absl::StatusOr<std::shared_ptr<const manifests::sops::Identities>> keysOf(const std::string& file) {
  if (file.empty()) return nullptr;
  const absl::StatusOr<std::string> text = base::readFile(file);
  if (!text.ok()) return absl::InvalidArgumentError(text.status().message());
  GANTRY_ASSIGN_OR_RETURN(manifests::sops::Identities keys,
                          manifests::sops::Identities::parse(*text, file));
  return std::make_shared<const manifests::sops::Identities>(std::move(keys));
}

void printDiagnostics(const Terminal& terminal,
                      const std::vector<manifests::Diagnostic>& diagnostics) {
  for (const manifests::Diagnostic& diagnostic : diagnostics)
    terminal.complain(diagnostic.toString());
}

/// Renders, and says what is wrong; INVALID_ARGUMENT if it cannot be used.
absl::StatusOr<manifests::RenderedSet> renderPath(Session& session, const std::string& path,
                                                  const OfflineOptions& options) {
  manifests::RenderOptions how{.defaultNamespace = options.ns};
  GANTRY_ASSIGN_OR_RETURN(how.variables, variablesOf(options.variables));
  GANTRY_ASSIGN_OR_RETURN(how.keys, keysOf(options.sopsAgeKeyFile));
  GANTRY_ASSIGN_OR_RETURN(manifests::RenderedSet set, renderFromDisk(path, how));
  printDiagnostics(session.terminal(), set.diagnostics);
  if (!set.ok()) return absl::AbortedError(absl::StrCat(path, " has errors"));
  return set;
}

absl::StatusOr<int> validate(Session& session, const OfflineOptions& options) {
  std::size_t objects = 0;
  bool failed = false;
  for (const std::string& path : options.paths) {
    const absl::StatusOr<manifests::RenderedSet> set = renderPath(session, path, options);
    if (!set.ok() && !absl::IsAborted(set.status())) return set.status();
    failed = failed || !set.ok();
    if (set.ok()) objects += set->resources.size();
  }
  if (failed) return kFailed;
  session.terminal().printLine(
      absl::StrCat(objects, objects == 1 ? " object is" : " objects are", " valid"));
  return kOk;
}

absl::StatusOr<int> render(Session& session, const OfflineOptions& options) {
  GANTRY_ASSIGN_OR_RETURN(const manifests::RenderedSet set,
                          renderPath(session, options.paths.front(), options));
  std::string text;
  for (const manifests::Resource& resource : set.resources) {
    if (options.output == "json") {
      absl::StrAppend(&text, text.empty() ? "[" : ",\n", manifests::toJson(resource.message()));
    } else {
      absl::StrAppend(&text, text.empty() ? "" : "---\n", manifests::toYaml(resource.message()));
    }
  }
  if (options.output == "json") text += text.empty() ? "[]\n" : "]\n";
  session.terminal().print(text);
  return kOk;
}

std::string formatFieldChange(const manifests::FieldChange& change) {
  return absl::StrCat("    ", change.risk ? "▲ " : "  ", change.path, ": ",
                      change.before.value_or("(not set)"), " → ",
                      change.after.value_or("(not set)"), "\n");
}

absl::StatusOr<int> diff(Session& session, const OfflineOptions& options) {
  GANTRY_ASSIGN_OR_RETURN(const manifests::RenderedSet before,
                          renderPath(session, options.paths[0], options));
  GANTRY_ASSIGN_OR_RETURN(const manifests::RenderedSet after,
                          renderPath(session, options.paths[1], options));
  std::map<manifests::ObjectKey, std::pair<const manifests::Resource*, const manifests::Resource*>>
      pairs;
  for (const manifests::Resource& resource : before.resources)
    pairs[resource.key()].first = &resource;
  for (const manifests::Resource& resource : after.resources)
    pairs[resource.key()].second = &resource;
  std::string text;
  for (const auto& [key, pair] : pairs) {
    const auto& [old, now] = pair;
    if (old == nullptr || now == nullptr) {
      absl::StrAppend(&text, old == nullptr ? "+ create " : "- delete ", key.toString(), "\n");
      continue;
    }
    const auto changes = manifests::diff(&old->message(), &now->message());
    if (changes.empty()) continue;
    absl::StrAppend(&text, "~ change ", key.toString(), "\n");
    for (const manifests::FieldChange& change : changes) text += formatFieldChange(change);
  }
  session.terminal().print(text.empty() ? "no differences\n" : text);
  return text.empty() ? kOk : kDifferent;
}

}  // namespace

void addOfflineCommands(CLI::App& app, Session& session, const Chosen& chosen) {
  using Run = absl::StatusOr<int> (*)(Session&, const OfflineOptions&);
  const auto add = [&](const char* name, const char* help, const char* paths, int least, int most,
                       Run run) {
    auto options = std::make_shared<OfflineOptions>();
    CLI::App* command = app.add_subcommand(name, help);
    command->add_option("paths", options->paths, paths)->required()->expected(least, most);
    command->add_option("--default-namespace", options->ns,
                        "Where objects go that name no namespace");
    command
        ->add_option("--var", options->variables,
                     "NAME=VALUE: what ${NAME} is replaced by; may be given several times")
        ->take_all()
        ->allow_extra_args(false);
    command->add_option("--sops-age-key-file", options->sopsAgeKeyFile,
                        "Keys, as age-keygen writes them, for files that SOPS encrypted");
    command->callback([&session, chosen, options, run] {
      chosen([&session, options, run] { return run(session, *options); });
    });
    return std::pair(command, options);
  };
  add("validate", "Check manifests, without a controller: every error with file, line and column",
      "Files and folders", 1, 1000, validate);
  const auto [renderCommand, rendered] =
      add("render", "What a folder of manifests comes to, defaults included, without a controller",
          "A file or a folder", 1, 1, render);
  renderCommand->add_option("-o,--output", rendered->output, "yaml or json")
      ->check(CLI::IsMember({"yaml", "json"}));
  add("diff", "The fields in which two folders of manifests differ; ends with 4 if they do",
      "Before and after", 2, 2, diff);
}

}  // namespace gantry::cli
