// SPDX-License-Identifier: Apache-2.0
// completion: scripts for bash, zsh and fish, made from the commands themselves.
#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "app/cli/columns.h"
#include "app/cli/commands/commands.h"

namespace gantry::cli {
namespace {

std::vector<std::string> wordsAfter(const CLI::App& command) {
  std::vector<std::string> words;
  for (const CLI::App* sub : command.get_subcommands({})) words.push_back(sub->get_name());
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
  }
  const std::string& name = command.get_name();
  if (name == "get" || name == "describe") {
    for (std::string& kind : kindWords()) words.push_back(std::move(kind));
  }
  return words;
}

/// One "command) words" case for each command and, as "rollout pause", each below it.
std::string casesOf(const CLI::App& app, const std::string& prefix) {
  std::string text;
  for (const CLI::App* sub : app.get_subcommands({})) {
    const std::string path = prefix.empty() ? sub->get_name() : prefix + " " + sub->get_name();
    absl::StrAppend(&text, "    \"", path, "\") words=\"", absl::StrJoin(wordsAfter(*sub), " "),
                    "\" ;;\n", casesOf(*sub, path));
  }
  return text;
}

std::string bashScript(const CLI::App& app) {
  return absl::StrCat(R"(_gantry() {
  local current="${COMP_WORDS[COMP_CWORD]}" path="" words="" word
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* ]] || path="${path:+$path }$word"
  done
  while :; do
    case "$path" in
    "") words=")",
                      absl::StrJoin(wordsAfter(app), " "), "\" ;;\n", casesOf(app, ""), R"(    esac
    [[ -n $words || -z $path ]] && break
    [[ $path == *" "* ]] && path="${path% *}" || path=""
  done
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _gantry gantry
)");
}

std::string zshScript(const CLI::App& app) {
  return "#compdef gantry\nautoload -U +X bashcompinit && bashcompinit\n" + bashScript(app);
}

void appendFish(const CLI::App& app, const std::string& condition, std::string& text) {
  for (const CLI::App* sub : app.get_subcommands({})) {
    absl::StrAppend(&text, "complete -c gantry -f -n '", condition, "' -a ", sub->get_name(),
                    " -d '", sub->get_description(), "'\n");
    const std::string inside = "__fish_seen_subcommand_from " + sub->get_name();
    for (const std::string& word : wordsAfter(*sub)) {
      if (word.starts_with("--")) {
        absl::StrAppend(&text, "complete -c gantry -n '", inside, "' -l ", word.substr(2), "\n");
      } else {
        absl::StrAppend(&text, "complete -c gantry -f -n '", inside, "' -a ", word, "\n");
      }
    }
  }
}

std::string fishScript(const CLI::App& app) {
  std::string text;
  appendFish(app, "__fish_use_subcommand", text);
  return text;
}

}  // namespace

void addCompletionCommand(CLI::App& app, Session& session, const Chosen& chosen) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(
      "completion", "A script that completes gantry's words: source <(gantry completion bash)");
  command->add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->callback([&app, &session, chosen, shell] {
    chosen([&app, &session, shell]() -> absl::StatusOr<int> {
      session.terminal().print(*shell == "bash"  ? bashScript(app)
                               : *shell == "zsh" ? zshScript(app)
                                                 : fishScript(app));
      return kOk;
    });
  });
}

}  // namespace gantry::cli
