// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "runtime-agent/session/identity.h"

namespace grpc {
class Channel;
}

namespace gantry::agent {

/// A connection to the controller at "host:port", by mutual TLS with the identity in `folder`; the
/// controller's certificate must be made out for `host`. Made at first use and again whenever it is
/// lost, then with the certificate that the folder holds at that time. A silent peer is noticed
/// after 15 s: keep-alive every 10 s, answered within 5 s.
std::shared_ptr<grpc::Channel> dialController(const std::string& address,
                                              const std::filesystem::path& folder);

/// The same with an identity at hand that is not watched; with an empty certificate, TLS that
/// proves only the controller.
std::shared_ptr<grpc::Channel> dialOnce(const std::string& address, const AgentIdentity& identity);

}  // namespace gantry::agent
