// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "controller/delivery/caller.h"
#include "controller/model/state.h"
#include "manifests/render/folder.h"

namespace gantry::delivery {

/// What a member of a Project's role may do.
inline constexpr char kMaySync[] = "sync";
inline constexpr char kMayApprove[] = "approve";
inline constexpr char kMayRollback[] = "rollback";
inline constexpr char kMayHold[] = "hold";
inline constexpr char kMaySuspend[] = "suspend";
inline constexpr char kMayOverride[] = "override";

/// The Project of an Application; null if it is the default one and nobody has written that.
const schema::Project* projectOf(const schema::Application& application, const model::State& state);

/// Why the Application, or an object of the set, is outside what its Project allows: one line each,
/// with the place in the manifest. `repository` is the URL that it comes from; a Project that is
/// missing is an error as well. Only the root Application may hold Projects, and Applications of
/// another Project than its own. Pure.
std::vector<std::string> outsideProject(const schema::Application& application,
                                        const std::string& repository,
                                        const manifests::RenderedSet& set,
                                        const model::State& state);

/// The Project of that name (empty: the default one); null if it is not there.
const schema::Project* findProject(const std::string& name, const model::State& state);

/// The roles of the Project that `identity` is a member of; none if `project` is null.
std::vector<std::string> rolesOf(const schema::Project* project, const std::string& identity);

/// Whether the Project (null: no) has a role of that name with at least one member.
bool hasMembers(const schema::Project* project, const std::string& role);

/// Whether the caller may do that in the Project; in none (null), as in one without roles, whatever
/// the certificate allows. Error: PERMISSION_DENIED, with who may.
absl::Status authorise(const schema::Project* project, const Caller& caller,
                       const std::string& permission);

/// The same in the Application's Project. The server has checked the role of the certificate; this
/// checks the Project's.
absl::Status authorise(const schema::Application& application, const Caller& caller,
                       const std::string& permission, const model::State& state);

}  // namespace gantry::delivery
