// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/network/cni_config.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "runtime-agent/network/ipv4.h"

namespace gantry::agent {
namespace {

using google::protobuf::Struct;

void set(Struct& object, const char* key, const std::string& text) {
  (*object.mutable_fields())[key].set_string_value(text);
}

Struct* addObject(Struct& object, const char* key) {
  return (*object.mutable_fields())[key].mutable_list_value()->add_values()->mutable_struct_value();
}

}  // namespace

absl::StatusOr<std::string> cniConfig(const CniOptions& options) {
  if (!isIpv4Range(options.podCidr)) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", options.podCidr, "\" is not a range of IPv4 addresses for pods"));
  }
  Struct config;
  set(config, "cniVersion", "0.4.0");
  set(config, "name", options.name);
  Struct& link = *addObject(config, "plugins");
  set(link, "type", "ptp");
  (*link.mutable_fields())["mtu"].set_number_value(options.mtu);
  // Addresses leave the cluster's range through the service proxy's rules, not through the
  // plugin's.
  (*link.mutable_fields())["ipMasq"].set_bool_value(false);
  Struct& ipam = *(*link.mutable_fields())["ipam"].mutable_struct_value();
  set(ipam, "type", "host-local");
  set(ipam, "dataDir", options.dataFolder);
  auto* ranges = (*ipam.mutable_fields())["ranges"].mutable_list_value();
  set(*ranges->add_values()->mutable_list_value()->add_values()->mutable_struct_value(), "subnet",
      options.podCidr);
  set(*addObject(ipam, "routes"), "dst", "0.0.0.0/0");
  Struct& hostPorts = *addObject(config, "plugins");
  set(hostPorts, "type", "portmap");
  (*(*hostPorts.mutable_fields())["capabilities"]
        .mutable_struct_value()
        ->mutable_fields())["portMappings"]
      .set_bool_value(true);

  std::string text;
  google::protobuf::util::JsonPrintOptions print;
  print.add_whitespace = true;
  GANTRY_CHECK(google::protobuf::util::MessageToJsonString(config, &text, print).ok());
  return text;
}

}  // namespace gantry::agent
