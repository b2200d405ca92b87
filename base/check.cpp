// SPDX-License-Identifier: Apache-2.0
#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace gantry::base {

void checkFailed(const char* file, int line, const char* expression) {
  std::fprintf(stderr, "%s:%d: cannot happen, and did: !(%s)\n", file, line, expression);
  std::abort();
}

}  // namespace gantry::base
