// SPDX-License-Identifier: Apache-2.0
// gantry-git: carries out one Git operation for the controller, then ends. It is a process of its
// own so that it can be killed when a remote hangs, and limited in memory.
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <string>

#include "gitsync/child.pb.h"
#include "gitsync/remote.h"
#include "gitsync/secret_file.h"

namespace {

void limitMemory(std::uint64_t bytes) {
  const rlimit limit = {bytes, bytes};
  if (bytes > 0 && ::setrlimit(RLIMIT_AS, &limit) != 0) std::perror("setrlimit");
}

using gantry::gitsync::child::Request;
using gantry::gitsync::child::Response;

Response carryOut(const Request& request) {
  absl::StatusOr<Response> response = gantry::gitsync::runRequest(request);
  if (response.ok()) return *std::move(response);
  Response error;
  error.set_code(response.status().raw_code());
  error.set_error(std::string(response.status().message()));
  return error;
}

/// ssh asks for the passphrase of a key.
int sayPassphrase(const std::string& file) {
  const absl::StatusOr<std::string> passphrase = gantry::gitsync::readSecretFile(file);
  if (!passphrase.ok()) {
    std::cerr << passphrase.status().message() << "\n";
    return 1;
  }
  std::cout << *passphrase << "\n";
  return 0;
}

}  // namespace

int main(int argc, char**) {
  if (const char* file = std::getenv("GANTRY_GIT_PASSPHRASE_FILE")) return sayPassphrase(file);
  if (argc > 1 || ::isatty(STDIN_FILENO) != 0) {
    std::cerr << "gantry-git is started by gantry-controller; there is nothing to do by hand\n";
    return 2;
  }
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::signal(SIGPIPE, SIG_IGN);
  const std::string input(std::istreambuf_iterator<char>(std::cin), {});
  Request request;
  if (!request.ParseFromString(input)) {
    std::cerr << "the request cannot be read\n";
    return 2;
  }
  limitMemory(request.memory_limit());
  return carryOut(request).SerializeToOstream(&std::cout) ? 0 : 1;
}
