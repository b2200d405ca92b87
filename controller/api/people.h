// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "controller/api/records.pb.h"
#include "manifests/schema/gantry.pb.h"

// What a Project says about people: the controller decides by it, and clients show it before they
// ask. Pure.
namespace gantry::api {

/// Whether `identity` is who wrote commits under that name and address: by the addresses that the
/// Project (null: none) lists for that person, else by the name, or by what stands before the @ of
/// the address.
inline bool isAuthor(const schema::Project* project, const std::string& identity,
                     const std::string& name, const std::string& email) {
  if (project != nullptr) {
    for (const schema::Person& person : project->spec().people()) {
      const bool listed = std::ranges::any_of(person.emails(), [&](const std::string& each) {
        return absl::EqualsIgnoreCase(each, email);
      });
      if (listed) return person.name() == identity;
    }
  }
  return absl::EqualsIgnoreCase(name, identity) ||
         absl::EqualsIgnoreCase(email.substr(0, email.find('@')), identity);
}

/// Whether `identity` wrote the commit, or signed it with a key that the Project lists under that
/// name.
inline bool isAuthor(const schema::Project* project, const std::string& identity,
                     const schema::Revision& commit) {
  return isAuthor(project, identity, commit.author(), commit.author_email()) ||
         absl::EqualsIgnoreCase(commit.signed_by(), identity);
}

/// What of the plan's commits `identity` wrote, for people: "commit 1a2b3c4d", "some of the 20
/// older commits". Empty: nothing.
inline std::string writtenBy(const Plan& plan, const schema::Project* project,
                             const std::string& identity) {
  for (const schema::Revision& commit : plan.commits()) {
    if (isAuthor(project, identity, commit)) return "commit " + commit.commit().substr(0, 8);
  }
  const bool older = std::ranges::any_of(plan.older_authors(), [&](const Author& author) {
    return isAuthor(project, identity, author.name(), author.email());
  });
  if (!older) return {};
  return "some of the " + std::to_string(plan.older_commits()) + " older commits";
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
