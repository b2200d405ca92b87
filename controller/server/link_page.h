// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gantry::server {

/// A page that says how a plan or an Application is opened, and nothing else: it is the same
/// whether there is such a one or not, since nobody has said who they are.
struct LinkPage {
  std::string html;
  /// Content-Security-Policy that lets nothing in but the page's own style.
  std::string policy;
};

/// The page of "/plans/NAMESPACE/PLAN" and "/applications/NAMESPACE/NAME", the links in
/// notifications (notify::linkTo). None for any other path, and for names that are no DNS names.
/// Pure.
std::optional<LinkPage> linkPage(std::string_view path);

}  // namespace gantry::server
