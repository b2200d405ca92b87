// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "manifests/validate/names.h"
#include "manifests/validate/rules.h"

namespace gantry::manifests {
namespace {

constexpr std::initializer_list<const char*> kEvents = {
    "PlanPending", "PlanApproved", "PlanRejected",  "PlanSuperseded", "Applied", "Healthy",
    "Degraded",    "SyncFailed",   "RollbackBegun", "RolledBack",     "HoldSet", "HoldLifted"};

constexpr std::string_view kPlaceholders[] = {"application", "event",  "revision", "author",
                                              "summary",     "reason", "link"};

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
    problems.require(std::ranges::find(kPlaceholders, name) != std::end(kPlaceholders), path,
                     "holds a placeholder that there is not",
                     "use {{application}}, {{event}}, {{revision}}, {{author}}, {{summary}}, "
                     "{{reason}} and {{link}}");
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
  problems.require(!email.to().empty(), path.field("to"), "names nobody");
  problems.require(email.user().empty() || email.has_password_from(), path.field("passwordFrom"),
                   "a user needs a password");
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
    const schema::CommitStatusTarget& status = notification.commit_status();
    const FieldPath place = path.field("commitStatus");
    problems.requireOneOf(status.provider(), {"github", "gitlab", "gitea"},
                          place.field("provider"));
    problems.require(!status.api_url().empty(), place.field("apiUrl"), "must be set");
    problems.require(!status.repository().empty(), place.field("repository"), "must be set",
                     "write it as owner/name");
    checkReference(status.token_from(), place.field("tokenFrom"), problems);
  }
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
