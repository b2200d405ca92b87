// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "controller/api/records.pb.h"

namespace gantry::test {

/// A Service shop/<name> with one TCP port 80 whose ready endpoints listen on 8080.
inline api::Endpoints service(const std::string& name, const std::string& clusterIp,
                              const std::vector<std::string>& ready, int nodePort = 0) {
  api::Endpoints service;
  service.set_namespace_("shop");
  service.set_name(name);
  service.set_cluster_ip(clusterIp);
  for (const std::string& ip : ready) {
    api::Endpoints::Address* address = service.add_addresses();
    address->set_ip(ip);
    address->set_ready(true);
  }
  api::Endpoints::Port* port = service.add_ports();
  port->set_protocol("TCP");
  port->set_port(80);
  port->set_target_port(8080);
  port->set_node_port(nodePort);
  return service;
}

}  // namespace gantry::test
