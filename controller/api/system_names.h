// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace gantry::api {

/// Where the root Application, Projects and what these use are.
inline constexpr char kSystemNamespace[] = "gantry-system";
/// The Application that the controller makes of the repository it was started with; the others come
/// from there.
inline constexpr char kRootApplication[] = "root";
/// The Project of an Application that names none.
inline constexpr char kDefaultProject[] = "default";

}  // namespace gantry::api
