// SPDX-License-Identifier: Apache-2.0
// git_poll: how long it takes from a push that Gantry was told of until every Application of one
// repository was looked at again. Makes a repository of its own with `git`, on local disk.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/loop_executor.h"
#include "gitsync/process_git.h"

using namespace gantry;
namespace fs = std::filesystem;

namespace {

bool shell(const std::string& command) {
  return std::system((command + " >/dev/null").c_str()) == 0;
}

std::string folderOf(int application) {
  return absl::StrCat("apps/app-", application);
}

/// A commit that adds every folder, then one for each change.
bool build(const fs::path& root, int applications, int commits) {
  std::string stream;
  const auto commit = [&](const std::string& files) {
    absl::StrAppend(&stream, "commit refs/heads/main\ncommitter Ana <ana@example.com> 1 +0000\n",
                    "data 1\nx\n", files, "\n");
  };
  const auto file = [](int application, int version) {
    const std::string content = absl::StrCat("version: ", version, "\n");
    return absl::StrCat("M 644 inline ", folderOf(application), "/a.yaml\ndata ", content.size(),
                        "\n", content);
  };
  std::string all;
  for (int i = 0; i < applications; ++i) absl::StrAppend(&all, file(i, 0));
  commit(all);
  for (int i = 1; i < commits; ++i) commit(file(i % applications, i));
  return base::writeFileAtomically(root / "stream", stream).ok() &&
         shell("git init -q --bare -b main " + (root / "shop.git").string()) &&
         shell("git -C " + (root / "shop.git").string() + " fast-import --quiet <" +
               (root / "stream").string());
}

/// Adds a commit that changes one folder.
bool push(const fs::path& root, int application, int version) {
  const std::string content = absl::StrCat("pushed: ", version, "\n");
  const std::string stream =
      absl::StrCat("commit refs/heads/main\ncommitter Ana <ana@example.com> 2 +0000\ndata 1\nx\n",
                   "from refs/heads/main^0\nM 644 inline ", folderOf(application), "/a.yaml\ndata ",
                   content.size(), "\n", content, "\n");
  return base::writeFileAtomically(root / "stream", stream).ok() &&
         shell("git -C " + (root / "shop.git").string() + " fast-import --quiet <" +
               (root / "stream").string());
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"From a push to every Application looked at again"};
  std::string program;
  int applications = 1'000;
  int commits = 2'000;
  int rounds = 5;
  app.add_option("--git-program", program, "gantry-git")->required();
  app.add_option("--applications", applications)->capture_default_str();
  app.add_option("--commits", commits, "In the history before")->capture_default_str();
  app.add_option("--rounds", rounds)->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  std::string folder = (fs::temp_directory_path() / "gantry-git-poll-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr || !build(folder, applications, commits)) {
    std::cerr << "the repository cannot be made\n";
    return 1;
  }
  base::LoopExecutor executor;
  auto git = gitsync::makeProcessGit(
      executor, {.program = program, .mirrorRoot = fs::path(folder) / "mirrors"});
  int changed = 0;
  std::vector<std::string> last(applications);
  const auto look = [&](const char* what) {
    const auto begin = std::chrono::steady_clock::now();
    int left = applications;
    changed = 0;
    for (int i = 0; i < applications; ++i) {
      git->fetch({folder + "/shop.git", ""}, "main", folderOf(i),
                 [&, i](absl::StatusOr<gitsync::Fetched> fetched) {
                   if (!fetched.ok()) {
                     std::cerr << fetched.status() << "\n";
                     std::exit(1);
                   }
                   if (std::exchange(last[i], fetched->lastChange.id) != fetched->lastChange.id) {
                     ++changed;
                   }
                   if (--left == 0) executor.stop();
                 });
    }
    executor.run();
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    std::printf("%-28s %5d Applications, %4d changed: %8.1f ms\n", what, applications, changed,
                took.count());
  };
  look("first look (clone)");
  for (int i = 0; i < rounds; ++i) {
    if (!push(folder, i, i)) return 1;
    look("push that changes one");
  }
  look("nothing new");
  git.reset();
  fs::remove_all(folder);
  return 0;
}
