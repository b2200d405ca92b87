// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/settings.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace gantry::delivery {
namespace {

std::string cleanPath(absl::string_view path) {
  while (absl::ConsumePrefix(&path, "./") || absl::ConsumePrefix(&path, "/")) {
  }
  while (absl::ConsumeSuffix(&path, "/")) {
  }
  return path == "." ? std::string() : std::string(path);
}

}  // namespace

Source sourceOf(const schema::Application& application, const schema::Project* project,
                const gitsync::Repository& root, const std::string& caFile) {
  const schema::ApplicationSource& spec = application.spec().source();
  const bool inRoot = spec.repo_url().empty() || spec.repo_url() == ".";
  Source source;
  source.repository = inRoot ? root : gitsync::Repository{spec.repo_url(), caFile};
  source.revision = spec.target_revision().empty() ? "main" : spec.target_revision();
  source.path = cleanPath(spec.path());
  source.defaultNamespace = application.spec().destination().namespace_();
  source.variables = {application.spec().variables().begin(), application.spec().variables().end()};
  if (project != nullptr) {
    const auto& recipients = project->spec().age_recipients();
    source.ageRecipients = {recipients.begin(), recipients.end()};
    std::ranges::sort(source.ageRecipients);
  }
  if (source.defaultNamespace.empty()) source.defaultNamespace = application.metadata().name();
  return source;
}

base::Duration pollIntervalOf(const schema::Application& application, base::Duration standard) {
  const schema::SyncPolicy& policy = application.spec().sync_policy();
  if (!policy.has_poll_interval_seconds()) return standard;
  return std::max<base::Duration>(std::chrono::seconds(policy.poll_interval_seconds()),
                                  base::Duration(1'000));
}

std::string fullName(const schema::Application& application) {
  return absl::StrCat(application.metadata().namespace_(), "/", application.metadata().name());
}

}  // namespace gantry::delivery
