// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QTemporaryDir>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>

#include "base/file.h"
#include "base/loop_executor.h"
#include "gitsync/process_git.h"

namespace gantry::support {

/// What a command writes to its standard output; a command that fails ends the test.
inline std::string outputOf(const std::string& command) {
  std::string text;
  FILE* pipe = ::popen(command.c_str(), "r");
  char buffer[4096];
  while (std::size_t count = std::fread(buffer, 1, sizeof buffer, pipe)) text.append(buffer, count);
  const int status = ::pclose(pipe);
  if (status != 0) qFatal("%s: exit status %d", command.c_str(), status);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

/// A real bare repository with a checkout, and a gitsync::Git to look at it with.
class GitFixture {
 public:
  GitFixture() : root(dir_.path().toStdString()) {
    outputOf("git init -q --bare -b main " + bare().string());
    outputOf("git -C " + bare().string() + " config http.receivepack true");
    outputOf("git init -q -b main " + work().string());
    git("remote add origin " + bare().string());
    start();
  }

  std::filesystem::path bare() const { return root / "repositories" / "shop.git"; }
  std::filesystem::path work() const { return root / "work"; }

  /// Makes `client` anew, without its mirror if asked.
  void start(bool forget = false) {
    client.reset();
    if (forget) std::filesystem::remove_all(root / "mirrors");
    client = gitsync::makeProcessGit(executor, {.program = GANTRY_GIT_PROGRAM,
                                                .mirrorRoot = root / "mirrors",
                                                .credentialsFile = credentialsFile,
                                                .signingKeyFile = signingKeyFile,
                                                .deadline = deadline});
  }

  /// Gives credentials, as YAML.
  void setCredentials(const std::string& yaml) {
    credentialsFile = write("credentials.yaml", yaml, 0644);
    start(true);
  }

  /// Writes a file below the root; its path.
  std::string write(const std::string& name, const std::string& content, unsigned mode = 0600) {
    if (!base::writeFileAtomically(root / name, content, mode).ok()) qFatal("cannot write");
    return (root / name).string();
  }

  std::string git(const std::string& arguments) const {
    return outputOf("git -C " + work().string() +
                    " -c user.name=Ana -c user.email=ana@example.com " + arguments);
  }

  /// Writes a file, commits with these options of git and pushes; the commit's id. Without a
  /// message the content is one.
  std::string commit(const std::string& path, const std::string& content,
                     const std::string& options = "", const std::string& message = "") {
    std::filesystem::create_directories((work() / path).parent_path());
    if (!base::writeFileAtomically(work() / path, content + "\n").ok()) qFatal("cannot write");
    git("add -A");
    git(options + " commit -q -m '" + (message.empty() ? content : message) + "'");
    git("push -q origin HEAD");
    return git("rev-parse HEAD");
  }

  /// Runs the loop until the call has answered.
  template <class T>
  absl::StatusOr<T> await(const std::function<void(gitsync::Git::Callback<T>)>& call) {
    std::optional<absl::StatusOr<T>> answer;
    call([&](absl::StatusOr<T> result) {
      answer = std::move(result);
      executor.stop();
    });
    executor.run();
    return std::move(*answer);
  }

  absl::StatusOr<gitsync::Fetched> fetch(const std::string& url, const std::string& ca = "") {
    return await<gitsync::Fetched>(
        [&](auto done) { client->fetch({url, ca}, "main", std::string("apps"), done); });
  }

 private:
  QTemporaryDir dir_;

 public:
  const std::filesystem::path root;
  std::filesystem::path credentialsFile;
  std::filesystem::path signingKeyFile;
  base::Duration deadline{30'000};
  base::LoopExecutor executor;
  std::unique_ptr<gitsync::Git> client;
};

}  // namespace gantry::support
