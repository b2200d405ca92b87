// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "base/cron.h"
#include "manifests/decode/suggest.h"
#include "manifests/validate/ignored_path.h"
#include "manifests/validate/names.h"
#include "manifests/validate/rules.h"

namespace gantry::manifests {
namespace {

/// "." and nothing stand for the repository that the Application itself comes from.
void checkRepository(const std::string& url, const FieldPath& path, Problems& problems) {
  const bool known = url.empty() || url == "." || url.starts_with('/') ||
                     url.starts_with("file://") || url.starts_with("https://") ||
                     url.starts_with("ssh://");
  // user@host:path
  const std::size_t at = url.find('@');
  const std::size_t colon = url.find(':');
  const bool scp = !url.starts_with('-') && url.find("@-") == std::string::npos &&
                   at != std::string::npos && colon != std::string::npos && at < colon &&
                   url.find("//") == std::string::npos;
  if (known || scp) return;
  if (url.starts_with("http://")) {
    return problems.error(path, "http:// can be read and changed on the way", "use https://");
  }
  problems.error(path, "not a repository that Gantry can read",
                 "use https://, ssh://, file://, an absolute path, or . for this repository");
}

/// Git's rules for names of branches and tags, as far as they keep options and ranges of commits
/// out, and the characters of ranges of versions.
bool isRevisionName(const std::string& name) {
  const bool printable =
      std::ranges::all_of(name, [](char c) { return c >= ' ' && c != 0x7F && c != '\\'; });
  return printable && !name.starts_with('-') && name.find("..") == std::string::npos &&
         name.find_first_of(":?[") == std::string::npos;
}

void checkRetry(const schema::Retry& retry, const FieldPath& path, Problems& problems) {
  constexpr int kDay = 86'400;
  problems.requireRange(retry.limit(), 1, 100, path.field("limit"));
  problems.requireRange(retry.backoff_seconds(), 1, kDay, path.field("backoffSeconds"));
  problems.requireRange(retry.max_backoff_seconds(), 1, kDay, path.field("maxBackoffSeconds"));
  problems.require(retry.max_backoff_seconds() >= retry.backoff_seconds(),
                   path.field("maxBackoffSeconds"), "is shorter than backoffSeconds");
}

void checkSyncPolicy(const schema::SyncPolicy& policy, const FieldPath& sync, Problems& problems) {
  if (policy.has_poll_interval_seconds()) {
    problems.requireAtLeast(policy.poll_interval_seconds(), 1, sync.field("pollIntervalSeconds"));
  }
  const FieldPath approval = sync.field("approval");
  problems.requireAtLeast(policy.approval().required(), 0, approval.field("required"));
  problems.requireAtLeast(policy.approval().expires_after_seconds(), 0,
                          approval.field("expiresAfterSeconds"));
  const FieldPath windows = sync.field("windows");
  for (int i = 0; i < policy.windows_size(); ++i) {
    const FieldPath window = windows.element(i);
    checkWindow(policy.windows(i), window, problems);
    problems.require(policy.windows(i).applications().empty(), window.field("applications"),
                     "a window of an Application is for that one only", "leave it out");
  }
  const FieldPath budget = sync.field("deletionBudget");
  problems.requireAtLeast(policy.deletion_budget().max_objects(), 0, budget.field("maxObjects"));
  problems.requireRange(policy.deletion_budget().max_percent(), 0, 100, budget.field("maxPercent"));
  const FieldPath rollback = sync.field("automaticRollback");
  problems.requireRange(policy.automatic_rollback().watch_seconds(), 0, 86'400,
                        rollback.field("watchSeconds"));
  if (policy.has_retry()) checkRetry(policy.retry(), sync.field("retry"), problems);
}

void checkDependencies(const schema::Application& application, const FieldPath& spec,
                       Problems& problems) {
  std::set<std::string> seen;
  const FieldPath dependsOn = spec.field("dependsOn");
  for (int i = 0; i < application.spec().depends_on_size(); ++i) {
    const std::string& name = application.spec().depends_on(i);
    const FieldPath place = dependsOn.element(i);
    problems.require(isDnsSubdomain(name), place, "not a valid name of an Application");
    problems.require(name != application.metadata().name(), place,
                     "an Application cannot wait for itself");
    problems.require(seen.insert(name).second, place, "is there twice");
  }
  if (!application.spec().has_promotion()) return;
  const FieldPath promotion = spec.field("promotion");
  problems.require(isDnsSubdomain(application.spec().promotion().from()), promotion.field("from"),
                   "not a valid name of an Application",
                   "name the Application that revisions come from, such as shop-staging");
  problems.require(application.spec().promotion().from() != application.metadata().name(),
                   promotion.field("from"), "an Application cannot promote from itself");
  problems.requireRange(application.spec().promotion().soak_seconds(), 0, 30 * 86'400,
                        promotion.field("soakSeconds"));
}

/// The kind of that name whose objects an Application holds; null, with an error, if there is none.
const Kind* ignoredKind(const std::string& name, const FieldPath& path, Problems& problems) {
  std::vector<std::string> names;
  for (const Kind& kind : allKinds()) {
    // Of an ApplicationSet nothing is kept but the Applications that it makes.
    if (!kind.info->from_git() || kind.descriptor == schema::ApplicationSet::descriptor()) continue;
    if (kind.info->kind() == name) return &kind;
    names.push_back(kind.info->kind());
  }
  const std::string near = nearest(name, names);
  problems.error(path, "no Application holds such a kind",
                 near.empty() ? "" : "did you mean \"" + near + "\"?");
  return nullptr;
}

void checkIgnored(const schema::Application& application, const FieldPath& spec,
                  Problems& problems) {
  const FieldPath rules = spec.field("ignoreDifferences");
  for (int i = 0; i < application.spec().ignore_differences_size(); ++i) {
    const schema::IgnoredDifference& rule = application.spec().ignore_differences(i);
    const FieldPath place = rules.element(i);
    const FieldPath fields = place.field("fields");
    problems.require(!rule.fields().empty(), fields, "no field is named",
                     "name at least one, such as spec.replicas");
    const Kind* kind = ignoredKind(rule.kind(), place.field("kind"), problems);
    if (kind == nullptr) continue;
    for (int field = 0; field < rule.fields_size(); ++field) {
      IgnoredPath path = resolveIgnored(*kind->descriptor, rule.fields(field));
      if (path.problem.empty()) continue;
      problems.error(fields.element(field), std::move(path.problem), std::move(path.hint));
    }
  }
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
  checkSyncPolicy(application.spec().sync_policy(), spec.field("syncPolicy"), problems);
  checkDependencies(application, spec, problems);
  checkIgnored(application, spec, problems);
  problems.requireOneOf(application.spec().deletion_policy(), {"orphan", "delete"},
                        spec.field("deletionPolicy"));
}

void checkWindow(const schema::SyncWindow& window, const FieldPath& path, Problems& problems) {
  problems.requireOneOf(window.kind(), {"allow", "deny"}, path.field("kind"));
  const auto check = [&](const absl::Status& status, const char* field) {
    if (!status.ok()) problems.error(path.field(field), std::string(status.message()));
  };
  check(base::CronSchedule::parse(window.schedule()).status(), "schedule");
  const absl::StatusOr<base::Duration> duration = base::parseDuration(window.duration());
  check(duration.status(), "duration");
  problems.require(!duration.ok() || duration->count() > 0, path.field("duration"),
                   "must be longer than nothing");
  check(base::checkTimeZone(window.time_zone()), "timeZone");
}

}  // namespace gantry::manifests
