// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/project.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/pattern.h"
#include "controller/api/people.h"
#include "controller/api/system_names.h"
#include "controller/delivery/settings.h"

namespace gantry::delivery {
namespace {

bool allows(const google::protobuf::RepeatedPtrField<std::string>& patterns,
            const std::string& text) {
  return patterns.empty() || std::ranges::any_of(patterns, [&](const std::string& pattern) {
           return base::matchesPattern(pattern, text);
         });
}

bool contains(const google::protobuf::RepeatedPtrField<std::string>& texts,
              const std::string& text) {
  return std::ranges::find(texts, text) != texts.end();
}

const std::string& projectName(const schema::Application& application) {
  static const std::string standard = api::kDefaultProject;
  return application.spec().project().empty() ? standard : application.spec().project();
}

/// Why `holder` may not hold that Application or Project; empty if it may. Else who is let into one
/// Project could write into another, or lift the limits of their own.
std::string notToHold(const schema::Application& holder, const manifests::Resource& resource) {
  static const std::string root = absl::StrCat(api::kSystemNamespace, "/", api::kRootApplication);
  if (fullName(holder) == root) return {};
  if (resource.as<schema::Project>() != nullptr) {
    return absl::StrCat("only ", root, " may hold Projects; move it to its folder");
  }
  const auto* held = resource.as<schema::Application>();
  if (held == nullptr || projectName(*held) == projectName(holder)) return {};
  return absl::StrCat("is of Project ", projectName(*held), ", but ", fullName(holder),
                      ", which holds it, is of Project ", projectName(holder),
                      "; write spec.project: ", projectName(holder),
                      ", or move it to the folder of ", root);
}

std::vector<std::string> wronglyHeld(const schema::Application& holder,
                                     const manifests::RenderedSet& set) {
  std::vector<std::string> errors;
  for (const manifests::Resource& resource : set.resources) {
    const std::string why = notToHold(holder, resource);
    if (why.empty()) continue;
    errors.push_back(
        absl::StrCat(resource.location().toString(), ": ", resource.key().toString(), ": ", why));
  }
  return errors;
}

}  // namespace

const schema::Project* findProject(const std::string& name, const model::State& state) {
  return state.projects.find({api::kSystemNamespace, name.empty() ? api::kDefaultProject : name});
}

const schema::Project* projectOf(const schema::Application& application,
                                 const model::State& state) {
  return findProject(application.spec().project(), state);
}

std::vector<std::string> outsideProject(const schema::Application& application,
                                        const std::string& repository,
                                        const manifests::RenderedSet& set,
                                        const model::State& state) {
  const schema::Project* project = projectOf(application, state);
  const std::string& name = projectName(application);
  std::vector<std::string> errors = wronglyHeld(application, set);
  if (project == nullptr) {
    if (name == api::kDefaultProject) return errors;
    return {absl::StrCat("there is no Project ", name, "; write it, or take spec.project out")};
  }
  const schema::ProjectSpec& spec = project->spec();
  if (!allows(spec.repositories(), repository)) {
    errors.push_back(absl::StrCat("Project ", name, " does not allow the repository ", repository,
                                  "; it allows ", absl::StrJoin(spec.repositories(), ", ")));
  }
  for (const manifests::Resource& resource : set.resources) {
    const manifests::ObjectKey key = resource.key();
    const auto refuse = [&](const char* what, const std::string& which, const auto& allowed) {
      errors.push_back(absl::StrCat(resource.location().toString(), ": ", key.toString(),
                                    ": Project ", name, " does not allow the ", what, " ", which,
                                    "; it allows ", absl::StrJoin(allowed, ", ")));
    };
    if (!spec.kinds().empty() && !contains(spec.kinds(), key.kind)) {
      refuse("kind", key.kind, spec.kinds());
    }
    const std::string& ns = key.kind == "Namespace" ? key.name : key.ns;
    if (!ns.empty() && !allows(spec.namespaces(), ns)) refuse("namespace", ns, spec.namespaces());
  }
  return errors;
}

std::vector<std::string> rolesOf(const schema::Project* project, const std::string& identity) {
  std::vector<std::string> roles;
  if (project == nullptr) return roles;
  for (const schema::ProjectRole& role : project->spec().roles()) {
    if (contains(role.members(), identity)) roles.push_back(role.name());
  }
  return roles;
}

bool hasMembers(const schema::Project* project, const std::string& role) {
  return project != nullptr &&
         std::ranges::any_of(project->spec().roles(), [&](const schema::ProjectRole& each) {
           return each.name() == role && !each.members().empty();
         });
}

absl::Status authorise(const schema::Project* project, const Caller& caller,
                       const std::string& permission) {
  if (caller.isAdmin || project == nullptr || project->spec().roles().empty()) {
    return absl::OkStatus();
  }
  const std::set<std::string> people = api::membersWith(*project, permission);
  if (people.contains(caller.identity)) return absl::OkStatus();
  return absl::PermissionDeniedError(absl::StrCat(
      caller.identity, " may not ", permission, " in Project ", project->metadata().name(), "; ",
      people.empty() ? std::string("only admins of the cluster may")
                     : absl::StrCat(absl::StrJoin(people, ", "), " may")));
}

absl::Status authorise(const schema::Application& application, const Caller& caller,
                       const std::string& permission, const model::State& state) {
  return authorise(projectOf(application, state), caller, permission);
}

}  // namespace gantry::delivery
