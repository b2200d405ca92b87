// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "controller/notify/notice.h"

namespace gantry::notify {

/// A notice that one Notification is still to be told of.
struct Waiting {
  /// Name of the Notification, in the Project of the notice.
  std::string notification;
  /// The same for every try, also after a restart.
  std::string id;
  Notice notice;
};

/// As it is stored: a WaitingNotice. Holds no address and no secret. Pure.
std::string encode(const Waiting& waiting);

/// False: these are not the bytes of a WaitingNotice. Pure.
bool decode(const std::string& bytes, Waiting& waiting);

}  // namespace gantry::notify
