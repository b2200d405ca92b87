// SPDX-License-Identifier: Apache-2.0
#include "controller/webhooks/receiver.h"

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace gantry::webhooks {
namespace {

// A provider sends one delivery a push; behind a reverse proxy all have one address. The same for
// what is proven and for what is not, each by itself.
constexpr Rate kPerRemote{60, 10};
constexpr Rate kInAll{200, 50};
constexpr std::size_t kMostRemotes = 4096;

Answer answer(int status, const char* result, std::string text,
              const std::optional<Sender>& sender) {
  Answer made;
  made.status = status;
  made.result = result;
  made.text = std::move(text);
  if (sender) made.provider = providerName(sender->provider);
  return made;
}

}  // namespace

Receiver::Receiver(Secrets secrets)
    : secrets_(std::move(secrets)),
      proven_(kPerRemote, kInAll, kMostRemotes),
      unproven_(kPerRemote, kInAll, kMostRemotes) {
  GANTRY_CHECK(!secrets_.empty());
}

std::optional<Answer> Receiver::refuse(const Headers& headers, std::uint64_t length) {
  const std::optional<Sender> sender = recognise(headers);
  if (!sender) {
    return answer(
        400, "unknown_provider",
        "not a delivery of GitHub, GitLab, Gitea, Forgejo or Bitbucket: there is no header "
        "that names the event",
        sender);
  }
  if (length > kLargestBody) return tooLarge(headers);
  return std::nullopt;
}

Answer Receiver::tooLarge(const Headers& headers) {
  return answer(413, "too_large",
                "the body is larger than 1 MiB; the push is noticed when Git is next asked",
                recognise(headers));
}

Answer Receiver::cutShort(const Headers& headers) {
  return answer(400, "cut_short", "the body did not arrive whole in time", recognise(headers));
}

Answer Receiver::receive(const Headers& headers, std::string_view body) const {
  const std::optional<Sender> sender = recognise(headers);
  GANTRY_CHECK(sender.has_value());
  const bool proven = isProven(sender->provider, headers, body, secrets_);
  // Bitbucket Server does not sign its tests, and they do nothing here.
  const bool unsignedTest =
      sender->provider == Provider::kBitbucketServer && sender->event == Event::kPing;
  if (!unsignedTest && !proven) return answer(401, "bad_signature", "unauthorized", sender);
  Answer made = whatCameOf(*sender, body);
  made.proven = proven;
  return made;
}

Answer Receiver::count(Answer answer, std::string_view remote, base::Instant now) {
  if ((answer.proven ? proven_ : unproven_).admit(remote, now)) return answer;
  answer.status = 429;
  answer.result = "rate_limited";
  answer.text = "too many deliveries; try again later";
  answer.hint.reset();
  return answer;
}

Answer Receiver::whatCameOf(const Sender& sender, std::string_view body) {
  if (sender.event == Event::kPing) return answer(200, "ping", "pong", sender);
  if (sender.event == Event::kOther) {
    return answer(200, "ignored", "only pushes are of use here", sender);
  }
  absl::StatusOr<PushHint> hint = parsePush(sender.provider, body);
  if (!hint.ok()) return answer(400, "bad_body", std::string(hint.status().message()), sender);
  if (hint->repositories.empty()) {
    return answer(200, "ignored", "the body names no repository", sender);
  }
  Answer accepted = answer(202, "accepted", "Git is asked", sender);
  accepted.hint = *std::move(hint);
  return accepted;
}

}  // namespace gantry::webhooks
