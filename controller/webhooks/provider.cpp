// SPDX-License-Identifier: Apache-2.0
#include "controller/webhooks/provider.h"

#include "base/check.h"

namespace gantry::webhooks {
namespace {

constexpr std::string_view kSha256 = "sha256=";

bool isSigned(const std::string& header, std::string_view body, const Secrets& secrets) {
  if (!header.starts_with(kSha256)) return false;
  return secrets.haveSigned(body, std::string_view(header).substr(kSha256.size()));
}

Event eventOf(const std::string& name, std::string_view push, std::string_view ping) {
  if (name == push) return Event::kPush;
  return name == ping ? Event::kPing : Event::kOther;
}

// Keys that both Bitbuckets send ("pr:opened" against "pullrequest:created") are of no use here.
Sender bitbucket(const std::string& key) {
  if (key == "repo:push") return {Provider::kBitbucketCloud, Event::kPush};
  return {Provider::kBitbucketServer, eventOf(key, "repo:refs_changed", "diagnostics:ping")};
}

}  // namespace

const char* providerName(Provider provider) {
  switch (provider) {
    case Provider::kGitHub:
      return "github";
    case Provider::kGitLab:
      return "gitlab";
    case Provider::kGitea:
      return "gitea";
    case Provider::kBitbucketCloud:
      return "bitbucket-cloud";
    case Provider::kBitbucketServer:
      return "bitbucket-server";
  }
  GANTRY_CHECK(false);
}

std::optional<Sender> recognise(const Headers& headers) {
  // Forgejo and Gitea send GitHub's headers too.
  for (const char* name : {"X-Forgejo-Event", "X-Gitea-Event"}) {
    const std::string event = headers(name);
    if (!event.empty()) return Sender{Provider::kGitea, eventOf(event, "push", "ping")};
  }
  if (const std::string event = headers("X-Gitlab-Event"); !event.empty()) {
    const bool push = event == "Push Hook" || event == "Tag Push Hook" || event == "System Hook";
    return Sender{Provider::kGitLab, push ? Event::kPush : Event::kOther};
  }
  if (const std::string event = headers("X-GitHub-Event"); !event.empty()) {
    return Sender{Provider::kGitHub, eventOf(event, "push", "ping")};
  }
  if (const std::string key = headers("X-Event-Key"); !key.empty()) return bitbucket(key);
  return std::nullopt;
}

bool isProven(Provider provider, const Headers& headers, std::string_view body,
              const Secrets& secrets) {
  switch (provider) {
    case Provider::kGitHub:
      return isSigned(headers("X-Hub-Signature-256"), body, secrets);
    case Provider::kGitLab:
      return secrets.include(headers("X-Gitlab-Token"));
    case Provider::kGitea: {
      const std::string forgejo = headers("X-Forgejo-Signature");
      return secrets.haveSigned(body, forgejo.empty() ? headers("X-Gitea-Signature") : forgejo);
    }
    case Provider::kBitbucketCloud:
    case Provider::kBitbucketServer:
      return isSigned(headers("X-Hub-Signature"), body, secrets);
  }
  GANTRY_CHECK(false);
}

}  // namespace gantry::webhooks
