// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "manifests/validate/names.h"
#include "manifests/validate/rules.h"

namespace gantry::manifests {
namespace {

/// "." and nothing stand for the repository that the Application itself comes from.
void checkRepository(const std::string& url, const FieldPath& path, Problems& problems) {
  const bool known = url.empty() || url == "." || url.starts_with('/') ||
                     url.starts_with("file://") || url.starts_with("https://");
  if (known) return;
  if (url.starts_with("http://")) {
    return problems.error(path, "http:// can be read and changed on the way", "use https://");
  }
  if (url.starts_with("ssh://") || url.starts_with("git@")) {
    return problems.error(path, "ssh is not available yet", "use https:// or a local path");
  }
  problems.error(path, "not a repository that Gantry can read",
                 "use https://, file://, an absolute path, or . for this repository");
}

/// Git's rules for names of branches, as far as they keep options and ranges out.
bool isRevisionName(const std::string& name) {
  const bool printable =
      std::ranges::all_of(name, [](char c) { return c > ' ' && c != 0x7F && c != '\\'; });
  return printable && !name.starts_with('-') && name.find("..") == std::string::npos &&
         name.find_first_of("~^:?*[") == std::string::npos;
}

}  // namespace

void check(const schema::Application& application, Problems& problems) {
  const FieldPath root;
  const FieldPath spec = root.field("spec");
  const FieldPath source = spec.field("source");
  const schema::ApplicationSource& from = application.spec().source();
  checkRepository(from.repo_url(), source.field("repoURL"), problems);
  problems.require(isRevisionName(from.target_revision()), source.field("targetRevision"),
                   "not a valid name of a branch");
  problems.require(isInnerPath(from.path()), source.field("path"),
                   "the folder must be inside the repository", "write it without leading / and ..");
  const FieldPath destination = spec.field("destination");
  problems.require(isDnsLabel(application.spec().destination().namespace_()),
                   destination.field("namespace"), "not a valid name of a namespace",
                   "use at most 63 lower-case letters, digits and '-'");
  const FieldPath sync = spec.field("syncPolicy");
  if (application.spec().sync_policy().has_poll_interval_seconds()) {
    problems.requireAtLeast(application.spec().sync_policy().poll_interval_seconds(), 1,
                            sync.field("pollIntervalSeconds"));
  }
  const FieldPath approval = sync.field("approval");
  problems.requireAtLeast(application.spec().sync_policy().approval().required(), 0,
                          approval.field("required"));
}

}  // namespace gantry::manifests
