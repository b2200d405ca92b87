// SPDX-License-Identifier: Apache-2.0
// gantry-git: carries out one Git operation for the controller, then ends. It is a process of its
// own so that it can be killed when a remote hangs, and limited in memory.
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <string>

#include "gitsync/child.pb.h"
#include "gitsync/remote.h"

namespace {

void limitMemory(std::uint64_t bytes) {
  const rlimit limit = {bytes, bytes};
  if (bytes > 0 && ::setrlimit(RLIMIT_AS, &limit) != 0) std::perror("setrlimit");
}

}  // namespace

int main(int argc, char**) {
  using gantry::gitsync::child::Request;
  using gantry::gitsync::child::Response;
  if (argc > 1 || ::isatty(STDIN_FILENO) != 0) {
    std::cerr << "gantry-git is started by gantry-controller; there is nothing to do by hand\n";
    return 2;
  }
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const std::string input(std::istreambuf_iterator<char>(std::cin), {});
  Request request;
  if (!request.ParseFromString(input)) {
    std::cerr << "the request cannot be read\n";
    return 2;
  }
  limitMemory(request.memory_limit());
  Response response;
  if (const absl::StatusOr<std::string> commit = gantry::gitsync::runRequest(request);
      commit.ok()) {
    response.set_commit(*commit);
  } else {
    response.set_code(commit.status().raw_code());
    response.set_error(std::string(commit.status().message()));
  }
  return response.SerializeToOstream(&std::cout) ? 0 : 1;
}
