// SPDX-License-Identifier: Apache-2.0
#include "controller/notify/target.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/hmac.h"
#include "base/pattern.h"
#include "base/status.h"
#include "controller/api/system_names.h"
#include "controller/notify/bodies.pb.h"
#include "controller/notify/text.h"

namespace gantry::notify {
namespace {

std::string asItIs(std::string_view value) {
  return std::string(value);
}

// Slack reads <…> as a link, a channel or a mention: a commit message must not be able to call
// everybody.
std::string forSlack(std::string_view value) {
  return absl::StrReplaceAll({value.data(), value.size()},
                             {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}});
}

WebhookBody bodyOf(const Notice& notice, std::string text, std::string link) {
  WebhookBody body;
  body.set_event(notice.event);
  body.set_at(base::formatRfc3339(notice.at));
  body.set_application(notice.application.name);
  body.set_namespace_(notice.application.ns);
  body.set_project(notice.project);
  body.set_environment(notice.environment);
  WebhookBody::Revision& revision = *body.mutable_revision();
  revision.set_commit(notice.revision.commit());
  revision.set_author(notice.revision.author());
  revision.set_author_email(notice.revision.author_email());
  revision.set_subject(notice.revision.subject());
  body.set_plan(notice.plan);
  body.set_by(notice.by);
  body.set_summary(notice.summary);
  body.set_reason(notice.reason);
  body.set_text(std::move(text));
  body.set_link(std::move(link));
  return body;
}

absl::StatusOr<Outgoing> webhook(const schema::WebhookTarget& target, const WebhookBody& body,
                                 const std::string& id, const SecretValue& secret) {
  std::string url = target.url();
  if (target.has_url_from()) {
    GANTRY_ASSIGN_OR_RETURN(url, secret(target.url_from()));
  }
  HttpPost post;
  GANTRY_ASSIGN_OR_RETURN(post.url, checkedUrl(std::move(url)));
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  if (!google::protobuf::util::MessageToJsonString(body, &post.body, options).ok()) {
    return absl::InvalidArgumentError("the text is not UTF-8");
  }
  post.headers = {{"Content-Type", "application/json"},
                  {"X-Gantry-Event", body.event()},
                  {"X-Gantry-Delivery", id}};
  if (target.has_signature_from()) {
    GANTRY_ASSIGN_OR_RETURN(const std::string key, secret(target.signature_from()));
    post.headers.emplace_back(
        "X-Gantry-Signature-256",
        absl::StrCat("sha256=", absl::BytesToHexString(base::hmacSha256(key, post.body))));
  }
  return post;
}

absl::StatusOr<Outgoing> slack(const schema::SlackTarget& target, std::string text,
                               const SecretValue& secret) {
  HttpPost post;
  GANTRY_ASSIGN_OR_RETURN(std::string url, secret(target.url_from()));
  GANTRY_ASSIGN_OR_RETURN(post.url, checkedUrl(std::move(url)));
  SlackBody body;
  body.set_text(std::move(text));
  if (!google::protobuf::util::MessageToJsonString(body, &post.body).ok()) {
    return absl::InvalidArgumentError("the text is not UTF-8");
  }
  post.headers = {{"Content-Type", "application/json"}};
  return post;
}

}  // namespace

bool isWanted(const schema::Notification& notification, const Notice& notice) {
  const bool eventFits =
      notification.on().empty() ||
      std::ranges::find(notification.on(), notice.event) != notification.on().end();
  return eventFits &&
         (notification.applications().empty() ||
          std::ranges::any_of(notification.applications(), [&](const std::string& pattern) {
            return base::matchesPattern(pattern, notice.application.name);
          }));
}

SecretValue secretsOf(const model::State& state) {
  return [&state](const schema::SecretKeyRef& reference) -> absl::StatusOr<std::string> {
    const schema::Secret* secret = state.secrets.find({api::kSystemNamespace, reference.secret()});
    if (secret == nullptr || !secret->data().contains(reference.key())) {
      return absl::FailedPreconditionError(absl::StrCat("there is no key ", reference.key(),
                                                        " in a Secret ", api::kSystemNamespace, "/",
                                                        reference.secret()));
    }
    return std::string(absl::StripTrailingAsciiWhitespace(secret->data().at(reference.key())));
  };
}

absl::StatusOr<std::string> checkedUrl(std::string url) {
  const bool isHttp = url.starts_with("https://") || url.starts_with("http://");
  const bool isClean =
      std::ranges::all_of(url, [](unsigned char c) { return c > ' ' && c != 0x7f; });
  if (isHttp && isClean) return url;
  return absl::InvalidArgumentError("the address is not a URL of http or https");
}

absl::StatusOr<std::optional<Outgoing>> messageFor(const schema::Notification& notification,
                                                   const Notice& notice, const std::string& id,
                                                   const std::string& externalUrl,
                                                   const SecretValue& secret) {
  const std::string link = linkTo(notice, externalUrl);
  if (notification.has_commit_status()) {
    return commitStatus(notification.commit_status(), notice, link, secret);
  }
  const std::string text =
      textOf(notice, notification.template_(), link, notification.has_slack() ? forSlack : asItIs);
  absl::StatusOr<Outgoing> message = absl::InvalidArgumentError("it does not say where to");
  if (notification.has_webhook()) {
    message = webhook(notification.webhook(), bodyOf(notice, text, link), id, secret);
  } else if (notification.has_slack()) {
    message = slack(notification.slack(), text, secret);
  } else if (notification.has_email()) {
    const std::string about = absl::StrCat(notice.application.name, ": ", notice.event);
    message = mail(notification.email(), about, text, notice.at, id, secret);
  }
  GANTRY_RETURN_IF_ERROR(message.status());
  return *std::move(message);
}

bool canBeGathered(const schema::Notification& notification) {
  return notification.has_slack() || notification.has_email();
}

absl::StatusOr<std::optional<Outgoing>> gatheredMessage(const schema::Notification& notification,
                                                        std::span<const Notice> notices,
                                                        const std::string& id,
                                                        const std::string& externalUrl,
                                                        const SecretValue& secret) {
  const bool isSlack = notification.has_slack();
  const std::string text = gatheredText(notices, externalUrl, isSlack ? forSlack : asItIs);
  absl::StatusOr<Outgoing> message =
      isSlack ? slack(notification.slack(), text, secret)
              : mail(notification.email(), absl::StrCat(notices.size(), " notifications"), text,
                     notices.back().at, id, secret);
  GANTRY_RETURN_IF_ERROR(message.status());
  return *std::move(message);
}

}  // namespace gantry::notify
