// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "manifests/sops/identities.h"
#include "manifests/validate/names.h"
#include "manifests/validate/rules.h"

namespace gantry::manifests {
namespace {

constexpr std::initializer_list<const char*> kEvents = {
    "PlanPending", "PlanApproved", "PlanRejected", "PlanSuperseded", "Applied",
    "Healthy",     "Degraded",     "SyncFailed",   "RollbackBegun",  "RolledBack",
    "HoldSet",     "HoldLifted",   "Suspended",    "Resumed",        "Overridden"};

constexpr std::string_view kPlaceholders[] = {"application", "project", "environment", "event",
                                              "plan",        "by",      "revision",    "author",
                                              "summary",     "reason",  "link"};

/// Elements that are told apart by their name.
template <class Elements>
void checkNames(const Elements& elements, const FieldPath& path, Problems& problems) {
  std::set<std::string> seen;
  for (int i = 0; i < elements.size(); ++i) {
    const FieldPath element = path.element(i);
    const FieldPath name = element.field("name");
    problems.require(isDnsLabel(elements[i].name()), name, "not a valid name",
                     "use at most 63 lower-case letters, digits and '-'");
    problems.require(seen.insert(elements[i].name()).second, name, "is there twice");
  }
}

void checkTemplate(const std::string& text, const FieldPath& path, Problems& problems) {
  for (std::size_t at = text.find("{{"); at != std::string::npos; at = text.find("{{", at + 2)) {
    const std::size_t end = text.find("}}", at);
    if (end == std::string::npos) {
      return problems.error(path, "{{ without }}", "close it");
    }
    const std::string name = text.substr(at + 2, end - at - 2);
    if (std::ranges::find(kPlaceholders, name) != std::end(kPlaceholders)) continue;
    problems.error(
        path, "{{" + name + "}} is not a placeholder",
        "use {{application}}, {{project}}, {{environment}}, {{event}}, {{plan}}, {{by}}, "
        "{{revision}}, {{author}}, {{summary}}, {{reason}} and {{link}}");
  }
}

void checkReference(const schema::SecretKeyRef& reference, const FieldPath& path,
                    Problems& problems) {
  problems.require(!reference.secret().empty() && !reference.key().empty(), path,
                   "names no key of a Secret", "set secret and key");
}

void checkEmail(const schema::EmailTarget& email, const FieldPath& path, Problems& problems) {
  problems.require(email.server().starts_with("smtp://") || email.server().starts_with("smtps://"),
                   path.field("server"), "not a mail server",
                   "write it like smtp://mail.example.com:587");
  problems.require(email.from().find('@') != std::string::npos, path.field("from"),
                   "not an address");
  const FieldPath to = path.field("to");
  problems.require(!email.to().empty(), to, "names nobody");
  for (int i = 0; i < email.to_size(); ++i) {
    problems.require(email.to(i).find('@') != std::string::npos, to.element(i), "not an address");
  }
  problems.require(email.user().empty() || email.has_password_from(), path.field("passwordFrom"),
                   "a user needs a password");
}

/// What stands in the path of the provider's API: none of it may lead elsewhere.
bool isRepository(const schema::CommitStatusTarget& status) {
  std::size_t segments = 0;
  for (const absl::string_view segment : absl::StrSplit(status.repository(), '/')) {
    const bool isClean = std::ranges::all_of(segment, [](unsigned char c) {
      return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.';
    });
    if (!isClean || segment.empty() || segment == "." || segment == "..") return false;
    ++segments;
  }
  // GitLab has groups in groups, and numbers.
  return status.provider() == "gitlab" || segments == 2;
}

void checkCommitStatus(const schema::CommitStatusTarget& status, const FieldPath& path,
                       Problems& problems) {
  problems.requireOneOf(status.provider(), {"github", "gitlab", "gitea"}, path.field("provider"));
  problems.require(
      status.api_url().starts_with("https://") || status.api_url().starts_with("http://"),
      path.field("apiUrl"), "not a URL", "write it like https://api.github.com");
  problems.require(isRepository(status), path.field("repository"), "not a repository",
                   "write it as owner/name");
  checkReference(status.token_from(), path.field("tokenFrom"), problems);
}

void checkNotification(const schema::Notification& notification, const FieldPath& path,
                       Problems& problems) {
  const int targets = static_cast<int>(notification.has_webhook()) +
                      static_cast<int>(notification.has_slack()) +
                      static_cast<int>(notification.has_email()) +
                      static_cast<int>(notification.has_commit_status());
  problems.require(targets == 1, path, "must say where to, in exactly one way",
                   "set one of webhook, slack, email and commitStatus");
  const FieldPath events = path.field("on");
  for (int i = 0; i < notification.on_size(); ++i) {
    problems.requireOneOf(notification.on(i), kEvents, events.element(i));
  }
  checkTemplate(notification.template_(), path.field("template"), problems);
  if (notification.has_webhook()) {
    const schema::WebhookTarget& webhook = notification.webhook();
    const FieldPath place = path.field("webhook");
    problems.require(webhook.url().empty() == webhook.has_url_from(), place,
                     "must have one of url and urlFrom");
    problems.require(webhook.has_url_from() || webhook.url().starts_with("https://") ||
                         webhook.url().starts_with("http://"),
                     place.field("url"), "not a URL", "write it with https://");
    if (webhook.has_url_from())
      checkReference(webhook.url_from(), place.field("urlFrom"), problems);
    if (webhook.has_signature_from()) {
      checkReference(webhook.signature_from(), place.field("signatureFrom"), problems);
    }
  }
  if (notification.has_slack()) {
    const FieldPath place = path.field("slack");
    checkReference(notification.slack().url_from(), place.field("urlFrom"), problems);
  }
  if (notification.has_email()) checkEmail(notification.email(), path.field("email"), problems);
  if (notification.has_commit_status()) {
    checkCommitStatus(notification.commit_status(), path.field("commitStatus"), problems);
  }
}

void checkRecipient(const std::string& text, const FieldPath& path, Problems& problems) {
  if (text.starts_with("AGE-SECRET-KEY-")) {
    return problems.error(path, "a private key of age, which now is in Git",
                          "make a new one, and write its recipient, age1…, that age-keygen prints");
  }
  problems.require(sops::isRecipient(text), path,
                   "not a public key of age, or it was cut off or mistyped",
                   "write it as age-keygen prints it: age1…");
}

}  // namespace

void check(const schema::Project& project, Problems& problems) {
  const FieldPath root;
  const FieldPath spec = root.field("spec");
  const schema::ProjectSpec& wanted = project.spec();
  const FieldPath kinds = spec.field("kinds");
  for (int i = 0; i < wanted.kinds_size(); ++i) {
    const bool known = std::ranges::any_of(
        allKinds(), [&](const Kind& kind) { return kind.info->kind() == wanted.kinds(i); });
    problems.require(known, kinds.element(i), "there is no such kind");
  }
  const FieldPath roles = spec.field("roles");
  checkNames(wanted.roles(), roles, problems);
  for (int i = 0; i < wanted.roles_size(); ++i) {
    const FieldPath role = roles.element(i);
    const FieldPath permissions = role.field("permissions");
    for (int k = 0; k < wanted.roles(i).permissions_size(); ++k) {
      problems.requireOneOf(wanted.roles(i).permissions(k),
                            {"sync", "approve", "rollback", "hold", "suspend", "override"},
                            permissions.element(k));
    }
  }
  checkNames(wanted.people(), spec.field("people"), problems);
  const FieldPath keys = spec.field("trustedKeys");
  checkNames(wanted.trusted_keys(), keys, problems);
  for (int i = 0; i < wanted.trusted_keys_size(); ++i) {
    const schema::TrustedKey& key = wanted.trusted_keys(i);
    problems.require(key.ssh().empty() != key.gpg().empty(), keys.element(i),
                     "must be one of ssh and gpg");
  }
  const FieldPath recipients = spec.field("ageRecipients");
  for (int i = 0; i < wanted.age_recipients_size(); ++i) {
    checkRecipient(wanted.age_recipients(i), recipients.element(i), problems);
  }
  const FieldPath windows = spec.field("syncWindows");
  for (int i = 0; i < wanted.sync_windows_size(); ++i) {
    checkWindow(wanted.sync_windows(i), windows.element(i), problems);
  }
  const FieldPath notifications = spec.field("notifications");
  checkNames(wanted.notifications(), notifications, problems);
  for (int i = 0; i < wanted.notifications_size(); ++i) {
    checkNotification(wanted.notifications(i), notifications.element(i), problems);
  }
}

void check(const schema::ApplicationSet& set, Problems& problems) {
  const FieldPath root;
  const FieldPath spec = root.field("spec");
  problems.require(!set.spec().folders().empty(), spec.field("folders"), "names no folder",
                   "name at least one, such as environments/*");
  const FieldPath folders = spec.field("folders");
  for (int i = 0; i < set.spec().folders_size(); ++i) {
    problems.require(isInnerPath(set.spec().folders(i)) && !set.spec().folders(i).empty(),
                     folders.element(i), "must be inside the repository",
                     "write it without leading / and ..");
  }
  const FieldPath pattern = spec.field("template");
  const FieldPath metadata = pattern.field("metadata");
  const FieldPath name = metadata.field("name");
  problems.require(set.spec().template_().metadata().name().find("{{") != std::string::npos, name,
                   "gives every Application the same name", "use {{name}} in it");
}

}  // namespace gantry::manifests
