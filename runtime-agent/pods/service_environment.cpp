// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/pods/service_environment.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace gantry::agent {
namespace {

std::string variableName(const std::string& name) {
  return absl::AsciiStrToUpper(absl::StrReplaceAll(name, {{"-", "_"}}));
}

}  // namespace

std::vector<std::pair<std::string, std::string>> serviceEnvironment(
    const std::vector<api::Endpoints>& services) {
  std::vector<std::pair<std::string, std::string>> variables;
  for (const api::Endpoints& service : services) {
    const std::string& ip = service.cluster_ip();
    if (ip.empty() || ip == "None" || service.ports().empty()) continue;
    const std::string name = variableName(service.name());
    variables.emplace_back(name + "_SERVICE_HOST", ip);
    variables.emplace_back(name + "_SERVICE_PORT", absl::StrCat(service.ports(0).port()));
    for (const api::Endpoints::Port& port : service.ports()) {
      if (port.name().empty()) continue;
      variables.emplace_back(absl::StrCat(name, "_SERVICE_PORT_", variableName(port.name())),
                             absl::StrCat(port.port()));
    }
    for (const api::Endpoints::Port& port : service.ports()) {
      const std::string protocol = port.protocol().empty() ? "TCP" : port.protocol();
      const std::string url =
          absl::StrCat(absl::AsciiStrToLower(protocol), "://", ip, ":", port.port());
      if (&port == &service.ports(0)) variables.emplace_back(name + "_PORT", url);
      const std::string prefix = absl::StrCat(name, "_PORT_", port.port(), "_", protocol);
      variables.emplace_back(prefix, url);
      variables.emplace_back(prefix + "_PROTO", absl::AsciiStrToLower(protocol));
      variables.emplace_back(prefix + "_PORT", absl::StrCat(port.port()));
      variables.emplace_back(prefix + "_ADDR", ip);
    }
  }
  return variables;
}

}  // namespace gantry::agent
