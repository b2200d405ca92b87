// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "manifests/schema/gantry.pb.h"

// What a Project says about people: the controller decides by it, and clients show it before they
// ask. Pure.
namespace gantry::api {

/// Whether `identity` wrote the commit: by the addresses that the Project (null: none) lists for
/// that person, else by the name, or by what stands before the @ of the address.
inline bool isAuthor(const schema::Project* project, const std::string& identity,
                     const schema::Revision& commit) {
  if (project != nullptr) {
    for (const schema::Person& person : project->spec().people()) {
      const bool listed = std::ranges::any_of(person.emails(), [&](const std::string& email) {
        return absl::EqualsIgnoreCase(email, commit.author_email());
      });
      if (listed) return person.name() == identity;
    }
  }
  const std::string local = commit.author_email().substr(0, commit.author_email().find('@'));
  return absl::EqualsIgnoreCase(commit.author(), identity) ||
         absl::EqualsIgnoreCase(local, identity);
}

/// Who may do that (delivery/project.h names what there is) by a role of the Project. A Project
/// without roles limits nobody.
inline std::set<std::string> membersWith(const schema::Project& project,
                                         const std::string& permission) {
  std::set<std::string> members;
  for (const schema::ProjectRole& role : project.spec().roles()) {
    if (std::ranges::find(role.permissions(), permission) == role.permissions().end()) continue;
    members.insert(role.members().begin(), role.members().end());
  }
  return members;
}

}  // namespace gantry::api
