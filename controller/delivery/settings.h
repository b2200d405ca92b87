// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "gitsync/git.h"
#include "manifests/schema/gantry.pb.h"

namespace gantry::delivery {

/// Where an Application's manifests are, and where they go. When it changes, everything that was
/// read before is of no use.
struct Source {
  gitsync::Repository repository;
  /// A branch, a tag, a range of versions or a commit.
  std::string revision;
  /// No leading "./", no trailing "/"; empty: the root of the repository.
  std::string path;
  /// For objects that name no namespace.
  std::string defaultNamespace;
  /// What ${NAME} is replaced by.
  std::map<std::string, std::string> variables;
  /// Recipients of age whose keys open its files; none: those of all keys that there are.
  std::vector<std::string> ageRecipients;

  auto operator<=>(const Source&) const = default;
};

/// An Application's spec with the defaults filled in (manifests/schema/gantry.proto says which). A
/// repoURL that is empty or "." is the repository of the root Application. `project` is the one
/// that it belongs to; null if it is not there. Pure.
Source sourceOf(const schema::Application& application, const schema::Project* project,
                const gitsync::Repository& root, const std::string& caFile);

/// How often to ask Git; `standard` if the spec does not say. Never below a second.
base::Duration pollIntervalOf(const schema::Application& application, base::Duration standard);

/// Spec of the sync policy.
inline bool isAutomated(const schema::Application& application) {
  return application.spec().sync_policy().has_automated();
}
inline bool mayPrune(const schema::Application& application) {
  return application.spec().sync_policy().automated().prune();
}
inline bool mayHeal(const schema::Application& application) {
  return application.spec().sync_policy().automated().self_heal();
}

/// Whether what it has applied goes with it when it is deleted; else that runs on (orphan).
inline bool deletesItsObjects(const schema::Application& application) {
  return application.spec().deletion_policy() == "delete";
}

/// "gantry-system/shop-staging".
std::string fullName(const schema::Application& application);

}  // namespace gantry::delivery
