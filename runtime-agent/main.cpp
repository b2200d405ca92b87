// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "runtime-agent/node/daemon.h"
#include "runtime-agent/node/options.h"

int main(int argc, char** argv) {
  int exitCode = 0;
  const auto options = gantry::agent::parseOptions(argc, argv, exitCode);
  if (!options) return exitCode;
  gantry::base::startLog("gantry-agent", options->logLevel);
  const absl::Status status =
      options->leave ? gantry::agent::leaveNode(*options) : gantry::agent::runAgent(*options);
  if (status.ok()) return 0;
  std::cerr << "gantry-agent: " << status.message() << '\n';
  return 1;
}
