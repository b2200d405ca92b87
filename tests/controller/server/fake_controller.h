// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "controller/loops/controller.h"

namespace gantry::tests {

/// What the server has told the controller. The test links this loops::Controller, which only
/// writes down, in place of the real one. Any thread.
class ControllerDiary {
 public:
  void write(const std::string& line);
  /// Waits for the line; false if it has not come within ten seconds.
  bool waitFor(const std::string& line);
  std::vector<std::string> lines();

 private:
  std::mutex mutex_;
  std::condition_variable written_;
  std::vector<std::string> lines_;
};

/// That of the test that runs; a new one for each controller.
ControllerDiary& controllerDiary();

}  // namespace gantry::tests
