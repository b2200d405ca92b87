// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace gantry::cli {

/// The program `gantry`, as a function: reads the command line, does what it says, and answers the
/// exit code (ExitCode in session.h).
int run(int argc, const char* const* argv);

}  // namespace gantry::cli
