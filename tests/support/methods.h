// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "controller/api/agent.pb.h"
#include "controller/api/control.pb.h"

namespace gantry::support {

/// "/package.Service/Method" of all that can be called over the network.
inline std::vector<std::string> allMethods() {
  std::vector<std::string> methods;
  for (const auto* file :
       {api::LogsRequest::descriptor()->file(), api::JoinRequest::descriptor()->file()}) {
    for (int s = 0; s < file->service_count(); ++s) {
      const auto* service = file->service(s);
      for (int m = 0; m < service->method_count(); ++m) {
        methods.push_back(absl::StrCat("/", service->full_name(), "/", service->method(m)->name()));
      }
    }
  }
  return methods;
}

}  // namespace gantry::support
